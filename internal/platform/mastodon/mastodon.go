// Package mastodon publishes to Mastodon and to the servers that speak its API: GoToSocial, Akkoma, Pleroma, Pixelfed.
//
// It calls them through mattn/go-mastodon, with one round tripper beneath it ([session]) that mends what the library lacks: an
// idempotency key sent only where it is honoured, no silent waiting on 429, no silent sending twice. It reads the limits of
// each very server. It keeps no state but a short-lived copy of those limits, and does not decide when to try again.
package mastodon

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/instance"
	"daymark/internal/platform/mastodon/session"
)

// Options are what the connector needs from the outside.
type Options = session.Options

// Credentials is what the secret of an account holds.
type Credentials = session.Credentials

// Connector is the connector. It may be used from several goroutines.
type Connector struct {
	o Options

	mu      sync.Mutex
	servers map[string]instance.Server // by address
}

var (
	_ platform.Connector = (*Connector)(nil)
	_ platform.Accounts  = (*Connector)(nil)
	_ platform.Deleter   = (*Connector)(nil)
	_ platform.Meter     = (*Connector)(nil)
	_ platform.Reader    = (*Connector)(nil)
)

// New returns a connector.
func New(o Options) *Connector {
	return &Connector{o: o, servers: map[string]instance.Server{}}
}

// serverLife is how long Prepare and Measure trust what a server said about itself.
const serverLife = time.Hour

// Capabilities asks the server for its limits.
func (c *Connector) Capabilities(ctx context.Context, account platform.Account) (platform.Capabilities, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Capabilities{}, err
	}
	srv, err := c.ask(ctx, s)
	return srv.Capabilities, err
}

// server returns what the account's server said about itself lately.
func (c *Connector) server(ctx context.Context, s *session.Session) (instance.Server, error) {
	c.mu.Lock()
	srv, ok := c.servers[s.Account.Address]
	c.mu.Unlock()
	if ok && c.o.Now().Sub(srv.Capabilities.FetchedAt).Abs() < serverLife {
		return srv, nil
	}
	return c.ask(ctx, s)
}

// ask asks the account's server about itself and keeps the answer.
func (c *Connector) ask(ctx context.Context, s *session.Session) (instance.Server, error) {
	srv, err := instance.Read(ctx, s)
	if err != nil {
		return instance.Server{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers[s.Account.Address] = srv
	return srv, nil
}

// Verify asks the server whose token it is.
func (c *Connector) Verify(ctx context.Context, account platform.Account) (platform.Identity, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Identity{}, err
	}
	return verify(ctx, s)
}

// verify asks the server whose token it is.
func verify(ctx context.Context, s *session.Session) (platform.Identity, error) {
	var me *gomastodon.Account
	err := s.Do(ctx, session.Harmless, &session.Call{}, func(ctx context.Context) (err error) {
		me, err = s.API.GetAccountCurrentUser(ctx)
		return err
	})
	if err != nil {
		return platform.Identity{}, err
	}
	if me.ID == "" {
		return platform.Identity{}, &platform.Transient{Say: session.SayNotMastodon}
	}
	handle := me.Acct
	if !strings.Contains(handle, "@") {
		u, _ := url.Parse(s.Account.Address) // open has parsed it
		handle += "@" + u.Host
	}
	return platform.Identity{RemoteID: string(me.ID), Handle: "@" + handle, Name: me.DisplayName, URL: me.URL, Followers: &me.FollowersCount}, nil
}

// Delete takes a status down. One that is not there any more is a success.
func (c *Connector) Delete(ctx context.Context, account platform.Account, ref platform.Ref) error {
	s, err := session.Open(c.o, account)
	if err != nil {
		return err
	}
	answer := &session.Call{}
	err = s.Do(ctx, session.Harmless, answer, func(ctx context.Context) error {
		return s.API.DeleteStatus(ctx, gomastodon.ID(url.PathEscape(ref.ID)))
	})
	if answer.Gone() {
		return nil
	}
	return err
}
