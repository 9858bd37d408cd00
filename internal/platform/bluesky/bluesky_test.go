package bluesky_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/card"
	"daymark/internal/platform/bluesky/xrpc"
	"daymark/internal/platform/platformtest"
	sandbox "daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/wire"

	"github.com/google/go-cmp/cmp"
)

const answered = "application/json"

// scripted returns a connector and an account whose server answers by the routes given; each pattern is a ServeMux pattern.
func scripted(t *testing.T, routes map[string]http.HandlerFunc) (*bluesky.Connector, platform.Account) {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, h := range routes {
		mux.HandleFunc(pattern, h)
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	c, account := connectorAt(t, srv.URL, true)
	return c.(*bluesky.Connector), account
}

// answer returns a handler that gives a status and a body.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", answered)
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
}

// hello is a post without pictures.
func hello(text string) platform.Content {
	return platform.Content{Parts: []platform.Part{{Text: text}}, Language: "en", Visibility: "public"}
}

// attempt prepares a part of a content.
func attempt(t *testing.T, b *platformtest.Bench, content platform.Content, part int) platform.Attempt {
	t.Helper()
	h, err := b.Connector.Prepare(t.Context(), b.Account, content, part, nil)
	if err != nil {
		t.Fatal(err)
	}
	return platform.Attempt{Key: "k", No: 1, Content: content, Part: part, Handles: h, StartedAt: b.Now()}
}

func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
		want   platform.Kind // of publishing
		says   string
	}{
		{400, `{"error":"ExpiredToken","message":"Token has expired"}`, platform.KindAuthExpired, "renews"},
		{400, `{"error":"InvalidToken","message":"Token could not be verified"}`, platform.KindAuthExpired, "app password"},
		{401, `{"error":"AuthMissing"}`, platform.KindAuthExpired, "app password"},
		{401, `{"error":"AuthenticationRequired"}`, platform.KindAuthExpired, "app password"},
		{401, ``, platform.KindAuthExpired, "app password"},
		{401, `{"error":"AccountTakedown","message":"Account has been taken down"}`, platform.KindPermanent, "taken down"},
		{400, `{"error":"RepoDeactivated"}`, platform.KindPermanent, "deactivated"},
		{400, `{"error":"InvalidRequest","message":"Could not find repo: did:plc:x"}`, platform.KindPermanent, "notice"},
		{400, `{"error":"BlobNotFound","message":"Could not find blob"}`, platform.KindTransient, "uploads it again"},
		{400, `{"error":"InvalidRequest","message":"Could not find blob: bafy"}`, platform.KindTransient, "uploads it again"},
		{413, `<html>`, platform.KindPermanent, "smaller"},
		{400, `{"error":"BlobTooLarge","message":"This file is too large"}`, platform.KindPermanent, "smaller"},
		{400, `{"error":"InvalidRequest","message":"Record/text must not be longer than 300 graphemes"}`, platform.KindPermanent, "Shorten"},
		{400, `{"error":"InvalidRequest","message":"Invalid something"}`, platform.KindPermanent, "Invalid something"},
		{403, `{"error":"Forbidden"}`, platform.KindPermanent, "does not let"},
		{404, `{"error":"XRPCNotSupported"}`, platform.KindPermanent, "does not know"},
		{408, ``, platform.KindTransient, "did not answer"},
		{429, `{"error":"RateLimitExceeded"}`, platform.KindRateLimited, "waits"},
		{500, `{"error":"InternalServerError"}`, platform.KindUnknown, "looks for it"},
		{501, `{"error":"MethodNotImplemented"}`, platform.KindPermanent, "cannot do this"},
		{502, `{"error":"UpstreamFailure"}`, platform.KindUnknown, "looks for it"},
		{200, `{}`, platform.KindUnknown, "looks for it"},
		{200, `{"uri":"at://did:plc:other/app.bsky.feed.post/x","cid":"bafy"}`, platform.KindUnknown, "looks for it"},
		{200, `<html>`, platform.KindUnknown, "looks for it"},
		{204, ``, platform.KindUnknown, "looks for it"},
		{307, ``, platform.KindPermanent, "another address"},
	} {
		t.Run(fmt.Sprint(tt.status, tt.body), func(t *testing.T) {
			t.Parallel()
			b := openSandbox(t, platformtest.None)
			a := attempt(t, b, hello("Hello"), 0)
			c, account := scripted(t, map[string]http.HandlerFunc{createRecord: answer(tt.status, tt.body)})
			_, err := c.Publish(t.Context(), account, a)
			if got := platform.Outcome(err); got != tt.want || !strings.Contains(platform.Say(err), tt.says) {
				t.Errorf("got %v: %v, want %v", got, err, tt.want)
			}
			expired, ok := errors.AsType[*platform.AuthExpired](err)
			if ok && expired.Renewable != strings.Contains(tt.body, "ExpiredToken") {
				t.Errorf("renewable: %v", expired.Renewable)
			}
		})
	}
}

