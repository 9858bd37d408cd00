package try_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/png"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/xrpc"
	"daymark/internal/platform/mastodon"
	"daymark/internal/platform/platformtest/try"
	"daymark/internal/platform/x"
	"daymark/internal/wire"
)

// The variables that name what is to be tried. Each may hold several accounts, with spaces between them.
const (
	mastodonVariable = "DAYMARK_TRY_MASTODON" // https://server|token
	blueskyVariable  = "DAYMARK_TRY_BLUESKY"  // handle:app-password
	xVariable        = "DAYMARK_TRY_X"        // api-key:api-secret:access-token:access-secret, and :v1.1 for the old version
)

// document is where what was tried is written down.
const document = "../../../../docs/networks-tried.md"

// world is what servers are reached with. For real servers only the clock is set.
type world struct {
	now  func() time.Time
	wait func(ctx context.Context, d time.Duration) error

	allow     []string // "host:port" on this machine
	directory string   // of Bluesky's accounts
	x         string   // where X's API is
}

// wait waits in real time.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// TestRealServers tries the servers that the environment names and writes down how it went. It publishes on them.
func TestRealServers(t *testing.T) {
	t.Parallel()
	servers := named(t, world{now: time.Now, wait: wait, x: x.Address})
	if len(servers) == 0 {
		t.Logf("nothing was tried: %s, %s and %s name no account", mastodonVariable, blueskyVariable, xVariable)
		return
	}
	reports := tryAll(t, servers)
	before, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	// A server that never answered was not tried, and what is written of an earlier day stays.
	tried := slices.DeleteFunc(slices.Clone(reports), func(r try.Report) bool { return r.Count(try.Passed) == 0 })
	if err := os.WriteFile(document, []byte(try.Record(string(before), tried)), 0o644); err != nil { //nolint:gosec // a document for all
		t.Fatal(err)
	}
	for _, r := range reports {
		for _, c := range r.Cases {
			if c.State == try.Failed {
				t.Errorf("%s %s: %s: %s", r.Network, r.Name, c.Name, c.Why)
			}
		}
	}
}

// tryAll tries servers, one after the other, and prints how each did.
func tryAll(t *testing.T, servers []try.Server) []try.Report {
	t.Helper()
	var reports []try.Report
	for _, s := range servers {
		r := try.Run(t.Context(), s)
		t.Log(r)
		for _, c := range r.Cases {
			if c.State == try.NotSupported {
				t.Logf("not supported: %s: %s", c.Name, c.Why)
			}
		}
		reports = append(reports, r)
	}
	return reports
}

// named returns the servers that the environment names, with a session on each. What a variable holds is never printed.
func named(t *testing.T, w world) []try.Server {
	t.Helper()
	client := wire.NewClient(wire.Options{Allow: w.allow})
	t.Cleanup(client.CloseIdleConnections)
	var out []try.Server
	add := func(s try.Server) {
		s.Picture, s.Now, s.Wait = bluePicture(t), w.now, w.wait
		out = append(out, s)
	}
	for n, entry := range strings.Fields(os.Getenv(mastodonVariable)) {
		address, token, ok := strings.Cut(entry, "|")
		if address = strings.TrimSuffix(address, "/"); !ok || token == "" || !strings.Contains(address, "://") {
			t.Fatalf("%s: entry %d is not https://server|token", mastodonVariable, n+1)
		}
		add(try.Server{
			Network: platform.Mastodon, Name: address, Secrets: []string{token},
			Connector: mastodon.New(mastodon.Options{HTTP: client, Now: w.now, Sleep: w.wait, UserAgent: "Daymark test"}),
			Account:   platform.Account{Network: platform.Mastodon, Address: address, Secret: mastodon.Credentials{AccessToken: token}.Secret()},
		})
	}
	for n, entry := range strings.Fields(os.Getenv(blueskyVariable)) {
		handle, password, ok := strings.Cut(entry, ":")
		if !ok || password == "" {
			t.Fatalf("%s: entry %d is not handle:app-password", blueskyVariable, n+1)
		}
		o := bluesky.Options{
			Options: xrpc.Options{HTTP: client, Now: w.now, UserAgent: "Daymark test"}, Random: rand.Reader,
			Directory: w.directory, Entry: w.directory,
		}
		if w.directory == "" {
			o.DNS = net.DefaultResolver
		}
		c := bluesky.New(o)
		account, err := c.Connect(t.Context(), handle, password)
		if err != nil {
			t.Fatalf("%s: entry %d: %s", blueskyVariable, n+1, platform.Say(err))
		}
		if account.Secret, err = c.Refresh(t.Context(), account); err != nil {
			t.Fatalf("%s: entry %d: %s", blueskyVariable, n+1, platform.Say(err))
		}
		add(try.Server{Network: platform.Bluesky, Name: account.Address, Secrets: []string{password}, Connector: c, Account: account})
	}
	for n, entry := range strings.Fields(os.Getenv(xVariable)) {
		keys := append(strings.Split(entry, ":"), "")
		if len(keys) < 5 || len(keys) > 6 {
			t.Fatalf("%s: entry %d is not api-key:api-secret:access-token:access-secret, with :v1.1 behind it if need be", xVariable, n+1)
		}
		cred, err := x.Credentials{ConsumerKey: keys[0], ConsumerSecret: keys[1], AccessToken: keys[2], AccessSecret: keys[3], API: keys[4]}.Clean()
		if err != nil {
			t.Fatalf("%s: entry %d: %v", xVariable, n+1, err)
		}
		name := w.x
		if cred.API != "" {
			name += " " + cred.API
		}
		add(try.Server{
			Network: platform.X, Name: name, Secrets: cred.Secrets(), Refusals: []string{x.CodeThread},
			Connector: x.New(x.Options{HTTP: client, Now: w.now, Wall: time.Now, Sleep: w.wait, UserAgent: "Daymark test"}),
			Account:   platform.Account{Network: platform.X, Address: w.x, Secret: cred.Secret()},
		})
	}
	return out
}

// bluePicture returns a small picture of one colour.
func bluePicture(t *testing.T) platform.Picture {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 80, 60))
	for i := range 80 * 60 {
		img.Set(i%80, i/80, color.RGBA{B: 200, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return platform.Picture{SHA256: hex.EncodeToString(sum[:]), MIME: "image/png", Width: 80, Height: 60, Alt: "A blue rectangle: «bleu».", Bytes: b.Bytes()}
}
