package try_test

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/clock"
	"daymark/internal/platform/platformtest/try"
	blueskybox "daymark/internal/sandbox/bluesky"
	mastodonbox "daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/mischief"
	xbox "daymark/internal/sandbox/x"
)

// rig is the three sandboxes under one clock.
type rig struct {
	world
	mastodon *mastodonbox.Server
	bluesky  *blueskybox.Server
	x        *xbox.Server
}

// sandboxes starts one server of each network and names them in the environment, as a person would name real ones.
func sandboxes(t *testing.T) *rig {
	t.Helper()
	now := clock.NewFake(time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC))
	r := &rig{world: world{now: now.Now, wait: func(ctx context.Context, d time.Duration) error { now.Add(d); return ctx.Err() }}}
	var err error
	if r.mastodon, err = mastodonbox.New(mastodonbox.Options{Accounts: []mastodonbox.Account{{Handle: "charity"}}, Clock: now, Quiet: true}); err != nil {
		t.Fatal(err)
	}
	charity := blueskybox.Account{Handle: "charity.test"}
	if r.bluesky, err = blueskybox.New(blueskybox.Options{Accounts: []blueskybox.Account{charity}, Clock: now, Quiet: true, Lag: 7 * time.Second}); err != nil {
		t.Fatal(err)
	}
	r.x, err = xbox.New(xbox.Options{
		Accounts: []xbox.Account{{Handle: "charity"}}, Clock: now, Wall: time.Now, Quiet: true, Switches: xbox.Switches{Replies: true, Legacy: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	masto, bsky, ex := httptest.NewServer(r.mastodon.Handler()), httptest.NewServer(r.bluesky.Handler()), httptest.NewServer(r.x.Handler())
	t.Cleanup(func() {
		for _, closing := range []func() error{r.mastodon.Close, r.bluesky.Close, r.x.Close} {
			if err := closing(); err != nil {
				t.Error(err)
			}
		}
		masto.Close()
		bsky.Close()
		ex.Close()
	})
	for _, s := range []*httptest.Server{masto, bsky, ex} {
		r.allow = append(r.allow, s.Listener.Addr().String()) // the loopback interface is open to this test only
	}
	r.directory, r.world.x = bsky.URL, ex.URL
	k, err := r.x.Keys("charity", false)
	if err != nil {
		t.Fatal(err)
	}
	keys := strings.Join([]string{k.ConsumerKey, k.ConsumerSecret, k.AccessToken, k.AccessSecret}, ":")
	t.Setenv(mastodonVariable, masto.URL+"|"+r.mastodon.Token("charity"))
	t.Setenv(blueskyVariable, "charity.test:"+r.bluesky.AppPassword(charity))
	t.Setenv(xVariable, keys+" "+keys+":v1.1")
	return r
}

// left returns how many posts are still on the three servers.
func (r *rig) left() int {
	return len(r.mastodon.State().Statuses) + len(r.bluesky.State().Posts) + len(r.x.State().Posts)
}

func TestTheSuiteAgainstTheSandboxes(t *testing.T) {
	r := sandboxes(t)
	reports := tryAll(t, named(t, r.world))
	if len(reports) != 4 {
		t.Fatalf("%d servers were tried", len(reports))
	}
	got := map[string][]string{}
	for _, report := range reports {
		name := string(report.Network) + " " + report.Version
		got[name] = []string{}
		for _, c := range report.Cases {
			switch c.State {
			case try.Failed:
				t.Errorf("%s: %s: %s", name, c.Name, c.Why)
			case try.NotSupported:
				got[name] = append(got[name], c.Name)
			case try.Passed:
			}
		}
	}
	key := "the same key again makes no second post"
	want := map[string][]string{
		"mastodon 4.5.0+sandbox": {}, "bluesky sandbox": {}, "x 2": {key}, "x 1.1": {"a picture with alt text is uploaded", key},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("not supported (-want +got):\n%s", diff)
	}
	if n := r.left(); n > 0 {
		t.Errorf("%d posts were left behind", n)
	}
}

func TestWhatFailsIsToldAndNothingIsLeftBehind(t *testing.T) {
	r := sandboxes(t)
	r.x.Turn(xbox.Switches{}) // no replies, no version 1.1
	for _, err := range []error{
		r.mastodon.Faults().Add(mischief.Fault{Kind: mischief.RateLimited429, Endpoint: "DELETE /api/v1/statuses/:id", ResetSeconds: 60}),
		r.bluesky.Faults().Add(mischief.Fault{Kind: mischief.CommitThenDrop, Endpoint: "POST /xrpc/com.atproto.repo.createRecord"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, report := range tryAll(t, named(t, r.world)) {
		for _, c := range report.Cases {
			if c.State != try.Passed {
				got = append(got, string(report.Network)+" "+report.Version+": "+c.Name)
			}
			for _, secret := range strings.FieldsFunc(os.Getenv(mastodonVariable)+" "+os.Getenv(xVariable), func(r rune) bool { return strings.ContainsRune("|: /", r) }) {
				if len(secret) > 20 && strings.Contains(c.Why, secret) {
					t.Errorf("a secret is told: %s", c.Name)
				}
			}
		}
	}
	want := []string{
		"mastodon 4.5.0+sandbox: what was posted is taken down, and doing so twice does no harm",
		"mastodon 4.5.0+sandbox: what was taken down is not found any more",
		"x 2: the same key again makes no second post",
		"x 2: a second part is published as an answer to the first",
		"x 2: the second part is found, in its place",
	}
	if diff := cmp.Diff(want, got[:min(len(got), len(want))]); diff != "" {
		t.Errorf("not passed (-want +got):\n%s", diff)
	}
	if n := r.left(); n > 0 {
		t.Errorf("%d posts were left behind", n)
	}
}

func TestTheDocumentKeepsWhatWasTriedBefore(t *testing.T) {
	t.Parallel()
	on := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	first := try.Report{Network: "mastodon", Name: "https://b.example", Software: "mastodon", Version: "4.5.0", On: on, Cases: []try.Case{
		{Name: "one", State: try.Passed}, {Name: "two", State: try.NotSupported, Why: "a | b\nc"}, {Name: "three", Why: "broken"},
	}}
	empty := try.Record("", nil)
	if !strings.Contains(empty, "No real server has been tried") {
		t.Error(empty)
	}
	text := try.Record(empty, []try.Report{first, {Network: "bluesky", Name: "https://a.example", Software: "pds", Version: "0.4", On: on}})
	again := first
	again.Cases, again.On = again.Cases[:1], on.AddDate(0, 0, 1)
	for _, want := range []string{
		"| bluesky | https://a.example | pds | 0.4 | 2026-11-22 | 0 | 0 | 0 |\n| mastodon | https://b.example | mastodon | 4.5.0 | 2026-11-22 | 1 | 1 | 1 |\n",
		"\n\n- mastodon, https://b.example: not supported: two. a \\| b c\n- mastodon, https://b.example: **failed**: three. broken\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	later := try.Record(text, []try.Report{again})
	if strings.Contains(later, "\n- ") || !strings.Contains(later, "| 2026-11-23 | 1 | 0 | 0 |\n") || !strings.Contains(later, "| bluesky | https://a.example |") {
		t.Errorf("after another try:\n%s", later)
	}
	if try.Record(later, nil) != later {
		t.Error("nothing new changes it")
	}
}

func TestTheDocumentIsAsTheSuiteWritesIt(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(try.Record(string(text), nil), string(text)); diff != "" {
		t.Errorf("docs/networks-tried.md is written by the suite, not by hand (-want +got):\n%s", diff)
	}
}
