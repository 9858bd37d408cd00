package people_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"daymark/internal/org/people"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestASessionIsFoundUntilItExpiresOrEnds(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	s := people.NewSessions(db)
	ctx := t.Context()
	later, earlier := time.Now().Add(time.Hour), time.Now().Add(-time.Second)
	for token, expiry := range map[string]time.Time{"open": later, "over": earlier, "ended": later} {
		if err := s.CommitCtx(ctx, token, []byte("data of "+token), expiry); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CommitCtx(ctx, "open", []byte("newer data"), later); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteCtx(ctx, "ended"); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteCtx(ctx, "never there"); err != nil {
		t.Errorf("ending a session that is not there: %v", err)
	}
	for token, want := range map[string]string{"open": "newer data", "over": "", "ended": "", "forged\x00\xff": ""} {
		data, found, err := s.FindCtx(ctx, token)
		if err != nil || found != (want != "") || string(data) != want {
			t.Errorf("session %q: got %q, %t, %v; want %q", token, data, found, err, want)
		}
	}
	if n, err := s.DeleteExpired(ctx); err != nil || n != 1 {
		t.Errorf("got %d expired sessions removed and error %v, want 1", n, err)
	}
}

func TestTheTableHoldsNoTokenThatLogsIn(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	s := people.NewSessions(db)
	if err := s.Commit("secret-token", []byte("x"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var row string
	if err := db.GetContext(t.Context(), &row, `SELECT s::text FROM sessions s`); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(row, "secret-token") {
		t.Errorf("the row tells the token: %s", row)
	}
	var key string
	if err := db.GetContext(t.Context(), &key, `SELECT token FROM sessions`); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.Find(key); err != nil || found {
		t.Errorf("what stands in the table opens the session: found %t, error %v", found, err)
	}
	if err := s.Delete("secret-token"); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.Find("secret-token"); err != nil || found {
		t.Errorf("after the end: found %t, error %v", found, err)
	}
}

func TestASessionManagerKeepsItsSessionsHere(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	manager := scs.New()
	manager.Store = people.NewSessions(db)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /in", func(_ http.ResponseWriter, r *http.Request) { manager.Put(r.Context(), "person", int64(7)) })
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, r *http.Request) {
		if manager.GetInt64(r.Context(), "person") != 7 {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	server := httptest.NewServer(manager.LoadAndSave(mux))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	client.Jar = jar
	for _, step := range []struct {
		method, path string
		want         int
	}{{"GET", "/who", 403}, {"POST", "/in", 200}, {"GET", "/who", 200}} {
		req, err := http.NewRequestWithContext(t.Context(), step.method, server.URL+step.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != step.want {
			t.Errorf("%s %s: got %d, want %d", step.method, step.path, res.StatusCode, step.want)
		}
	}
}
