// Package recent keeps for a moment what calling a network needs and what it said, so that a burst of posts to a channel reads its
// account once.
//
// It reads no database and calls no network. What is kept here is of one process and short-lived.
package recent

import (
	"sync"
	"time"

	"daymark/internal/platform"
)

// How long, in real time, an account is used as it was read when a post was prepared. New credentials that a person or another
// replica saved meanwhile are found when the old ones are refused. What is due at one instant is prepared from ten seconds before it on,
// and for as long as it takes to send: each account is read once for all of it.
const (
	Burst  = 15 * time.Second // by the next post that is prepared
	Lately = 30 * time.Second // by what follows: a post is prepared up to ten seconds ahead
)

// Known is an account as it was read, with its connector.
type Known struct {
	Connector platform.Connector
	Account   platform.Account
	at        time.Time
}

// Accounts keeps accounts for a moment.
type Accounts struct {
	mu   sync.Mutex
	list map[int64]Known
}

// Get returns an account that was kept no longer than age ago.
func (a *Accounts) Get(channel int64, age time.Duration) (Known, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k, ok := a.list[channel]
	return k, ok && time.Since(k.at) < age
}

// Keep keeps an account as it was read just now. One that was kept within a burst stays as old as it is.
func (a *Accounts) Keep(channel int64, connector platform.Connector, account platform.Account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.list == nil {
		a.list = map[int64]Known{}
	}
	if k, ok := a.list[channel]; ok && time.Since(k.at) < Burst {
		return
	}
	a.list[channel] = Known{connector, account, time.Now()}
}

// Forget forgets an account.
func (a *Accounts) Forget(channel int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.list, channel)
}

// Rates keeps what networks said last about how many more calls they take, by channel: of publishing only, because uploading and
// reading have limits of their own.
type Rates struct {
	mu   sync.Mutex
	list map[int64]platform.Rate
}

// Saw keeps what a network said.
func (r *Rates) Saw(channel int64, rate platform.Rate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		r.list = map[int64]platform.Rate{}
	}
	r.list[channel] = rate
}

// Forget forgets it before a post is published.
func (r *Rates) Forget(channel int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.list, channel)
}

// Get returns what a channel's network said with the latest post.
func (r *Rates) Get(channel int64) (platform.Rate, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rate, ok := r.list[channel]
	return rate, ok
}
