package membership_test

import (
	"sync"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/org/people/membership"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var cheap = people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

func add(t *testing.T, db *postgres.DB, email string, role people.Role) (p people.Person) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
		p, err = people.Add(t.Context(), tx, people.NewPerson{Email: email, Name: "Ada " + string(role), Role: role, Password: "a long walk by the sea", Cost: cheap}, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func change(t *testing.T, db *postgres.DB, id int64, a membership.Access, by people.Person) error {
	t.Helper()
	return db.InTx(t.Context(), func(tx *postgres.Tx) error {
		return membership.Change(t.Context(), tx, id, "Ada", a, by, time.Now())
	})
}

func TestWhatAPersonMayDoChangesAtOnce(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	admin, ed := add(t, db, "admin@example.org", people.RoleAdmin), add(t, db, "ed@example.org", people.RoleEditor)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	want := membership.Access{Role: people.RoleChapter, Languages: []string{"en"}, Labels: []string{"leeds"}, Campaigns: []string{}, Until: until}
	if err := change(t, db, ed.ID, membership.Access{Role: people.RoleChapter, Languages: []string{"EN"}, Labels: []string{" leeds ", "", "leeds"}, Until: until}, admin); err != nil {
		t.Fatal(err)
	}
	got, err := membership.Find(t.Context(), db, ed.ID)
	if err != nil || got.Role != want.Role || len(got.Labels) != 1 || got.Labels[0] != "leeds" || !got.Until.Equal(until) || got.Over {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE people SET access_until = clock_timestamp() - interval '1 second' WHERE id = $1`, ed.ID); err != nil {
		t.Fatal(err)
	}
	p, err := people.ByID(t.Context(), db, ed.ID)
	if err != nil || !p.Disabled || p.May(people.PostRead) {
		t.Errorf("after the day: %+v, %v", p, err)
	}
}

func TestWhatCannotBeGivenIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	admin, ed := add(t, db, "admin@example.org", people.RoleAdmin), add(t, db, "ed@example.org", people.RoleEditor)
	for name, bad := range map[string]struct {
		access membership.Access
		field  string
	}{
		"a role that is none":        {membership.Access{Role: "boss"}, "role"},
		"Daymark itself":             {membership.Access{Role: people.RoleSystem}, "role"},
		"a reviewer by links":        {membership.Access{Role: people.RoleOutside}, "role"},
		"a limited admin":            {membership.Access{Role: people.RoleAdmin, Labels: []string{"leeds"}}, "role"},
		"a chapter without a label":  {membership.Access{Role: people.RoleChapter}, "labels"},
		"a hidden letter":            {membership.Access{Role: people.RoleEditor, Labels: []string{"le\u202eeds"}}, "labels"},
		"a campaign that is not":     {membership.Access{Role: people.RoleEditor, Campaigns: []string{"nowhere"}}, "campaigns"},
		"a language that is not":     {membership.Access{Role: people.RoleEditor, Languages: []string{"klingonish"}}, "languages"},
		"a day that is over already": {membership.Access{Role: people.RoleEditor, Until: time.Now().Add(-time.Minute)}, "until"},
	} {
		err := change(t, db, ed.ID, bad.access, admin)
		if !fault.Is(err, fault.Invalid) || fault.Problems(err)[0].Field != bad.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := change(t, db, ed.ID, membership.Access{Role: people.RoleAdmin}, ed); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an editor makes an admin: %v", err)
	}
	if err := change(t, db, 999999, membership.Access{Role: people.RoleEditor}, admin); !fault.Is(err, fault.NotFound) {
		t.Errorf("nobody: %v", err)
	}
	var system int64
	if err := db.GetContext(t.Context(), &system, `SELECT id FROM people WHERE role = 'system'`); err != nil {
		t.Fatal(err)
	}
	if err := change(t, db, system, membership.Access{Role: people.RoleAdmin}, admin); !fault.Is(err, fault.NotFound) {
		t.Errorf("Daymark itself: %v", err)
	}
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	one, two := add(t, db, "one@example.org", people.RoleAdmin), add(t, db, "two@example.org", people.RoleAdmin)
	if err := change(t, db, two.ID, membership.Access{Role: people.RoleAdmin, Until: time.Now().Add(time.Hour)}, one); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]membership.Access{
		"another role": {Role: people.RoleEditor}, "an end of access": {Role: people.RoleAdmin, Until: time.Now().Add(time.Hour)},
	} {
		if err := change(t, db, one.ID, a, one); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s for the last admin who stays: %v", name, err)
		}
	}
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return people.Disable(t.Context(), tx, one.ID, two.ID) }); !fault.Is(err, fault.Conflict) {
		t.Errorf("disabled: %v", err)
	}
}

func TestTwoAdminsCannotDemoteOneAnother(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	one, two := add(t, db, "one@example.org", people.RoleAdmin), add(t, db, "two@example.org", people.RoleAdmin)
	var group sync.WaitGroup
	for _, id := range []int64{one.ID, two.ID} {
		group.Go(func() { _ = change(t, db, id, membership.Access{Role: people.RoleEditor}, one) })
	}
	group.Wait()
	var left int
	if err := db.GetContext(t.Context(), &left, `SELECT count(*) FROM people WHERE role = 'admin'`); err != nil || left != 1 {
		t.Errorf("%d admins are left, %v", left, err)
	}
}

func TestWhoWasDisabledComesBackWithoutTheirOldSessions(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	admin, ed := add(t, db, "admin@example.org", people.RoleAdmin), add(t, db, "ed@example.org", people.RoleEditor)
	s := people.NewSessions(db)
	ctx := people.Describe(t.Context(), &people.About{Person: ed.ID})
	if err := s.CommitCtx(ctx, "token", []byte("x"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if err := people.Disable(t.Context(), tx, ed.ID, admin.ID); err != nil {
			return err
		}
		return membership.Enable(t.Context(), tx, ed.ID, admin)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.FindCtx(t.Context(), "token"); found || err != nil {
		t.Errorf("the old session is there: %v, %v", found, err)
	}
	list, err := membership.List(t.Context(), db)
	if err != nil || len(list) != 2 || list[1].Disabled {
		t.Errorf("%+v, %v", list, err)
	}
}
