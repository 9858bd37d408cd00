package speech_test

import (
	"testing"

	"daymark/internal/org/people"
	"daymark/internal/org/people/speech"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestALanguageOfThePagesIsKeptAndLoggedOnceAChange(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	var p people.Person
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
		p, err = people.Add(t.Context(), tx, people.NewPerson{
			Email: "noor@daymark.example", Name: "Noor", Role: people.RoleReviewer, Languages: []string{"ar"}, Password: "a long walk by the sea",
			Cost: people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		}, 0)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if p.Interface != "" {
		t.Errorf("a new person has the language %q, want none", p.Interface)
	}
	for _, chosen := range []string{"ar", "ar", "", "fr"} {
		if err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return speech.Choose(t.Context(), tx, p, chosen) }); err != nil {
			t.Fatal(err)
		}
		var err error
		if p, err = people.ByID(t.Context(), db, p.ID); err != nil {
			t.Fatal(err)
		}
		if p.Interface != chosen {
			t.Errorf("the language is %q, want %q", p.Interface, chosen)
		}
	}
	var n int
	if err := db.GetContext(t.Context(), &n, `SELECT count(*) FROM audit WHERE action = 'person.language_chosen' AND person_id = $1`, p.ID); err != nil {
		t.Fatal(err)
	}
	if n != 3 {
		t.Errorf("%d lines in the log, want one for each of the 3 changes", n)
	}
}
