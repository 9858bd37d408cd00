package invitation_test

import (
	"crypto/rand"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/people/invitation"
	"daymark/internal/org/people/membership"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var cheap = people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

const password = "a long walk by the sea"

// house is a database with an admin and an editor.
type house struct {
	t         *testing.T
	db, owner *postgres.DB
	key       seal.Key
	admin, ed people.Person
}

func newHouse(t *testing.T) *house {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	h := &house{t: t, db: both.App, owner: both.Owner}
	var err error
	if h.key, err = seal.LoadOrMakeKey(t.TempDir(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	h.admin, h.ed = h.add("admin@example.org", people.RoleAdmin), h.add("ed@example.org", people.RoleEditor)
	return h
}

func (h *house) add(email string, role people.Role) (p people.Person) {
	h.t.Helper()
	if err := h.db.InTx(h.t.Context(), func(tx *postgres.Tx) (err error) {
		p, err = people.Add(h.t.Context(), tx, people.NewPerson{Email: email, Name: "Ada " + string(role), Role: role, Password: password, Cost: cheap}, 0)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return p
}

// exec changes by the owner's hand what the application may not.
func (h *house) exec(query string) {
	h.t.Helper()
	if _, err := h.owner.ExecContext(h.t.Context(), query); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(reason string) {
	h.t.Helper()
	rows, err := audit.List(h.t.Context(), h.db, audit.Filter{Action: "invitation.refused"})
	if err != nil || len(rows) == 0 || rows[0].Detail["reason"] != reason {
		h.t.Errorf("the log has %+v, %v; want the reason %q", rows, err, reason)
	}
}

func (h *house) invite(email string, a membership.Access, by people.Person) (token string, err error) {
	link, err := invitation.Make(h.t.Context(), h.db, h.key, invitation.New{Email: email, Access: a, Org: "Trust\r\nBcc: x@example.org", Link: func(s string) string { return "http://x/" + s }}, by, time.Now())
	return strings.TrimPrefix(link, "http://x/"), err
}

func TestWhoIsInvitedComesInOnceWithWhatTheyWereGiven(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	until := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	secret, err := h.invite(" Lea@Example.org", membership.Access{Role: people.RoleChapter, Languages: []string{"fr"}, Labels: []string{"leeds"}, Until: until}, h.admin)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := people.Count(t.Context(), h.db); err != nil || n != 2 {
		t.Errorf("%d people before the invitation is taken up, %v", n, err)
	}
	var kept, queued int
	if err := h.db.GetContext(t.Context(), &kept, `SELECT count(*) FROM invitations i WHERE i::text LIKE '%' || $1 || '%'`, secret); err != nil || kept != 0 {
		t.Errorf("the table tells the token: %d, %v", kept, err)
	}
	if err := h.db.GetContext(t.Context(), &queued, `SELECT count(*) FROM outbox WHERE address = 'lea@example.org' AND kind = 'invitation'`); err != nil || queued != 1 {
		t.Errorf("%d letters, %v", queued, err)
	}
	for range 2 { // a mail scanner that follows links
		if i, err := invitation.Look(t.Context(), h.db, secret); err != nil || i.Email != "lea@example.org" || i.By != "Ada admin" {
			t.Fatalf("%+v, %v", i, err)
		}
	}
	var through atomic.Int32
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := invitation.Accept(t.Context(), h.db, secret, "Léa", password, cheap); err == nil {
				through.Add(1)
			} else if !fault.Is(err, fault.NotFound) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if through.Load() != 1 {
		t.Fatalf("%d came in by one invitation", through.Load())
	}
	p, err := people.ByEmail(t.Context(), h.db, "lea@example.org")
	if err != nil || p.Role != people.RoleChapter || len(p.Labels) != 1 || p.Name != "Léa" || p.Disabled {
		t.Errorf("%+v, %v", p, err)
	}
	if m, err := membership.Find(t.Context(), h.db, p.ID); err != nil || !m.Until.Equal(until) {
		t.Errorf("%+v, %v", m, err)
	}
	h.refused("used")
}

func TestAnInvitationThatIsOverIsWorthNothingAndChangesNothing(t *testing.T) {
	t.Parallel()
	for reason, change := range map[string]func(h *house){
		"expired": func(h *house) { h.exec(`UPDATE invitations SET expires_at = clock_timestamp()`) },
		"revoked": func(h *house) {
			open, err := invitation.Open(h.t.Context(), h.db)
			if err != nil || len(open) != 1 {
				h.t.Fatalf("%+v, %v", open, err)
			}
			if err := h.db.InTx(h.t.Context(), func(tx *postgres.Tx) error { return invitation.Revoke(h.t.Context(), tx, open[0].ID, h.admin) }); err != nil {
				h.t.Fatal(err)
			}
			if err := h.db.InTx(h.t.Context(), func(tx *postgres.Tx) error { return invitation.Revoke(h.t.Context(), tx, open[0].ID, h.admin) }); !fault.Is(err, fault.NotFound) {
				h.t.Errorf("twice: %v", err)
			}
		},
		"its maker is no admin": func(h *house) { h.exec(`UPDATE people SET role = 'editor' WHERE role = 'admin'`) },
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			secret, err := h.invite("lea@example.org", membership.Access{Role: people.RoleReviewer}, h.admin)
			if err != nil {
				t.Fatal(err)
			}
			change(h)
			if _, err := invitation.Look(t.Context(), h.db, secret); !fault.Is(err, fault.NotFound) {
				t.Errorf("look: %v", err)
			}
			if _, err := invitation.Accept(t.Context(), h.db, secret, "Léa", password, cheap); !fault.Is(err, fault.NotFound) {
				t.Errorf("accept: %v", err)
			}
			if n, err := people.Count(t.Context(), h.db); err != nil || n != 2 {
				t.Errorf("%d people, %v", n, err)
			}
			h.refused(reason)
		})
	}
}

func TestAnAddressThatExistsIsNotInvited(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.invite("ED@example.org", membership.Access{Role: people.RoleAdmin}, h.admin)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "belongs to Ada editor already") {
		t.Errorf("%v", err)
	}
	h.refused("the address exists")
	p, err := people.ByEmail(t.Context(), h.db, "ed@example.org")
	if err != nil || p.Role != people.RoleEditor {
		t.Errorf("%+v, %v", p, err)
	}
	if open, err := invitation.Open(t.Context(), h.db); err != nil || len(open) != 0 {
		t.Errorf("%+v, %v", open, err)
	}
	// Somebody else added them while the letter was on its way.
	secret, err := h.invite("lea@example.org", membership.Access{Role: people.RoleReviewer}, h.admin)
	if err != nil {
		t.Fatal(err)
	}
	h.add("lea@example.org", people.RoleManager)
	if _, err := invitation.Accept(t.Context(), h.db, secret, "Léa", password, cheap); !fault.Is(err, fault.Conflict) {
		t.Errorf("accept: %v", err)
	}
}

func TestASecondInvitationTakesTheFirstBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, err := h.invite("lea@example.org", membership.Access{Role: people.RoleAdmin}, h.admin)
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.invite("lea@example.org", membership.Access{Role: people.RoleReviewer}, h.admin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := invitation.Look(t.Context(), h.db, first); !fault.Is(err, fault.NotFound) {
		t.Errorf("the first: %v", err)
	}
	if i, err := invitation.Look(t.Context(), h.db, second); err != nil || i.Access.Role != people.RoleReviewer {
		t.Errorf("the second: %+v, %v", i, err)
	}
}

func TestOnlyAdminsInviteAndGuessesAreNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.invite("lea@example.org", membership.Access{Role: people.RoleAdmin}, h.ed); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an editor: %v", err)
	}
	for _, guess := range []string{"", "x", strings.Repeat("A", 26), strings.Repeat("A", 1000), "\x00"} {
		if _, err := invitation.Look(t.Context(), h.db, guess); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", guess, err)
		}
	}
	for _, address := range []string{"", "x", "a@b\r\nBcc: c@d.org", "a@example.org, b@example.org", "Lea <lea@example.org>"} {
		if _, err := h.invite(address, membership.Access{Role: people.RoleReviewer}, h.admin); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
