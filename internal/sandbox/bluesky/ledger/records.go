package ledger

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"
)

// Account is an account of the server. Accounts are given when the server starts; they are not kept in the journal.
type Account struct {
	Handle      string // such as "charity.test"
	DisplayName string
	Note        string // what it says of itself
	Followers   int    // how many read it, and so how many may react; nobody when zero
}

// DID returns the account's identifier, which depends on its handle alone.
func (a Account) DID() string {
	sum := sha256.Sum256([]byte("sandbox account " + a.Handle))
	return "did:plc:" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:15]))
}

// Session is what a refresh token stands for.
type Session struct {
	ID      string    `json:"id"`
	DID     string    `json:"did"`
	Scope   string    `json:"scope"`          // of its access tokens
	Next    string    `json:"next,omitempty"` // the session that took its place
	Until   time.Time `json:"until"`
	Revoked bool      `json:"revoked,omitempty"`
}

// Blob is an upload.
type Blob struct {
	DID    string    `json:"did"`
	CID    string    `json:"cid"`
	MIME   string    `json:"mime"`
	Size   int       `json:"size"`
	Width  int       `json:"width"`
	Height int       `json:"height"`
	At     time.Time `json:"at"`
	Polls  int       `json:"polls,omitempty"` // how often it is still answered as missing
}

// Record is a record of an account's repository.
type Record struct {
	DID        string          `json:"did"`
	Collection string          `json:"collection"`
	Key        string          `json:"key"`
	CID        string          `json:"cid"`
	Value      json.RawMessage `json:"value"`
	Subject    string          `json:"subject,omitempty"` // the URI of what it likes, reposts or answers
	At         time.Time       `json:"at"`                // when it came, by the server's clock
	Deleted    bool            `json:"deleted,omitempty"`
}

// URI names the record.
func (r Record) URI() string { return "at://" + r.DID + "/" + r.Collection + "/" + r.Key }

// Change is a set of new or replaced entries that is kept whole or not at all.
type Change struct {
	Secret   []byte    `json:"secret,omitempty"` // signs tokens
	Sessions []Session `json:"sessions,omitempty"`
	Blobs    []Blob    `json:"blobs,omitempty"`
	Records  []Record  `json:"records,omitempty"`
}
