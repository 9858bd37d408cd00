package reset_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/people/reset"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var cheap = people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

const password, fresh = "a long walk by the sea", "another blue heart"

// house is a database with an editor who forgot their password.
type house struct {
	t         *testing.T
	db, owner *postgres.DB
	key       seal.Key
	ed        people.Person
}

func newHouse(t *testing.T) *house {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	h := &house{t: t, db: both.App, owner: both.Owner}
	var err error
	if h.key, err = seal.LoadOrMakeKey(t.TempDir(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if err := h.db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
		h.ed, err = people.Add(t.Context(), tx, people.NewPerson{Email: "ed@example.org", Name: "Ed", Role: people.RoleEditor, Password: password, Cost: cheap}, 0)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) exec(query string) {
	h.t.Helper()
	if _, err := h.owner.ExecContext(h.t.Context(), query); err != nil {
		h.t.Fatal(err)
	}
}

// links asks for an address and returns the tokens of the letters that were queued.
func (h *house) links(email string) (tokens []string) {
	h.t.Helper()
	if err := reset.Ask(h.t.Context(), h.db, email, "192.0.2.7"); err != nil {
		h.t.Fatal(err)
	}
	n, err := reset.Send(h.t.Context(), h.db, h.key, func(token string) string {
		tokens = append(tokens, token)
		return "https://example.org/reset/" + token
	})
	if err != nil || n != len(tokens) {
		h.t.Fatalf("%d letters, %v", n, err)
	}
	return tokens
}

func (h *house) count(query string) (n int) {
	h.t.Helper()
	if err := h.db.GetContext(h.t.Context(), &n, query); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestANewPasswordEndsAllSessionsAndTheLinkWorksOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := people.NewSessions(h.db)
	ctx := people.Describe(t.Context(), &people.About{Person: h.ed.ID})
	if err := s.CommitCtx(ctx, "token", []byte("x"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	first, second := h.links(" ED@example.org"), h.links("ed@example.org")
	if len(first) != 1 || len(second) != 1 {
		t.Fatalf("%v, %v", first, second)
	}
	if err := reset.Look(t.Context(), h.db, second[0]); err != nil {
		t.Fatal(err)
	}
	if err := reset.Use(t.Context(), h.db, second[0], "short", cheap); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short one: %v", err)
	}
	if err := reset.Use(t.Context(), h.db, second[0], fresh, cheap); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.FindCtx(t.Context(), "token"); found || err != nil {
		t.Errorf("the session goes on: %v, %v", found, err)
	}
	if _, err := people.Check(t.Context(), h.db, "ed@example.org", fresh); err != nil {
		t.Errorf("the new password: %v", err)
	}
	for name, token := range map[string]string{"the same link": second[0], "the other link": first[0]} {
		if err := reset.Use(t.Context(), h.db, token, password, cheap); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := people.Check(t.Context(), h.db, "ed@example.org", password); err == nil {
		t.Error("a used link changed the password")
	}
	rows, err := audit.List(t.Context(), h.db, audit.Filter{Action: "reset.refused"})
	if err != nil || len(rows) != 2 || rows[0].Detail["reason"] != "used" {
		t.Errorf("the log has %+v, %v", rows, err)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'reset.asked' AND host(address) = '192.0.2.7'`); n != 2 {
		t.Errorf("%d lines say who asked", n)
	}
	if n := h.count(`SELECT count(*) FROM resets r WHERE r::text LIKE '%` + first[0] + `%'`); n != 0 {
		t.Error("the table tells a token")
	}
}

func TestWhoHasNoPasswordGetsNoLetter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.exec(`INSERT INTO people (email, name, role) VALUES ('out@example.org', 'Out', 'outside'), ('sso@example.org', 'Sso', 'editor')`)
	h.exec(`INSERT INTO people (email, name, role, password_hash, disabled_at) VALUES ('gone@example.org', 'Gone', 'editor', 'x', now())`)
	h.exec(`INSERT INTO people (email, name, role, password_hash, access_until) VALUES ('over@example.org', 'Over', 'editor', 'x', now() - interval '1 day')`)
	for _, email := range []string{"nobody@example.org", "out@example.org", "sso@example.org", "gone@example.org", "over@example.org", "planner@daymark.invalid", "", "x\r\nBcc: y@example.org", strings.Repeat("x", 5000) + "@example.org"} {
		if got := h.links(email); len(got) != 0 {
			t.Errorf("%q got a letter", email)
		}
	}
	if n := h.count(`SELECT count(*) FROM outbox`) + h.count(`SELECT count(*) FROM reset_asks`) + h.count(`SELECT count(*) FROM resets`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestAnOldLinkAndAGuessAreWorthNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.links("ed@example.org")[0]
	for _, guess := range []string{"", "x", strings.Repeat("A", 26), token + "A", "\x00"} {
		if err := reset.Use(t.Context(), h.db, guess, fresh, cheap); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", guess, err)
		}
	}
	h.exec(`UPDATE people SET disabled_at = now() WHERE email = 'ed@example.org'`)
	if err := reset.Use(t.Context(), h.db, token, fresh, cheap); !fault.Is(err, fault.NotFound) {
		t.Errorf("disabled: %v", err)
	}
	h.exec(`UPDATE people SET disabled_at = NULL`)
	h.exec(`UPDATE resets SET expires_at = clock_timestamp()`)
	if err := reset.Use(t.Context(), h.db, token, fresh, cheap); !fault.Is(err, fault.NotFound) {
		t.Errorf("expired: %v", err)
	}
	h.exec(`UPDATE resets SET expires_at = clock_timestamp() - interval '31 days'`)
	if err := reset.Forget(t.Context(), h.db); err != nil || h.count(`SELECT count(*) FROM resets`) != 0 {
		t.Errorf("old links stay: %v", err)
	}
}

func TestALinkIsMadeOfTheAddressPeopleUse(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"https://daymark.example.org": "https://daymark.example.org/reset/T", "https://daymark.example.org/": "https://daymark.example.org/reset/T",
		"": "(the address of your Daymark)/reset/T",
	} {
		if got := reset.Base(public, "/reset/")("T"); got != want {
			t.Errorf("%q: %q", public, got)
		}
	}
}
