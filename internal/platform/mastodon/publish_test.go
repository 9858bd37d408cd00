package mastodon_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/platform"
)

func TestPublishSaysEverythingEveryTime(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*platform.Attempt)
		want   map[string][]string
		key    string
	}{
		"a plain post": {
			change: func(*platform.Attempt) {},
			want:   map[string][]string{"status": {"Hello\n#EndHumanTrafficking"}, "visibility": {"public"}, "language": {"en"}, "sensitive": {"false"}},
			key:    "key-1",
		},
		"a content note makes it sensitive": {
			change: func(a *platform.Attempt) { a.Content.ContentNote = "exploitation" },
			want: map[string][]string{
				"status": {"Hello\n#EndHumanTrafficking"}, "visibility": {"public"}, "language": {"en"}, "sensitive": {"true"}, "spoiler_text": {"exploitation"},
			},
			key: "key-1",
		},
		"a reply in a thread to a server that ignores keys": {
			change: func(a *platform.Attempt) {
				a.Handles = platform.Handles(`{"honours_key":false,"software":"gotosocial"}`)
				a.ReplyTo = &platform.Ref{ID: "110"}
			},
			want: map[string][]string{
				"status": {"Hello\n#EndHumanTrafficking"}, "visibility": {"public"}, "language": {"en"}, "sensitive": {"false"}, "in_reply_to_id": {"110"},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, map[string]http.HandlerFunc{"POST /api/v1/statuses": answer(200, posted)})
			a := hello()
			tt.change(&a)
			got, err := b.Publish(t.Context(), b.account, a)
			if err != nil {
				t.Fatal(err)
			}
			want := platform.Receipt{
				Ref: platform.Ref{ID: "111", URI: "https://s.example/users/c/statuses/111"},
				URL: "https://s.example/@c/111", At: start.Add(time.Second),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("receipt (-want +got):\n%s", diff)
			}
			calls := b.calls("POST", "/api/v1/statuses")
			if len(calls) != 1 {
				t.Fatalf("%d posts", len(calls))
			}
			if diff := cmp.Diff(tt.want, map[string][]string(calls[0].form)); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
			if got := calls[0].header.Get("Idempotency-Key"); got != tt.key {
				t.Errorf("Idempotency-Key = %q, want %q", got, tt.key)
			}
		})
	}
}

