package mastodon_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/platform/platformtest"
	sandbox "daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/wire"
)

func TestContract(t *testing.T) {
	t.Parallel()
	platformtest.Run(t, platformtest.Suite{Open: openSandbox, At: connectorAt, Picture: bluePicture(t)})
}

// bluePicture returns a small picture of one colour.
func bluePicture(t *testing.T) platform.Picture {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 8, 6))
	for i := range 48 {
		img.Set(i%8, i/8, color.RGBA{B: 200, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return platform.Picture{
		SHA256: hex.EncodeToString(sum[:]), MIME: "image/png", Width: 8, Height: 6, Alt: "A blue rectangle: «bleu».", FocusX: -0.5, FocusY: 0.25, Bytes: b.Bytes(),
	}
}

// connector returns a connector that may call the hosts given and whose clock is fake.
func connector(t *testing.T, timeout time.Duration, now *clock.Fake, allow ...string) *mastodon.Connector {
	t.Helper()
	client := wire.NewClient(wire.Options{Allow: allow, Timeout: timeout})
	t.Cleanup(client.CloseIdleConnections)
	return mastodon.New(mastodon.Options{
		HTTP: client, Now: now.Now, UserAgent: "Daymark test",
		Sleep: func(ctx context.Context, d time.Duration) error { now.Add(d); return ctx.Err() },
	})
}

// connectorAt returns a connector and an account at any address.
func connectorAt(t *testing.T, address string, allowed bool) (platform.Connector, platform.Account) {
	t.Helper()
	var allow []string
	if allowed {
		allow = append(allow, strings.TrimPrefix(address, "http://"))
	}
	return connector(t, 10*time.Second, clock.NewFake(start), allow...), platform.Account{
		Network: platform.Mastodon, Address: address, RemoteID: "1", Secret: mastodon.Credentials{AccessToken: token}.Secret(),
	}
}

// gate stands before a sandbox: it counts requests that are being carried out, and can hold one or lose its answer.
type gate struct {
	next     http.Handler
	software string // what the server says it is; Mastodon when empty

	mu      sync.Mutex
	idle    sync.Cond
	running int
	drop    bool
	hold    func() // called once a publishing was read; it is carried out when it returns
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	publishing := r.Method == http.MethodPost && r.URL.Path == "/api/v1/statuses"
	g.mu.Lock()
	g.running++
	hold, drop := g.hold, g.drop
	if publishing {
		g.hold, g.drop = nil, false
	}
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.running--
		g.idle.Broadcast()
	}()
	switch {
	case publishing && hold != nil:
		hold()
	case publishing && drop:
		g.next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case g.software != "" && r.URL.Path == "/nodeinfo/2.0":
		_, _ = fmt.Fprintf(w, `{"version":"2.0","software":{"name":%q,"version":"1"}}`, g.software)
		return
	}
	g.next.ServeHTTP(w, r)
}

// settle waits until no request is being carried out.
func (g *gate) settle(t *testing.T) {
	t.Helper()
	late := false
	timer := time.AfterFunc(20*time.Second, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		late = true
		g.idle.Broadcast()
	})
	defer timer.Stop()
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.running > 0 && !late {
		g.idle.Wait()
	}
	if g.running > 0 {
		t.Errorf("%d requests are still being carried out", g.running)
	}
}

