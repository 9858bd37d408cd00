package people_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
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

func TestASessionSaysWhoseItIsAndIsEndedFromElsewhere(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	ana, ben := add(t, db, people.NewPerson{Email: "ana@example.org", Name: "Ana", Role: people.RoleEditor}), add(t, db, people.NewPerson{Email: "ben@example.org", Name: "Ben", Role: people.RoleEditor})
	s := people.NewSessions(db)
	later := time.Now().Add(time.Hour)
	begin := func(token string, about people.About) {
		t.Helper()
		if err := s.CommitCtx(people.Describe(t.Context(), &about), token, []byte("x"), later); err != nil {
			t.Fatal(err)
		}
	}
	begin("phone", people.About{Person: ana.ID, Address: "2001:db8::7", Agent: "Phone\x00" + strings.Repeat("x", 400) + "\xff"})
	begin("desk", people.About{Person: ana.ID, Address: "192.0.2.7", Agent: "Desk"})
	begin("his", people.About{Person: ben.ID})
	list, err := people.SignedInOf(t.Context(), db, ana.ID, "desk")
	if err != nil || len(list) != 2 || !list[0].Here || list[0].Agent != "Desk" || list[0].Address != "192.0.2.7" || list[1].Here || list[1].Address != "2001:db8::7" || len(list[1].Agent) != 300 {
		t.Fatalf("%+v, %v", list, err)
	}
	end := func(person, id int64) error {
		return db.InTx(t.Context(), func(tx *postgres.Tx) error { return people.EndSession(t.Context(), tx, person, id) })
	}
	if err := end(ben.ID, list[1].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	inFlight := people.Describe(t.Context(), &people.About{Person: ana.ID})
	if _, found, err := s.FindCtx(inFlight, "phone"); err != nil || !found {
		t.Fatalf("%v, %v", found, err)
	}
	if err := end(ana.ID, list[1].ID); err != nil {
		t.Fatal(err)
	}
	if err := s.CommitCtx(inFlight, "phone", []byte("y"), later); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.FindCtx(t.Context(), "phone"); found {
		t.Error("a request under way brought the ended session back")
	}
	begin("phone again", people.About{Person: ana.ID})
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
		n, err := people.EndOthers(t.Context(), tx, ana.ID, "desk")
		if n != 1 {
			t.Errorf("%d ended", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]bool{"desk": true, "his": true, "phone again": false} {
		if _, found, err := s.FindCtx(t.Context(), token); err != nil || found != want {
			t.Errorf("%s: %v, %v", token, found, err)
		}
	}
}
