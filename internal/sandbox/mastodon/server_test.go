package mastodon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/mastodon/api"
	"daymark/internal/sandbox/mastodon/request"

	"github.com/google/go-cmp/cmp"
)

func TestEveryBadRequestIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	foreign := b.upload(b.Token("other"), picture(t, 2, 2)).field("id")
	attached := b.upload(b.token, picture(t, 2, 2)).field("id")
	if a := b.post("", "status", "taken", "media_ids[]", attached); a.code != 200 {
		t.Fatal(a)
	}
	if err := b.Faults().Add(pending); err != nil {
		t.Fatal(err)
	}
	unready := b.upload(b.token, picture(t, 2, 2)).field("id")
	before := len(b.texts())
	post := func(pairs ...string) func() answer { return func() answer { return b.post("", pairs...) } }
	raw := func(token, kind, body string) func() answer {
		return func() answer { return b.do(http.MethodPost, "/api/v1/statuses", token, kind, body) }
	}
	get := func(path, token string) func() answer {
		return func() answer { return b.do(http.MethodGet, path, token, "", "") }
	}
	file := func(content []byte, pairs ...string) func() answer {
		return func() answer { return b.upload(b.token, content, pairs...) }
	}
	me := b.do(http.MethodGet, "/api/v1/accounts/verify_credentials", b.token, "", "").field("id")
	revoked := b.Token("other", "read", "write")
	for _, c := range []struct {
		name string
		send func() answer
		code int
		says string
	}{
		{"no token", raw("", formType, "status=x"), 401, "access token is invalid"},
		{"an unknown token", raw("nonsense", formType, "status=x"), 401, "access token is invalid"},
		{"a scope that is missing", raw(b.Token("hope", "read"), formType, "status=x"), 403, "outside the authorized scopes"},
		{"another write scope", raw(b.Token("hope", "write:media"), formType, "status=x"), 403, "outside the authorized scopes"},
		{"a wrong content type", raw(b.token, "text/plain", "status=x"), 415, "Content-Type"},
		{"broken JSON", raw(b.token, "application/json", `{"status":`), 400, "parsing"},
		{"an empty status", post("status", "  \n"), 422, "can't be blank"},
		{"an unknown parameter", post("status", "x", "visiblity", "public"), 422, "visiblity"},
		{"media_ids that are no list", post("status", "x", "media_ids", "1"), 422, "media_ids"},
		{"a parameter twice", post("status", "x", "status", "y"), 422, "twice"},
		{"bytes that are no text", post("status", "\xff"), 422, "UTF-8"},
		{"a time in the future", post("status", "x", "scheduled_at", "2028-01-01T00:00:00Z"), 422, "scheduled_at"},
		{"a bad visibility", post("status", "x", "visibility", "everyone"), 422, "Visibility"},
		{"a bad language", post("status", "x", "language", "english"), 422, "Language"},
		{"a bad truth value", post("status", "x", "sensitive", "perhaps"), 422, "sensitive"},
		{"501 characters", post("status", strings.Repeat("é", 501)), 422, "limit of 500"},
		{"a note that makes it too long", post("status", strings.Repeat("a", 496), "spoiler_text", "hello"), 422, "limit of 500"},
		{"an unknown reply", post("status", "x", "in_reply_to_id", "1"), 404, "reply to"},
		{"unknown media", post("status", "x", "media_ids[]", "1"), 422, "not found"},
		{"foreign media", post("status", "x", "media_ids[]", foreign), 422, "not found"},
		{"attached media", post("status", "x", "media_ids[]", attached), 422, "already attached"},
		{"unready media", post("status", "x", "media_ids[]", unready), 422, "not finished processing"},
		{"five pictures", post("status", "x", "media_ids[]", "1", "media_ids[]", "2", "media_ids[]", "3", "media_ids[]", "4", "media_ids[]", "5"), 422, "more than 4"},
		{"no file", file(nil), 422, "can't be blank"},
		{"a file that is no picture", file([]byte("hello there")), 422, "content type is invalid"},
		{"half a picture", file(picture(t, 40, 40)[:60]), 422, "Error processing"},
		{"too many pixels", file(picture(t, 8000, 5000)), 422, "8000x5000"},
		{"a too long description", file(picture(t, 2, 2), "description", strings.Repeat("a", 1501)), 422, "too long"},
		{"a focus outside", file(picture(t, 2, 2), "focus", "0.5,1.5"), 422, "Focus"},
		{"a focus that is no number", file(picture(t, 2, 2), "focus", "NaN,0"), 422, "Focus"},
		{"another's picture", get("/api/v1/media/"+foreign, b.token), 404, "not found"},
		{"a picture that is attached", get("/api/v1/media/"+attached, b.token), 404, "not found"},
		{"a status that is not there", get("/api/v1/statuses/1", b.token), 404, "not found"},
		{"an account that is not there", get("/api/v1/accounts/1/statuses", b.token), 404, "not found"},
		{"an unknown endpoint", get("/api/v1/nothing", b.token), 404, "not found"},
		{"21 statuses at once", get("/api/v1/statuses?"+strings.Repeat("id[]=1&", 21), b.token), 422, "at most 20"},
		{"a limit that is no number", get("/api/v1/accounts/"+me+"/statuses?limit=x", b.token), 422, "limit"},
		{"a bound that is no id", get("/api/v1/accounts/"+me+"/statuses?max_id=x", b.token), 422, "max_id"},
	} {
		if a := c.send(); a.code != c.code || !strings.Contains(a.field("error"), c.says) {
			t.Errorf("%s: got %d %s %v, want %d with %q", c.name, a.code, a.body, a.err, c.code, c.says)
		}
	}
	if err := b.Revoke("other"); err != nil {
		t.Fatal(err)
	}
	if a := raw(revoked, formType, "status=x")(); a.code != 401 || !strings.Contains(a.body, "revoked") {
		t.Errorf("revoked token: %+v", a)
	}
	if got := len(b.texts()); got != before {
		t.Errorf("refused requests made %d statuses", got-before)
	}
}

