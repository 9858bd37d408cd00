package consent_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/consent"
	"daymark/internal/org/consent/linking"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC)

var who = consent.Who{
	Name: "Zephyrine Quillfeather", Contact: "+44 20 7946 0123", Guardian: "Ottoline Quillfeather", GuardianContact: "at school", Kept: "The blue folder",
	Notes: "Asks that her sister is not told.",
}

func terms() consent.Terms {
	return consent.Terms{
		Uses: consent.Uses{Picture: true, Words: true}, Networks: []string{"mastodon", "bluesky", "mastodon"}, Languages: []string{"fr"},
		Until: civil.Date{Year: 2028, Month: 1, Day: 31}, How: consent.ByForm, Minor: true,
	}
}

type room struct {
	t     *testing.T
	db    *postgres.DB
	owner *postgres.DB
	keys  seal.Keys
	all   map[people.Role]people.Person
}

func newKey(t *testing.T) seal.Key {
	t.Helper()
	key, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func setup(t *testing.T) *room {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	r := &room{t: t, db: both.App, owner: both.Owner, keys: seal.Keys{newKey(t)}, all: map[people.Role]people.Person{}}
	r.tx(func(ctx context.Context, tx *postgres.Tx) error {
		for _, role := range people.Roles() {
			p, err := people.Add(ctx, tx, people.NewPerson{Email: string(role) + "@example.org", Name: "A " + string(role), Role: role, Languages: []string{"en"}, Password: "plain blue heart", Cost: people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}}, 0)
			if err != nil {
				return err
			}
			r.all[role] = p
		}
		return nil
	})
	return r
}

func (r *room) try(work func(context.Context, *postgres.Tx) error) error {
	return r.db.InTx(r.t.Context(), func(tx *postgres.Tx) error { return work(r.t.Context(), tx) })
}

func (r *room) tx(work func(context.Context, *postgres.Tx) error) {
	r.t.Helper()
	if err := r.try(work); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) lead() people.Person { return r.all[people.RoleSafeguarding] }

func (r *room) record() (id int64) {
	r.t.Helper()
	r.tx(func(ctx context.Context, tx *postgres.Tx) (err error) {
		id, err = consent.Record(ctx, tx, r.keys[0], who, terms(), r.lead(), now, time.UTC)
		return err
	})
	return id
}

func TestAConsentIsKeptSealedAndOpensForSafeguardingLeadsOnly(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.record()
	var got consent.Entry
	r.tx(func(ctx context.Context, tx *postgres.Tx) (err error) {
		got, err = consent.Open(ctx, tx, r.keys, id, r.lead())
		return err
	})
	want := terms()
	want.Networks = []string{"bluesky", "mastodon"}
	if diff := cmp.Diff(want, got.Terms); diff != "" || got.Who != who || got.Ref() != "C-0001" || got.Version != 1 || got.By != "A safeguarding" {
		t.Errorf("got %+v of %q\n%s", got.Consent, got.Who.Name, diff)
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", got, got, got, got.Who); strings.Contains(shown, "Zephyrine") {
		t.Errorf("printed, it shows who it is: %s", shown)
	}
	limited := r.lead()
	limited.Labels = []string{"york"}
	others := []people.Person{limited, {ID: r.lead().ID, Role: people.RoleSafeguarding, Disabled: true}, {}}
	for role, p := range r.all {
		if role != people.RoleSafeguarding {
			others = append(others, p)
		}
	}
	for _, p := range others {
		for what, work := range map[string]func(context.Context, *postgres.Tx) error{
			"record": func(ctx context.Context, tx *postgres.Tx) error {
				_, err := consent.Record(ctx, tx, r.keys[0], who, terms(), p, now, time.UTC)
				return err
			},
			"list": func(ctx context.Context, tx *postgres.Tx) error {
				_, err := consent.List(ctx, tx, r.keys, p)
				return err
			},
			"open": func(ctx context.Context, tx *postgres.Tx) error {
				_, err := consent.Open(ctx, tx, r.keys, id, p)
				return err
			},
			"amend": func(ctx context.Context, tx *postgres.Tx) error {
				return consent.Amend(ctx, tx, r.keys[0], id, 1, who, terms(), p, now, time.UTC)
			},
			"withdraw": func(ctx context.Context, tx *postgres.Tx) error {
				return consent.Withdraw(ctx, tx, r.keys, id, "asked", "", p, now, time.UTC)
			},
			"erase": func(ctx context.Context, tx *postgres.Tx) error { return consent.Erase(ctx, tx, id, p, now) },
			"link": func(ctx context.Context, tx *postgres.Tx) error {
				return linking.Add(ctx, tx, id, linking.Thing{Post: 1}, consent.Uses{Words: true}, p, now)
			},
			"unlink": func(ctx context.Context, tx *postgres.Tx) error { return linking.Remove(ctx, tx, id, 1, p, now) },
			"unmark": func(ctx context.Context, tx *postgres.Tx) error {
				_, err := linking.Unmark(ctx, tx, 1, p, now)
				return err
			},
		} {
			if err := r.try(work); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s as %q, limited %v: %v, want that there is nothing", what, p.Role, p.Limited(), err)
			}
		}
	}
	rows, err := audit.List(t.Context(), r.db, audit.Filter{Kind: "consent"})
	if err != nil || len(rows) != 2 || rows[0].Action != "consent.read" || rows[1].Action != "consent.recorded" {
		t.Errorf("the log: %+v, %v", rows, err)
	}
}

