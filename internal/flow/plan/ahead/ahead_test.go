package ahead_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/plan/ahead"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func newBook(t *testing.T) (*postgres.DB, people.Person) {
	t.Helper()
	db := postgrestest.New(t, migrations.FS)
	by, err := people.System(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	booktest.New(t, db).Channel(booktest.Channel{})
	return db, by
}

// load takes a campaign of two posts into the book: on the first day, and some days after.
func load(t *testing.T, db *postgres.DB, id string, rule observance.Rule, after int) {
	t.Helper()
	texts := map[string]string{"en": "Remember"}
	body, _, err := post.Canonical(campaign.Campaign{ID: id, Posts: []campaign.Message{
		{ID: "day", Mode: campaign.Local, Texts: texts}, {ID: "after", Offset: campaign.Offset{Days: after}, Mode: campaign.Local, Texts: texts},
	}})
	if err != nil {
		t.Fatal(err)
	}
	of, err := json.Marshal(observance.Observance{ID: id, Rule: rule})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
		_, err := book.SaveCampaign(t.Context(), tx, book.Campaign{ID: id, Observance: of, Body: body, LoadedAt: time.Unix(0, 0)}, 1)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func on(month time.Month, day int) observance.Rule {
	return observance.Rule{Kind: observance.Fixed, Month: month, Day: day}
}

func run(t *testing.T, db *postgres.DB, by people.Person, now string, weeks int) []string {
	t.Helper()
	at, err := time.Parse(time.DateOnly, now)
	if err != nil {
		t.Fatal(err)
	}
	planned, err := ahead.Plan(t.Context(), db, by, at, weeks)
	if err != nil {
		t.Logf("planned with a mistake: %v", err)
	}
	list := []string{}
	for _, e := range planned {
		list = append(list, fmt.Sprintf("%s %d: %d", e.Campaign, e.Year, e.Made.Deliveries))
	}
	return list
}

func TestTheComingEditionsArePlannedSoManyWeeksAhead(t *testing.T) {
	t.Parallel()
	db, by := newBook(t)
	load(t, db, "july-30", on(time.July, 30), 2) // the one that booktest made, with a body of its own
	load(t, db, "new-year", on(time.January, 2), -4)
	load(t, db, "summer", on(time.July, 1), 3)
	load(t, db, "unannounced", observance.Rule{Kind: observance.Announced}, 0)
	check := func(now string, weeks int, want ...string) {
		t.Helper()
		if want == nil {
			want = []string{}
		}
		if diff := cmp.Diff(want, run(t, db, by, now, weeks)); diff != "" {
			t.Errorf("%s, %d weeks ahead (-want +got):\n%s", now, weeks, diff)
		}
	}
	check("2027-01-05", 4, "july-30 2027: 2") // it is there already, and follows
	check("2027-01-05", 4)
	check("2027-01-05", 26, "summer 2027: 2")
	check("2027-12-20", 4, "new-year 2028: 2")
	check("2027-12-20", 4)
	check("2028-07-30", 26, "july-30 2028: 1", "new-year 2029: 2") // of the day itself only what is still to come
}

func TestAnEditionThatIsOverOrOnlyRehearsedIsLeftAlone(t *testing.T) {
	t.Parallel()
	db, by := newBook(t)
	load(t, db, "summer", on(time.July, 1), 3)
	at := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	if _, err := plan.Make(t.Context(), db, "summer", 2027, plan.Options{Rehearsal: true, By: by, Now: at}); err != nil {
		t.Fatal(err)
	}
	load(t, db, "summer", on(time.July, 2), 3)
	load(t, db, "july-30", on(time.July, 30), 1)
	run(t, db, by, "2027-09-01", 1)
	var days []string
	if err := db.SelectContext(t.Context(), &days, `SELECT to_char(first_day, 'MM-DD') FROM editions WHERE campaign_id = 'summer'`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"07-01"}, days); diff != "" {
		t.Errorf("editions (-want +got):\n%s", diff)
	}
}

func TestOneBrokenCampaignKeepsNoOtherFromBeingPlanned(t *testing.T) {
	t.Parallel()
	db, by := newBook(t)
	load(t, db, "broken", observance.Rule{Kind: observance.Fixed, Month: 13, Day: 1}, 0)
	load(t, db, "july-30", on(time.July, 30), 1)
	planned, err := ahead.Plan(t.Context(), db, by, time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC), 26)
	if err == nil || !strings.Contains(err.Error(), "month 13") || len(planned) != 1 {
		t.Errorf("planned %+v, %v", planned, err)
	}
}

// An announced date that a person enters is planned like one of the file.
func TestAnAnnouncedDateIsPlanned(t *testing.T) {
	t.Parallel()
	db, by := newBook(t)
	load(t, db, "july-30", on(time.July, 30), 1)
	load(t, db, "week", observance.Rule{Kind: observance.Announced}, 1)
	may := civil.Date{Year: 2028, Month: time.May, Day: 4}
	if _, err := plan.SetDates(t.Context(), db, "week", 2028, civil.OneDay(may), by, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"week 2028: 2"}, run(t, db, by, "2028-01-01", 20)); diff != "" {
		t.Errorf("planned (-want +got):\n%s", diff)
	}
}
