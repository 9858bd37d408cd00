package almanac_test

import (
	"testing"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/ics"
	"daymark/internal/core/observance"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/plan/almanac"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

const file = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Journée de l'Été\nDTSTART;VALUE=DATE:20200311\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2WE\nURL:javascript:alert(1)\nEND:VEVENT\n" +
	"BEGIN:VEVENT\nUID:2\nSUMMARY:اليوم\nDTSTART;VALUE=DATE:20270101\nEND:VEVENT\nBEGIN:VEVENT\nUID:3\nSUMMARY:Hid\u202eden\nDTSTART;VALUE=DATE:20270101\nEND:VEVENT\n" +
	"BEGIN:VEVENT\nUID:4\nSUMMARY:Human Rights Day\nDTSTART;VALUE=DATE:20271210\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n"

func entries(t *testing.T, text string) []ics.Entry {
	t.Helper()
	list, err := ics.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestDaysOfAFileAreTakenOnceAndGo(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	ctx := t.Context()
	editor, err := people.ByID(ctx, db, b.Author)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := campaign.ShippedObservances()
	if err != nil {
		t.Fatal(err)
	}
	look := func(text string) []almanac.Found {
		all, err := almanac.All(ctx, db, shipped)
		if err != nil {
			t.Fatal(err)
		}
		return almanac.Look(entries(t, text), all)
	}
	take := func(list []almanac.Found, by people.Person) (taken almanac.Taken, err error) {
		err = db.InTx(ctx, func(tx *postgres.Tx) error {
			taken, err = almanac.Take(ctx, tx, list, by)
			return err
		})
		return taken, err
	}
	found := look(file)
	if !found[2].Unsafe || found[2].Good() || found[0].ID != "own-journee-de-l-ete" || found[1].ID == found[0].ID || found[3].Ours != "Human Rights Day" {
		t.Fatalf("%+v", found)
	}
	if _, err := take(found, editor); !fault.Is(err, fault.Invalid) {
		t.Errorf("an entry that cannot be taken: %v", err)
	}
	for _, want := range []almanac.Taken{{New: 2}, {Same: 2}} {
		got, err := take(look(file)[:2], editor)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	own, err := almanac.Own(ctx, db)
	if err != nil || len(own) != 2 {
		t.Fatalf("%+v, %v", own, err)
	}
	for _, d := range own {
		if d.Site != "" || !d.Unverified || !d.Own {
			t.Errorf("%+v", d)
		}
	}
	day := civil.Date{Year: 2027, Month: 3, Day: 10}
	dates := almanac.Between(own, civil.Date{Year: 2027, Month: 2, Day: 1}, civil.Date{Year: 2027, Month: 12, Day: 31})
	if len(dates) != 1 || dates[0].Range != civil.OneDay(day) || dates[0].Rule.Kind != observance.NthWeekday {
		t.Errorf("the second Wednesday of March: %+v", dates)
	}
	for _, tt := range []struct {
		by   people.Person
		id   string
		want fault.Kind
	}{{people.Person{ID: b.Reviewers[0], Role: people.RoleReviewer}, own[0].ID, fault.Forbidden}, {editor, "own-nothing", fault.NotFound}} {
		if err := db.InTx(ctx, func(tx *postgres.Tx) error { return almanac.Remove(ctx, tx, tt.id, tt.by) }); !fault.Is(err, tt.want) {
			t.Errorf("remove %s: %v", tt.id, err)
		}
	}
	if err := db.InTx(ctx, func(tx *postgres.Tx) error { return almanac.Remove(ctx, tx, own[0].ID, editor) }); err != nil {
		t.Error(err)
	}
	if own, err = almanac.Own(ctx, db); err != nil || len(own) != 1 {
		t.Errorf("after removing one: %+v, %v", own, err)
	}
}

func TestNamesThatLookAlikeBecomeDifferentDays(t *testing.T) {
	t.Parallel()
	text := "BEGIN:VCALENDAR\n"
	for _, name := range []string{"A day!", "a  day", "???", "...", "A day 2"} {
		text += "BEGIN:VEVENT\nSUMMARY:" + name + "\nDTSTART:20270101\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"
	}
	seen := map[string]bool{}
	for _, f := range almanac.Look(entries(t, text+"END:VCALENDAR\n"), nil) {
		if seen[f.ID] {
			t.Errorf("two days are %s", f.ID)
		}
		seen[f.ID] = true
	}
}
