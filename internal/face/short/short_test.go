package short_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/face/short"
	"daymark/internal/flow/book/link"
	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

func TestAShortLinkSendsOnAndKeepsNothingOfTheVisitor(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	f := post.Final{Post: b.Post("m"), Channel: b.Channel(booktest.Channel{}), Language: "en"}
	const target = "https://charity.example/a?b=c&d=%20#e"
	f.Links = []post.FinalLink{{Code: link.Code(f.Post, f.Channel, "en", target), Target: target}}
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return link.Add(t.Context(), tx, f) }); err != nil {
		t.Fatal(err)
	}
	site := short.Site{DB: db, Clock: clock.NewFake(time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)), Log: slog.New(slog.DiscardHandler)}
	pages := site.Before(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	ask := func(method, path string, header ...string) *http.Response {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.Header.Set("User-Agent", browser)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w.Result()
	}
	path := link.Path + f.Links[0].Code
	for range 3 {
		res := ask(http.MethodGet, path+"?to=https://elsewhere.example")
		if res.StatusCode != http.StatusFound || res.Header.Get("Location") != target {
			t.Fatalf("it answered %s to %q", res.Status, res.Header.Get("Location"))
		}
		if res.Header.Get("Set-Cookie") != "" || res.Header.Get("Referrer-Policy") != "no-referrer" || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", res.Header)
		}
	}
	for name, header := range map[string][]string{
		"a Mastodon server's preview": {"User-Agent", "Mastodon/4.5.0 (http.rb/5.2.0; +https://social.example/) Bot"},
		"a search engine":             {"User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
		"Bluesky's preview":           {"User-Agent", "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)"},
		"Daymark's own look":          {"User-Agent", "Daymark/1.0 (looks whether links answer)"},
		"a browser ahead of a click":  {"Sec-Purpose", "prefetch"},
		"nobody":                      {"User-Agent", ""},
	} {
		if res := ask(http.MethodGet, path, header...); res.StatusCode != http.StatusFound {
			t.Errorf("%s was answered %s", name, res.Status)
		}
	}
	if res := ask(http.MethodHead, path); res.StatusCode != http.StatusFound {
		t.Errorf("HEAD was answered %s", res.Status)
	}
	var n int
	if err := db.GetContext(t.Context(), &n, "SELECT clicks FROM link_days"); err != nil || n != 3 {
		t.Errorf("%d were counted, %v", n, err)
	}
	for path, want := range map[string]int{
		link.Path + "aaaaaaaaaa": http.StatusNotFound, link.Path: http.StatusNotFound, link.Path + "a/b": http.StatusNotFound, "/": http.StatusTeapot,
	} {
		if res := ask(http.MethodGet, path); res.StatusCode != want || res.Header.Get("Location") != "" {
			t.Errorf("%s was answered %s", path, res.Status)
		}
	}
	if res := ask(http.MethodPost, path); res.StatusCode == http.StatusFound {
		t.Error("a POST was sent on")
	}
}