func TestALimitIsWaitedForAsTheServerSays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header map[string]string
		want   time.Duration
	}{
		"the reset":           {map[string]string{"RateLimit-Limit": "5000", "RateLimit-Reset": fmt.Sprint(start.Add(7 * time.Minute).Unix())}, 7 * time.Minute},
		"seconds":             {map[string]string{"Retry-After": "90"}, 90 * time.Second},
		"nothing":             {nil, 5 * time.Minute},
		"nonsense":            {map[string]string{"RateLimit-Limit": "x", "RateLimit-Reset": "soon", "Retry-After": "soon"}, 5 * time.Minute},
		"a day":               {map[string]string{"Retry-After": "86400"}, time.Hour},
		"a time that is past": {map[string]string{"RateLimit-Limit": "1", "RateLimit-Reset": "1000"}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, account := scripted(t, map[string]http.HandlerFunc{"GET /xrpc/com.atproto.server.getSession": func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range tt.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(http.StatusTooManyRequests)
			}})
			_, err := c.Verify(t.Context(), account)
			limited, ok := errors.AsType[*platform.RateLimited](err)
			if !ok || limited.Until.Sub(start) != tt.want {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestNoSecretInAnyError(t *testing.T) {
	t.Parallel()
	const access, refresh = "access-3f9c1d7b5a", "refresh-3f9c1d7b5a"
	c, account := scripted(t, map[string]http.HandlerFunc{"/": answer(400, `{"error":"InvalidRequest","message":"no to Bearer `+access+` and `+refresh+`"}`)})
	_, verify := c.Verify(t.Context(), account)
	_, renew := c.Refresh(t.Context(), account)
	_, measure := c.Measure(t.Context(), account, []platform.Ref{{ID: "x"}})
	closed := account
	closed.Address = "http://127.0.0.1:1/" + access
	_, refused := c.Verify(t.Context(), closed)
	for name, err := range map[string]error{"verify": verify, "renew": renew, "measure": measure, "refused": refused} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if text := e.Error() + platform.Say(e); strings.Contains(text, access) || strings.Contains(text, refresh) {
				t.Errorf("%s: a token shows in %v", name, e)
			}
		}
	}
}