func TestTheSameKeyGetsTheFirstStatusForAnHour(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	first := b.post("k1", "status", "first")
	b.clock.Add(59 * time.Minute)
	if again := b.post("k1", "status", "another body"); again.code != 200 || again.field("id") != first.field("id") {
		t.Errorf("within the hour: %+v", again)
	}
	b.clock.Add(time.Minute)
	if later := b.post("k1", "status", "later"); later.code != 200 || later.field("id") == first.field("id") {
		t.Errorf("after an hour: %+v", later)
	}
	if a := b.post("k2", "status", ""); a.code != 422 {
		t.Errorf("blank: %+v", a)
	}
	if a := b.post("k2", "status", "mended"); a.code != 200 {
		t.Errorf("a refused request must not use up its key: %+v", a)
	}
	if diff := cmp.Diff([]string{"mended", "later", "first"}, b.texts()); diff != "" {
		t.Error(diff)
	}
}

func TestRelativesTreatKeysAsTheyDo(t *testing.T) {
	t.Parallel()
	for rule, want := range map[api.KeyRule]struct {
		codes [4]int // a good status, its repeat, a blank one, and the blank one's key with a good text
		count int
	}{
		api.KeysReplay: {[4]int{200, 200, 422, 200}, 2},
		api.KeysIgnore: {[4]int{200, 200, 422, 200}, 3},
		api.KeysCache:  {[4]int{200, 200, 422, 422}, 1},
		api.KeysBurn:   {[4]int{200, 400, 422, 400}, 1},
	} {
		t.Run("keys "+string(rule), func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(o *mastodon.Options) { o.Keys = rule })
			got := [4]int{b.post("a", "status", "x").code, b.post("a", "status", "x").code, b.post("b", "status", "").code, b.post("b", "status", "y").code}
			if got != want.codes || len(b.texts()) != want.count {
				t.Errorf("answers %v, %d statuses; want %v, %d", got, len(b.texts()), want.codes, want.count)
			}
		})
	}
}

func TestPagesOfAnAccountFollowOneAnother(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	var ids []string
	for i := range 5 {
		ids = append(ids, b.post("", "status", fmt.Sprint("n", i)).field("id"))
	}
	account := b.do(http.MethodGet, "/api/v1/accounts/verify_credentials", b.token, "", "").field("id")
	list := func(query string) (string, string) {
		a := b.do(http.MethodGet, "/api/v1/accounts/"+account+"/statuses?"+query, b.token, "", "")
		out := ""
		for i, id := range ids {
			if strings.Contains(a.body, `"id":"`+id+`"`) {
				out += fmt.Sprint(i)
			}
		}
		return out, a.header.Get("Link")
	}
	for query, want := range map[string]string{
		"": "01234", "limit=2": "34", "limit=2&max_id=" + ids[3]: "12", "limit=2&since_id=" + ids[0]: "34", "limit=2&min_id=" + ids[0]: "12",
		"only_media=true": "", "exclude_replies=true&exclude_reblogs=true": "01234",
	} {
		got, link := list(query)
		if got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
		if full := strings.HasPrefix(query, "limit=2"); full != strings.Contains(link, `rel="next"`) {
			t.Errorf("%q has Link %q", query, link)
		}
	}
	if b.post("", "status", "secret", "visibility", "private").code != 200 {
		t.Fatal("private status refused")
	}
	if a := b.do(http.MethodGet, "/api/v1/accounts/"+account+"/statuses", "", "", ""); strings.Contains(a.body, "secret") {
		t.Error("a stranger sees a private status")
	}
}