func TestWhatTheAnswerToAPostMeans(t *testing.T) {
	t.Parallel()
	drop := func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	tests := map[string]struct {
		answer http.HandlerFunc
		want   platform.Kind
		says   string
	}{
		"a revoked token":                       {answer(401, `{"error":"The access token was revoked"}`), platform.KindAuthExpired, "Connect the account again"},
		"too few scopes":                        {answer(403, `{"error":"This action is outside the authorized scopes"}`), platform.KindAuthExpired, "allow reading, posting"},
		"a bad token at Akkoma":                 {answer(403, `{"error":"Invalid credentials."}`), platform.KindAuthExpired, "Connect the account again"},
		"a suspended account":                   {answer(403, `{"error":"Your login is currently disabled"}`), platform.KindPermanent, "suspended"},
		"too long":                              {answer(422, `{"error":"Validation failed: Text character limit of 500 exceeded"}`), platform.KindPermanent, "Shorten"},
		"a picture is not ready":                {answer(422, `{"error":"Cannot attach files that have not finished processing. Try again in a moment!"}`), platform.KindTransient, "still works on a picture"},
		"the post answered is gone":             {answer(404, `{"error":"The post you are trying to reply to does not appear to exist."}`), platform.KindPermanent, "take the thread down"},
		"an unknown language":                   {answer(400, `{"error":"language xx not recognized"}`), platform.KindPermanent, "language xx not recognized"},
		"Pixelfed has seen the key":             {answer(400, `{"error":"Duplicate idempotency key."}`), platform.KindUnknown, "looks on the account"},
		"Pleroma works on the key":              {answer(409, `{"error":"conflict"}`), platform.KindUnknown, "looks on the account"},
		"500":                                   {answer(500, `{"error":"There was a problem"}`), platform.KindUnknown, "looks on the account"},
		"503 without a body":                    {answer(503, ``), platform.KindUnknown, "looks on the account"},
		"504 from a proxy":                      {answer(504, `<html>`), platform.KindUnknown, "looks on the account"},
		"204":                                   {answer(204, ``), platform.KindUnknown, "looks on the account"},
		"a page instead of data":                {answer(200, `<html>`), platform.KindUnknown, "looks on the account"},
		"half an answer":                        {answer(200, `{"id":"111","uri":`), platform.KindUnknown, "looks on the account"},
		"an answer without an id":               {answer(200, `{}`), platform.KindUnknown, "looks on the account"},
		"no answer":                             {drop, platform.KindUnknown, "looks on the account"},
		"the server has moved":                  {answer(301, ``), platform.KindPermanent, "another address"},
		"a request that took too long to write": {answer(408, ``), platform.KindTransient, "tries again"},
		"too large":                             {answer(413, `<html>`), platform.KindPermanent, "smaller"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, map[string]http.HandlerFunc{"POST /api/v1/statuses": tt.answer})
			_, err := b.Publish(t.Context(), b.account, hello())
			if got := platform.Outcome(err); got != tt.want {
				t.Errorf("got %v (%v), want %v", got, err, tt.want)
			}
			if !strings.Contains(platform.Say(err), tt.says) {
				t.Errorf("says %q, want %q in it", platform.Say(err), tt.says)
			}
			if n := len(b.calls("POST", "/api/v1/statuses")); n != 1 {
				t.Errorf("%d posts", n)
			}
		})
	}
}

func TestALostConnectionIsNotPostedToTwiceByNetHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t, map[string]http.HandlerFunc{
		"GET /api/v1/accounts/verify_credentials": answer(200, `{"id":"77","acct":"charity"}`),
		"POST /api/v1/statuses":                   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	})
	for range 3 { // warms a connection, which is then reused and dies
		if _, err := b.Verify(t.Context(), b.account); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Publish(t.Context(), b.account, hello()); platform.Outcome(err) != platform.KindUnknown {
			t.Errorf("got %v", err)
		}
	}
	if n := len(b.calls("POST", "/api/v1/statuses")); n != 3 {
		t.Errorf("the server saw %d posts, want 3", n)
	}
}

func TestA429IsReturnedAtOnceWithItsReset(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header map[string]string
		want   time.Time
	}{
		"ISO 8601":               {map[string]string{"X-RateLimit-Reset": "2027-07-30T09:04:00.123456Z"}, start.Add(4*time.Minute + 123456*time.Microsecond)},
		"Unix seconds":           {map[string]string{"X-RateLimit-Reset": "1816938120"}, time.Unix(1816938120, 0).UTC()},
		"Retry-After":            {map[string]string{"Retry-After": "90"}, start.Add(90 * time.Second)},
		"nothing":                {nil, start.Add(5 * time.Minute)},
		"the past":               {map[string]string{"X-RateLimit-Reset": "2027-07-30T08:00:00Z"}, start.Add(time.Second)},
		"a day ahead is no more": {map[string]string{"X-RateLimit-Reset": "2027-07-31T09:00:00Z"}, start.Add(time.Hour)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, map[string]http.HandlerFunc{"POST /api/v1/statuses": func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range tt.header {
					w.Header().Set(k, v)
				}
				answer(429, `{"error":"Too many requests"}`)(w, nil)
			}})
			_, err := b.Publish(t.Context(), b.account, hello())
			limited, ok := err.(*platform.RateLimited) //nolint:errorlint // the very type is what is tested
			if !ok {
				t.Fatalf("got %v", err)
			}
			if !limited.Until.Equal(tt.want) {
				t.Errorf("until %v, want %v", limited.Until, tt.want)
			}
			if n := len(b.calls("POST", "/api/v1/statuses")); n != 1 {
				t.Errorf("%d posts", n)
			}
		})
	}
}

