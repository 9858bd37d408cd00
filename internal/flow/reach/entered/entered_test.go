package entered_test

import (
	"context"
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/reach/entered"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int64{
		"": -1, " ": -1, "0": 0, "7": 700, "12.5": 1250, "12,5": 1250, "12.05": 1205, "1200": 120_000, "1,200": 120_000, "1.200": 120_000,
		"1 200": 120_000, "1\u202f200,5": 120_050, "1,234,567": 123_456_700, "1'200": 120_000, "999999999999": 99_999_999_999_900,
	} {
		if got, ok := entered.Read(typed); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"-1", "many", "1.2.3", "12,345,6", "1e9", "٧", "0x10", "12.345.6", "1,2,3", strings.Repeat("9", 30), "=1"} {
		if got, ok := entered.Read(typed); ok {
			t.Errorf("%q is taken for %d", typed, got)
		}
	}
	if got := (entered.Figure{Hundredths: 1250}).Value() + " " + (entered.Figure{Hundredths: 1205}).Value() + " " + (entered.Figure{Hundredths: 700}).Value(); got != "12.5 12.05 7" {
		t.Error(got)
	}
}

func TestEveryVersionOfAFigureIsKeptAndTheNewestCounts(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	by := people.Person{ID: b.Author, Role: people.RoleEditor}
	enter := func(in entered.New) (changed bool) {
		t.Helper()
		if err := db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
			changed, err = entered.Enter(t.Context(), tx, by, b.Edition, in)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return changed
	}
	for i, step := range []struct {
		in      entered.New
		changed bool
	}{
		{entered.New{Name: entered.Contacts, Value: "1,200", Note: "By the operator."}, true},
		{entered.New{Name: entered.Contacts, Value: "1200", Note: "By the operator."}, false},
		{entered.New{Name: entered.Contacts, Value: "1350", Note: "By the operator, corrected."}, true},
		{entered.New{Name: "Leaflets  given out", Value: "12,5", Unit: "thousand"}, true},
		{entered.New{Name: entered.Hours, Value: "80"}, true},
		{entered.New{Name: entered.Hours}, true}, // taken out
		{entered.New{Name: entered.Hours}, false},
		{entered.New{Name: "Never there"}, false},
	} {
		if got := enter(step.in); got != step.changed {
			t.Errorf("step %d: changed is %v, want %v", i, got, step.changed)
		}
	}
	list, err := entered.Figures(t.Context(), db, b.Edition)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Name != entered.Contacts || list[0].Value() != "1350" || list[0].Versions != 2 || list[0].Person != "Wren Writer" ||
		list[1].Name != "Leaflets given out" || list[1].Value() != "12.5" || list[1].Unit != "thousand" {
		t.Errorf("%+v", list)
	}
	var rows, logged int
	if err := db.GetContext(t.Context(), &rows, `SELECT count(*) FROM entered_figures`); err != nil || rows != 5 {
		t.Errorf("%d versions, want 5 (%v)", rows, err)
	}
	if err := db.GetContext(t.Context(), &logged, `SELECT count(*) FROM audit WHERE action = 'figure.entered'`); err != nil || logged != 5 {
		t.Errorf("%d entries in the log, want 5 (%v)", logged, err)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE entered_figures SET value = 1`); err == nil {
		t.Error("the application can change a version")
	}
}

func TestWhatCannotBeEnteredIsSaid(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	try := func(by people.Person, edition int64, in entered.New) error {
		return db.InTx(t.Context(), func(tx *postgres.Tx) error {
			_, err := entered.Enter(context.WithoutCancel(t.Context()), tx, by, edition, in)
			return err
		})
	}
	editor := people.Person{ID: b.Author, Role: people.RoleEditor}
	for _, tt := range []struct {
		by      people.Person
		edition int64
		in      entered.New
		kind    fault.Kind
		field   string
	}{
		{people.Person{ID: b.Author, Role: people.RoleTranslator}, b.Edition, entered.New{Name: "x", Value: "1"}, fault.Forbidden, ""},
		{editor, 999, entered.New{Name: "x", Value: "1"}, fault.NotFound, ""},
		{editor, b.Edition, entered.New{Value: "1"}, fault.Invalid, "name"},
		{editor, b.Edition, entered.New{Name: strings.Repeat("x", 61), Value: "1"}, fault.Invalid, "name"},
		{editor, b.Edition, entered.New{Name: "x\u202e", Value: "1"}, fault.Invalid, "name"},
		{editor, b.Edition, entered.New{Name: "x", Value: "some"}, fault.Invalid, "value"},
		{editor, b.Edition, entered.New{Name: "x", Value: "-2"}, fault.Invalid, "value"},
		{editor, b.Edition, entered.New{Name: "x", Value: "1", Unit: strings.Repeat("x", 31)}, fault.Invalid, "unit"},
		{editor, b.Edition, entered.New{Name: "x", Value: "1", Note: strings.Repeat("x", 501)}, fault.Invalid, "note"},
	} {
		err := try(tt.by, tt.edition, tt.in)
		if !fault.Is(err, tt.kind) {
			t.Errorf("%+v: %v", tt.in, err)
			continue
		}
		if p := fault.Problems(err); tt.field != "" && (len(p) == 0 || p[0].Field != tt.field) {
			t.Errorf("%+v: %+v", tt.in, p)
		}
	}
}
