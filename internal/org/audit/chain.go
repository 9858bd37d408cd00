package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/fault"
)

// hash is a SHA-256, as FIPS 180-4 has it.
type hash [sha256.Size]byte

// linkSize is one entry of a seal's links: the id of a row in eight bytes, the highest first, and its hash.
const linkSize = 8 + sha256.Size

// sealed is a row as its hash is taken of: with its detail as PostgreSQL writes the JSON.
func (r record) sealed() []byte {
	var b []byte
	for _, field := range []string{
		strconv.FormatInt(r.ID, 10), strconv.FormatInt(r.At.UnixMicro(), 10), number(r.PersonID), r.Action,
		r.SubjectKind, number(r.SubjectID), string(r.Detail), r.Via, r.Address,
	} {
		b = netstring(b, field)
	}
	return b
}

// netstring appends a field with its length, so that no two lists of fields look alike (https://cr.yp.to/proto/netstrings.txt).
func netstring(b []byte, field string) []byte {
	return fmt.Appendf(b, "%d:%s,", len(field), field)
}

// link is the hash of a row, which holds the hash before it.
func link(before hash, r record) hash {
	return sha256.Sum256(append(before[:], r.sealed()...))
}

// appendLink appends the entry of a row to a seal's links.
func appendLink(links []byte, id int64, h hash) []byte {
	links = binary.BigEndian.AppendUint64(links, uint64(id)) //nolint:gosec // an id is positive
	return append(links, h[:]...)
}

// cutLink reads the first entry of a seal's links and returns the rest.
func cutLink(links []byte) (id int64, h hash, rest []byte) {
	id = int64(binary.BigEndian.Uint64(links)) //nolint:gosec // an id was positive
	copy(h[:], links[8:linkSize])
	return id, h, links[linkSize:]
}

// seal is a row of audit_seals.
type seal struct {
	ID     int64     `db:"id"`
	At     time.Time `db:"at"`
	LastID int64     `db:"last_id"`
	Rows   int       `db:"row_count"`
	Prev   []byte    `db:"prev"`
	Links  []byte    `db:"links"`
	Head   []byte    `db:"head"`
}

// close computes the seal's head from its last link, which holds the head before it.
func (s seal) close(last hash) hash {
	b := []byte("daymark seal ")
	for _, n := range []int64{s.ID, s.At.UnixMicro(), s.LastID, int64(s.Rows)} {
		b = netstring(b, strconv.FormatInt(n, 10))
	}
	return sha256.Sum256(append(b, last[:]...))
}

// Head is the newest seal of the log. Who keeps a copy of it elsewhere can tell later that nothing before it was changed.
type Head struct {
	Seal   int64 // its number; 0 while nothing is sealed
	At     time.Time
	LastID int64  // the newest row that it seals
	Hash   string // in hexadecimal
}

// String writes the head as reports print it and [Verify] takes it: the seal's number and its hash.
func (h Head) String() string {
	if h.Seal == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%s", h.Seal, h.Hash)
}

// ParseHead reads a head as [Head.String] writes it; only number and hash are in there. Nothing gives the zero Head.
func ParseHead(s string) (Head, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Head{}, nil
	}
	number, digits, _ := strings.Cut(s, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	raw, hexErr := hex.DecodeString(digits)
	if err != nil || n <= 0 || hexErr != nil || len(raw) != sha256.Size {
		return Head{}, fault.New(fault.Invalid, "%q is no head of the log. One is a number, a colon and 64 digits, as reports print it.", s)
	}
	return Head{Seal: n, Hash: hex.EncodeToString(raw)}, nil
}
