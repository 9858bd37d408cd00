package notice_test

import (
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var now = time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC)

func TestAMatterIsToldOnceUntilItIsDone(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	ctx := t.Context()
	tell := func(key string, level notice.Level, at time.Time) bool {
		t.Helper()
		fresh, err := notice.Tell(ctx, db, notice.New{Key: key, Level: level, Say: "Look at " + key + ".", Kind: "helpline", ID: "gb-test", At: at})
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	if !tell("a", notice.Warning, now) || tell("a", notice.Warning, now.Add(time.Hour)) {
		t.Error("a matter was not told exactly once")
	}
	tell("b", notice.Note, now.Add(2*time.Hour))
	tell("c", notice.Error, now.Add(-time.Hour))
	open := func() string {
		t.Helper()
		list, err := notice.Open(ctx, db, 10)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, n := range list {
			said += n.Say + " "
		}
		return said
	}
	if got := open(); got != "Look at c. Look at a. Look at b. " {
		t.Errorf("open: %s", got)
	}
	var rosa people.Person
	done := func(by people.Person) error {
		list, err := notice.Open(ctx, db, 1)
		if err != nil {
			t.Fatal(err)
		}
		return db.InTx(ctx, func(tx *postgres.Tx) error { return notice.Done(ctx, tx, list[0].ID, by, now) })
	}
	if err := db.InTx(ctx, func(tx *postgres.Tx) (err error) {
		rosa, err = people.Add(ctx, tx, people.NewPerson{Email: "rosa@example.org", Name: "Rosa", Role: people.RoleReviewer, Password: "a good long password"}, 0)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	system, err := people.System(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	if err := done(system); !fault.Is(err, fault.Forbidden) {
		t.Errorf("Daymark closed its own notice: %v", err)
	}
	if err := done(rosa); err != nil {
		t.Fatal(err)
	}
	if got := open(); got != "Look at a. Look at b. " {
		t.Errorf("open after one is done: %s", got)
	}
	if tell("c", notice.Error, now) {
		t.Error("a matter that is done was told again")
	}
	rows, err := audit.List(ctx, db, audit.Filter{Kind: "notice"})
	if err != nil || len(rows) != 1 || rows[0].Person != rosa.ID {
		t.Errorf("audit: %+v, %v", rows, err)
	}
	if _, err := notice.Tell(ctx, db, notice.New{Key: "d", Level: notice.Note, Say: " ", Kind: "post"}); err == nil {
		t.Error("a notice without words was told")
	}
}
