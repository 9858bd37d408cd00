// Package api holds the endpoints of the sandbox X server that are about posts and accounts: version 2, and what is left of
// version 1.1.
//
// Each endpoint takes a [request.Call], whose signature and query have been checked, and returns what is to be answered or a
// refusal. Rate limits, signatures and faults of the connection are the server's business, above; state is the ledger's,
// below.
package api

import (
	"errors"
	"slices"
	"strings"
	"time"

	"daymark/internal/sandbox/audience"
	"daymark/internal/sandbox/x/ledger"
)

// Endpoints carry out calls.
type Endpoints struct {
	Ledger   *ledger.Ledger
	Accounts []ledger.Account
	Seed     uint64
	Quiet    bool
	Replies  func() bool   // whether an account may answer itself, and others that did not ask for it
	Window   time.Duration // how long the same text is refused as a duplicate
}

// Find returns a seeded account by its handle.
func (e *Endpoints) Find(handle string) (ledger.Account, bool) {
	i := slices.IndexFunc(e.Accounts, func(a ledger.Account) bool { return strings.EqualFold(a.Handle, handle) })
	if i < 0 {
		return ledger.Account{}, false
	}
	return e.Accounts[i], true
}

// findID returns a seeded account by its id.
func (e *Endpoints) findID(id string) (ledger.Account, bool) {
	i := slices.IndexFunc(e.Accounts, func(a ledger.Account) bool { return a.ID() == id })
	if i < 0 {
		return ledger.Account{}, false
	}
	return e.Accounts[i], true
}

// Counts are the reactions to a post.
type Counts struct {
	Reposts     int `json:"retweet_count"`
	Replies     int `json:"reply_count"`
	Likes       int `json:"like_count"`
	Quotes      int `json:"quote_count"`
	Bookmarks   int `json:"bookmark_count"`
	Impressions int `json:"impression_count"`
}

// Counts returns all reactions to a post: the audience's, replies made here and those added by hand.
func (e *Endpoints) Counts(p ledger.Post, now time.Time) Counts {
	c := Counts{Reposts: p.Extra.Reposts, Likes: p.Extra.Likes, Quotes: p.Extra.Quotes, Replies: p.Extra.Replies + e.Ledger.Replies(p.ID)}
	if a, known := e.Find(p.Account); known && !e.Quiet {
		crowd := audience.Crowd{Seed: e.Seed, Followers: a.Followers, Share: 1}.At(p.ID, p.CreatedAt, now)
		c.Likes += crowd.Favourites
		c.Reposts += crowd.Reblogs
		c.Replies += crowd.Replies
		c.Quotes += crowd.Reblogs / 5
		c.Bookmarks = crowd.Favourites / 8
	}
	c.Impressions = 40*c.Likes + 25*c.Reposts + 10*c.Replies
	return c
}

// React adds reactions to a post by hand.
func (e *Endpoints) React(id string, more ledger.Reactions) error {
	p, ok := e.Ledger.Post(id)
	if !ok {
		return errors.New("there is no post with this id")
	}
	if more.Likes < 0 || more.Reposts < 0 || more.Replies < 0 || more.Quotes < 0 {
		return errors.New("reactions can only be added")
	}
	p.Extra.Likes += more.Likes
	p.Extra.Reposts += more.Reposts
	p.Extra.Replies += more.Replies
	p.Extra.Quotes += more.Quotes
	return e.Ledger.Save(ledger.Change{Posts: []ledger.Post{p}})
}
