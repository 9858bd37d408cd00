package x_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"daymark/internal/platform/platformtest"
	"daymark/internal/platform/x"
	"daymark/internal/sandbox/mischief"
	sandbox "daymark/internal/sandbox/x"
	"daymark/internal/wire"
)

var start = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

// picture returns a picture of so many random-looking pixels, which makes it as large as they are many.
func picture(t *testing.T, width, height int) platform.Picture {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	seed := uint32(1)
	for i := range width * height {
		seed = seed*1664525 + 1013904223
		img.Set(i%width, i/width, color.RGBA{R: uint8(seed >> 24), G: uint8(seed >> 16), B: 200, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return platform.Picture{
		SHA256: hex.EncodeToString(sum[:]), MIME: "image/png", Width: width, Height: height, Alt: "A blue rectangle: «bleu».", Bytes: b.Bytes(),
	}
}

// connector returns a connector that may call the hosts given and whose clock is fake. Signatures carry real time.
func connector(t *testing.T, timeout time.Duration, now *clock.Fake, allow ...string) *x.Connector {
	t.Helper()
	client := wire.NewClient(wire.Options{Allow: allow, Timeout: timeout})
	t.Cleanup(client.CloseIdleConnections)
	return x.New(x.Options{
		HTTP: client, Now: now.Now, Wall: time.Now, UserAgent: "Daymark test",
		Sleep: func(ctx context.Context, d time.Duration) error { now.Add(d); return ctx.Err() },
	})
}

// someKeys look like an account's.
var someKeys = x.Credentials{ConsumerKey: "consumerkey1", ConsumerSecret: "consumersecret2", AccessToken: "123-accesstoken3", AccessSecret: "accesssecret4"}

// connectorAt returns a connector and an account at any address.
func connectorAt(t *testing.T, address string, allowed bool) (platform.Connector, platform.Account) {
	t.Helper()
	var allow []string
	if allowed {
		allow = append(allow, strings.TrimPrefix(address, "http://"))
	}
	return connector(t, 10*time.Second, clock.NewFake(start), allow...), platform.Account{
		Network: platform.X, Address: address, RemoteID: "1", Secret: someKeys.Secret(),
	}
}

// gate stands before a sandbox: it counts requests that are being carried out, and can hold one or lose its answer.
type gate struct {
	next http.Handler

	mu      sync.Mutex
	idle    sync.Cond
	running int
	drop    bool
	hold    func() // called once a publishing was read; it is carried out when it returns
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	publishing := r.Method == http.MethodPost && (r.URL.Path == "/2/tweets" || r.URL.Path == "/1.1/statuses/update.json")
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

// bench is a sandbox with an account on it and a connector for the account.
type bench struct {
	*platformtest.Bench
	server *sandbox.Server
	clock  *clock.Fake
	api    string
}

// open starts a sandbox; change may alter its options. api is the version that the account is set to.
func open(t *testing.T, api string, timeout time.Duration, change func(*sandbox.Options)) *bench {
	t.Helper()
	now := clock.NewFake(start)
	opts := sandbox.Options{
		Accounts: []sandbox.Account{{Handle: "charity", DisplayName: "A charity"}, {Handle: "branch", DisplayName: "A branch"}}, Clock: now, Wall: time.Now,
		Quiet: true, Switches: sandbox.Switches{Replies: true, Legacy: true},
	}
	if change != nil {
		change(&opts)
	}
	server, err := sandbox.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{next: server.Handler()}
	g.idle.L = &g.mu
	listener := httptest.NewServer(g)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		listener.Close()
	})
	keys := keysOf(t, server, "charity", false)
	keys.API = api
	b := &bench{server: server, clock: now, api: api}
	b.Bench = &platformtest.Bench{
		Connector: connector(t, timeout, now, listener.Listener.Addr().String()),
		Account: platform.Account{
			Channel: 1, Network: platform.X, Address: listener.URL, Handle: "@charity", RemoteID: sandbox.Account{Handle: "charity"}.ID(), Secret: keys.Secret(),
		},
		Secrets:  keys.Secrets(),
		Now:      now.Now,
		Pass:     now.Add,
		Settle:   func() { g.settle(t) },
		Timeline: b.timeline,
		Inject:   func(f platformtest.Fault) { b.inject(t, g, f) },
	}
	b.Renew = func() platform.Account { return b.Account }
	b.Hold = func(arrived func()) func() {
		release := make(chan struct{})
		g.mu.Lock()
		defer g.mu.Unlock()
		g.hold = func() { arrived(); <-release }
		return func() { close(release) }
	}
	return b
}

// keysOf returns the four keys of an account.
func keysOf(t *testing.T, server *sandbox.Server, account string, readOnly bool) x.Credentials {
	t.Helper()
	k, err := server.Keys(account, readOnly)
	if err != nil {
		t.Fatal(err)
	}
	return x.Credentials{ConsumerKey: k.ConsumerKey, ConsumerSecret: k.ConsumerSecret, AccessToken: k.AccessToken, AccessSecret: k.AccessSecret}
}

// timeline is what is on the account, oldest first.
func (b *bench) timeline() []platformtest.Post {
	var out []platformtest.Post
	for _, p := range slices.Backward(b.server.State().Posts) {
		post := platformtest.Post{ID: p.ID, Text: p.Text, ReplyTo: p.InReplyTo}
		for _, m := range p.Media {
			post.Alts = append(post.Alts, m.Alt)
		}
		out = append(out, post)
	}
	return out
}

// kinds maps the contract's faults to those of the sandbox's plan. X takes no keys, so what is about keys is here what a
// network without keys does in its place: a failure that comes again, and an answer that is lost.
var kinds = map[platformtest.Fault][]mischief.Fault{
	platformtest.CommitThenDrop:      {{Kind: mischief.CommitThenDrop}},
	platformtest.CommitLate:          {{Kind: mischief.CommitLate, After: "GET /2/users/:id/tweets"}},
	platformtest.CommitThen504:       {{Kind: mischief.CommitThen504}},
	platformtest.Reject500:           {{Kind: mischief.Reject500}},
	platformtest.TooMany:             {{Kind: mischief.RateLimited429, ResetSeconds: 90}},
	platformtest.Slow:                {{Kind: mischief.Slow, DelayMS: 2000}},
	platformtest.Truncated:           {{Kind: mischief.TruncateBody}},
	platformtest.HTMLAfterCommit:     {{Kind: mischief.HTMLInsteadOfJSON}},
	platformtest.HTMLInstead:         {{Kind: mischief.HTMLInsteadOfJSON, Uncommitted: true}},
	platformtest.DropBeforeRead:      {{Kind: mischief.DropBeforeRead}},
	platformtest.MediaPending:        {{Kind: mischief.MediaPending, Endpoint: "POST /2/media/upload", Polls: 3}},
	platformtest.TokenExpired:        {{Kind: mischief.TokenExpired}},
	platformtest.CachedErrorReplayed: {{Kind: mischief.Reject500}, {Kind: mischief.Reject500}},
	platformtest.KeyBurnt:            {{Kind: mischief.Reject500}, {Kind: mischief.HTMLInsteadOfJSON, Uncommitted: true}},
	platformtest.KeysIgnored:         {{Kind: mischief.CommitThenDrop}},
}

// inject makes the next publishing, or upload, meet a fault.
func (b *bench) inject(t *testing.T, g *gate, f platformtest.Fault) {
	for _, fault := range kinds[f] {
		if fault.Endpoint == "" {
			fault.Endpoint = "POST /2/tweets"
			if b.api == "v1.1" {
				fault.Endpoint = "POST /1.1/statuses/update.json"
			}
		}
		if b.api == "v1.1" && fault.After != "" {
			fault.After = "GET /1.1/statuses/user_timeline.json"
		}
		if err := b.server.Faults().Add(fault); err != nil {
			t.Error(err)
		}
	}
	if f == platformtest.Repeat500 { // the answer is lost; X then refuses the same text, so it must be found before
		g.mu.Lock()
		defer g.mu.Unlock()
		g.drop = true
	}
}

// timeoutFor is short where a test waits for it to pass.
func timeoutFor(f platformtest.Fault) time.Duration {
	if f == platformtest.CommitLate || f == platformtest.Slow {
		return time.Second
	}
	return 20 * time.Second
}

// shown is how X shows a post: the note is the first line, and no language is told.
func shown(p platformtest.Post) platformtest.Post {
	p.Text = x.Compose(p.ContentNote, p.Text)
	p.ContentNote, p.Language = "", ""
	return p
}

func noteCounts(note string) int { return len([]rune(x.Compose(note, ""))) }

func TestContract(t *testing.T) {
	t.Parallel()
	platformtest.Run(t, platformtest.Suite{
		Open: func(t *testing.T, f platformtest.Fault) *platformtest.Bench {
			t.Helper()
			return open(t, "", timeoutFor(f), nil).Bench
		},
		At: connectorAt, Picture: picture(t, 8, 6), Shown: shown, NoteCounts: noteCounts, OnlyOnce: true,
	})
}

// TestContractOfTheOldVersion puts accounts with version 1.1 through the same. go-twitter takes some refusals there for
// successes, and none may pass for one.
func TestContractOfTheOldVersion(t *testing.T) {
	t.Parallel()
	platformtest.Run(t, platformtest.Suite{
		Open: func(t *testing.T, f platformtest.Fault) *platformtest.Bench {
			t.Helper()
			return open(t, "v1.1", timeoutFor(f), nil).Bench
		},
		At: func(t *testing.T, address string, allowed bool) (platform.Connector, platform.Account) {
			t.Helper()
			c, account := connectorAt(t, address, allowed)
			keys := someKeys
			keys.API = "v1.1"
			account.Secret = keys.Secret()
			return c, account
		},
		Shown: shown, NoteCounts: noteCounts, OnlyOnce: true,
		Unsupported: map[platformtest.Fault]string{platformtest.MediaPending: "version 1.1 takes no pictures here: go-twitter cannot upload"},
	})
}

// newBench returns a bench that only publishes.
func newBench(c *x.Connector, account platform.Account, now *clock.Fake) *platformtest.Bench {
	return &platformtest.Bench{Connector: c, Account: account, Now: now.Now, Pass: now.Add}
}
