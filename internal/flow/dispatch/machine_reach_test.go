package dispatch_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/xrpc"
	blue "daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/wire"
)

// side is one channel's network: the real connector before a sandbox, and what the sandbox shows.
type side struct {
	network   string
	connector platform.Connector
	account   platform.Account
	faults    *mischief.Plan
	posting   string // the endpoint that publishes
	looking   string // the endpoint that is read when looking for a post
	shows     func() map[string]copyOut
}

// reach is how the machine's dispatchers call the networks: it notes each call before it begins.
type reach struct {
	*networks
	world *world
	sides map[int64]*side

	mu     sync.Mutex
	during map[string]func() // done once, at a moment, while a dispatcher is at work
	lies   bool              // a deletion is confirmed and not done
}

// at does what was planned for a moment, once.
func (r *reach) at(moment string) {
	r.mu.Lock()
	do := r.during[moment]
	delete(r.during, moment)
	r.mu.Unlock()
	if do != nil {
		do()
	}
}

// plan plans something for a moment, or nothing any more.
func (r *reach) plan(moment string, do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.during, moment)
	if do != nil {
		r.during[moment] = do
	}
}

func (r *reach) Prepare(ctx context.Context, channel int64, content platform.Content, part int, prev platform.Handles) (platform.Handles, error) {
	r.at("preparing")
	s := r.sides[channel]
	return s.connector.Prepare(ctx, s.account, content, part, prev)
}

func (r *reach) Publish(ctx context.Context, channel int64, a platform.Attempt) (platform.Receipt, error) {
	s := r.sides[channel]
	delivery, number := r.world.calls(channel, a.Content.Parts[a.Part].Text)
	r.at("calling")
	receipt, err := s.connector.Publish(ctx, s.account, a)
	r.world.answers(delivery, number, platform.Outcome(err))
	r.at("answered")
	return receipt, err
}

func (r *reach) Find(ctx context.Context, channel int64, a platform.Attempt) (platform.Finding, error) {
	s, began := r.sides[channel], time.Now()
	finding, err := s.connector.Find(ctx, s.account, a)
	if err == nil {
		r.world.looks(channel, a.Content.Parts[a.Part].Text, began, finding.State)
	}
	return finding, err
}

func (r *reach) Delete(ctx context.Context, channel int64, ref platform.Ref) error {
	s := r.sides[channel]
	deleter, can := s.connector.(platform.Deleter)
	if !can {
		return fmt.Errorf("the connector of %s cannot delete", s.network)
	}
	if r.lies {
		return nil
	}
	return deleter.Delete(ctx, s.account, ref)
}

func (r *reach) Keyed(_ context.Context, channel int64) (bool, error) {
	keyed, is := r.sides[channel].connector.(platform.Keyed)
	return is && keyed.KeepsKey(), nil
}

// mastodonSide is the bench's own channel.
func (b *bench) mastodonSide() *side {
	return &side{
		network: "mastodon", connector: b.networks.Connector, account: b.networks.account(b.channel), faults: b.server.Faults(),
		posting: posting, looking: "GET /api/v1/accounts/:id/statuses",
		shows: func() map[string]copyOut {
			live := map[string]copyOut{}
			for _, s := range b.server.State().Statuses {
				live[s.ID] = copyOut{text: s.Text, url: s.URL}
			}
			return live
		},
	}
}

// blueskySide starts a Bluesky sandbox with one account.
func blueskySide(t testing.TB, c *clock.Fake) *side {
	t.Helper()
	const handle = "hope.test"
	server, err := blue.New(blue.Options{Accounts: []blue.Account{{Handle: handle}}, Clock: c, Quiet: true, Limits: &blue.Limits{}, AccessLife: 10 * 365 * 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	access, refresh, err := server.Session(handle)
	if err != nil {
		t.Fatal(err)
	}
	address := server.BaseURL()
	client := wire.NewClient(wire.Options{Allow: []string{strings.TrimPrefix(address, "http://")}, Timeout: 10 * time.Second})
	t.Cleanup(client.CloseIdleConnections)
	return &side{
		network: "bluesky",
		connector: bluesky.New(bluesky.Options{
			Options: xrpc.Options{HTTP: client, Now: c.Now, UserAgent: "Daymark test"}, Random: rand.Reader,
			Directory: address, Entry: address, Web: func(server string) string { return server },
		}),
		account: platform.Account{
			Network: platform.Bluesky, Address: address, RemoteID: blue.Account{Handle: handle}.DID(), Handle: handle,
			Secret: bluesky.Credentials{Access: access, Refresh: refresh}.Secret(),
		},
		faults: server.Faults(), posting: "POST /xrpc/com.atproto.repo.createRecord", looking: "GET /xrpc/com.atproto.repo.getRecord",
		shows: func() map[string]copyOut {
			live := map[string]copyOut{}
			for _, p := range server.State().Posts {
				live[p.Key] = copyOut{text: p.Text, url: p.URL}
			}
			return live
		},
	}
}
