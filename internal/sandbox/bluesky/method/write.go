package method

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"daymark/internal/sandbox/bluesky/ledger"
	"daymark/internal/sandbox/bluesky/lexicon"
)

// write is one change of a repository that was asked for.
type write struct {
	verb                  string // "create", "update" or "delete"
	collection, key, swap string
	hasSwap               bool // a swap of null says that there must be no record yet
	value                 any
}

// nextKey returns a record key that was not given before, even when the clock stands still.
func (m *Methods) nextKey(now time.Time) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !now.After(m.last) {
		now = m.last.Add(time.Microsecond)
	}
	m.last = now
	return TID(now)
}

// apply makes writes, all or none. A key that is in use fails a create as a broken server would, as on the network.
func (m *Methods) apply(c *Call, writes []write) ([]ledger.Record, error) {
	var made []ledger.Record
	for _, w := range writes {
		if w.key == "" && w.verb == "create" {
			w.key = m.nextKey(c.Now)
		}
		r := ledger.Record{DID: c.Owner.DID(), Collection: w.collection, Key: w.key, At: c.Now, Deleted: w.verb == "delete"}
		if err := m.check(c, w, &r); err != nil {
			return nil, err
		}
		made = append(made, r)
	}
	err := m.Ledger.Alter(func(find func(string) (ledger.Record, bool)) (ledger.Change, error) {
		change := ledger.Change{}
		for i, w := range writes {
			had, there := find(made[i].URI())
			switch {
			case w.verb == "create" && there:
				return change, Broken()
			case w.hasSwap && w.swap == "" && there, w.swap != "" && w.swap != had.CID:
				return change, lexicon.No(http.StatusBadRequest, "InvalidSwap", "Record was at %s", had.CID)
			case w.verb == "delete" && !there:
				continue
			case w.verb == "update" && there && had.CID == made[i].CID:
				made[i] = had
				continue
			}
			change.Records = append(change.Records, made[i])
		}
		return change, nil
	})
	return made, err
}

// check checks the form of a write and what its record points to, and names its content.
func (m *Methods) check(c *Call, w write, r *ledger.Record) error {
	if !slices.Contains(lexicon.Collections(), w.collection) {
		return invalid("the sandbox keeps no collection %q, only %s", w.collection, strings.Join(lexicon.Collections(), ", "))
	}
	if !lexicon.ValidKey(w.key) {
		return invalid("Invalid record key: %q", w.key)
	}
	if !lexicon.ValidTID(w.key) {
		return invalid("Invalid record key for %s: expected a TID, got %q", w.collection, w.key)
	}
	if r.Deleted {
		return nil
	}
	uploads, subjects, err := lexicon.Check(w.collection, w.value)
	if err != nil {
		return err
	}
	for _, u := range uploads {
		if err := m.checkUpload(c, u); err != nil {
			return err
		}
	}
	for _, s := range subjects {
		if there, ok := m.Ledger.Record(s.URI); !ok || there.CID != s.CID {
			return invalid("the record points to %s with the content %s, which is not there (Bluesky would keep it; the sandbox does not)", s.URI, s.CID)
		}
	}
	if len(subjects) > 0 {
		r.Subject = subjects[len(subjects)-1].URI // of a reply the parent, which comes behind the root
	}
	if r.CID, err = lexicon.RecordCID(w.value); err != nil {
		return invalid("%v", err)
	}
	r.Value, err = json.Marshal(w.value)
	return err
}

// checkUpload checks what a record says of a blob against the blob.
func (m *Methods) checkUpload(c *Call, u lexicon.Upload) error {
	b, ok := m.Ledger.Asked(c.Owner.DID(), u.CID)
	switch {
	case !ok || b.Polls != 0:
		return lexicon.No(http.StatusBadRequest, "BlobNotFound", "Could not find blob: %s", u.CID)
	case b.MIME != u.MIME:
		return lexicon.No(http.StatusBadRequest, "InvalidMimeType", "Referenced MimeType does not match stored blob. Expected: %s, Got: %s", b.MIME, u.MIME)
	case b.Size != u.Size:
		return invalid("the record says %d bytes of %s, which has %d", u.Size, u.CID, b.Size)
	case b.Size > u.Most:
		return lexicon.No(http.StatusBadRequest, "BlobTooLarge", "This file is too large. It is %d bytes but the maximum size is %d bytes.", b.Size, u.Most)
	case u.Width != 0 && u.Width*b.Height != u.Height*b.Width:
		return invalid("the aspect ratio is %d by %d and the picture %d by %d (Bluesky would keep it; the sandbox does not)", u.Width, u.Height, b.Width, b.Height)
	}
	return nil
}
