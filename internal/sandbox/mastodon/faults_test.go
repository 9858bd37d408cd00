package mastodon_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"daymark/internal/sandbox/mischief"

	"github.com/google/go-cmp/cmp"
)

var pending = mischief.Fault{Kind: mischief.MediaPending, Polls: 2}

const statuses = "POST /api/v1/statuses"

func TestEachFaultHappensOnARealConnection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    mischief.Kind
		code    int    // 0 when there is no whole answer
		says    string // in the body
		commits bool
	}{
		{mischief.CommitThenDrop, 0, "", true},
		{mischief.CommitThen504, 504, "504 Gateway", true},
		{mischief.Reject500, 500, "unexpected error", false},
		{mischief.RateLimited429, 429, "Too many requests", false},
		{mischief.Slow, 200, "content", true},
		{mischief.TruncateBody, 0, "", true},
		{mischief.HTMLInsteadOfJSON, 200, "<html>", true},
		{mischief.DropBeforeRead, 0, "", false},
		{mischief.TokenExpired, 401, "expired", false},
		{mischief.CachedErrorReplayed, 500, "unexpected error", false},
		{mischief.KeyBurnt, 500, "unexpected error", false},
		{mischief.Repeat500, 200, "content", true},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			fault, err := json.Marshal(mischief.Fault{Kind: c.kind, Endpoint: statuses, DelayMS: 20})
			if err != nil {
				t.Fatal(err)
			}
			if a := b.do(http.MethodPost, "/sandbox/faults", "", "application/json", string(fault)); a.code != 200 {
				t.Fatalf("planning: %+v", a)
			}
			a := b.post("k", "status", "once")
			if c.code == 0 && a.err == nil || c.code != 0 && (a.err != nil || a.code != c.code || !strings.Contains(a.body, c.says)) {
				t.Errorf("answer: %+v", a)
			}
			want := []string{}
			if c.commits {
				want = []string{"once"}
			}
			if diff := cmp.Diff(want, b.texts()); diff != "" {
				t.Errorf("timeline (-want +got):\n%s", diff)
			}
			again := b.post("k", "status", "once")
			code, says := 200, "once"
			switch c.kind {
			case mischief.CachedErrorReplayed:
				code, says = 500, "unexpected"
			case mischief.KeyBurnt:
				code, says = 400, "Duplicate idempotency key"
			case mischief.Repeat500:
				code, says = 500, "unexpected"
			}
			if again.code != code || !strings.Contains(again.body, says) {
				t.Errorf("repeat: %+v, want %d", again, code)
			}
			if c.kind == mischief.CachedErrorReplayed && again.header.Get("Idempotent-Replayed") != "true" {
				t.Error("the replay does not say so")
			}
			if n := len(b.texts()); n > 1 {
				t.Errorf("%d statuses", n)
			}
		})
	}
}

func TestALateCommitComesAfterTheQuestionItWaitsFor(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	read := "GET /api/v1/statuses/:id"
	if err := b.Faults().Add(mischief.Fault{Kind: mischief.CommitLate, Endpoint: statuses, After: read}); err != nil {
		t.Fatal(err)
	}
	done := make(chan answer)
	go func() { done <- b.post("", "status", "late") }()
	for b.Faults().Late() == 0 {
		b.do(http.MethodGet, "/sandbox/requests", "", "", "") // until the request has come in
	}
	if got := b.texts(); len(got) != 0 {
		t.Errorf("committed too early: %v", got)
	}
	b.do(http.MethodGet, "/api/v1/statuses/1", b.token, "", "")
	if a := <-done; a.err == nil {
		t.Errorf("a late commit was answered: %+v", a)
	}
	if diff := cmp.Diff([]string{"late"}, b.texts()); diff != "" {
		t.Error(diff)
	}
}

func TestALateCommitComesEvenWhenTheClientHasGone(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if err := b.Faults().Add(mischief.Fault{Kind: mischief.CommitLate, Endpoint: statuses, DelayMS: 150}); err != nil {
		t.Fatal(err)
	}
	b.client.Timeout = 50e6
	if a := b.post("", "status", "late"); a.err == nil {
		t.Errorf("answered: %+v", a)
	}
	b.client.Timeout = 5e9
	for range 200 {
		if len(b.texts()) == 1 {
			return
		}
		b.Faults().Add(mischief.Fault{Kind: mischief.Slow, Endpoint: "GET /api/v2/instance", DelayMS: 10})
		b.do(http.MethodGet, "/api/v2/instance", "", "", "") // a request that takes ten milliseconds
	}
	t.Error("never committed")
}

func TestAPendingPictureBecomesReady(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if err := b.Faults().Add(pending); err != nil {
		t.Fatal(err)
	}
	a := b.upload(b.token, picture(t, 2, 2))
	if a.code != 202 || !strings.Contains(a.body, `"url":null`) {
		t.Fatalf("upload: %+v", a)
	}
	for i, want := range []int{206, 206, 200} {
		if got := b.do(http.MethodGet, "/api/v1/media/"+a.field("id"), b.token, "", ""); got.code != want {
			t.Errorf("question %d: %d, want %d", i+1, got.code, want)
		}
	}
	if got := b.post("", "status", "x", "media_ids[]", a.field("id")); got.code != 200 {
		t.Errorf("posting: %+v", got)
	}
}

func TestTheSwitchesAnswerThisMachineOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if a := b.do(http.MethodPost, "/sandbox/faults", "", "application/json", `{"kind":"slow"}`, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); a.code != 403 {
		t.Errorf("from another page: %d", a.code)
	}
	for _, bad := range []string{`{"kind":"explode"}`, `{"kindd":"slow"}`, `[]x`, ``, `{"kind":"slow"}`} {
		if a := b.do(http.MethodPost, "/sandbox/faults", "", "application/json", bad); a.code != 422 && a.code != 400 && bad != `[]x` {
			t.Errorf("%q: %d", bad, a.code)
		}
	}
}

func TestALateCommitComesThoughTheConnectionWasCutAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if err := b.Faults().Add(mischief.Fault{Kind: mischief.CommitLate, Endpoint: statuses, Cut: true, After: "GET /api/v1/statuses/:id"}); err != nil {
		t.Fatal(err)
	}
	if a := b.post("", "status", "late"); a.err == nil {
		t.Errorf("a late commit was answered: %+v", a)
	}
	if got := b.texts(); len(got) != 0 || b.Faults().Late() != 1 {
		t.Errorf("committed too early: %v", got)
	}
	b.do(http.MethodGet, "/api/v1/statuses/1", b.token, "", "")
	for b.Faults().Late() > 0 {
		b.do(http.MethodGet, "/sandbox/requests", "", "", "") // until it is committed
	}
	if diff := cmp.Diff([]string{"late"}, b.texts()); diff != "" {
		t.Error(diff)
	}
}
