// Package ledger is all that a sandbox Mastodon server knows: applications, tokens, media, statuses and idempotency keys.
//
// It lives in memory and, when it is given a folder, in a journal there: one line of JSON for each change, written before
// the change is answered, so that a server killed at any moment starts again with everything it ever confirmed. It
// decides nothing about the Mastodon API; the server above it does.
package ledger

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"daymark/internal/sandbox/journal"
)

// Ledger holds the state of one server. It is safe for concurrent use. What it returns are copies; their slices are not to
// be changed.
type Ledger struct {
	mu       sync.RWMutex
	apps     map[string]App // by client id
	tokens   map[string]Token
	media    map[string]Media
	statuses map[string]Status
	keys     map[string]Key       // by account and key
	tally    map[string]Reactions // boosts and replies made here, by the status they are of
	order    []string             // ids of statuses, oldest first
	last     uint64               // the largest id given
	blobs    blobs
	journal  *journal.Journal[Change] // nil when nothing is kept
}

// Open returns the ledger kept in a folder, which is made when it does not exist; with an empty name it returns a new ledger
// that is kept nowhere.
func Open(folder string) (*Ledger, error) {
	l := &Ledger{
		apps: map[string]App{}, tokens: map[string]Token{}, media: map[string]Media{}, statuses: map[string]Status{}, keys: map[string]Key{}, tally: map[string]Reactions{},
		blobs: blobs{folder: folder, inMemory: map[string][]byte{}},
	}
	if folder == "" {
		return l, nil
	}
	if err := l.blobs.prepare(); err != nil {
		return nil, err
	}
	j, err := journal.Open(filepath.Join(folder, journalName), l.apply, l.whole)
	if err != nil {
		return nil, fmt.Errorf("open the sandbox's journal: %w", err)
	}
	l.journal = j
	return l, nil
}

// Close ends the journal. Changes after it are refused.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal == nil {
		return nil
	}
	return l.journal.Close()
}

// Change is a set of new or replaced records that is kept whole or not at all.
type Change struct {
	Apps     []App    `json:"apps,omitempty"`
	Tokens   []Token  `json:"tokens,omitempty"`
	Media    []Media  `json:"media,omitempty"`
	Statuses []Status `json:"statuses,omitempty"`
	Keys     []Key    `json:"keys,omitempty"`
}

// Save keeps a change.
func (l *Ledger) Save(c Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal != nil {
		if err := l.journal.Append(c); err != nil {
			return fmt.Errorf("write the sandbox's journal: %w", err)
		}
	}
	l.apply(c)
	return nil
}

// apply puts the records of a change in their places; the caller holds the lock or is the only one.
func (l *Ledger) apply(c Change) {
	for _, a := range c.Apps {
		l.apps[a.ClientID] = a
		l.saw(a.ID)
	}
	for _, t := range c.Tokens {
		l.tokens[t.Value] = t
	}
	for _, m := range c.Media {
		l.media[m.ID] = m
		l.saw(m.ID)
	}
	for _, s := range c.Statuses {
		was, known := l.statuses[s.ID]
		if !known {
			l.order = append(l.order, s.ID)
		}
		if l.count(s, 1); known {
			l.count(was, -1)
		}
		l.statuses[s.ID] = s
		l.saw(s.ID)
	}
	for _, k := range c.Keys {
		l.keys[k.Account+"\x00"+k.Key] = k
	}
}

// count adds a status to, or takes it from, the numbers of the status it boosts or answers.
func (l *Ledger) count(s Status, by int) {
	if s.Deleted {
		return
	}
	if s.ReblogOf != "" {
		t := l.tally[s.ReblogOf]
		t.Reblogs += by
		l.tally[s.ReblogOf] = t
	}
	if s.InReplyTo != "" {
		t := l.tally[s.InReplyTo]
		t.Replies += by
		l.tally[s.InReplyTo] = t
	}
}

// Reactions returns the reactions to a status that were made here or added by hand, the audience's not among them.
func (l *Ledger) Reactions(id string) Reactions {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s, made := l.statuses[id], l.tally[id]
	return Reactions{
		Favourites: len(s.Favourites) + s.Extra.Favourites,
		Reblogs:    made.Reblogs + s.Extra.Reblogs,
		Replies:    made.Replies + s.Extra.Replies,
	}
}

// saw remembers an id as given.
func (l *Ledger) saw(id string) {
	if n, err := strconv.ParseUint(id, 10, 64); err == nil {
		l.last = max(l.last, n)
	}
}

// whole returns everything known as one change.
func (l *Ledger) whole() Change {
	c := Change{Statuses: make([]Status, 0, len(l.order))}
	for _, id := range l.order {
		c.Statuses = append(c.Statuses, l.statuses[id])
	}
	for _, id := range slices.Sorted(maps.Keys(l.apps)) {
		c.Apps = append(c.Apps, l.apps[id])
	}
	for _, id := range slices.Sorted(maps.Keys(l.tokens)) {
		c.Tokens = append(c.Tokens, l.tokens[id])
	}
	for _, id := range slices.Sorted(maps.Keys(l.media)) {
		c.Media = append(c.Media, l.media[id])
	}
	for _, id := range slices.Sorted(maps.Keys(l.keys)) {
		c.Keys = append(c.Keys, l.keys[id])
	}
	return c
}

// NextID returns a new id: the milliseconds of an instant and sixteen more bits, as Mastodon's are, and always larger than
// every id before it, even when the clock was set back.
func (l *Ledger) NextID(now time.Time) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = max(l.last+1, uint64(max(now.UnixMilli(), 0))<<16)
	return strconv.FormatUint(l.last, 10)
}

// App returns the application with a client id.
func (l *Ledger) App(clientID string) (App, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	a, ok := l.apps[clientID]
	return a, ok
}

// Token returns a token by its value, a revoked one too.
func (l *Ledger) Token(value string) (Token, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	t, ok := l.tokens[value]
	return t, ok
}

// Tokens returns the tokens that are not revoked of an account, in no order.
func (l *Ledger) Tokens(account string) []Token {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var out []Token
	for _, t := range l.tokens {
		if t.Account == account && !t.Revoked {
			out = append(out, t)
		}
	}
	return out
}

// Media returns a picture's record.
func (l *Ledger) Media(id string) (Media, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m, ok := l.media[id]
	return m, ok
}

// KeepFile stores the bytes of a picture whose record is saved next.
func (l *Ledger) KeepFile(id string, content []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blobs.put(id, content)
}

// File returns the bytes of a picture.
func (l *Ledger) File(id string) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.blobs.get(id)
}

// Asked counts one question about a picture that is not ready and returns its record. A server started again forgets the
// questions, not the picture.
func (l *Ledger) Asked(id string) (Media, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, ok := l.media[id]
	before := m
	if ok && m.Polls > 0 {
		m.Polls--
		l.media[id] = m
	}
	return before, ok
}

// Status returns a status that is not deleted.
func (l *Ledger) Status(id string) (Status, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s, ok := l.statuses[id]
	return s, ok && !s.Deleted
}

// Statuses returns the statuses that are not deleted, newest first; of one account, or of all when the name is empty.
func (l *Ledger) Statuses(account string) []Status {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var out []Status
	for _, id := range slices.Backward(l.order) {
		if s := l.statuses[id]; !s.Deleted && (account == "" || s.Account == account) {
			out = append(out, s)
		}
	}
	return out
}

// Key returns what an account's idempotency key stands for.
func (l *Ledger) Key(account, key string) (Key, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	k, ok := l.keys[account+"\x00"+key]
	return k, ok
}
