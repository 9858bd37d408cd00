// Package ledger is all that a sandbox X server knows: applications, tokens, uploads and posts.
//
// It lives in memory and, when it is given a folder, in a journal there: one line of JSON for each change, written before
// the change is answered, so that a server killed at any moment starts again with everything it ever confirmed. It
// decides nothing about X's API; the rooms above it do.
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
	mu        sync.RWMutex
	apps      map[string]App // by consumer key
	tokens    map[string]Token
	media     map[string]Media
	posts     map[string]Post
	standings map[string]Standing
	replies   map[string]int // how many replies made here a post has
	order     []string       // ids of posts, oldest first
	last      uint64         // the largest id given
	blobs     blobs
	journal   *journal.Journal[Change] // nil when nothing is kept
}

// Open returns the ledger kept in a folder, which is made when it does not exist; with an empty name it returns a new ledger
// that is kept nowhere.
func Open(folder string) (*Ledger, error) {
	l := &Ledger{
		apps: map[string]App{}, tokens: map[string]Token{}, media: map[string]Media{}, posts: map[string]Post{},
		standings: map[string]Standing{}, replies: map[string]int{},
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
	Apps      []App      `json:"apps,omitempty"`
	Tokens    []Token    `json:"tokens,omitempty"`
	Media     []Media    `json:"media,omitempty"`
	Posts     []Post     `json:"posts,omitempty"`
	Standings []Standing `json:"standings,omitempty"`
}

// Save keeps a change.
func (l *Ledger) Save(c Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.save(c)
}

func (l *Ledger) save(c Change) error {
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
		l.apps[a.ConsumerKey] = a
	}
	for _, t := range c.Tokens {
		l.tokens[t.Value] = t
	}
	for _, m := range c.Media {
		l.media[m.ID] = m
		l.saw(m.ID)
	}
	for _, p := range c.Posts {
		was, known := l.posts[p.ID]
		if !known {
			l.order = append(l.order, p.ID)
		}
		if was.InReplyTo != "" && !was.Deleted {
			l.replies[was.InReplyTo]--
		}
		if p.InReplyTo != "" && !p.Deleted {
			l.replies[p.InReplyTo]++
		}
		l.posts[p.ID] = p
		l.saw(p.ID)
	}
	for _, s := range c.Standings {
		l.standings[s.Account] = s
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
	c := Change{Posts: make([]Post, 0, len(l.order))}
	for _, id := range l.order {
		c.Posts = append(c.Posts, l.posts[id])
	}
	for _, key := range slices.Sorted(maps.Keys(l.apps)) {
		c.Apps = append(c.Apps, l.apps[key])
	}
	for _, value := range slices.Sorted(maps.Keys(l.tokens)) {
		c.Tokens = append(c.Tokens, l.tokens[value])
	}
	for _, id := range slices.Sorted(maps.Keys(l.media)) {
		c.Media = append(c.Media, l.media[id])
	}
	for _, account := range slices.Sorted(maps.Keys(l.standings)) {
		c.Standings = append(c.Standings, l.standings[account])
	}
	return c
}

// epoch is the instant that X's ids count milliseconds from, in the upper 42 bits; the rest tells machines and calls apart
// (https://docs.x.com/fundamentals/x-ids).
const epoch = 1288834974657

// NextID returns a new id, always larger than every id before it, even when the clock was set back.
func (l *Ledger) NextID(now time.Time) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = max(l.last+1, uint64(max(now.UnixMilli()-epoch, 0))<<22)
	return strconv.FormatUint(l.last, 10)
}

// App returns the application with a consumer key.
func (l *Ledger) App(consumerKey string) (App, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	a, ok := l.apps[consumerKey]
	return a, ok
}

// AppNamed returns the application with a name.
func (l *Ledger) AppNamed(name string) (App, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, a := range l.apps {
		if a.Name == name {
			return a, true
		}
	}
	return App{}, false
}

// Token returns a token by its value, one that has ended too.
func (l *Ledger) Token(value string) (Token, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	t, ok := l.tokens[value]
	return t, ok
}

// Tokens returns an account's access tokens, in no order.
func (l *Ledger) Tokens(account string) []Token {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var out []Token
	for _, t := range l.tokens {
		if t.Account == account && t.Stage == Access {
			out = append(out, t)
		}
	}
	return out
}

// Suspended reports whether the network has suspended an account.
func (l *Ledger) Suspended(account string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.standings[account].Suspended
}

// Media returns the record of an upload.
func (l *Ledger) Media(id string) (Media, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m, ok := l.media[id]
	return m, ok
}

// KeepFile stores the bytes of an upload whose record is saved next, behind those it has already when more is true.
func (l *Ledger) KeepFile(id string, content []byte, more bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blobs.put(id, content, more)
}

// File returns the bytes of an upload.
func (l *Ledger) File(id string) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.blobs.get(id)
}

// Asked counts one question about an upload that is not ready and returns its record as it was. A server started again
// forgets the questions, not the upload.
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

// Add keeps a new post unless may says why it cannot be; it is asked while nothing else can be added.
func (l *Ledger) Add(p Post, may func(earlier []Post) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := may(l.list(p.Account)); err != nil {
		return err
	}
	return l.save(Change{Posts: []Post{p}})
}

// Post returns a post that is not deleted.
func (l *Ledger) Post(id string) (Post, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	p, ok := l.posts[id]
	return p, ok && !p.Deleted
}

// Replies returns how many replies made here a post has.
func (l *Ledger) Replies(id string) int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.replies[id]
}

// Posts returns the posts that are not deleted, newest first; of one account, or of all when the name is empty.
func (l *Ledger) Posts(account string) []Post {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.list(account)
}

func (l *Ledger) list(account string) []Post {
	var out []Post
	for _, id := range slices.Backward(l.order) {
		if p := l.posts[id]; !p.Deleted && (account == "" || p.Account == account) {
			out = append(out, p)
		}
	}
	return out
}
