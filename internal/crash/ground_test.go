package crash

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/app/connect"
	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/mastodon"
	"daymark/internal/platform/x"
	blueskybox "daymark/internal/sandbox/bluesky"
	mastodonbox "daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/mischief"
	xbox "daymark/internal/sandbox/x"
)

// shown is a post as the network's timeline has it.
type shown struct{ ID, Text, ReplyTo string }

// ground is a sandbox network in this process with one account, behind a gate.
type ground struct {
	gate     *gate
	account  connect.NewChannel
	plan     *mischief.Plan
	timeline func() []shown // oldest first

	publish, find, upload string // its endpoints
}

// arrival is a publishing as it came in.
type arrival struct {
	at   time.Time
	body []byte
}

// gate stands between the daemon and a sandbox. It notes when each publishing arrives, and can call back at the moments of one.
type gate struct {
	next     http.Handler
	method   string
	path     string
	software string // what the server says it is; the truth when empty

	mu       sync.Mutex
	arrivals []arrival
	received func() // called when a publishing was read and nothing has happened; it is carried out when it returns
	asked    func() // called when any other request came in that is a question about posts
	done     func() // called when a publishing was carried out and nothing of the answer is sent; it never is
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.software != "" && r.URL.Path == "/nodeinfo/2.0" {
		_, _ = fmt.Fprintf(w, `{"version":"2.0","software":{"name":%q,"version":"1"}}`, g.software)
		return
	}
	if r.Method != g.method || r.URL.Path != g.path {
		g.question(r)
		g.next.ServeHTTP(w, r)
		return
	}
	at := time.Now()
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	g.mu.Lock()
	g.arrivals = append(g.arrivals, arrival{at, body})
	received, done := g.received, g.done
	g.received, g.done = nil, nil
	g.mu.Unlock()
	if received == nil && done == nil {
		g.next.ServeHTTP(w, r)
		return
	}
	r = r.WithContext(context.WithoutCancel(r.Context())) // the request is here, whatever becomes of who sent it
	if received != nil {
		received()
		g.next.ServeHTTP(w, r)
		return
	}
	func() {
		defer func() { _ = recover() }() // the sandbox cuts the connection so; here there is nobody to hear it
		g.next.ServeHTTP(httptest.NewRecorder(), r)
	}()
	done()
	panic(http.ErrAbortHandler)
}

// question calls back when a request asks Mastodon for the posts of an account.
func (g *gate) question(r *http.Request) {
	if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/statuses") {
		return
	}
	g.mu.Lock()
	asked := g.asked
	g.asked = nil
	g.mu.Unlock()
	if asked != nil {
		asked()
	}
}

// trap sets what is called at the next publishing.
func (g *gate) trap(received, done func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.received, g.done = received, done
}

// arrived returns the publishings that came in.
func (g *gate) arrived() []arrival {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.arrivals)
}

// network is a kind of network that a post can go to.
type network struct {
	name     string
	askable  bool // says whether a post is there
	relogins bool // an expired token is renewed without a person
	open     func(t *testing.T, software string) *ground
}

// networks are the networks of the matrix.
var networks = []network{
	{"Mastodon", true, false, func(t *testing.T, software string) *ground {
		t.Helper()
		switch software {
		case "akkoma":
			return openMastodon(t, software, mastodonbox.Options{Keys: "cached"})
		case "pixelfed":
			return openMastodon(t, software, mastodonbox.Options{Keys: "burnt"})
		}
		return openMastodon(t, "", mastodonbox.Options{})
	}},
	{"GoToSocial", true, false, func(t *testing.T, _ string) *ground {
		t.Helper()
		return openMastodon(t, "gotosocial", mastodonbox.Options{Keys: "ignored"})
	}},
	{"Bluesky", true, true, func(t *testing.T, _ string) *ground { t.Helper(); return openBluesky(t) }},
	{"X", true, false, func(t *testing.T, _ string) *ground { t.Helper(); return openX(t, xbox.Switches{Replies: true}) }},
	{"X that shows no posts", false, false, func(t *testing.T, _ string) *ground {
		t.Helper()
		return openX(t, xbox.Switches{Replies: true, NoReading: true})
	}},
}

func listen(t *testing.T, g *gate, end func() error) string {
	t.Helper()
	listener := httptest.NewServer(g)
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
		listener.CloseClientConnections()
		listener.Close()
	})
	return listener.URL
}