func TestWhatIsWrongWithAConsentIsSaidAllAtOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, c := range map[string]struct {
		change func(*consent.Who, *consent.Terms)
		fields string
	}{
		"nothing":                          {func(w *consent.Who, t *consent.Terms) { *w, *t = consent.Who{}, consent.Terms{} }, "name uses how until"},
		"a minor without a guardian":       {func(w *consent.Who, _ *consent.Terms) { w.Guardian = " " }, "guardian"},
		"a last day that is past":          {func(_ *consent.Who, t *consent.Terms) { t.Until = civil.Date{Year: 2027, Month: 6, Day: 30} }, "until"},
		"a last day that is far":           {func(_ *consent.Who, t *consent.Terms) { t.Until.Year = 2038 }, "until"},
		"a day that is none":               {func(_ *consent.Who, t *consent.Terms) { t.Until = civil.Date{Year: 2028, Month: 2, Day: 30} }, "until"},
		"a way that is none":               {func(_ *consent.Who, t *consent.Terms) { t.How = "wink" }, "how"},
		"a name in two lines":              {func(w *consent.Who, _ *consent.Terms) { w.Name = "a\nb" }, "name"},
		"a name that turns the page":       {func(w *consent.Who, _ *consent.Terms) { w.Name = "a\u202eb" }, "name"},
		"notes that are far too long":      {func(w *consent.Who, _ *consent.Terms) { w.Notes = strings.Repeat("é", 4001) }, "notes"},
		"a contact that is a bit too long": {func(w *consent.Who, _ *consent.Terms) { w.Contact = strings.Repeat("é", 201) }, "contact"},
	} {
		w, given := who, terms()
		c.change(&w, &given)
		err := r.try(func(ctx context.Context, tx *postgres.Tx) error {
			_, err := consent.Record(ctx, tx, r.keys[0], w, given, r.lead(), now, time.UTC)
			return err
		})
		var fields []string
		for _, p := range fault.Problems(err) {
			fields = append(fields, p.Field)
		}
		if got := strings.Join(fields, " "); got != c.fields {
			t.Errorf("%s: wrong are %q, want %q: %v", name, got, c.fields, err)
		}
	}
}

func TestAConsentEndsOnceAndIsErasedForEver(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.record()
	erase := func(ctx context.Context, tx *postgres.Tx) error { return consent.Erase(ctx, tx, id, r.lead(), now) }
	withdraw := func(ctx context.Context, tx *postgres.Tx) error {
		return consent.Withdraw(ctx, tx, r.keys, id, "guardian", "Her mother rang.", r.lead(), now, time.UTC)
	}
	if err := r.try(erase); !fault.Is(err, fault.Conflict) {
		t.Errorf("who gave a consent that holds is erased: %v", err)
	}
	r.tx(withdraw)
	if err := r.try(withdraw); !fault.Is(err, fault.Conflict) {
		t.Errorf("it is withdrawn twice: %v", err)
	}
	if err := r.try(func(ctx context.Context, tx *postgres.Tx) error {
		return consent.Amend(ctx, tx, r.keys[0], id, 2, who, terms(), r.lead(), now, time.UTC)
	}); !fault.Is(err, fault.Conflict) {
		t.Errorf("it is changed after its end: %v", err)
	}
	open := func() (e consent.Entry) {
		r.tx(func(ctx context.Context, tx *postgres.Tx) (err error) {
			e, err = consent.Open(ctx, tx, r.keys, id, r.lead())
			return err
		})
		return e
	}
	if e := open(); e.Ended != consent.Withdrawn || e.Why != "guardian" || e.Who.Ended != "Her mother rang." || e.Version != 2 || e.Holds(now) {
		t.Errorf("withdrawn: %+v, %q", e.Consent, e.Who.Ended)
	}
	r.tx(erase)
	r.tx(erase) // again changes nothing
	if e := open(); e.Who != (consent.Who{}) || e.ErasedAt.IsZero() || !e.Picture || e.Until != terms().Until {
		t.Errorf("erased: %+v", e.Consent)
	}
	// The database holds it, whatever the code does.
	for what, statement := range map[string]string{
		"it holds again":          `UPDATE consents SET ended = NULL, why = NULL, ended_at = NULL, ended_by = NULL`,
		"it ended otherwise":      `UPDATE consents SET why = 'mistake'`,
		"it was never erased":     `UPDATE consents SET erased_at = NULL, erased_by = NULL`,
		"it is gone":              `DELETE FROM consents`,
		"a version is gone":       `DELETE FROM consent_versions`,
		"something is sealed":     `UPDATE consent_versions SET sealed = '\x00', key_id = 'x'`,
		"a version allows more":   `UPDATE consent_versions SET name = true`,
		"there is a new version":  `INSERT INTO consent_versions SELECT consent_id, 3, '\x00', 'x', picture, name, words, networks, languages, until_date, until_at, how, minor, person_id, at FROM consent_versions WHERE no = 1`,
		"everything is truncated": `TRUNCATE consents CASCADE`,
	} {
		if _, err := r.owner.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("as the owner of the database: %s", what)
		}
	}
}