func TestRateLimitHeadersAreReported(t *testing.T) {
	t.Parallel()
	b := setup(t, map[string]http.HandlerFunc{"POST /api/v1/statuses": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "300")
		w.Header().Set("X-RateLimit-Remaining", "299")
		w.Header().Set("X-RateLimit-Reset", "2027-07-30T09:05:00.000Z")
		answer(200, posted)(w, nil)
	}})
	if _, err := b.Publish(t.Context(), b.account, hello()); err != nil {
		t.Fatal(err)
	}
	want := []platform.Rate{{Limit: 300, Remaining: 299, Reset: start.Add(5 * time.Minute)}}
	if diff := cmp.Diff(want, b.rates); diff != "" {
		t.Errorf("rates (-want +got):\n%s", diff)
	}
}

func TestCancellationBeforeAndAfterSending(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	b := setup(t, map[string]http.HandlerFunc{"POST /api/v1/statuses": func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(arrived)
		<-release
	}})
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Publish(ctx, b.account, hello()); platform.Outcome(err) != platform.KindTransient {
		t.Errorf("before sending: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, err := b.Publish(ctx, b.account, hello()); platform.Outcome(err) != platform.KindUnknown {
		t.Errorf("after sending: %v", err)
	}
}

func TestARefusedPictureIsLookedAt(t *testing.T) {
	t.Parallel()
	refused := answer(422, `{"error":"Validation failed"}`)
	tests := map[string]struct {
		no    int
		media http.HandlerFunc
		want  platform.Kind
		again bool
	}{
		"gone at the first try: upload again":                 {1, answer(404, `{"error":"Record not found"}`), platform.KindTransient, true},
		"gone at a later try: an earlier one may have worked": {2, answer(404, `{"error":"Record not found"}`), platform.KindUnknown, false},
		"there: something else was refused":                   {1, answer(200, `{"id":"9"}`), platform.KindPermanent, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, map[string]http.HandlerFunc{"POST /api/v1/statuses": refused, "GET /api/v1/media/9": tt.media})
			a := hello()
			a.No = tt.no
			a.Content.Parts[0].Pictures = []platform.Picture{{SHA256: "ab", MIME: "image/png", Alt: "A heart."}}
			a.Handles = platform.Handles(`{"honours_key":true,"parts":{"0":[{"sha256":"ab","alt":"A heart.","id":"9","ready":true,"at":"2027-07-30T08:00:00Z"}]}}`)
			_, err := b.Publish(t.Context(), b.account, a)
			if got := platform.Outcome(err); got != tt.want {
				t.Errorf("got %v, want %v (%v)", got, tt.want, err)
			}
			if e, ok := err.(*platform.Transient); ok != (tt.want == platform.KindTransient) || ok && e.PrepareAgain != tt.again { //nolint:errorlint // the very type
				t.Errorf("got %#v", err)
			}
		})
	}
}

func TestAPostWhosePicturesWereNotUploadedIsNotSent(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]string{
		"nothing prepared":    ``,
		"not ready":           `{"parts":{"0":[{"sha256":"ab","alt":"A heart.","id":"9"}]}}`,
		"another picture":     `{"parts":{"0":[{"sha256":"cd","alt":"A heart.","id":"9","ready":true}]}}`,
		"another description": `{"parts":{"0":[{"sha256":"ab","alt":"A dove.","id":"9","ready":true}]}}`,
		"unreadable":          `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			a := hello()
			a.Content.Parts[0].Pictures = []platform.Picture{{SHA256: "ab", MIME: "image/png", Alt: "A heart."}}
			a.Handles = platform.Handles(h)
			if _, err := b.Publish(t.Context(), b.account, a); platform.Outcome(err) != platform.KindTransient {
				t.Errorf("got %v", err)
			}
			if len(b.seen) != 0 {
				t.Errorf("the server was called: %v", b.seen)
			}
		})
	}
}