func TestAPostIsMarkedLabelledAndCarded(t *testing.T) {
	t.Parallel()
	b, server := openServer(t, platformtest.None, sandbox.Options{Accounts: []sandbox.Account{{Handle: "partner.test"}}})
	now := clock.NewFake(start)
	address := strings.TrimPrefix(b.Account.Address, "http://")
	client := wire.NewClient(wire.Options{Allow: []string{address}})
	t.Cleanup(client.CloseIdleConnections)
	var log strings.Builder
	c := bluesky.New(bluesky.Options{
		Options: xrpc.Options{HTTP: client, Now: now.Now}, Random: zeros{}, Cards: cards{picture: bluePicture(t).Bytes},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	b.Connector = c
	content := platform.Content{
		Parts: []platform.Part{
			{Text: "With @partner.test and @nobody.test: https://hope.example/é #EndHumanTrafficking"},
			{Text: "See the picture and hope.org", Pictures: []platform.Picture{bluePicture(t)}},
			{Text: "Nothing at https://broken.example"},
		},
		ContentNote: "exploitation", Sensitive: true, Language: "pt-BR", Visibility: "public",
	}
	var before *platform.Ref
	for part := range content.Parts {
		a := attempt(t, b, content, part)
		a.ReplyTo = before
		r, err := c.Publish(t.Context(), b.Account, a)
		if err != nil {
			t.Fatal(err)
		}
		if before = &r.Ref; r.URL != "https://bsky.app/profile/"+b.Account.RemoteID+"/post/"+r.Ref.ID {
			t.Errorf("URL %s", r.URL)
		}
	}
	posts := server.State().Posts
	last, second, first := posts[0], posts[1], posts[2]
	if first.Text != "CN: exploitation\n\n"+content.Parts[0].Text || first.Card != "https://hope.example/%C3%A9" || len(first.Labels) > 0 {
		t.Errorf("the first: %+v", first)
	}
	partner := sandbox.Account{Handle: "partner.test"}.DID()
	if diff := cmp.Diff([]any{[]string{"https://hope.example/%C3%A9"}, []string{"EndHumanTrafficking"}, []string{partner}, []string{"pt-BR"}},
		[]any{first.Links, first.Tags, first.Mentions, first.Langs}); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	if second.Card != "" || len(second.Images) != 1 || !cmp.Equal(second.Labels, []string{"graphic-media"}) || second.ReplyTo != first.URI || second.Root != first.URI {
		t.Errorf("the second: %+v", second)
	}
	if last.Card != "" || last.ReplyTo != second.URI || last.Root != first.URI {
		t.Errorf("the last: %+v", last)
	}
	if !strings.Contains(log.String(), "@nobody.test") || !strings.Contains(log.String(), "broken.example") {
		t.Errorf("what was left out is not told: %s", log.String())
	}
}

// zeros is not random, which record keys can live with.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// cards gives every page but one a card.
type cards struct{ picture []byte }

func (c cards) Card(_ context.Context, address string) (card.Card, error) {
	if strings.Contains(address, "broken") {
		return card.Card{}, errors.New("no title")
	}
	return card.Card{Title: "Hope", Description: "Help", Picture: c.picture}, nil
}

func TestWhatWasPreparedStaysAsItIs(t *testing.T) {
	t.Parallel()
	b, server := openServer(t, platformtest.None, sandbox.Options{})
	content := hello("One.")
	content.Parts[0].Pictures = []platform.Picture{bluePicture(t)}
	first := attempt(t, b, content, 0).Handles
	count := func() int { return server.State().Requests.Counts["POST /xrpc/com.atproto.repo.uploadBlob"]["200"] }
	for _, wait := range []time.Duration{time.Minute, time.Hour} { // a second upload after the longer one only
		b.Pass(wait)
		again, err := b.Connector.Prepare(t.Context(), b.Account, content, 0, first)
		if err != nil {
			t.Fatal(err)
		}
		if (string(again) == string(first)) != (wait == time.Minute) {
			t.Errorf("after %v: %s", wait, again)
		}
		if key := string(again); !strings.Contains(key, string(first)[:40]) {
			t.Errorf("another key: %s", again)
		}
	}
	if n := count(); n != 2 {
		t.Errorf("%d uploads", n)
	}
	content.Parts[0].Text = "Two."
	if again, err := b.Connector.Prepare(t.Context(), b.Account, content, 0, first); err != nil || strings.Contains(string(again), string(first)[:40]) {
		t.Errorf("another text under the same key: %s, %v", again, err)
	}
}

func TestAPictureThatGotLostIsUploadedAgain(t *testing.T) {
	t.Parallel()
	b, server := openServer(t, platformtest.None, sandbox.Options{})
	if err := server.Faults().Add(mischief.Fault{Kind: mischief.MediaPending, Endpoint: "POST /xrpc/com.atproto.repo.uploadBlob", Polls: 1}); err != nil {
		t.Fatal(err)
	}
	content := hello("One.")
	content.Parts[0].Pictures = []platform.Picture{bluePicture(t)}
	_, err := b.Connector.Publish(t.Context(), b.Account, attempt(t, b, content, 0))
	if lost, ok := errors.AsType[*platform.Transient](err); !ok || !lost.PrepareAgain {
		t.Fatalf("got %v", err)
	}
	if _, err := b.Connector.Publish(t.Context(), b.Account, attempt(t, b, content, 0)); err != nil {
		t.Error(err)
	}
}

func TestSomebodyElsesChangeIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	b := openSandbox(t, platformtest.None)
	a := attempt(t, b, hello("Ours."), 0)
	other := attempt(t, b, hello("Theirs."), 0)
	key := func(h platform.Handles) string { _, rest, _ := strings.Cut(string(h), `"rkey":"`); return rest[:13] }
	other.Handles = platform.Handles(strings.ReplaceAll(string(other.Handles), key(other.Handles), key(a.Handles)))
	if f, err := b.Connector.Find(t.Context(), b.Account, a); err != nil || f.State != platform.NotFound {
		t.Errorf("before: %+v, %v", f, err)
	}
	if _, err := b.Connector.Publish(t.Context(), b.Account, other); err != nil {
		t.Fatal(err)
	}
	if f, err := b.Connector.Find(t.Context(), b.Account, a); err != nil || f.State != platform.CannotTell || f.Why == "" {
		t.Errorf("after: %+v, %v", f, err)
	}
	if _, err := b.Connector.Publish(t.Context(), b.Account, a); platform.Outcome(err) != platform.KindUnknown {
		t.Errorf("publishing over it: %v", err)
	}
	a.Handles = nil
	if f, err := b.Connector.Find(t.Context(), b.Account, a); err != nil || f.State != platform.CannotTell {
		t.Errorf("without a key: %+v, %v", f, err)
	}
}

func TestManyPostsAreMeasuredAndWhatIsGoneIsSaid(t *testing.T) {
	t.Parallel()
	b, server := openServer(t, platformtest.None, sandbox.Options{Lag: time.Second})
	var refs []platform.Ref
	for i := range 27 {
		r, err := b.Connector.Publish(t.Context(), b.Account, attempt(t, b, hello(fmt.Sprint("Post ", i)), 0))
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, r.Ref)
	}
	meter := b.Connector.(platform.Meter)
	if got, err := meter.Measure(t.Context(), b.Account, refs); err != nil || len(got) > 0 {
		t.Errorf("before the index knows them: %d, %v", len(got), err)
	}
	b.Pass(time.Minute)
	if err := server.React("charity.test", "like", refs[26].URI); err != nil {
		t.Fatal(err)
	}
	if err := b.Connector.(platform.Deleter).Delete(t.Context(), b.Account, refs[3]); err != nil {
		t.Fatal(err)
	}
	got, err := meter.Measure(t.Context(), b.Account, refs)
	if err != nil || len(got) != 27 || !got[refs[3].ID].Gone || got[refs[4].ID].Gone || *got[refs[26].ID].Favourites != 1 || got[refs[0].ID].Clicks != nil {
		t.Errorf("%d: %+v, %v", len(got), got, err)
	}
	if n := server.State().Requests.Counts["GET /xrpc/app.bsky.feed.getPosts"]["200"]; n != 4 {
		t.Errorf("%d calls", n)
	}
}

func TestAnAnswerNeedsThePostBeforeIt(t *testing.T) {
	t.Parallel()
	b := openSandbox(t, platformtest.None)
	a := attempt(t, b, hello("Two."), 0)
	a.ReplyTo = &platform.Ref{ID: "3lzzzzzzzzz2a"}
	if _, err := b.Connector.Publish(t.Context(), b.Account, a); platform.Outcome(err) != platform.KindPermanent || !strings.Contains(platform.Say(err), "take the thread down") {
		t.Errorf("got %v", err)
	}
}

// same answers everything alike.
type same struct {
	status int
	body   string
}

func (s same) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	answer(s.status, s.body)(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}
