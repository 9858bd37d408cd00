package bluesky_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/platformtest"
	sandbox "daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mischief"
)

const goodPassword = "abcd-efgh-ijkl-mnop"

func TestConnectingEndsInASentenceOrAnAccount(t *testing.T) {
	t.Parallel()
	charity := sandbox.Account{Handle: "charity.test"}
	for name, tt := range map[string]struct {
		handle, password string // empty: the right one
		before           func(*sandbox.Server)
		want             platform.Kind
		says             string
	}{
		"all is right":                {"", "", nil, platform.KindDone, ""},
		"pasted from a profile":       {" https://bsky.app/profile/Charity.test/ ", "", nil, platform.KindDone, ""},
		"with an invisible character": {"\u202a@charity.test\u202c", "", nil, platform.KindDone, ""},
		"by its identifier":           {charity.DID(), "", nil, platform.KindDone, ""},
		"the account's own password":  {"", "correct horse battery", nil, platform.KindPermanent, "not an app password"},
		"another app password":        {"", goodPassword, nil, platform.KindAuthExpired, "Copy the app password again"},
		"nobody of this name":         {"nobody.test", goodPassword, nil, platform.KindPermanent, "Nobody on Bluesky"},
		"a handle that is none":       {"not a handle!", goodPassword, nil, platform.KindPermanent, "Nobody on Bluesky"},
		"an identifier that is none":  {"did:plc:short", goodPassword, nil, platform.KindPermanent, "not the identifier"},
		"an identifier of nobody":     {"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", goodPassword, nil, platform.KindPermanent, "does not have this account"},
		"taken down":                  {"", "", func(s *sandbox.Server) { s.Suspend("charity.test", true) }, platform.KindPermanent, "look for a notice"},
		"the directory is broken": {"", "", func(s *sandbox.Server) {
			_ = s.Faults().Add(mischief.Fault{Kind: mischief.Reject500, Endpoint: "GET /{did}"})
		}, platform.KindTransient, "Try again"},
		"the directory answers with a page": {"", "", func(s *sandbox.Server) {
			_ = s.Faults().Add(mischief.Fault{Kind: mischief.HTMLInsteadOfJSON, Endpoint: "GET /{did}"})
		}, platform.KindTransient, "directory"},
		"too many sessions": {"", "", func(s *sandbox.Server) {
			_ = s.Faults().Add(mischief.Fault{Kind: mischief.RateLimited429, Endpoint: "POST /xrpc/com.atproto.server.createSession", ResetSeconds: 60})
		}, platform.KindRateLimited, "waits"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, server := openServer(t, platformtest.None, sandbox.Options{})
			if tt.handle == "" {
				tt.handle = "charity.test"
			}
			if tt.password == "" {
				tt.password = server.AppPassword(charity)
			}
			if tt.before != nil {
				tt.before(server)
			}
			account, err := b.Connector.(*bluesky.Connector).Connect(t.Context(), tt.handle, tt.password)
			if platform.Outcome(err) != tt.want || !strings.Contains(platform.Say(err), tt.says) {
				t.Errorf("got %v", err)
			}
			if err == nil && (account.RemoteID != charity.DID() || account.Handle != "@charity.test" || account.Address != b.Account.Address) {
				t.Errorf("account: %+v", account)
			}
			if err != nil && strings.Contains(err.Error(), tt.password) {
				t.Errorf("the password shows in %v", err)
			}
		})
	}
}

func TestSessionsAreRenewedBeforeTheyDie(t *testing.T) {
	t.Parallel()
	b, server := openServer(t, platformtest.None, sandbox.Options{})
	c := b.Connector.(*bluesky.Connector)
	life := c.Lifetime(b.Account)
	if !life.Works.Equal(start.Add(2*time.Hour)) || !life.Renewable.Equal(start.Add(90*24*time.Hour)) {
		t.Errorf("lifetime: %+v", life)
	}
	b.Pass(3 * time.Hour)
	_, err := c.Verify(t.Context(), b.Account)
	if platform.Outcome(err) != platform.KindAuthExpired {
		t.Errorf("after three hours: %v", err)
	}
	old := b.Account
	if _, err := c.Verify(t.Context(), b.Renew()); err != nil {
		t.Errorf("renewed: %v", err)
	}
	if _, err := c.Refresh(t.Context(), old); err != nil {
		t.Errorf("renewed again, because the first answer was lost: %v", err)
	}
	b.Pass(91 * 24 * time.Hour)
	if _, err := c.Refresh(t.Context(), b.Account); platform.Outcome(err) != platform.KindAuthExpired || !strings.Contains(platform.Say(err), "connect the account again") {
		t.Errorf("after ninety days: %v", err)
	}
	if err := server.Revoke("charity.test"); err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]bool{"": true, "x": true, "a.b.c": true, "a.e30.c": true, "a.eyJleHAiOjF9.c": false} {
		account := platform.Account{Secret: bluesky.Credentials{Access: token, Refresh: "x"}.Secret()}
		if got := c.Lifetime(account).Works.IsZero(); got != want {
			t.Errorf("%q: zero is %v", token, got)
		}
	}
}

