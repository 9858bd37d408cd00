// Package doors makes what calls to networks are made with: HTTP clients, and the connectors on them, for the public internet and for
// each sandbox apart.
//
// A client of a sandbox reaches that sandbox alone on this machine; one of the public internet reaches no machine of the charity's own
// network but those that an operator allowed. The package knows no account and reads no table.
package doors

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/card"
	"daymark/internal/platform/bluesky/xrpc"
	"daymark/internal/platform/byhand"
	"daymark/internal/platform/mastodon"
	"daymark/internal/platform/x"
	"daymark/internal/wire"
)

// Options are what doors are made of.
type Options struct {
	Clock   clock.Clock
	Log     *slog.Logger
	Version string                                  // of Daymark, for the networks' logs
	Allow   []string                                // host:port of servers in the charity's own network that may be reached
	Saw     func(channel int64, rate platform.Rate) // told the limits that answers carry
}

// Doors make clients and connectors, and keep the connectors. They are safe for concurrent use.
type Doors struct {
	Options

	mu         sync.Mutex
	registries map[string]*platform.Registry // by the address of a sandbox; "" is the public internet
	sandboxes  map[string]bool               // addresses of this process's own
}

// New returns doors that nobody has gone through yet.
func New(o Options) *Doors {
	return &Doors{Options: o, registries: map[string]*platform.Registry{}, sandboxes: map[string]bool{}}
}

// Connectors returns the connectors that reach a server: those of the public internet, or those of one sandbox, which may reach
// that sandbox alone besides.
func (d *Doors) Connectors(address string, sandbox bool) *platform.Registry {
	if !sandbox {
		address = ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, ok := d.registries[address]; ok {
		return r
	}
	r := platform.New(map[platform.Network]platform.Connector{
		platform.Mastodon: mastodon.New(d.Mastodon(address)),
		platform.Bluesky:  bluesky.New(d.Bluesky(address)),
		platform.X:        x.New(d.X(address)),
		platform.ByHand:   byhand.Connector{},
	})
	d.registries[address] = r
	return r
}

// Client returns what calls to the public internet, or to one sandbox alone, are made with, and by which name.
func (d *Doors) Client(sandbox string) (client *http.Client, agent string) {
	return d.client(sandbox), d.agent()
}

// client returns what calls are made with; sandbox is the address of one, or empty.
func (d *Doors) client(sandbox string) *http.Client {
	allow := slices.Clone(d.Allow)
	if u, err := url.Parse(sandbox); err == nil && sandbox != "" {
		allow = []string{u.Host} // nothing else on this machine
	}
	return wire.NewClient(wire.Options{Allow: allow})
}

func (d *Doors) agent() string { return "Daymark/" + d.Version }

// Mastodon returns what its connector is made with; sandbox is the address of one, or empty.
func (d *Doors) Mastodon(sandbox string) mastodon.Options {
	return mastodon.Options{HTTP: d.client(sandbox), Now: d.Clock.Now, Sleep: sleep, UserAgent: d.agent(), Seen: d.Saw}
}

// X returns what its connector is made with; sandbox is the address of one, or empty.
func (d *Doors) X(sandbox string) x.Options {
	return x.Options{HTTP: d.client(sandbox), Now: d.Clock.Now, Wall: time.Now, Sleep: sleep, UserAgent: d.agent(), Seen: d.Saw}
}

// Bluesky returns what its connector is made with. A sandbox is its own directory and asks nobody else: no name server, and no web page for
// the card of a link.
func (d *Doors) Bluesky(sandbox string) bluesky.Options {
	client := d.client(sandbox)
	o := bluesky.Options{
		Options: xrpc.Options{HTTP: client, Now: d.Clock.Now, UserAgent: d.agent(), Seen: d.Saw},
		Random:  rand.Reader, Directory: sandbox, Entry: sandbox, Log: d.Log,
	}
	if sandbox == "" {
		o.DNS, o.Cards = net.DefaultResolver, &card.Reader{HTTP: client, UserAgent: d.agent()}
	} else {
		o.Web = func(server string) string { return server }
	}
	return o
}

// sleep waits in real time, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Sandbox says that a sandbox of this process listens at an address, so that accounts there can be connected like real ones.
func (d *Doors) Sandbox(address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sandboxes[address] = true
}

// IsSandbox reports whether a sandbox of this process listens at an address.
func (d *Doors) IsSandbox(address string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sandboxes[address]
}