// kinds maps the faults that the sandbox's plan knows.
var kinds = map[platformtest.Fault][]mischief.Fault{
	platformtest.CommitThenDrop:      {{Kind: mischief.CommitThenDrop}},
	platformtest.CommitLate:          {{Kind: mischief.CommitLate, After: "GET /api/v1/accounts/:id/statuses"}},
	platformtest.CommitThen504:       {{Kind: mischief.CommitThen504}},
	platformtest.Reject500:           {{Kind: mischief.Reject500}},
	platformtest.TooMany:             {{Kind: mischief.RateLimited429, ResetSeconds: 90}},
	platformtest.Slow:                {{Kind: mischief.Slow, DelayMS: 2000}},
	platformtest.Truncated:           {{Kind: mischief.TruncateBody}},
	platformtest.HTMLAfterCommit:     {{Kind: mischief.HTMLInsteadOfJSON}},
	platformtest.HTMLInstead:         {{Kind: mischief.HTMLInsteadOfJSON, Uncommitted: true}},
	platformtest.DropBeforeRead:      {{Kind: mischief.DropBeforeRead}},
	platformtest.MediaPending:        {{Kind: mischief.MediaPending, Endpoint: "POST /api/v2/media", Polls: 3}},
	platformtest.TokenExpired:        {{Kind: mischief.TokenExpired}},
	platformtest.CachedErrorReplayed: {{Kind: mischief.Reject500}, {Kind: mischief.CachedErrorReplayed}},
	platformtest.KeyBurnt:            {{Kind: mischief.Reject500}, {Kind: mischief.KeyBurnt}},
	platformtest.Repeat500:           {{Kind: mischief.Repeat500}},
	platformtest.KeysIgnored:         {{Kind: mischief.CommitThenDrop}},
}

// openSandbox starts a sandbox with one account, of the kind of server that has the fault.
func openSandbox(t *testing.T, f platformtest.Fault) *platformtest.Bench {
	t.Helper()
	now := clock.NewFake(start)
	opts := sandbox.Options{Accounts: []sandbox.Account{{Handle: "charity", DisplayName: "A charity"}}, Clock: now, Quiet: true}
	g := &gate{}
	g.idle.L = &g.mu
	switch f {
	case platformtest.CachedErrorReplayed:
		opts.Keys, g.software = "cached", "akkoma"
	case platformtest.KeyBurnt:
		opts.Keys, g.software = "burnt", "pixelfed"
	case platformtest.KeysIgnored:
		opts.Keys, g.software = "ignored", "gotosocial"
	default:
	}
	server, err := sandbox.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	g.next = server.Handler()
	listener := httptest.NewServer(g)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		listener.Close()
	})
	timeout := 20 * time.Second
	if f == platformtest.CommitLate || f == platformtest.Slow {
		timeout = time.Second
	}
	secret := server.Token("charity")
	b := &platformtest.Bench{
		Connector: connector(t, timeout, now, listener.Listener.Addr().String()),
		Account: platform.Account{
			Channel: 1, Network: platform.Mastodon, Address: listener.URL, RemoteID: sandbox.Account{Handle: "charity"}.ID(),
			Secret: mastodon.Credentials{AccessToken: secret}.Secret(),
		},
		Secrets: []string{secret},
		Now:     now.Now,
		Pass:    now.Add,
		Settle:  func() { g.settle(t) },
	}
	b.Renew = func() platform.Account { return b.Account }
	b.Inject = func(f platformtest.Fault) {
		for _, fault := range kinds[f] {
			if fault.Endpoint == "" {
				fault.Endpoint = "POST /api/v1/statuses"
			}
			if err := server.Faults().Add(fault); err != nil {
				t.Error(err)
			}
		}
		if f == platformtest.Repeat500 {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.drop = true
		}
	}
	b.Hold = func(arrived func()) func() {
		release := make(chan struct{})
		g.mu.Lock()
		defer g.mu.Unlock()
		g.hold = func() { arrived(); <-release }
		return func() { close(release) }
	}
	b.Timeline = func() []platformtest.Post {
		var out []platformtest.Post
		for _, s := range slices.Backward(server.State().Statuses) {
			post := platformtest.Post{ID: s.ID, Text: s.Text, ContentNote: s.SpoilerText, Language: s.Language, ReplyTo: s.InReplyTo}
			for _, m := range s.Media {
				post.Alts = append(post.Alts, m.Description)
			}
			out = append(out, post)
		}
		return out
	}
	return b
}
