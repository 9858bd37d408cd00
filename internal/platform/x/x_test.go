package x_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/x"
	"daymark/internal/sandbox/mischief"
	sandbox "daymark/internal/sandbox/x"
)

// content returns a public post of so many parts.
func content(texts ...string) platform.Content {
	c := platform.Content{Language: "en", Visibility: "public"}
	for _, t := range texts {
		c.Parts = append(c.Parts, platform.Part{Text: t})
	}
	return c
}

// publish prepares and publishes one part.
func (b *bench) publish(t *testing.T, c platform.Content, part int, replyTo *platform.Ref) (platform.Receipt, platform.Attempt, error) {
	t.Helper()
	a := platform.Attempt{Key: "k", No: 1, Part: part, Content: c, ReplyTo: replyTo, StartedAt: b.Now()}
	h, err := b.Connector.Prepare(t.Context(), b.Account, c, part, nil)
	if err != nil {
		return platform.Receipt{}, a, err
	}
	a.Handles = h
	r, err := b.Connector.Publish(t.Context(), b.Account, a)
	return r, a, err
}

func TestAThreadThatXRefusesIsANamedState(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"", "v1.1"} {
		b := open(t, api, time.Minute, func(o *sandbox.Options) { o.Switches.Replies = false })
		c := content("One.", "Two.", "Three.")
		first, _, err := b.publish(t, c, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = b.publish(t, c, 1, &first.Ref)
		p, ok := errors.AsType[*platform.Permanent](err)
		if !ok || p.Code != x.CodeThread || !strings.Contains(p.Say, "The first part is out") || !strings.Contains(p.Say, "by hand") || !strings.Contains(p.Say, "take down") {
			t.Errorf("%s: %v", api, err)
		}
		if got := b.timeline(); len(got) != 1 || got[0].Text != "One." {
			t.Errorf("%s: %+v", api, got)
		}
	}
}

func TestARefusalThatIsNotAboutTheThreadStaysWhatItIs(t *testing.T) {
	t.Parallel()
	b := open(t, "", time.Minute, nil)
	c := content("One.", "Two.")
	first, _, err := b.publish(t, c, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.server.Suspend("charity", true); err != nil {
		t.Fatal(err)
	}
	_, _, err = b.publish(t, c, 1, &first.Ref)
	if p, ok := errors.AsType[*platform.Permanent](err); !ok || p.Code != "suspended" {
		t.Errorf("%v", err)
	}
}

func TestWhatTheSandboxRefusesIsSaidPlainly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		api    string
		change func(*sandbox.Options)
		then   func(t *testing.T, b *bench)
		kind   platform.Kind
		says   string
	}{
		"keys that may only read": {then: func(t *testing.T, b *bench) {
			t.Helper()
			b.Account.Secret = keysOf(t, b.server, "charity", true).Secret()
		}, kind: platform.KindAuthExpired, says: "Read and write"},
		"revoked keys": {then: func(t *testing.T, b *bench) {
			t.Helper()
			if err := b.server.Revoke("charity"); err != nil {
				t.Error(err)
			}
		}, kind: platform.KindAuthExpired, says: "connect the account again"},
		"a wrong secret": {then: func(t *testing.T, b *bench) {
			t.Helper()
			k := keysOf(t, b.server, "charity", false)
			k.AccessSecret = k.ConsumerSecret
			b.Account.Secret = k.Secret()
		}, kind: platform.KindAuthExpired, says: "connect the account again"},
		"a clock that is an hour slow": {change: func(o *sandbox.Options) {
			o.Wall = func() time.Time { return time.Now().Add(time.Hour) }
		}, kind: platform.KindTransient, says: "60 minutes behind"},
		"an account on version 1.1 that X gave none": {api: "v1.1", change: func(o *sandbox.Options) { o.Switches.Legacy = false }, kind: platform.KindPermanent, says: "switch it to version 2"},
		"more posts than X takes": {change: func(o *sandbox.Options) {
			o.Limits = &sandbox.Limits{"POST /2/tweets": {Requests: 1, Per: time.Hour}}
		}, then: func(t *testing.T, b *bench) {
			t.Helper()
			if _, _, err := b.publish(t, content("Before."), 0, nil); err != nil {
				t.Error(err)
			}
		}, kind: platform.KindRateLimited, says: "10:00:00 UTC"},
		"the same text from one account": {then: func(t *testing.T, b *bench) {
			t.Helper()
			if _, _, err := b.publish(t, content("Hello."), 0, nil); err != nil {
				t.Error(err)
			}
		}, kind: platform.KindPermanent, says: "Change the text"},
		"the same text by version 1.1": {api: "v1.1", then: func(t *testing.T, b *bench) {
			t.Helper()
			if _, _, err := b.publish(t, content("Hello."), 0, nil); err != nil {
				t.Error(err)
			}
		}, kind: platform.KindPermanent, says: "Change the text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, tt.api, time.Minute, tt.change)
			if tt.then != nil {
				tt.then(t, b)
			}
			_, _, err := b.publish(t, content("Hello."), 0, nil)
			if platform.Outcome(err) != tt.kind || !strings.Contains(platform.Say(err), tt.says) {
				t.Errorf("got %v: %v", platform.Outcome(err), err)
			}
		})
	}
}