func TestStateOutlivesTheServer(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	kept := func(o *mastodon.Options) { o.Folder = folder }
	b := setup(t, kept)
	media := b.upload(b.token, picture(t, 3, 2), "description", "A blue heart").field("id")
	first := b.post("k", "status", "kept", "media_ids[]", media, "language", "en")
	if err := b.React(first.field("id"), mastodon.Reactions{Favourites: 3, Replies: 1}); err != nil {
		t.Fatal(err)
	}
	before := b.State().Statuses
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again := setup(t, kept)
	after := again.State().Statuses
	before[0].URL, after[0].URL = "", "" // the port differs
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	if again.token != b.token {
		t.Error("the token is another one")
	}
	if a := again.post("k", "status", "kept"); a.field("id") != first.field("id") {
		t.Errorf("the key is forgotten: %+v", a)
	}
	if a := again.do(http.MethodGet, "/media/"+media+".png", "", "", ""); a.body != string(picture(t, 3, 2)) {
		t.Error("the picture is not the same")
	}
	if a := again.post("", "status", "next"); a.field("id") <= first.field("id") {
		t.Error("ids do not grow")
	}
}

func TestRateLimitsAreTold(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *mastodon.Options) {
		o.Limits = &mastodon.Limits{All: request.Limit{Requests: 2, Per: 5 * time.Minute}}
	})
	b.clock.Add(90 * time.Second)
	a := b.post("", "status", "one")
	if a.header.Get("X-RateLimit-Limit") != "2" || a.header.Get("X-RateLimit-Remaining") != "1" || a.header.Get("X-RateLimit-Reset") != "2027-07-30T09:05:00.000000Z" {
		t.Errorf("headers: %v", a.header)
	}
	b.post("", "status", "two")
	if a := b.post("", "status", "three"); a.code != 429 || a.body != `{"error":"Too many requests"}` {
		t.Errorf("third: %+v", a)
	}
	b.clock.Set(start.Add(5 * time.Minute))
	if a := b.post("", "status", "three"); a.code != 200 {
		t.Errorf("after the reset: %+v", a)
	}
}

func TestTheAudienceReactsAsTimePasses(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *mastodon.Options) { o.Quiet, o.Seed = false, 3 })
	b.post("", "status", "hello")
	if s := b.State().Statuses[0]; s.Favourites+s.Reblogs+s.Replies != 0 {
		t.Errorf("at once: %+v", s)
	}
	b.clock.Add(24 * time.Hour)
	day := b.State().Statuses[0]
	b.clock.Add(24 * time.Hour)
	if later := b.State().Statuses[0]; day.Favourites == 0 || later.Favourites < day.Favourites {
		t.Errorf("after a day %d, after two %d", day.Favourites, later.Favourites)
	}
}

func TestThePageIsReadable(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	media := b.upload(b.token, picture(t, 3, 2), "description", `A "blue" heart`).field("id")
	id := b.post("", "status", "<script> #قلب", "spoiler_text", "Note", "language", "ar", "media_ids[]", media).field("id")
	for _, path := range []string{"/?live=1", "/@hope", "/@hope/" + id, "/tags/%D9%82%D9%84%D8%A8"} {
		a := b.do(http.MethodGet, path, "", "", "")
		for _, want := range []string{"This is a sandbox", `lang="ar" dir="rtl"`, "&lt;script&gt;", "<details><summary", `alt="A &#34;blue&#34; heart"`} {
			if a.code != 200 || !strings.Contains(a.body, want) {
				t.Errorf("%s (%d) lacks %s", path, a.code, want)
			}
		}
		if strings.Contains(a.body, "<script") || strings.Contains(a.body, `http-equiv="refresh"`) != strings.Contains(path, "live") {
			t.Errorf("%s has a script or the wrong refresh", path)
		}
	}
	if a := b.do(http.MethodGet, "/@nobody", "", "", ""); a.code != 404 {
		t.Errorf("unknown account: %d", a.code)
	}
}
