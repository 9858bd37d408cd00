package connect

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"daymark/internal/org/channel"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/card"
	"daymark/internal/platform/bluesky/xrpc"
	"daymark/internal/platform/byhand"
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
		platform.Mastodon: mastodon.New(n.Mastodon(address)),
		platform.Bluesky:  bluesky.New(n.Bluesky(address)),
		platform.X:        x.New(n.X(address)),
		platform.ByHand:   byhand.Connector{},
	})
	n.registries[address] = r
	return r
}

// Serving returns the connector of a channel, and the channel; it reads no credentials.
func (n *Networks) Serving(ctx context.Context, id int64) (platform.Connector, channel.Channel, error) {
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return nil, channel.Channel{}, err
	}
	connector, err := n.connectors(c.Address, c.Sandbox).Get(platform.Network(c.Platform))
	return connector, c, err
}

// Client returns what calls to the public internet, or to one sandbox alone, are made with, and by which name.
func (n *Networks) Client(sandbox string) (client *http.Client, agent string) {
	return n.client(sandbox), n.agent()
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

// Mastodon returns what its connector is made with; sandbox is the address of one, or empty.
func (n *Networks) Mastodon(sandbox string) mastodon.Options {
	return mastodon.Options{HTTP: n.client(sandbox), Now: n.clock.Now, Sleep: sleep, UserAgent: n.agent(), Seen: n.rates.Saw}
}

// X returns what its connector is made with; sandbox is the address of one, or empty.
func (n *Networks) X(sandbox string) x.Options {
	return x.Options{HTTP: n.client(sandbox), Now: n.clock.Now, Wall: time.Now, Sleep: sleep, UserAgent: n.agent(), Seen: n.rates.Saw}
}

// Bluesky returns what its connector is made with. A sandbox is its own directory and asks nobody else: no name server, and no web page for
// the card of a link.
func (n *Networks) Bluesky(sandbox string) bluesky.Options {
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

// Sandbox says that a sandbox of this process listens at an address, so that accounts there can be connected like real ones.
func (n *Networks) Sandbox(address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sandboxes[address] = true
}

// IsSandbox reports whether a sandbox of this process listens at an address.
func (n *Networks) IsSandbox(address string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sandboxes[address]
}