func TestAltTextIsTakenBeforeThePostOrThePostDoesNotGoOut(t *testing.T) {
	t.Parallel()
	b := open(t, "", time.Minute, nil)
	c := content("With a picture.")
	c.Parts[0].Pictures = []platform.Picture{picture(t, 8, 6)}
	if err := b.server.Faults().Add(mischief.Fault{Kind: mischief.Reject500, Endpoint: "POST /2/media/metadata"}); err != nil {
		t.Fatal(err)
	}
	h, err := b.Connector.Prepare(t.Context(), b.Account, c, 0, nil)
	if platform.Outcome(err) != platform.KindTransient {
		t.Fatalf("Prepare: %v", err)
	}
	a := platform.Attempt{Content: c, Handles: h, StartedAt: b.Now()}
	if _, err := b.Connector.Publish(t.Context(), b.Account, a); platform.Outcome(err) != platform.KindTransient {
		t.Errorf("a post without its alt text: %v", err)
	}
	if len(b.timeline()) != 0 {
		t.Error("it is out")
	}
	a.Handles, err = b.Connector.Prepare(t.Context(), b.Account, c, 0, h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Connector.Publish(t.Context(), b.Account, a); err != nil {
		t.Fatal(err)
	}
	if got := b.timeline(); !slices.Equal(got[0].Alts, []string{c.Parts[0].Pictures[0].Alt}) {
		t.Errorf("%+v", got)
	}
	if n := b.server.State().Requests.Counts["POST /2/media/upload"]["200"]; n != 1 {
		t.Errorf("the picture was uploaded %d times", n)
	}
}

func TestALargePictureGoesInPieces(t *testing.T) {
	t.Parallel()
	b := open(t, "", time.Minute, func(o *sandbox.Options) { o.MediaPolls = 2 })
	c := content("Large.")
	large := picture(t, 1100, 900)
	if len(large.Bytes) < 2<<20 || len(large.Bytes) > 5_000_000 {
		t.Fatalf("the picture has %d bytes", len(large.Bytes))
	}
	c.Parts[0].Pictures = []platform.Picture{large, picture(t, 4, 4)}
	if _, _, err := b.publish(t, c, 0, nil); err != nil {
		t.Fatal(err)
	}
	media := b.server.State().Posts[0].Media
	if len(media) != 2 || media[0].SHA256 != large.SHA256 || media[0].Alt != large.Alt {
		t.Errorf("%+v", media)
	}
	counts := b.server.State().Requests.Counts
	if counts["POST /2/media/upload/{id}/append"]["200"] < 3 || counts["POST /2/media/upload/{id}/finalize"]["200"] != 1 || counts["GET /2/media/upload"]["200"] < 3 {
		t.Errorf("%v", counts)
	}
}

func TestUploadsAreUsedAgainUntilTheyExpire(t *testing.T) {
	t.Parallel()
	b := open(t, "", time.Minute, nil)
	c := content("With a picture.")
	c.Parts[0].Pictures = []platform.Picture{picture(t, 8, 6)}
	prepare := func(prev platform.Handles) platform.Handles {
		t.Helper()
		h, err := b.Connector.Prepare(t.Context(), b.Account, c, 0, prev)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	uploads := func() int { return b.server.State().Requests.Counts["POST /2/media/upload"]["200"] }
	h := prepare(nil)
	if h = prepare(h); uploads() != 1 {
		t.Errorf("%d uploads", uploads())
	}
	c.Parts[0].Pictures[0].Alt = "Described better."
	if h = prepare(h); uploads() != 1 || b.server.State().Requests.Counts["POST /2/media/metadata"]["200"] != 2 {
		t.Errorf("another alt text: %d uploads", uploads())
	}
	b.Pass(30 * time.Hour)
	a := platform.Attempt{Content: c, Handles: h, StartedAt: b.Now()}
	_, err := b.Connector.Publish(t.Context(), b.Account, a)
	if e, ok := errors.AsType[*platform.Transient](err); !ok || !e.PrepareAgain {
		t.Errorf("an expired upload: %v", err)
	}
	a.Handles = prepare(h)
	if _, err := b.Connector.Publish(t.Context(), b.Account, a); err != nil || uploads() != 2 {
		t.Errorf("%v, %d uploads", err, uploads())
	}
	if _, err := b.Connector.Prepare(t.Context(), b.Account, c, 0, platform.Handles(`[`)); platform.Outcome(err) != platform.KindTransient {
		t.Errorf("damaged handles: %v", err)
	}
	if _, err := b.Connector.Prepare(t.Context(), b.Account, c, 3, nil); platform.Outcome(err) != platform.KindPermanent {
		t.Errorf("no such part: %v", err)
	}
	gone := content("x")
	gone.Parts[0].Pictures = []platform.Picture{{SHA256: "aa", Alt: "gone"}}
	if _, err := b.Connector.Prepare(t.Context(), b.Account, gone, 0, nil); platform.Outcome(err) != platform.KindPermanent {
		t.Errorf("a picture without bytes: %v", err)
	}
}

func TestAPictureThatXNeverGetsReadyIsAskedForAgainLater(t *testing.T) {
	t.Parallel()
	b := open(t, "", time.Minute, func(o *sandbox.Options) { o.MediaPolls = -1 })
	c := content("With a picture.")
	c.Parts[0].Pictures = []platform.Picture{picture(t, 8, 6)}
	h, err := b.Connector.Prepare(t.Context(), b.Account, c, 0, nil)
	if platform.Outcome(err) != platform.KindTransient || !strings.Contains(string(h), `"id"`) {
		t.Errorf("%s %v", h, err)
	}
}

func TestFindReadsTheTimelineBackToTheAttempt(t *testing.T) {
	t.Parallel()
	b := open(t, "", time.Minute, func(o *sandbox.Options) { o.Limits = &sandbox.Limits{} })
	text := "Look: https://example.org/a?b=c&d=é, example.org and <b> & “more” https://münchen.de/ü ☀️ #Tag"
	first, a, err := b.publish(t, content(text), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 250 {
		if _, _, err := b.publish(t, content(fmt.Sprintf("Number %d.", i)), 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	find := func(a platform.Attempt) platform.Finding {
		t.Helper()
		f, err := b.Connector.Find(t.Context(), b.Account, a)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := find(a); f.State != platform.Found || f.Receipt.Ref != first.Ref || !f.Receipt.At.Equal(start) {
		t.Errorf("%+v, want %+v", f, first)
	}
	a.Exclude = []string{first.Ref.ID}
	if f := find(a); f.State != platform.NotFound {
		t.Errorf("excluded: %+v", f)
	}
	a.Exclude = nil
	other := a
	other.ReplyTo = &platform.Ref{ID: "7"}
	if f := find(other); f.State != platform.CannotTell || !strings.Contains(f.Why, "/charity/status/"+first.Ref.ID) {
		t.Errorf("the same text elsewhere: %+v", f)
	}
	b.server.Turn(sandbox.Switches{NoReading: true})
	if f := find(a); f.State != platform.CannotTell || !strings.Contains(f.Why, "credits") {
		t.Errorf("unreadable: %+v", f)
	}
	b.server.Turn(sandbox.Switches{})
	b.Account.RemoteID = ""
	if f := find(a); f.State != platform.Found {
		t.Errorf("without a known number: %+v", f)
	}
	if err := b.server.Faults().Add(mischief.Fault{Kind: mischief.Reject500, Endpoint: "GET /2/users/:id/tweets", Skip: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Connector.Find(t.Context(), b.Account, a); platform.Outcome(err) != platform.KindTransient {
		t.Errorf("half a list: %v", err)
	}
}

func TestCountsAreReadByTheHundredAndWhatIsGoneIsSaid(t *testing.T) {
	t.Parallel()
	b := open(t, "", time.Minute, func(o *sandbox.Options) { o.Limits = &sandbox.Limits{} })
	var refs []platform.Ref
	for i := range 120 {
		r, _, err := b.publish(t, content("Number "+strconv.Itoa(i)), 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, r.Ref)
	}
	if err := b.server.React(refs[3].ID, sandbox.Reactions{Likes: 4, Reposts: 3, Replies: 2, Quotes: 1}); err != nil {
		t.Fatal(err)
	}
	deleter, _ := b.Connector.(platform.Deleter)
	if err := deleter.Delete(t.Context(), b.Account, refs[110]); err != nil {
		t.Fatal(err)
	}
	meter, _ := b.Connector.(platform.Meter)
	got, err := meter.Measure(t.Context(), b.Account, append(refs, platform.Ref{ID: "no number"}))
	if err != nil || len(got) != 120 {
		t.Fatalf("%d counts, %v", len(got), err)
	}
	c := got[refs[3].ID]
	if *c.Favourites != 4 || *c.Boosts != 3 || *c.Replies != 2 || *c.Quotes != 1 || c.Impressions == nil || c.Clicks != nil {
		t.Errorf("%+v", c)
	}
	if c := got[refs[110].ID]; !c.Gone || c.Favourites != nil {
		t.Errorf("%+v", c)
	}
	if n := b.server.State().Requests.Counts["GET /2/tweets"]["200"]; n != 2 {
		t.Errorf("%d calls", n)
	}
	if err := deleter.Delete(t.Context(), b.Account, platform.Ref{ID: "../users/me"}); platform.Outcome(err) != platform.KindPermanent {
		t.Errorf("an id that is none: %v", err)
	}
}

func TestCapabilitiesAskWhoseKeysTheseAreOnceADay(t *testing.T) {
	t.Parallel()
	b := open(t, "", time.Minute, nil)
	ask := func() platform.Capabilities {
		t.Helper()
		caps, err := b.Connector.Capabilities(t.Context(), b.Account)
		if err != nil {
			t.Fatal(err)
		}
		return caps
	}
	ask()
	b.Pass(time.Hour)
	if caps := ask(); caps.MaxCharacters != 280 || caps.MaxPictures != 4 || !caps.Findable || !caps.FetchedAt.Equal(b.Now()) {
		t.Errorf("%+v", caps)
	}
	asked := func() int { return b.server.State().Requests.Counts["GET /2/users/me"]["200"] }
	if asked() != 1 {
		t.Errorf("asked %d times", asked())
	}
	b.Pass(24 * time.Hour)
	if ask(); asked() != 2 {
		t.Errorf("asked %d times", asked())
	}
}

func TestVerifyFallsBackToVersion2(t *testing.T) {
	t.Parallel()
	b := open(t, "v1.1", time.Minute, nil)
	if err := b.server.Faults().Add(mischief.Fault{Kind: mischief.Reject500, Endpoint: "GET /1.1/account/verify_credentials.json"}); err != nil {
		t.Fatal(err)
	}
	accounts, _ := b.Connector.(platform.Accounts)
	if _, err := accounts.Verify(t.Context(), b.Account); platform.Outcome(err) != platform.KindTransient {
		t.Errorf("trouble: %v", err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/1.1/") {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, `{"errors":[{"code":453,"message":"You currently have access to a subset of X API V2 endpoints"}]}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"data":{"id":"5","username":"charity","name":"A charity"}}`)
	}))
	t.Cleanup(srv.Close)
	c, account := connectorAt(t, srv.URL, true)
	keys := someKeys
	keys.API = "v1.1"
	account.Secret = keys.Secret()
	accounts, _ = c.(platform.Accounts)
	if who, err := accounts.Verify(t.Context(), account); err != nil || who.RemoteID != "5" || who.Handle != "@charity" {
		t.Errorf("%+v, %v", who, err)
	}
}

// TestTheSilentErrorsOfTheLibrary is the table of what go-twitter makes of refusals: three of five are successes to it.
func TestTheSilentErrorsOfTheLibrary(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		kind   platform.Kind
	}{
		"403 of the older shape":         {403, `{"errors":[{"code":453,"message":"subset"}]}`, platform.KindPermanent},
		"403 as a problem":               {403, `{"title":"Forbidden","detail":"You are not permitted to perform this action.","type":"about:blank","status":403}`, platform.KindPermanent},
		"429 as a problem":               {429, `{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}`, platform.KindRateLimited},
		"503 with nothing":               {503, ``, platform.KindUnknown},
		"503 with a page":                {503, `<html><body>Over capacity</body></html>`, platform.KindUnknown},
		"200 with nothing":               {200, ``, platform.KindUnknown},
		"200 with another object":        {200, `{"ok":true}`, platform.KindUnknown},
		"200 with the number zero":       {200, `{"id":0,"id_str":"0","text":"Hello."}`, platform.KindUnknown},
		"204":                            {204, ``, platform.KindUnknown},
		"401":                            {401, `{"errors":[{"code":32,"message":"Could not authenticate you."}]}`, platform.KindAuthExpired},
		"200 with errors and no post":    {200, `{"errors":[{"code":131,"message":"Internal error"}]}`, platform.KindUnknown},
		"200 with a post, for comparing": {200, `{"id":12,"id_str":"12","full_text":"Hello.","created_at":"Fri Jul 30 09:00:00 +0000 2027"}`, platform.KindDone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/1.1/statuses/update.json" || !strings.HasPrefix(r.Header.Get("Authorization"), "OAuth ") {
					t.Errorf("asked for %s", r.URL)
				}
				w.WriteHeader(tt.status)
				_, _ = fmt.Fprint(w, tt.body)
			}))
			t.Cleanup(srv.Close)
			c, account := connectorAt(t, srv.URL, true)
			keys := someKeys
			keys.API = "v1.1"
			account.Secret = keys.Secret()
			r, err := c.Publish(t.Context(), account, platform.Attempt{Content: content("Hello."), StartedAt: start})
			if platform.Outcome(err) != tt.kind {
				t.Errorf("got %v: %+v, %v", platform.Outcome(err), r, err)
			}
			if err == nil && (r.Ref.ID != "12" || r.At.IsZero()) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestASuccessThatNamesNoPostIsNone(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]platform.Kind{
		`{"data":{"id":"0","text":"Hello."}}`: platform.KindUnknown,
		`{"data":{"id":"","text":"Hello."}}`:  platform.KindUnknown,
		`{"data":{"id":"abc"}}`:               platform.KindUnknown,
		`{"errors":[{"title":"Not Found Error","type":"x/problems/resource-not-found"}]}`: platform.KindUnknown,
		`{}`:   platform.KindUnknown,
		`null`: platform.KindUnknown,
		`{"data":{"id":"1950000000000000000","text":"Hello."},"errors":[{"title":"x"}]}`: platform.KindDone,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprint(w, body)
		}))
		t.Cleanup(srv.Close)
		c, account := connectorAt(t, srv.URL, true)
		r, err := c.Publish(t.Context(), account, platform.Attempt{Content: content("Hello."), StartedAt: start})
		if platform.Outcome(err) != kind {
			t.Errorf("%s: %v", body, err)
		}
		if err == nil && (r.Ref.ID != "1950000000000000000" || r.At.Year() != 2025) {
			t.Errorf("%+v", r)
		}
	}
}

// answers is a round tripper that always gives one answer.
type answers struct {
	status int
	body   []byte
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	w := httptest.NewRecorder()
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
	return w.Result(), nil
}

// FuzzAnswers gives every reader of answers whatever comes, in both versions: nothing panics, nothing counts as published
// without a number, and an error always has a sentence.
func FuzzAnswers(f *testing.F) {
	f.Add(200, []byte(`{"data":[{"id":"1","text":"a https://t.co/x","created_at":"2027-07-30T09:00:00.000Z","entities":{"urls":[{"url":"https://t.co/x","expanded_url":"https://example.org"}]},"public_metrics":{"like_count":1}}],"meta":{"result_count":1}}`))
	f.Add(201, []byte(`{"data":{"id":"1950000000000000000","text":"Hello."}}`))
	f.Add(200, []byte(`{"data":{"id":"5","username":"charity","processing_info":{"state":"pending","check_after_secs":-5},"deleted":false}}`))
	f.Add(200, []byte(`[{"id":12,"id_str":"12","full_text":"x","created_at":"Fri Jul 30 09:00:00 +0000 2027","entities":{"urls":null,"media":[{}]}}]`))
	f.Add(403, []byte(`{"errors":[{"code":187}]}`))
	f.Add(204, []byte("A"))
	f.Add(200, []byte("null"))
	now := clock.NewFake(start)
	pic := platform.Picture{SHA256: "aa", MIME: "image/png", Alt: "x", Bytes: make([]byte, 3)}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 {
			return
		}
		c := x.New(x.Options{
			HTTP: &http.Client{Transport: answers{status, body}}, Now: now.Now, Wall: now.Now,
			Sleep: func(context.Context, time.Duration) error { return errors.New("enough") },
		})
		for _, api := range []string{"v2", "v1.1"} {
			keys := someKeys
			keys.API = api
			account := platform.Account{Address: "http://127.0.0.1:1", RemoteID: "5", Secret: keys.Secret()}
			var errs []error
			note := func(err error) { errs = append(errs, err) }
			r, err := c.Publish(t.Context(), account, platform.Attempt{Content: content("Hello."), StartedAt: start})
			if note(err); err == nil && (status > 299 || r.Ref.ID == "" || r.Ref.ID == "0") {
				t.Errorf("published by %d %q: %+v", status, body, r)
			}
			finding, err := c.Find(t.Context(), account, platform.Attempt{Content: content("Hello."), StartedAt: start})
			if note(err); err == nil && finding.State == platform.NotFound && (status > 299 || !strings.ContainsAny(string(body), "[{") || !json.Valid(body)) {
				t.Errorf("not found by %q", body)
			}
			_, err = c.Measure(t.Context(), account, []platform.Ref{{ID: "1"}})
			note(err)
			shown, err := c.Read(t.Context(), account, []platform.Ref{{ID: "1"}})
			if note(err); err == nil && shown["1"].Gone && (status > 299 || !json.Valid(body)) {
				t.Errorf("gone by %d %q", status, body)
			}
			_, err = c.Verify(t.Context(), account)
			note(err)
			note(c.Delete(t.Context(), account, platform.Ref{ID: "1"}))
			with := content("Hello.")
			with.Parts[0].Pictures = []platform.Picture{pic}
			_, err = c.Prepare(t.Context(), account, with, 0, nil)
			note(err)
			for _, err := range errs {
				if err != nil && platform.Say(err) == "" {
					t.Errorf("an error without a sentence: %v", err)
				}
			}
		}
	})
}