func TestBadAccountsAreToldApart(t *testing.T) {
	t.Parallel()
	c, good := scripted(t, nil)
	for name, tt := range map[string]struct {
		change func(*platform.Account)
		want   platform.Kind
	}{
		"no session":            {func(a *platform.Account) { a.Secret = nil }, platform.KindAuthExpired},
		"an unreadable secret":  {func(a *platform.Account) { a.Secret = platform.Secret("{") }, platform.KindAuthExpired},
		"no address":            {func(a *platform.Account) { a.Address = "bluesky" }, platform.KindPermanent},
		"no identifier":         {func(a *platform.Account) { a.RemoteID = "charity" }, platform.KindPermanent},
		"a private address":     {func(a *platform.Account) { a.Address = "https://10.0.0.1" }, platform.KindPermanent},
		"an unknown server":     {func(a *platform.Account) { a.Address = "https://no-such-server.invalid" }, platform.KindTransient},
		"not a Bluesky server":  {func(*platform.Account) {}, platform.KindPermanent},
		"a plain-text protocol": {func(a *platform.Account) { a.Address = "http://example.org" }, platform.KindPermanent},
	} {
		account := good
		tt.change(&account)
		if _, err := c.Capabilities(t.Context(), account); platform.Outcome(err) != tt.want || platform.Say(err) == "" {
			t.Errorf("%s: %v, want %v with a sentence", name, err, tt.want)
		}
	}
}

func TestAnotherAccountsSessionIsRefused(t *testing.T) {
	t.Parallel()
	const other = `{"did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","handle":"other.test","accessJwt":"a","refreshJwt":"r"}`
	c, account := scripted(t, map[string]http.HandlerFunc{
		"GET /xrpc/com.atproto.server.getSession":      answer(200, other),
		"POST /xrpc/com.atproto.server.refreshSession": answer(200, other),
	})
	if _, err := c.Verify(t.Context(), account); platform.Outcome(err) != platform.KindAuthExpired {
		t.Errorf("verifying: %v", err)
	}
	if _, err := c.Refresh(t.Context(), account); platform.Outcome(err) != platform.KindAuthExpired {
		t.Errorf("renewing: %v", err)
	}
}

// FuzzAnswers lets every method meet every answer: it ends in a classified error or in a result that fits, never in a panic.
func FuzzAnswers(f *testing.F) {
	f.Add(200, `{"uri":"at://x","cid":"y","value":{"$type":"app.bsky.feed.post","reply":{"root":null}}}`)
	f.Add(200, `{"posts":[{"uri":"at://x","likeCount":-1},null]}`)
	f.Add(200, `{"did":"did:plc:x","handle":"h","accessJwt":"a","refreshJwt":"r","active":false,"availableUserDomains":[]}`)
	f.Add(200, `{"blob":{"$type":"blob","ref":{"$link":"b"},"mimeType":"image/png","size":1}}`)
	f.Add(400, `{"error":"RecordNotFound","message":"x"}`)
	f.Add(500, `<html>`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		c, account := fixed(t, status, body)
		ctx := t.Context()
		content := hello("One.")
		content.Parts[0].Pictures = []platform.Picture{bluePicture(t)}
		_, err := c.Prepare(ctx, account, content, 0, nil)
		said(t, err)
		_, err = c.Verify(ctx, account)
		said(t, err)
		_, err = c.Refresh(ctx, account)
		said(t, err)
		_, err = c.Capabilities(ctx, account)
		said(t, err)
		_, err = c.Measure(ctx, account, []platform.Ref{{ID: "x"}})
		said(t, err)
		a := platform.Attempt{Content: hello("One."), ReplyTo: &platform.Ref{ID: "x"}}
		if a.Handles, err = c.Prepare(ctx, account, a.Content, 0, nil); err != nil {
			t.Fatal(err)
		}
		_, err = c.Find(ctx, account, a)
		said(t, err)
		_, err = c.Publish(ctx, account, a)
		said(t, err)
		a.ReplyTo = nil
		_, err = c.Publish(ctx, account, a)
		said(t, err)
	})
}

// said fails the test when an error has no sentence for people.
func said(t *testing.T, err error) {
	t.Helper()
	if err != nil && platform.Say(err) == "" {
		t.Errorf("an error without a sentence: %v", err)
	}
}

// FuzzHandles lets Publish and Find meet handles that were damaged.
func FuzzHandles(f *testing.F) {
	f.Add([]byte(`{"parts":{"0":{"rkey":"3lzzzzzzzzz2a","record":{"$type":"app.bsky.feed.post","text":"é","facets":[{"index":{"byteStart":1,"byteEnd":2},"features":[]}],"createdAt":"x"}}}}`))
	f.Add([]byte(`{"parts":null}`))
	f.Fuzz(func(t *testing.T, handles []byte) {
		c, account := fixed(t, 500, "")
		a := platform.Attempt{Content: hello("One."), Handles: handles}
		_, err := c.Publish(t.Context(), account, a)
		said(t, err)
		_, err = c.Find(t.Context(), account, a)
		said(t, err)
		_, err = c.Prepare(t.Context(), account, a.Content, 0, handles)
		said(t, err)
	})
}

// fixed returns a connector whose server gives one answer to everything, without a network between.
func fixed(t *testing.T, status int, body string) (*bluesky.Connector, platform.Account) {
	t.Helper()
	o := bluesky.Options{Random: zeros{}}
	o.HTTP, o.Now = &http.Client{Transport: same{status, body}}, clock.NewFake(start).Now
	_, account := connectorAt(t, "http://127.0.0.1:1", true)
	return bluesky.New(o), account
}
