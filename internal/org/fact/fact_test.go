package fact_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/org/audit"
	"daymark/internal/org/fact"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2027, 5, 1, 9, 0, 0, 0, time.UTC)

// good returns a fact without a problem.
func good(id string) campaign.Fact {
	return campaign.Fact{
		ID: id, Texts: map[string]string{"en": "38% of detected victims are children.", "fr": "38 % des victimes détectées sont des enfants."},
		Value: "38%", Kind: campaign.Detected, Scope: "world, 2022", Cite: "UNODC, 2024", Cites: map[string]string{"fr": "ONUDC, 2024"},
		Source: observance.Source{ID: "S-1", Name: "A report", URL: "https://example.org/report", Year: 2024},
		Year:   2024, DataYear: 2022, Confidence: "A", Status: campaign.Current, ReviewBy: civil.Date{Year: 2028, Month: time.February, Day: 28},
	}
}

// with returns a good fact that was changed.
func with(id string, change func(*campaign.Fact)) campaign.Fact {
	f := good(id)
	change(&f)
	return f
}

type desk struct {
	t      *testing.T
	db     *postgres.DB
	system people.Person
	ed     people.Person
}

func setup(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, db: postgrestest.New(t, migrations.FS)}
	var err error
	if d.system, err = people.System(t.Context(), d.db); err != nil {
		t.Fatal(err)
	}
	d.ed = people.Person{Name: "Ed", Role: people.RoleEditor}
	if err := d.db.GetContext(t.Context(), &d.ed.ID, `INSERT INTO people (email, name, role) VALUES ('ed@example.org', 'Ed', 'editor') RETURNING id`); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) change(f campaign.Fact, version int, by people.Person) (int, error) {
	d.t.Helper()
	var got int
	err := d.db.InTx(d.t.Context(), func(tx *postgres.Tx) error {
		var err error
		got, err = fact.Change(d.t.Context(), tx, f, version, by, now)
		return err
	})
	return got, err
}

func (d *desk) load(by people.Person, list ...campaign.Fact) fact.Taken {
	d.t.Helper()
	taken, err := d.tryLoad(by, list...)
	if err != nil {
		d.t.Fatal(err)
	}
	return taken
}

func (d *desk) tryLoad(by people.Person, list ...campaign.Fact) (fact.Taken, error) {
	var taken fact.Taken
	err := d.db.InTx(d.t.Context(), func(tx *postgres.Tx) error {
		var err error
		taken, err = fact.LoadFile(d.t.Context(), tx, list, by, now)
		return err
	})
	return taken, err
}

