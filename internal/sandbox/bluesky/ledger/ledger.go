// Package ledger is all that the sandbox Bluesky server knows: sessions, blobs and records.
//
// It lives in memory and, when it is given a folder, in a journal there: one line of JSON for each change, written before the
// change is answered, so that a server killed at any moment starts again with everything it ever confirmed. It decides nothing
// about the AT protocol; the server above it does.
package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Ledger holds the state of one server. It is safe for concurrent use. What it returns are copies.
type Ledger struct {
	mu       sync.RWMutex
	secret   []byte
	sessions map[string]Session
	blobs    map[string]Blob // by DID and CID
	records  map[string]Record
	order    []string                  // URIs, oldest first
	tally    map[string]map[string]int // by the URI of a subject and by collection: how many records are about it
	bytes    map[string][]byte
	folder   string
	journal  *os.File // nil when nothing is kept
}

// journalName is the file in the sandbox's folder.
const journalName = "bluesky.jsonl"

// Open returns the ledger kept in a folder, which is made when it does not exist; with an empty name it returns a new ledger
// that is kept nowhere.
func Open(folder string) (*Ledger, error) {
	l := &Ledger{folder: folder, sessions: map[string]Session{}, blobs: map[string]Blob{}, records: map[string]Record{}, tally: map[string]map[string]int{}, bytes: map[string][]byte{}}
	if folder == "" {
		return l, nil
	}
	if err := os.MkdirAll(filepath.Join(folder, "blobs"), 0o700); err != nil {
		return nil, fmt.Errorf("make the sandbox's folder: %w", err)
	}
	if err := l.replay(filepath.Join(folder, journalName)); err != nil {
		return nil, fmt.Errorf("open the sandbox's journal: %w", err)
	}
	return l, nil
}

// replay reads the journal, writes it again without what was replaced since, and opens it for more.
func (l *Ledger) replay(name string) error {
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for n := 1; len(old) > 0; n++ {
		line, rest, complete := bytes.Cut(old, []byte("\n"))
		if !complete {
			break // the server was killed while it wrote this line: it never confirmed it
		}
		var c Change
		if err := json.Unmarshal(line, &c); err != nil {
			return fmt.Errorf("%s:%d is damaged; move the file away to start anew: %w", name, n, err)
		}
		l.apply(c)
		old = rest
	}
	whole, err := json.Marshal(l.whole())
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", append(whole, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(name+".new", name); err != nil {
		return err
	}
	l.journal, err = os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0o600)
	return err
}

// Close ends the journal. Changes after it are refused.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal == nil {
		return nil
	}
	if err := l.journal.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// Save keeps a change.
func (l *Ledger) Save(c Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.save(c)
}

func (l *Ledger) save(c Change) error {
	if l.journal != nil {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if _, err := l.journal.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("write the sandbox's journal: %w", err)
		}
	}
	l.apply(c)
	return nil
}

// Alter decides on a change while nothing else changes, and keeps it. An error of decide keeps nothing.
func (l *Ledger) Alter(decide func(record func(uri string) (Record, bool)) (Change, error)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, err := decide(l.record)
	if err != nil {
		return err
	}
	return l.save(c)
}

// apply puts the entries of a change in their places; the caller holds the lock or is the only one.
func (l *Ledger) apply(c Change) {
	if len(c.Secret) > 0 {
		l.secret = c.Secret
	}
	for _, s := range c.Sessions {
		l.sessions[s.ID] = s
	}
	for _, b := range c.Blobs {
		l.blobs[b.DID+" "+b.CID] = b
	}
	for _, r := range c.Records {
		uri := r.URI()
		was, known := l.records[uri]
		if known && was.Deleted { // made again: it is the newest
			l.order = slices.DeleteFunc(l.order, func(u string) bool { return u == uri })
		}
		if !known || was.Deleted {
			l.order = append(l.order, uri)
		}
		l.count(was, -1)
		l.count(r, 1)
		l.records[uri] = r
	}
}

// count adds a record to, or takes it from, the numbers of its subject.
func (l *Ledger) count(r Record, by int) {
	if r.Subject == "" || r.Deleted {
		return
	}
	if l.tally[r.Subject] == nil {
		l.tally[r.Subject] = map[string]int{}
	}
	l.tally[r.Subject][r.Collection] += by
}

// About returns how many records of a collection have a subject.
func (l *Ledger) About(subject, collection string) int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.tally[subject][collection]
}

// whole returns everything known as one change.
func (l *Ledger) whole() Change {
	c := Change{Secret: l.secret}
	for _, id := range slices.Sorted(maps.Keys(l.sessions)) {
		c.Sessions = append(c.Sessions, l.sessions[id])
	}
	for _, id := range slices.Sorted(maps.Keys(l.blobs)) {
		c.Blobs = append(c.Blobs, l.blobs[id])
	}
	for _, uri := range l.order {
		c.Records = append(c.Records, l.records[uri])
	}
	return c
}

// Secret returns what tokens are signed with, empty before it was saved.
func (l *Ledger) Secret() []byte {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.secret
}

// Session returns a session by its id.
func (l *Ledger) Session(id string) (Session, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s, ok := l.sessions[id]
	return s, ok
}

// Sessions returns the sessions of an account.
func (l *Ledger) Sessions(did string) []Session {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var out []Session
	for _, id := range slices.Sorted(maps.Keys(l.sessions)) {
		if s := l.sessions[id]; s.DID == did {
			out = append(out, s)
		}
	}
	return out
}

// Blob returns an upload of an account.
func (l *Ledger) Blob(did, cid string) (Blob, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, ok := l.blobs[did+" "+cid]
	return b, ok
}

// Asked counts one question about an upload that is not ready and returns it as it was. A server started again forgets the
// questions, not the upload.
func (l *Ledger) Asked(did, cid string) (Blob, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.blobs[did+" "+cid]
	was := b
	if ok && b.Polls > 0 {
		b.Polls--
		l.blobs[did+" "+cid] = b
	}
	return was, ok
}

// Keep stores the bytes of an upload whose entry is saved next.
func (l *Ledger) Keep(cid string, content []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.folder == "" {
		l.bytes[cid] = content
		return nil
	}
	return os.WriteFile(filepath.Join(l.folder, "blobs", cid), content, 0o600)
}

// Bytes returns the bytes of an upload.
func (l *Ledger) Bytes(cid string) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.folder != "" {
		return os.ReadFile(filepath.Join(l.folder, "blobs", filepath.Base(cid)))
	}
	content, ok := l.bytes[cid]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return content, nil
}

// Record returns a record that is not deleted.
func (l *Ledger) Record(uri string) (Record, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.record(uri)
}

func (l *Ledger) record(uri string) (Record, bool) {
	r, ok := l.records[uri]
	return r, ok && !r.Deleted
}

// Records returns the records of a collection that are not deleted, newest first; of one account, or of all when the DID is empty.
func (l *Ledger) Records(did, collection string) []Record {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var out []Record
	for _, uri := range slices.Backward(l.order) {
		if r := l.records[uri]; !r.Deleted && r.Collection == collection && (did == "" || r.DID == did) {
			out = append(out, r)
		}
	}
	return out
}
