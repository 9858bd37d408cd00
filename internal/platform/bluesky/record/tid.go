package record

import (
	"strings"
	"time"
)

// alphabet is that of record keys: sorted as text, keys are sorted by time (https://atproto.com/specs/tid).
const alphabet = "234567abcdefghijklmnopqrstuvwxyz"

// tidLength is the number of characters of a key of this form.
const tidLength = 13

// TID returns the record key of an instant and a number that tells apart who else chose one in the same microsecond: 53 bits of
// microseconds and 10 bits of the number.
func TID(at time.Time, clock uint16) string {
	bits := uint64(max(at.UnixMicro(), 0))&(1<<53-1)<<10 | uint64(clock&1023)
	var key [tidLength]byte
	for i := tidLength - 1; i >= 0; i-- {
		key[i] = alphabet[bits&31]
		bits >>= 5
	}
	return string(key[:])
}

// ValidTID reports whether a text has the form of such a key. The first character carries four bits, the highest of which is 0.
func ValidTID(s string) bool {
	return len(s) == tidLength && strings.Trim(s, alphabet) == "" && strings.IndexByte(alphabet, s[0]) < 16
}