func (d *desk) find(id string) fact.Record {
	d.t.Helper()
	rec, err := fact.Find(d.t.Context(), d.db, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return rec
}

func TestAFactIsAddedChangedAndKeptInEveryVersion(t *testing.T) {
	t.Parallel()
	d := setup(t)
	if v, err := d.change(good("F1"), 0, d.ed); err != nil || v != 1 {
		t.Fatalf("version %d, %v", v, err)
	}
	second := with("F1", func(f *campaign.Fact) { f.Texts["en"] = " 40% of detected victims are children. "; f.Value = "40%" })
	if v, err := d.change(second, 1, d.ed); err != nil || v != 2 {
		t.Fatalf("version %d, %v", v, err)
	}
	if v, err := d.change(second, 2, d.ed); err != nil || v != 2 {
		t.Errorf("writing the same again gives version %d, %v", v, err)
	}
	want := fact.Record{Fact: fact.Clean(second), Version: 2, Origin: fact.FromPerson, UpdatedBy: "Ed", UpdatedAt: now}
	if diff := cmp.Diff(want, d.find("F1")); diff != "" {
		t.Error(diff)
	}
	versions, err := fact.Versions(t.Context(), d.db, "F1")
	if err != nil || len(versions) != 2 || versions[0].Value != "40%" || versions[1].Value != "38%" || versions[1].UpdatedBy != "Ed" {
		t.Errorf("versions %+v, %v", versions, err)
	}
	all, err := fact.All(t.Context(), d.db)
	if err != nil || len(all) != 1 || all["F1"].Texts["en"] != "40% of detected victims are children." {
		t.Errorf("all facts are %+v, %v", all, err)
	}
	rows, err := audit.List(t.Context(), d.db, audit.Filter{Kind: "fact"})
	if err != nil || len(rows) != 2 || rows[0].Action != "fact.changed" || rows[1].Action != "fact.added" || rows[0].Detail["fact"] != "F1" {
		t.Errorf("audit %+v, %v", rows, err)
	}
	for _, id := range []string{"F9", ""} {
		if _, err := fact.Find(t.Context(), d.db, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := fact.Versions(t.Context(), d.db, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestWhoReadAnOlderVersionIsTold(t *testing.T) {
	t.Parallel()
	d := setup(t)
	if _, err := d.change(good("F1"), 0, d.ed); err != nil {
		t.Fatal(err)
	}
	if _, err := d.change(with("F1", func(f *campaign.Fact) { f.Note = "a" }), 1, d.ed); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		id      string
		version int
		by      people.Person
		want    fault.Kind
	}{
		"the version before":      {"F1", 1, d.ed, fault.Conflict},
		"an id that is taken":     {"F1", 0, d.ed, fault.Conflict},
		"a fact that is gone":     {"F2", 1, d.ed, fault.NotFound},
		"a reviewer":              {"F1", 2, people.Person{ID: d.ed.ID, Role: people.RoleReviewer}, fault.Forbidden},
		"the system edits none":   {"F1", 2, d.system, fault.Forbidden},
		"somebody disabled":       {"F1", 2, people.Person{ID: d.ed.ID, Role: people.RoleEditor, Disabled: true}, fault.Forbidden},
		"a version still to come": {"F1", 3, d.ed, fault.Conflict},
	} {
		if _, err := d.change(with(tt.id, func(f *campaign.Fact) { f.Note = "b" }), tt.version, tt.by); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if d.find("F1").Note != "a" {
		t.Error("something was written")
	}
}

func TestAnInvalidFactIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	known := map[string]campaign.Fact{
		"F1": good("F1"), "NEW": good("NEW"), "OLD": with("OLD", func(f *campaign.Fact) { f.Status, f.SupersededBy = campaign.Superseded, "NEW" }),
	}
	for name, tt := range map[string]struct {
		change func(*campaign.Fact)
		fields string
	}{
		"a good one":               {func(*campaign.Fact) {}, ""},
		"everything is missing":    {func(f *campaign.Fact) { *f = campaign.Fact{} }, "id, text in en, scope, source's name, source, link of the source, kind, confidence, year, review date, status"},
		"an id with a space":       {func(f *campaign.Fact) { f.ID = "F 1" }, "id"},
		"no English":               {func(f *campaign.Fact) { delete(f.Texts, "en") }, "text in en"},
		"no language":              {func(f *campaign.Fact) { f.Texts["english"] = "a" }, "text in english"},
		"two lines":                {func(f *campaign.Fact) { f.Texts["fr"] = "a\nb" }, "text in fr"},
		"a token in a fact":        {func(f *campaign.Fact) { f.Texts["fr"] = "{{fact:F1}}" }, "text in fr"},
		"a hidden character":       {func(f *campaign.Fact) { f.Cites["fr"] = "a\u202eb" }, "source's name in fr"},
		"a sentence too long":      {func(f *campaign.Fact) { f.Texts["en"] = strings.Repeat("a", fact.MaxText+1) }, "text in en"},
		"a source without a link":  {func(f *campaign.Fact) { f.Source.URL = "" }, "link of the source"},
		"a link that is a script":  {func(f *campaign.Fact) { f.Source.URL = "javascript:alert(1)" }, "link of the source"},
		"another kind":             {func(f *campaign.Fact) { f.Kind = "rumour" }, "kind"},
		"another status":           {func(f *campaign.Fact) { f.Status = "old" }, "status"},
		"a year far away":          {func(f *campaign.Fact) { f.Year, f.DataYear = 20244, 7 }, "year, year of the data"},
		"a day that is none":       {func(f *campaign.Fact) { f.ReviewBy = civil.Date{Year: 2027, Month: time.February, Day: 30} }, "review date"},
		"superseded by another":    {func(f *campaign.Fact) { f.Status, f.SupersededBy = campaign.Superseded, "NEW" }, ""},
		"superseded without one":   {func(f *campaign.Fact) { f.Status = campaign.Superseded }, ""},
		"superseded by itself":     {func(f *campaign.Fact) { f.Status, f.SupersededBy = campaign.Superseded, "F1" }, "superseded by"},
		"superseded by nothing":    {func(f *campaign.Fact) { f.Status, f.SupersededBy = campaign.Superseded, "NEWS" }, "superseded by"},
		"superseded by an old one": {func(f *campaign.Fact) { f.Status, f.SupersededBy = campaign.Superseded, "OLD" }, "superseded by"},
		"current and superseded":   {func(f *campaign.Fact) { f.SupersededBy = "NEW" }, "superseded by"},
		"others name it":           {func(f *campaign.Fact) { f.ID, f.Status = "NEW", campaign.DoNotUse }, "status"},
	} {
		err := fact.Validate(with("F1", tt.change), known)
		var fields []string
		for _, p := range fault.Problems(err) {
			fields = append(fields, p.Field)
		}
		if got := strings.Join(fields, ", "); got != tt.fields {
			t.Errorf("%s: %q, want %q\n%v", name, got, tt.fields, err)
		}
	}
}

func TestFactsFollowTheirFileUntilAPersonEditsThem(t *testing.T) {
	t.Parallel()
	d := setup(t)
	old := with("OLD", func(f *campaign.Fact) { f.Status, f.SupersededBy = campaign.Superseded, "F1" })
	if diff := cmp.Diff(fact.Taken{Added: []string{"OLD", "F1"}}, d.load(d.system, old, good("F1"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(fact.Taken{}, d.load(d.system, old, good("F1"))); diff != "" {
		t.Errorf("loading the same again did %s", diff)
	}
	rows, err := audit.List(t.Context(), d.db, audit.Filter{Kind: "fact"})
	if err != nil || len(rows) != 2 {
		t.Errorf("%d audit rows, %v: what is the same writes nothing", len(rows), err)
	}
	second := with("F1", func(f *campaign.Fact) { f.Value = "39%" })
	if diff := cmp.Diff(fact.Taken{Changed: []string{"F1"}}, d.load(d.system, old, second)); diff != "" {
		t.Error(diff)
	}
	if rec := d.find("F1"); rec.Version != 2 || rec.Value != "39%" || rec.Origin != fact.FromFile || rec.FileDiffers || rec.UpdatedBy != "Daymark planner" {
		t.Errorf("the fact is %+v", rec)
	}
	if _, err := d.change(with("F1", func(f *campaign.Fact) { f.Value = "41%" }), 2, d.ed); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if diff := cmp.Diff(fact.Taken{Differs: []string{"F1"}}, d.load(d.system, old, second)); diff != "" {
			t.Error(diff)
		}
	}
	if rec := d.find("F1"); rec.Version != 3 || rec.Value != "41%" || rec.Origin != fact.FromPerson || !rec.FileDiffers {
		t.Errorf("the file overwrote what a person wrote: %+v", rec)
	}
	if diff := cmp.Diff(fact.Taken{}, d.load(d.system, old, with("F1", func(f *campaign.Fact) { f.Value = "41%" }))); diff != "" {
		t.Error(diff)
	}
	if rec := d.find("F1"); rec.FileDiffers || rec.Version != 3 {
		t.Errorf("the file says the same now: %+v", rec)
	}
}

func TestDaymarksOwnFileLeavesTheCharitysFactsAlone(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.load(d.system, good("F1"))
	own := with("F1", func(f *campaign.Fact) { f.Value = "50%" })
	if diff := cmp.Diff(fact.Taken{Changed: []string{"F1"}}, d.load(d.ed, own)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(fact.Taken{}, d.load(d.system, good("F1"))); diff != "" {
		t.Error(diff)
	}
	if rec := d.find("F1"); rec.Value != "50%" || rec.Origin != fact.FromFile {
		t.Errorf("the fact is %+v", rec)
	}
}

func TestABrokenFileChangesNothing(t *testing.T) {
	t.Parallel()
	d := setup(t)
	_, err := d.tryLoad(d.system, good("F1"), with("F2", func(f *campaign.Fact) { f.Source.URL, f.Scope = "", "" }))
	if got := len(fault.Problems(err)); got != 2 || !strings.Contains(fault.Say(err), "F2 scope") {
		t.Errorf("%d problems: %v", got, err)
	}
	if _, err := d.tryLoad(people.Person{ID: d.ed.ID, Role: people.RoleManager}, good("F1")); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a manager loads facts: %v", err)
	}
	if all, err := fact.List(t.Context(), d.db); err != nil || len(all) != 0 {
		t.Errorf("%d facts, %v", len(all), err)
	}
}

func TestOfManyWhoChangeAFactAtOnceOneWins(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.load(d.system, good("F1"))
	const writers = 8
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			_, errs[i] = d.change(with("F1", func(f *campaign.Fact) { f.Value = fmt.Sprint(i) }), 1, d.ed)
		})
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		switch {
		case err == nil:
			won++
			if got := d.find("F1"); got.Value != fmt.Sprint(i) || got.Version != 2 {
				t.Errorf("writer %d won, the fact is %s at version %d", i, got.Value, got.Version)
			}
		case !fault.Is(err, fault.Conflict):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d writers won", won)
	}
}

func TestTwoDaemonsThatStartAtOnceLoadTheFactsOnce(t *testing.T) {
	t.Parallel()
	d := setup(t)
	var list []campaign.Fact
	for i := range 28 {
		list = append(list, good(fmt.Sprintf("F%02d", i)))
	}
	var wg sync.WaitGroup
	added := make([]int, 4)
	for i := range added {
		wg.Go(func() {
			taken, err := d.tryLoad(d.system, list...)
			if err != nil {
				t.Error(err)
			}
			added[i] = len(taken.Added)
		})
	}
	wg.Wait()
	if added[0]+added[1]+added[2]+added[3] != len(list) {
		t.Errorf("added %v", added)
	}
	if all, err := fact.List(t.Context(), d.db); err != nil || len(all) != len(list) || all[0].Version != 1 {
		t.Errorf("%d facts, %v", len(all), err)
	}
}

func TestTheAppCannotRewriteHistory(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.load(d.system, good("F1"))
	for _, statement := range []string{
		`UPDATE fact_versions SET version = 9`,
		`DELETE FROM fact_versions`,
		`TRUNCATE fact_versions`,
		`DELETE FROM facts`,
		`UPDATE facts SET id = 'F2'`,
		`UPDATE facts SET body = '{}'`,
		`INSERT INTO fact_versions SELECT fact_id, version, body, sha256, updated_by, updated_at FROM fact_versions`,
		`INSERT INTO fact_versions SELECT fact_id, 2, '{}', sha256, updated_by, updated_at FROM fact_versions`,
	} {
		if _, err := d.db.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("the database took %s", statement)
		}
	}
	if versions, err := fact.Versions(t.Context(), d.db, "F1"); err != nil || len(versions) != 1 {
		t.Errorf("%d versions, %v", len(versions), err)
	}
}