func channelOf(network platform.Network, address string, secret platform.Secret) connect.NewChannel {
	return connect.NewChannel{Platform: network, Address: address, Name: "Hope", Zone: "Etc/UTC", Languages: []string{"en"}, Sandbox: true, Secret: secret}
}

func realTime() clock.Clock { return app.LineClock(clock.Line{}) }

func openMastodon(t *testing.T, software string, opts mastodonbox.Options) *ground {
	t.Helper()
	return openServer(t, 1, software, opts)[0]
}

// openAccounts opens one Mastodon server with many accounts. Each has a gate and an address of its own.
func openAccounts(t *testing.T, n int) []*ground {
	t.Helper()
	return openServer(t, n, "", mastodonbox.Options{})
}

func openServer(t *testing.T, n int, software string, opts mastodonbox.Options) []*ground {
	t.Helper()
	for i := range n {
		opts.Accounts = append(opts.Accounts, mastodonbox.Account{Handle: fmt.Sprintf("hope%d", i), DisplayName: "Hope"})
	}
	opts.Clock, opts.Quiet, opts.Limits = realTime(), true, &mastodonbox.Limits{}
	server, err := mastodonbox.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	var list []*ground
	for _, account := range opts.Accounts {
		g := &gate{next: server.Handler(), method: http.MethodPost, path: "/api/v1/statuses", software: software}
		address := listen(t, g, server.Close)
		list = append(list, &ground{
			gate: g, plan: server.Faults(),
			account: channelOf(platform.Mastodon, address, mastodon.Credentials{AccessToken: server.Token(account.Handle, "read", "write")}.Secret()),
			publish: "POST /api/v1/statuses", find: "GET /api/v1/accounts/:id/statuses", upload: "POST /api/v2/media",
			timeline: func() (list []shown) {
				for _, s := range slices.Backward(server.State().Statuses) {
					if s.Account == account.Handle {
						list = append(list, shown{s.ID, s.Text, s.InReplyTo})
					}
				}
				return list
			},
		})
	}
	return list
}

func openBluesky(t *testing.T) *ground {
	t.Helper()
	account := blueskybox.Account{Handle: "hope.test", DisplayName: "Hope"}
	server, err := blueskybox.New(blueskybox.Options{Accounts: []blueskybox.Account{account}, Clock: realTime(), Quiet: true, Limits: &blueskybox.Limits{}})
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{next: server.Handler(), method: http.MethodPost, path: "/xrpc/com.atproto.repo.createRecord"}
	address := listen(t, g, server.Close)
	access, refresh, err := server.Session(account.Handle)
	if err != nil {
		t.Fatal(err)
	}
	c := channelOf(platform.Bluesky, address, bluesky.Credentials{Access: access, Refresh: refresh}.Secret())
	c.RemoteID, c.Handle = account.DID(), account.Handle
	return &ground{
		gate: g, plan: server.Faults(), account: c,
		publish: "POST /xrpc/com.atproto.repo.createRecord", find: "GET /xrpc/com.atproto.repo.getRecord", upload: "POST /xrpc/com.atproto.repo.uploadBlob",
		timeline: func() (list []shown) {
			for _, p := range slices.Backward(server.State().Posts) {
				list = append(list, shown{p.Key, p.Text, strings.TrimPrefix(path.Base(p.ReplyTo), ".")})
			}
			return list
		},
	}
}

func openX(t *testing.T, switches xbox.Switches) *ground {
	t.Helper()
	server, err := xbox.New(xbox.Options{
		Accounts: []xbox.Account{{Handle: "hope", DisplayName: "Hope"}}, Clock: realTime(), Wall: time.Now, Quiet: true, Limits: &xbox.Limits{}, Switches: switches,
	})
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{next: server.Handler(), method: http.MethodPost, path: "/2/tweets"}
	address := listen(t, g, server.Close)
	k, err := server.Keys("hope", false)
	if err != nil {
		t.Fatal(err)
	}
	keys := x.Credentials{ConsumerKey: k.ConsumerKey, ConsumerSecret: k.ConsumerSecret, AccessToken: k.AccessToken, AccessSecret: k.AccessSecret}
	return &ground{
		gate: g, plan: server.Faults(), account: channelOf(platform.X, address, keys.Secret()),
		publish: "POST /2/tweets", find: "GET /2/users/:id/tweets", upload: "POST /2/media/upload",
		timeline: func() (list []shown) {
			for _, p := range slices.Backward(server.State().Posts) {
				list = append(list, shown{p.ID, p.Text, p.InReplyTo})
			}
			return list
		},
	}
}
