package audit_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"daymark/internal/org/audit"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

const sqlPlanner = `SELECT id FROM people WHERE role = 'system'`

func TestAnEntryIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	var planner int64
	if err := db.GetContext(t.Context(), &planner, sqlPlanner); err != nil {
		t.Fatal(err)
	}
	for _, e := range []audit.Entry{
		{Action: "licence.taken", Kind: "licence"},
		{Person: planner, Action: "post.planned", Kind: "post", ID: 7, Detail: map[string]any{"language": "ar", "parts": 2.0, "text": "قلب أزرق"}},
	} {
		if err := audit.Write(t.Context(), db, e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := audit.List(t.Context(), db, audit.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	bySystem := audit.From{Via: audit.BySystem}
	want := []audit.Row{
		{ID: 2, Person: planner, PersonName: "Daymark planner", Action: "post.planned", Kind: "post", SubjectID: 7, Detail: map[string]any{"language": "ar", "parts": 2.0, "text": "قلب أزرق"}, From: bySystem},
		{ID: 1, Action: "licence.taken", Kind: "licence", Detail: map[string]any{}, From: bySystem},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(audit.Row{}, "At")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if got[0].At.Before(got[1].At) {
		t.Errorf("the newer row is of %v, the older one of %v", got[0].At, got[1].At)
	}
}

func TestTheListIsPagedAndNarrowed(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	for id := int64(1); id <= 3; id++ {
		for _, kind := range []string{"post", "channel"} { // rows 1 to 6, alternating
			if err := audit.Write(t.Context(), db, audit.Entry{Action: kind + ".changed", Kind: kind, ID: id}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		filter audit.Filter
		want   []int64
	}{
		{"everything is newest first", audit.Filter{}, []int64{6, 5, 4, 3, 2, 1}},
		{"a page holds as many rows as asked for", audit.Filter{Limit: 2}, []int64{6, 5}},
		{"the next page begins below the last row", audit.Filter{Limit: 2, Before: 5}, []int64{4, 3}},
		{"one kind", audit.Filter{Kind: "post"}, []int64{5, 3, 1}},
		{"one subject", audit.Filter{Kind: "channel", ID: 2}, []int64{4}},
		{"one action", audit.Filter{Action: "post.changed", Before: 4}, []int64{3, 1}},
		{"nobody's rows", audit.Filter{Person: 1}, nil},
		{"one post", audit.Filter{Post: 2, Kind: "channel"}, []int64{3}},
		{"since an hour ago", audit.Filter{Since: time.Now().Add(-time.Hour), Limit: 1}, []int64{6}},
		{"until an hour ago", audit.Filter{Until: time.Now().Add(-time.Hour)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, err := audit.List(t.Context(), db, tt.filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, r := range rows {
				got = append(got, r.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNobodyChangesTheLog(t *testing.T) {
	t.Parallel()
	d := postgrestest.NewBoth(t, migrations.FS)
	if err := audit.Write(t.Context(), d.App, audit.Entry{Action: "post.approved", Kind: "post", ID: 1}); err != nil {
		t.Fatal(err)
	}
	for _, who := range []struct {
		name string
		db   *postgres.DB
		code string
	}{
		{"the application", d.App, "42501"}, // insufficient_privilege
		{"the owner", d.Owner, "23001"},     // restrict_violation, by the trigger
	} {
		for _, attack := range []string{
			`UPDATE audit SET action = 'post.rejected' WHERE id = 1`,
			`DELETE FROM audit WHERE id = 1`,
			`TRUNCATE audit`,
		} {
			if _, err := who.db.ExecContext(t.Context(), attack); !isState(err, who.code) {
				t.Errorf("%s runs %s: got error %v, want SQLSTATE %s", who.name, attack, err, who.code)
			}
		}
	}
	if _, err := d.App.ExecContext(t.Context(), `ALTER TABLE audit DISABLE TRIGGER ALL`); !isState(err, "42501") {
		t.Errorf("the application switches the triggers off: got error %v", err)
	}
}

func isState(err error, code string) bool {
	var s interface{ SQLState() string }
	return errors.As(err, &s) && s.SQLState() == code
}

func TestAnEntryOfATransactionThatFailsIsNotThere(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	boom := errors.New("boom")
	err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if err := audit.Write(t.Context(), tx, audit.Entry{Action: "post.approved", Kind: "post", ID: 1}); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	rows, err := audit.List(t.Context(), db, audit.Filter{})
	if err != nil || len(rows) != 0 {
		t.Errorf("got %v and error %v, want no rows", rows, err)
	}
}

func TestAnEntryWithoutActionIsRefused(t *testing.T) {
	t.Parallel()
	if err := audit.Write(t.Context(), nil, audit.Entry{Kind: "post"}); err == nil {
		t.Error("want an error")
	}
}

func TestEveryActionOfTheLogIsListedOnce(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	if got, err := audit.Actions(t.Context(), db); err != nil || len(got) != 0 {
		t.Errorf("an empty log has %v, %v", got, err)
	}
	for _, action := range []string{"b.done", "a.done", "b.done", "c.done", "a.done"} {
		if err := audit.Write(t.Context(), db, audit.Entry{Action: action, Kind: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := audit.Actions(t.Context(), db)
	if diff := cmp.Diff([]string{"a.done", "b.done", "c.done"}, got); diff != "" || err != nil {
		t.Errorf("actions (-want +got):\n%s%v", diff, err)
	}
}
