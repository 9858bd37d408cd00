package helpline_test

import (
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// noon is an instant with more digits than the database keeps.
var noon = time.Date(2027, 3, 1, 12, 0, 0, 123456789, time.UTC)

const day = 24 * time.Hour

// desk is a database with people who work on helplines.
type desk struct {
	t                              *testing.T
	db                             *postgres.DB // as the application's role
	editor, reviewer, manager, own people.Person
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, db: postgrestest.New(t, migrations.FS)}
	add := func(email string, role people.Role) people.Person {
		var p people.Person
		d.must(func(tx *postgres.Tx) (err error) {
			p, err = people.Add(t.Context(), tx, people.NewPerson{Email: email, Name: email, Role: role, Password: "correct horse battery", Cost: people.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}}, 0)
			return err
		})
		return p
	}
	d.editor, d.reviewer, d.manager = add("ed@example.org", people.RoleEditor), add("rosa@example.org", people.RoleReviewer), add("mina@example.org", people.RoleManager)
	var err error
	if d.own, err = people.System(t.Context(), d.db); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) try(work func(tx *postgres.Tx) error) error {
	d.t.Helper()
	return d.db.InTx(d.t.Context(), work)
}

func (d *desk) must(work func(tx *postgres.Tx) error) {
	d.t.Helper()
	if err := d.try(work); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) add(h campaign.Helpline) (r helpline.Record, err error) {
	d.t.Helper()
	err = d.try(func(tx *postgres.Tx) error {
		r, err = helpline.Add(d.t.Context(), tx, h, d.editor, noon)
		return err
	})
	return r, err
}

func (d *desk) change(h campaign.Helpline) (r helpline.Record, err error) {
	d.t.Helper()
	err = d.try(func(tx *postgres.Tx) error {
		r, err = helpline.Change(d.t.Context(), tx, h, d.editor, noon.Add(day))
		return err
	})
	return r, err
}

func (d *desk) check(id string, n helpline.NewCheck, by people.Person, now time.Time) (c helpline.Check, err error) {
	d.t.Helper()
	err = d.try(func(tx *postgres.Tx) error {
		c, err = helpline.AddCheck(d.t.Context(), tx, id, n, by, now)
		return err
	})
	return c, err
}

func (d *desk) load(list ...campaign.Helpline) (done helpline.Loaded, err error) {
	d.t.Helper()
	err = d.try(func(tx *postgres.Tx) error {
		done, err = helpline.LoadFile(d.t.Context(), tx, list, d.own, noon)
		return err
	})
	return done, err
}

func (d *desk) find(id string) helpline.Record {
	d.t.Helper()
	r, err := helpline.Find(d.t.Context(), d.db, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

var works = helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "A woman answered in English."}

func sample(changes ...func(*campaign.Helpline)) campaign.Helpline {
	h := campaign.Helpline{
		ID: "gb-hope", Country: "GB", Name: "Hope Line", Phone: "020 7946 0123", Hours: "24/7", Languages: []string{"en"},
		For: "everyone", Purpose: campaign.Support, Short: map[string]string{"en": "UK: 020 7946 0123"}, CheckDays: 30,
	}
	for _, change := range changes {
		change(&h)
	}
	return h
}
