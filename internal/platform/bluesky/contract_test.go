package bluesky_test

import (
	"bytes"
	"context"
	"crypto/rand"
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
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/rules"
	"daymark/internal/platform/bluesky/xrpc"
	"daymark/internal/platform/platformtest"
	sandbox "daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/wire"
)

var start = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

const createRecord = "POST /xrpc/com.atproto.repo.createRecord"

func TestContract(t *testing.T) {
	t.Parallel()
	platformtest.Run(t, platformtest.Suite{
		Open: openSandbox, At: connectorAt, Picture: bluePicture(t),
		NoteCounts: func(note string) int { return len([]rune(rules.Compose(note, ""))) },
		Ready: func(content platform.Content) platform.Handles {
			b := openSandbox(t, platformtest.None)
			h, err := b.Connector.Prepare(t.Context(), b.Account, content, 1, nil)
			if err != nil {
				t.Error(err)
			}
			return h
		},
	})
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
		SHA256: hex.EncodeToString(sum[:]), MIME: "image/png", Width: 8, Height: 6, Alt: "A blue rectangle: «bleu».", Bytes: b.Bytes(),
	}
}

// connector returns a connector that may call the hosts given and whose clock is fake.
func connector(t *testing.T, timeout time.Duration, now *clock.Fake, allow ...string) *bluesky.Connector {
	t.Helper()
	client := wire.NewClient(wire.Options{Allow: allow, Timeout: timeout})
	t.Cleanup(client.CloseIdleConnections)
	o := bluesky.Options{Options: xrpc.Options{HTTP: client, Now: now.Now, UserAgent: "Daymark test"}, Random: rand.Reader}
	if len(allow) > 0 {
		o.Directory, o.Entry = "http://"+allow[0], "http://"+allow[0]
		o.Web = func(server string) string { return server }
	}
	return bluesky.New(o)
}

// connectorAt returns a connector and an account at any address.
func connectorAt(t *testing.T, address string, allowed bool) (platform.Connector, platform.Account) {
	t.Helper()
	var allow []string
	if allowed {
		allow = append(allow, strings.TrimPrefix(address, "http://"))
	}
	return connector(t, 10*time.Second, clock.NewFake(start), allow...), platform.Account{
		Network: platform.Bluesky, Address: address, RemoteID: sandbox.Account{Handle: "charity.test"}.DID(),
		Secret: bluesky.Credentials{Access: "access-3f9c1d7b5a", Refresh: "refresh-3f9c1d7b5a"}.Secret(),
	}
}

// gate stands before a sandbox: it counts requests that are being carried out, and can hold one.
type gate struct {
	next http.Handler

	mu      sync.Mutex
	idle    sync.Cond
	running int
	hold    func() // called once a publishing was read; it is carried out when it returns
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	g.mu.Lock()
	g.running++
	hold := g.hold
	if r.Method+" "+r.URL.Path == createRecord {
		g.hold = nil
	} else {
		hold = nil
	}
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.running--
		g.idle.Broadcast()
	}()
	if hold != nil {
		hold()
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
	platformtest.CommitThenDrop:  {{Kind: mischief.CommitThenDrop}},
	platformtest.CommitLate:      {{Kind: mischief.CommitLate, After: "GET /xrpc/com.atproto.repo.getRecord"}},
	platformtest.CommitThen504:   {{Kind: mischief.CommitThen504}},
	platformtest.Reject500:       {{Kind: mischief.Reject500}},
	platformtest.TooMany:         {{Kind: mischief.RateLimited429, ResetSeconds: 90}},
	platformtest.Slow:            {{Kind: mischief.Slow, DelayMS: 2000}},
	platformtest.Truncated:       {{Kind: mischief.TruncateBody}},
	platformtest.HTMLAfterCommit: {{Kind: mischief.HTMLInsteadOfJSON}},
	platformtest.HTMLInstead:     {{Kind: mischief.HTMLInsteadOfJSON, Uncommitted: true}},
	platformtest.DropBeforeRead:  {{Kind: mischief.DropBeforeRead}},
	// An upload is either there or not: it fails first, and then takes its time.
	platformtest.MediaPending: {
		{Kind: mischief.Reject500, Endpoint: "POST /xrpc/com.atproto.repo.uploadBlob"},
		{Kind: mischief.Slow, Endpoint: "POST /xrpc/com.atproto.repo.uploadBlob", DelayMS: 300},
	},
	platformtest.TokenExpired: {{Kind: mischief.TokenExpired}},
	// The key is the record's.
	platformtest.CachedErrorReplayed: {{Kind: mischief.CachedErrorReplayed}},
	platformtest.KeyBurnt:            {{Kind: mischief.KeyBurnt}},
	platformtest.Repeat500:           {{Kind: mischief.CommitThenDrop}}, // as on the network: a key in use is always answered 500
	platformtest.KeysIgnored:         {{Kind: mischief.CommitThenDrop}},
}

