package connect

import (
	"bytes"
	"context"
	"sync"
	"time"

	"daymark/internal/platform"
)

// recently is how long an account is used as it was read last, in real time: a burst of posts to a channel reads it once. New
// credentials that a person or another replica saved meanwhile are found when the old ones are refused.
const recently = 15 * time.Second

// known is an account as it was read.
type known struct {
	connector platform.Connector
	account   platform.Account
	until     time.Time
}

// recent keeps accounts for a moment.
type recent struct {
	mu   sync.Mutex
	list map[int64]known
}

func (r *recent) get(id int64) (known, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.list[id]
	return k, ok && time.Now().Before(k.until)
}

func (r *recent) keep(id int64, connector platform.Connector, account platform.Account) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		r.list = map[int64]known{}
	}
	r.list[id] = known{connector, account, time.Now().Add(recently)}
}

func (r *recent) forget(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.list, id)
}

// account returns the connector of a channel and the account with the credentials that are there, or were a moment ago.
func (n *Networks) account(ctx context.Context, id int64) (platform.Connector, platform.Account, error) {
	if k, ok := n.recent.get(id); ok {
		return k.connector, k.account, nil
	}
	connector, account, err := n.read(ctx, id)
	if err == nil {
		n.recent.keep(id, connector, account)
	}
	return connector, account, err
}

// replaced reports whether the credentials of an account are others by now than those that were used.
func (n *Networks) replaced(ctx context.Context, used platform.Account) bool {
	n.recent.forget(used.Channel)
	_, now, err := n.read(ctx, used.Channel)
	return err == nil && !bytes.Equal(now.Secret.Reveal(), used.Secret.Reveal())
}

// rates keeps what the networks said last about how many more calls they take, by channel: of publishing only, because uploading
// and reading have limits of their own.
type rates struct {
	mu   sync.Mutex
	list map[int64]platform.Rate
}

func (r *rates) saw(channel int64, rate platform.Rate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		r.list = map[int64]platform.Rate{}
	}
	r.list[channel] = rate
}

// forget forgets it before a post is published.
func (r *rates) forget(channel int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.list, channel)
}

// Rate returns what a channel's network said with the latest post about how many more it takes.
func (n *Networks) Rate(channel int64) (platform.Rate, bool) {
	n.rates.mu.Lock()
	defer n.rates.mu.Unlock()
	rate, ok := n.rates.list[channel]
	return rate, ok
}

// Askable reports whether the channel's network can be asked for a post whose answer was lost.
func (n *Networks) Askable(ctx context.Context, id int64) (bool, error) {
	connector, _, err := n.account(ctx, id)
	if err != nil {
		return false, err
	}
	silent, ok := connector.(platform.Silent)
	return !ok || !silent.FindsNothing(), nil
}
