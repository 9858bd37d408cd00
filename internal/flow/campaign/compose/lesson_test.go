package compose_test

import (
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

func TestWhatWasLearntIsKeptChangedAndTakenOut(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	editor := person(t, db, people.NewPerson{Role: people.RoleEditor})
	edition := book.Edition{ID: booktest.New(t, db).Edition}
	learn := func(by people.Person, notes map[string]string) (n int, err error) {
		err = db.InTx(t.Context(), func(tx *postgres.Tx) error { n, err = compose.Learn(t.Context(), tx, edition, notes, by); return err })
		return n, err
	}
	for _, tt := range []struct {
		notes map[string]string
		n     int
	}{
		{map[string]string{"a": " Too early.\r\nTry ten. ", "b": "", "c": "Good."}, 2},
		{map[string]string{"a": "Too early.\nTry ten.", "c": "Very good."}, 1},
		{map[string]string{"c": " "}, 1},
	} {
		if n, err := learn(editor, tt.notes); n != tt.n || err != nil {
			t.Errorf("%v: %d, %v", tt.notes, n, err)
		}
	}
	all, err := compose.Lessons(t.Context(), db, edition.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for message, l := range all {
		got[message] = l.Body + " " + l.Person
	}
	if diff := cmp.Diff(map[string]string{"a": "Too early.\nTry ten. editor"}, got); diff != "" {
		t.Error(diff)
	}
	for name, note := range map[string]string{"too long": strings.Repeat("é", 2001), "deceiving": "a\u202eb"} {
		if _, err := learn(editor, map[string]string{"a": note}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := learn(people.Person{Role: people.RoleReviewer}, map[string]string{"a": "x"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer wrote: %v", err)
	}
}
