package connect

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/card"
	"daymark/internal/platform/bluesky/xrpc"
	"daymark/internal/platform/mastodon"
	"daymark/internal/platform/x"
	"daymark/internal/wire"
)

// connectors returns the connectors that reach a server: those of the public internet, or those of one sandbox, which may reach
// that sandbox alone besides.
func (n *Networks) connectors(address string, sandbox bool) *platform.Registry {
	if !sandbox {
		address = ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if r, ok := n.registries[address]; ok {
		return r
	}
	r := platform.New(map[platform.Network]platform.Connector{
		platform.Mastodon: mastodon.New(n.mastodon(address)),
		platform.Bluesky:  bluesky.New(n.bluesky(address)),
		platform.X:        x.New(n.x(address)),
	})
	n.registries[address] = r
	return r
}

// client returns what calls are made with; sandbox is the address of one, or empty.
func (n *Networks) client(sandbox string) *http.Client {
	allow := slices.Clone(n.allow)
	if u, err := url.Parse(sandbox); err == nil && sandbox != "" {
		allow = []string{u.Host} // nothing else on this machine
	}
	return wire.NewClient(wire.Options{Allow: allow})
}

func (n *Networks) agent() string { return "Daymark/" + n.version }

func (n *Networks) mastodon(sandbox string) mastodon.Options {
	return mastodon.Options{HTTP: n.client(sandbox), Now: n.clock.Now, Sleep: sleep, UserAgent: n.agent()}
}

func (n *Networks) x(sandbox string) x.Options {
	return x.Options{HTTP: n.client(sandbox), Now: n.clock.Now, Wall: time.Now, Sleep: sleep, UserAgent: n.agent()}
}

// bluesky returns the connector's options. A sandbox is its own directory and asks nobody else: no name server, and no web page for
// the card of a link.
func (n *Networks) bluesky(sandbox string) bluesky.Options {
	client := n.client(sandbox)
	o := bluesky.Options{
		Options: xrpc.Options{HTTP: client, Now: n.clock.Now, UserAgent: n.agent()},
		Random:  rand.Reader, Directory: sandbox, Entry: sandbox, Log: n.log,
	}
	if sandbox == "" {
		o.DNS, o.Cards = net.DefaultResolver, &card.Reader{HTTP: client, UserAgent: n.agent()}
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
