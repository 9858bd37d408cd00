package metrics_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"daymark/internal/app/metrics"
	"daymark/internal/core/clock"
	"daymark/internal/flow/booktest"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// line is a sample of the text format (https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details).
var line = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*"\})? -?[0-9.e+-]+$`)

func TestTheFiguresAreInTheTextFormatOfPrometheus(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	booktest.Published(t, db, 3)
	h := metrics.Handler(db, clock.NewFake(booktest.Due.Add(time.Hour)), slog.New(slog.NewTextHandler(io.Discard, nil)))
	ask := func(change func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		r.RemoteAddr = "127.0.0.1:4711"
		if change != nil {
			change(r)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	w := ask(nil)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	family, families := "", map[string]bool{}
	for _, l := range strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n") {
		words := strings.Fields(l)
		switch {
		case strings.HasPrefix(l, "# HELP "):
			family = words[2]
			if families[family] {
				t.Errorf("%s comes twice", family)
			}
			families[family] = true
		case strings.HasPrefix(l, "# TYPE "):
			if words[2] != family || words[3] != "gauge" {
				t.Errorf("%s after the help of %s", l, family)
			}
		case !line.MatchString(l):
			t.Errorf("not a sample: %s", l)
		case !strings.HasPrefix(l, family+" ") && !strings.HasPrefix(l, family+"{"):
			t.Errorf("%s stands below %s", l, family)
		}
	}
	for _, want := range []string{
		`daymark_deliveries{state="scheduled"} 0`, `daymark_ended_deliveries_day{state="published"} 3`, `daymark_attempts_day{outcome="published"} 3`,
		`daymark_lateness_day_seconds{quantile="0.99"} 0`, "daymark_published_day 3", `daymark_held_deliveries{reason="overdue"} 0`,
	} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("%q is missing", want)
		}
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE posts SET version = version + 1`); err != nil {
		t.Fatal(err)
	}
	if again := ask(nil); again.Body.String() != w.Body.String() {
		t.Error("a second look within seconds shows something else")
	}
	for name, change := range map[string]func(*http.Request){
		"from the internet":        func(r *http.Request) { r.RemoteAddr = "203.0.113.9:4711" },
		"through a proxy":          func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1") },
		"through another":          func(r *http.Request) { r.Header.Set("Forwarded", "for=127.0.0.1") },
		"from nowhere":             func(r *http.Request) { r.RemoteAddr = "" },
		"from IPv6 that is public": func(r *http.Request) { r.RemoteAddr = "[2606:4700::1]:80" },
	} {
		if w := ask(change); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "daymark_") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	for _, from := range []string{"[::1]:80", "10.0.0.7:80", "192.168.1.1:80", "[fd00::1]:80", "[::ffff:172.16.0.1]:80"} {
		if w := ask(func(r *http.Request) { r.RemoteAddr = from }); w.Code != http.StatusOK {
			t.Errorf("%s: %d", from, w.Code)
		}
	}
}