// openSandbox starts a sandbox with one account.
func openSandbox(t *testing.T, f platformtest.Fault) *platformtest.Bench {
	t.Helper()
	b, _ := openServer(t, f, sandbox.Options{})
	return b
}

// openServer starts a sandbox as the options say.
func openServer(t *testing.T, f platformtest.Fault, opts sandbox.Options) (*platformtest.Bench, *sandbox.Server) {
	t.Helper()
	now := clock.NewFake(start)
	charity := sandbox.Account{Handle: "charity.test", DisplayName: "A charity"}
	opts.Accounts = append(opts.Accounts, charity)
	opts.Clock, opts.Quiet = now, true
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
	timeout := 20 * time.Second
	if f == platformtest.CommitLate || f == platformtest.Slow {
		timeout = time.Second
	}
	c := connector(t, timeout, now, listener.Listener.Addr().String())
	account, err := c.Connect(t.Context(), "@Charity.TEST", server.AppPassword(charity))
	if err != nil {
		t.Fatal(err)
	}
	account.Channel = 1
	b := &platformtest.Bench{
		Connector: c,
		Account:   account,
		Secrets:   []string{server.AppPassword(charity), string(account.Secret.Reveal())},
		Now:       now.Now,
		Pass:      now.Add,
		Settle:    func() { g.settle(t) },
	}
	b.Secrets = append(b.Secrets, tokens(t, account)...)
	b.Renew = func() platform.Account {
		secret, err := c.Refresh(context.WithoutCancel(t.Context()), b.Account)
		if err != nil {
			t.Error(err)
		}
		b.Account.Secret = secret
		b.Secrets = append(b.Secrets, tokens(t, b.Account)...)
		return b.Account
	}
	b.Inject = func(f platformtest.Fault) {
		for _, fault := range kinds[f] {
			if fault.Endpoint == "" {
				fault.Endpoint = createRecord
			}
			if err := server.Faults().Add(fault); err != nil {
				t.Error(err)
			}
		}
	}
	b.Hold = func(arrived func()) func() {
		release := make(chan struct{})
		g.mu.Lock()
		defer g.mu.Unlock()
		g.hold = func() { arrived(); <-release }
		return func() { close(release) }
	}
	b.Timeline = func() []platformtest.Post { return timeline(server) }
	return b, server
}

// tokens returns the two tokens of an account.
func tokens(t *testing.T, account platform.Account) []string {
	t.Helper()
	cred, err := bluesky.ReadCredentials(account)
	if err != nil {
		t.Fatal(err)
	}
	return []string{cred.Access, cred.Refresh}
}

// timeline reads what the sandbox has, with the content note taken off the text that it begins.
func timeline(server *sandbox.Server) []platformtest.Post {
	var out []platformtest.Post
	for _, p := range slices.Backward(server.State().Posts) {
		post := platformtest.Post{ID: p.Key, Text: p.Text, Language: strings.Join(p.Langs, " ")}
		if note, ok := strings.CutPrefix(p.Text, "CN: "); ok {
			post.ContentNote, post.Text, _ = strings.Cut(note, "\n\n")
		}
		if i := strings.LastIndexByte(p.ReplyTo, '/'); i > 0 {
			post.ReplyTo = p.ReplyTo[i+1:]
		}
		for _, img := range p.Images {
			post.Alts = append(post.Alts, img.Alt)
		}
		out = append(out, post)
	}
	return out
}
