package demo

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/x"
)

// seed makes the demo's audiences the same each time.
const seed = 30072014

// demoChannels are the demo's accounts: on three networks, in three zones, which together speak the four languages.
var demoChannels = []struct {
	network                     platform.Network
	handle, name, zone, country string
	languages                   []string
}{
	{platform.Mastodon, "hope_london", "Hope Line London", "Europe/London", "GB", []string{"en", "ar"}},
	{platform.Mastodon, "hope_bogota", "Hope Line Bogotá", "America/Bogota", "CO", []string{"es", "en"}},
	{platform.Mastodon, "hope_dakar", "Hope Line Dakar", "Africa/Dakar", "SN", []string{"fr", "en"}},
	{platform.Bluesky, "hope-london.test", "Hope Line London on Bluesky", "Europe/London", "GB", []string{"en"}},
	{platform.Bluesky, "hope-dakar.test", "Hope Line Dakar on Bluesky", "Africa/Dakar", "SN", []string{"fr"}},
	{platform.X, "hope_bogota", "Hope Line Bogotá on X", "America/Bogota", "CO", []string{"es"}},
}

// followers is how many read each account.
const followers = 1500

// Sandboxes are the demo's networks, each on a port of the loopback interface.
type Sandboxes struct {
	Mastodon *mastodon.Server
	Bluesky  *bluesky.Server
	X        *x.Server
}

// Timeline is where the posts of one network can be read.
type Timeline struct{ Network, URL string }

// Timelines are where posts can be read.
func (s Sandboxes) Timelines() []Timeline {
	return []Timeline{{"Mastodon", s.Mastodon.BaseURL()}, {"Bluesky", s.Bluesky.BaseURL()}, {"X", s.X.BaseURL()}}
}

// startSandboxes starts the three networks: Mastodon at the address of the settings, the others on the two ports after it. A
// rehearsal posts in minutes what a real account posts in days, so their rate limits are off.
func startSandboxes(a *app.App) (Sandboxes, error) {
	var s Sandboxes
	var toots []mastodon.Account
	var skies []bluesky.Account
	var posts []x.Account
	for _, c := range demoChannels {
		switch c.network {
		case platform.Mastodon:
			toots = append(toots, mastodon.Account{Handle: c.handle, DisplayName: c.name, Letter: "H", Followers: followers})
		case platform.Bluesky:
			skies = append(skies, bluesky.Account{Handle: c.handle, DisplayName: c.name, Followers: followers})
		case platform.X:
			posts = append(posts, x.Account{Handle: c.handle, DisplayName: c.name, Letter: "H", Followers: followers})
		}
	}
	folder := filepath.Join(a.DataDir, "sandbox")
	var err error
	if s.Mastodon, err = mastodon.New(mastodon.Options{
		Accounts: toots, Clock: a.Clock, Title: "Sandbox Mastodon", Seed: seed, Folder: folder, Limits: &mastodon.Limits{}, Log: a.Log,
	}); err != nil {
		return s, err
	}
	if s.Bluesky, err = bluesky.New(bluesky.Options{
		Accounts: skies, Clock: a.Clock, Title: "Sandbox Bluesky", Seed: seed, Folder: filepath.Join(folder, "bluesky"), Limits: &bluesky.Limits{}, Log: a.Log,
	}); err != nil {
		return s, err
	}
	if s.X, err = x.New(x.Options{
		Accounts: posts, Clock: a.Clock, Wall: time.Now, Title: "Sandbox X", Seed: seed, Folder: filepath.Join(folder, "x"), Limits: &x.Limits{}, Log: a.Log,
		Switches: x.Switches{Replies: true},
	}); err != nil {
		return s, err
	}
	for i, server := range []interface {
		Start(addr string) error
		BaseURL() string
		Close() error
	}{s.Mastodon, s.Bluesky, s.X} {
		at, err := after(a.Settings.SandboxAddr, i)
		if err != nil {
			return s, err
		}
		if err := server.Start(at); err != nil {
			return s, fault.Wrap(fault.Conflict, err, "The sandbox networks need %s and the two ports after it, and %s is not free. Perhaps another program uses it; DAYMARK_SANDBOX_ADDR names another.", a.Settings.SandboxAddr, at)
		}
		a.OnClose("sandbox", func(context.Context) error { return server.Close() })
		a.Networks.Sandbox(server.BaseURL())
	}
	return s, nil
}

// after is the address some ports after another. Port 0, any that is free, stays so.
func after(addr string, n int) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The sandbox address %q cannot be read; write it as 127.0.0.1:8081.", addr)
	}
	number, err := strconv.Atoi(port)
	if err != nil || number < 0 || number+n > 65535 {
		return "", fault.New(fault.Invalid, "The sandbox address %q needs a port with two more after it; write it as 127.0.0.1:8081.", addr)
	}
	if number == 0 {
		n = 0
	}
	return net.JoinHostPort(host, strconv.Itoa(number+n)), nil
}

// connect connects the demo's accounts as people do.
func (s Sandboxes) connect(ctx context.Context, a *app.App, by people.Person) error {
	for _, c := range demoChannels {
		start := joining.Start{Platform: string(c.network), Wanted: joining.Wanted{Name: c.name, Zone: c.zone, Languages: c.languages, Country: c.country}}
		switch c.network {
		case platform.Mastodon:
			start.Address, start.Keys = s.Mastodon.BaseURL(), joining.Keys{AccessToken: s.Mastodon.Token(c.handle, "read", "write")}
		case platform.Bluesky:
			start.Address = s.Bluesky.BaseURL()
			start.Keys = joining.Keys{Handle: c.handle, AppPassword: s.Bluesky.AppPassword(bluesky.Account{Handle: c.handle})}
		case platform.X:
			keys, err := s.X.Keys(c.handle, false)
			if err != nil {
				return err
			}
			start.Address = s.X.BaseURL()
			start.Keys = joining.Keys{ConsumerKey: keys.ConsumerKey, ConsumerSecret: keys.ConsumerSecret, AccessToken: keys.AccessToken, AccessSecret: keys.AccessSecret}
		}
		if _, err := a.Joins.Direct(ctx, by, start); err != nil {
			return fmt.Errorf("connect %s: %w", c.name, err)
		}
	}
	return nil
}

// checkChannels makes sure that the channels lead to the sandboxes where they listen now.
func (s Sandboxes) checkChannels(ctx context.Context, q postgres.Querier) error {
	channels, err := channel.List(ctx, q)
	if err != nil {
		return err
	}
	where := map[platform.Network]string{platform.Mastodon: s.Mastodon.BaseURL(), platform.Bluesky: s.Bluesky.BaseURL(), platform.X: s.X.BaseURL()}
	for _, c := range channels {
		here := where[platform.Network(c.Platform)]
		if !c.Sandbox || c.Archived() || c.Address == here {
			continue
		}
		was, err := url.Parse(c.Address)
		if err != nil {
			return fmt.Errorf("address of channel %d: %w", c.ID, err)
		}
		advice := "choose another data folder"
		if c.Platform == string(platform.Mastodon) {
			advice = fmt.Sprintf("start it with DAYMARK_SANDBOX_ADDR=%s, or %s", was.Host, advice)
		}
		return fault.New(fault.Conflict, "This demo's channels lead to a sandbox on %s, and it was started on %s: %s.", c.Address, strings.TrimSuffix(here, "/"), advice)
	}
	return nil
}