func TestANewKeySealsEveryVersionAnewAndTheOldOneOpensNothing(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.record()
	r.tx(func(ctx context.Context, tx *postgres.Tx) error {
		return consent.Amend(ctx, tx, r.keys[0], id, 1, who, terms(), r.lead(), now, time.UTC)
	})
	next := newKey(t)
	r.tx(func(ctx context.Context, tx *postgres.Tx) error {
		n, err := consent.Reseal(ctx, tx, append(seal.Keys{next}, r.keys...))
		if n != 2 {
			t.Errorf("%d versions are sealed anew, want 2", n)
		}
		return err
	})
	read := func(keys seal.Keys) (e consent.Entry, err error) {
		err = r.try(func(ctx context.Context, tx *postgres.Tx) (err error) {
			e, err = consent.Open(ctx, tx, keys, id, r.lead())
			return err
		})
		return e, err
	}
	if _, err := read(r.keys); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "C-0001") {
		t.Errorf("the old key opens it: %v", err)
	}
	if e, err := read(seal.Keys{next}); err != nil || e.Who != who {
		t.Errorf("the new key does not: %v", err)
	}
	// Without the key a consent can be withdrawn all the same.
	r.tx(func(ctx context.Context, tx *postgres.Tx) error {
		return consent.Withdraw(ctx, tx, r.keys, id, "asked", "", r.lead(), now, time.UTC)
	})
	if _, err := r.owner.ExecContext(t.Context(), `ALTER TABLE consent_versions DISABLE TRIGGER USER; UPDATE consent_versions v SET sealed = o.sealed FROM consent_versions o WHERE o.no = 3 - v.no`); err != nil {
		t.Fatal(err)
	}
	if _, err := read(seal.Keys{next}); err == nil {
		t.Error("what was sealed for one version opens in another's place")
	}
}

func TestAConsentCoversWhatItAllowsAndNothingElse(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.record()
	day := time.Date(2028, 1, 31, 23, 59, 59, 0, time.UTC)
	for name, c := range map[string]struct {
		need consent.Need
		want string
	}{
		"all of it":            {consent.Need{Uses: consent.Uses{Words: true}, Network: "bluesky", Language: "fr", Through: day}, ""},
		"a kind of a language": {consent.Need{Uses: consent.Uses{Picture: true}, Network: "mastodon", Language: "fr-CA", Through: day}, ""},
		"any network":          {consent.Need{Uses: consent.Uses{Picture: true}, Through: day}, ""},
		"another network":      {consent.Need{Uses: consent.Uses{Words: true}, Network: "x", Language: "fr", Through: day}, "network"},
		"another language":     {consent.Need{Uses: consent.Uses{Words: true}, Network: "mastodon", Language: "en", Through: day}, "language"},
		"their name":           {consent.Need{Uses: consent.Uses{Name: true}, Network: "mastodon", Language: "fr", Through: day}, "what of the person"},
		"the day after":        {consent.Need{Uses: consent.Uses{Words: true}, Through: day.Add(time.Second)}, "ends before"},
	} {
		err := consent.Covers(t.Context(), r.db, id, c.need)
		if (err == nil) != (c.want == "") || err != nil && (!fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if err := consent.Covers(t.Context(), r.db, 99, consent.Need{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a consent that is not there: %v", err)
	}
}

func TestReferencesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int64{"C-0012": 12, " c12 ": 12, "C-10000": 10000, "12": 0, "C-0": 0, "C--1": 0, "": 0, "C-12x": 0, "C-99999999999999999999": 0} {
		got, err := consent.ParseRef(typed)
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%q is %d, %v; want %d", typed, got, err, want)
		}
	}
	if got := consent.Ref(12345); got != "C-12345" {
		t.Errorf("got %s", got)
	}
}
