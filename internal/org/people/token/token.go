// Package token makes the secrets of links that let somebody in: 128 bits that stand in a letter once and of which the database
// knows the hash only.
//
// It keeps nothing itself: the rooms beside it do, each in its own table.
package token

import (
	"crypto/rand"
	"crypto/sha256"
)

// length is how many characters a token has.
const length = 26

// New returns a token: 26 letters and digits that fit an address.
func New() string { return rand.Text() }

// Hash returns what is kept of a token. The token is random and long, so that a plain hash cannot be turned back.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Fits reports whether a text could be a token, so that nothing else is looked for.
func Fits(token string) bool { return len(token) == length }
