package mastodon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/platform"
)

// heart is a content of one part with one picture.
func heart() platform.Content {
	return platform.Content{
		Parts: []platform.Part{{Text: "Hello", Pictures: []platform.Picture{{
			SHA256: "ab", MIME: "image/png", Width: 10, Height: 10, Alt: "A blue heart.", FocusX: 0.5, FocusY: -0.25, Bytes: []byte("\x89PNG picture"),
		}}}},
		Language: "en", Visibility: "public",
	}
}

// media routes answer an upload with 202 and say "not yet" a number of times.
func media(pending int32) map[string]http.HandlerFunc {
	var uploads, asked atomic.Int32
	return map[string]http.HandlerFunc{
		"GET /api/v2/instance": answer(200, mastodonInstance),
		"POST /api/v2/media": func(w http.ResponseWriter, r *http.Request) {
			answer(202, fmt.Sprintf(`{"id":"%d","type":"image","url":null}`, uploads.Add(1)))(w, r)
		},
		"GET /api/v1/media/{id}": func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) <= pending {
				answer(206, `{"id":"1","url":null}`)(w, r)
				return
			}
			answer(200, `{"id":"1"}`)(w, r)
		},
	}
}

func TestPrepareUploadsOnceAndWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, media(3))
	content := heart()
	h, err := b.Prepare(t.Context(), b.account, content, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := b.calls("POST", "/api/v2/media")[0].body
	for _, want := range []string{
		"name=\"file\"; filename=\"picture.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG picture\r\n",
		"name=\"description\"\r\n\r\nA blue heart.\r\n",
		"name=\"focus\"\r\n\r\n0.500,-0.250\r\n",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in the upload:\n%s", want, body)
		}
	}
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, b.sleeps); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	again, err := b.Prepare(t.Context(), b.account, content, 0, h)
	if err != nil || string(again) != string(h) {
		t.Errorf("again: %s, %v; want %s", again, err, h)
	}
	if n := len(b.calls("POST", "/api/v2/media")); n != 1 {
		t.Errorf("%d uploads, want 1", n)
	}
	a := hello()
	a.Content, a.Handles = content, h
	b2 := setup(t, map[string]http.HandlerFunc{"POST /api/v1/statuses": answer(200, posted)})
	if _, err := b2.Publish(t.Context(), b2.account, a); err != nil {
		t.Fatal(err)
	}
	call := b2.calls("POST", "/api/v1/statuses")[0]
	if got := call.form["media_ids[]"]; len(got) != 1 || got[0] != "1" || call.header.Get("Idempotency-Key") != "key-1" {
		t.Errorf("media_ids = %q, key %q", got, call.header.Get("Idempotency-Key"))
	}
}

func TestPrepareKeepsWhatItHasWhenItCannotFinish(t *testing.T) {
	t.Parallel()
	b := setup(t, media(1000))
	h, err := b.Prepare(t.Context(), b.account, heart(), 0, nil)
	if platform.Outcome(err) != platform.KindTransient {
		t.Fatalf("got %v", err)
	}
	var total time.Duration
	for _, d := range b.sleeps {
		total += d
	}
	if total < 30*time.Second || total > 2*time.Minute {
		t.Errorf("waited %v in all", total)
	}
	if _, err := b.Prepare(t.Context(), b.account, heart(), 0, h); platform.Outcome(err) != platform.KindTransient {
		t.Fatalf("got %v", err)
	}
	if n := len(b.calls("POST", "/api/v2/media")); n != 1 {
		t.Errorf("%d uploads, want the first to be waited for again", n)
	}
}

func TestPrepareUploadsAgainWhatChangedOrWasLost(t *testing.T) {
	t.Parallel()
	handle := func(change string) platform.Handles {
		return platform.Handles(`{"software":"mastodon","honours_key":true,"parts":{"0":[{"sha256":"ab","alt":"A blue heart.","focus":"0.500,-0.250","id":"9","ready":true,` + change + `}]}}`)
	}
	lost := media(0)
	lost["GET /api/v1/media/9"] = answer(404, `{"error":"Record not found"}`)
	tests := map[string]struct {
		routes map[string]http.HandlerFunc
		prev   platform.Handles
		want   int
	}{
		"fresh and ready":               {media(0), handle(`"at":"2027-07-30T08:00:00Z"`), 0},
		"old but still there":           {media(0), handle(`"at":"2027-07-29T08:00:00Z"`), 0},
		"old and lost":                  {lost, handle(`"at":"2027-07-29T08:00:00Z"`), 1},
		"another picture":               {media(0), handle(`"sha256":"cd","at":"2027-07-30T08:00:00Z"`), 1},
		"another description":           {media(0), handle(`"alt":"A dove.","at":"2027-07-30T08:00:00Z"`), 1},
		"JSON null as nothing prepared": {media(0), platform.Handles("null"), 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, tt.routes)
			h, err := b.Prepare(t.Context(), b.account, heart(), 0, tt.prev)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(b.calls("POST", "/api/v2/media")); n != tt.want {
				t.Errorf("%d uploads, want %d", n, tt.want)
			}
			var got struct {
				Parts map[int][]struct{ Ready bool } `json:"parts"`
			}
			if err := json.Unmarshal(h, &got); err != nil || len(got.Parts[0]) != 1 || !got.Parts[0][0].Ready {
				t.Errorf("handles %s, %v", h, err)
			}
		})
	}
}

func TestWhatTheAnswerToAnUploadMeans(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   platform.Kind
	}{
		"refused":            {answer(422, `{"error":"File type of uploaded media could not be verified"}`), platform.KindPermanent},
		"too large":          {answer(413, ``), platform.KindPermanent},
		"trouble":            {answer(500, ``), platform.KindTransient},
		"no answer":          {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, platform.KindTransient},
		"a page":             {answer(200, `<html>`), platform.KindTransient},
		"no id":              {answer(200, `{}`), platform.KindTransient},
		"a token gone stale": {answer(401, `{}`), platform.KindAuthExpired},
		"too many":           {answer(429, `{}`), platform.KindRateLimited},
	} {
		routes := media(0)
		routes["POST /api/v2/media"] = tt.answer
		b := setup(t, routes)
		if _, err := b.Prepare(t.Context(), b.account, heart(), 0, nil); platform.Outcome(err) != tt.want {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}
