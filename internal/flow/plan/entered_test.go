package plan_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/plan/conflict"
	"daymark/internal/flow/plan/zonedata"
	"daymark/internal/org/people"
)

func TestAThemeVoidsOnlyWhatWasSubmittedAndSaysIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	for i, words := range []string{"This year: {{theme}}", "Remember", "Thanks for {{ theme }}"} {
		s.body.Posts[i].Texts = map[string]string{"en": words}
	}
	s.load()
	edition := s.make(plan.Options{}).Edition
	s.Schedule(s.entry("before").Delivery) // says it, approved
	s.Schedule(s.entry("day").Delivery)    // does not say it, approved
	set := func(theme string, want int) {
		t.Helper()
		if n, err := plan.SetTheme(t.Context(), s.db, edition, theme, s.by); err != nil || n != want {
			t.Errorf("%q: %d posts are to be reviewed again, %v; want %d", theme, n, err, want)
		}
	}
	set(" Leave no one behind ", 1)
	if e := s.entry("before"); e.State != post.Held || e.Hold != post.ForEdited || e.Problem != "The theme is now “Leave no one behind”. Send it for review again." {
		t.Errorf("what says the theme is %+v", e)
	}
	if e := s.entry("day"); e.State != post.Scheduled {
		t.Errorf("what does not say it is %s", e.State)
	}
	if e := s.entry("after"); e.Problem != "" {
		t.Errorf("what nobody has submitted: %q", e.Problem)
	}
	before := s.counts()
	set("Leave no one behind", 0)
	for table, n := range s.counts() {
		if n != before[table] {
			t.Errorf("setting it again makes %d rows of %s out of %d", n, table, before[table])
		}
	}
	s.Submit(s.entry("after").Delivery) // open, not cleared
	set("", 1)
	if e, err := book.EditionByID(t.Context(), s.db, edition); err != nil || e.Theme != "" {
		t.Errorf("the theme is %q, %v", e.Theme, err)
	}
	// The words are as untouched as before: the file still leads.
	s.body.Posts[0].Texts = map[string]string{"en": "New words"}
	s.load()
	if made := s.make(plan.Options{}); made.Followed != 1 || made.Offered != 0 {
		t.Errorf("made %+v", made)
	}
	s.settled()

	for name, tt := range map[string]struct {
		edition int64
		theme   string
		role    people.Role
		kind    fault.Kind
	}{
		"a manager":              {edition, "x", people.RoleManager, fault.Forbidden},
		"two lines":              {edition, "x\ny", people.RoleEditor, fault.Invalid},
		"far too long":           {edition, strings.Repeat("x", 301), people.RoleEditor, fault.Invalid},
		"a turned text":          {edition, "x\u202ey", people.RoleEditor, fault.Invalid},
		"an edition that is not": {1 << 40, "x", people.RoleEditor, fault.NotFound},
	} {
		if _, err := plan.SetTheme(t.Context(), s.db, tt.edition, tt.theme, people.Person{ID: s.Author, Role: tt.role}); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAnnouncedDateMovesItsEdition(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	s.rule = observance.Rule{Kind: observance.Announced, Since: 2020}
	s.load()
	set := func(year int, days civil.Range) (plan.Made, error) {
		return plan.SetDates(t.Context(), s.db, "light", year, days, s.by, spring)
	}
	if _, err := plan.Make(t.Context(), s.db, "light", 2027, plan.Options{By: s.by, Now: spring}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a year without a date was planned: %v", err)
	}
	if made, err := set(2027, civil.OneDay(day(t, "2027-05-04"))); err != nil || made.Edition != 0 {
		t.Errorf("made %+v, %v; want only the date", made, err)
	}
	s.want(s.make(plan.Options{}), 3, 3, 0)
	s.settled()
	s.Schedule(s.entry("day").Delivery)
	made, err := set(2027, civil.OneDay(day(t, "2027-05-11")))
	if err != nil || made.Moved != 3 || !made.Dated {
		t.Errorf("made %+v, %v", made, err)
	}
	if e := s.entry("day"); e.DueDate != "2027-05-11" || e.State != post.Held {
		t.Errorf("the approved post of the day is %+v", e)
	}
	if again, err := set(2027, civil.OneDay(day(t, "2027-05-11"))); err != nil || again.Changed() {
		t.Errorf("the same date again changes %+v, %v", again, err)
	}
	s.settled()
	for name, tt := range map[string]struct {
		year int
		days civil.Range
	}{
		"another year":     {2028, civil.OneDay(day(t, "2027-05-04"))},
		"before the first": {2019, civil.OneDay(day(t, "2019-05-04"))},
		"an end before":    {2028, civil.Range{Start: day(t, "2028-05-04"), End: day(t, "2028-05-03")}},
		"beyond the rules": {2300, civil.OneDay(civil.Date{Year: 2300, Month: 5, Day: 4})},
		"no day at all":    {2028, civil.Range{}},
	} {
		if made, err := set(tt.year, tt.days); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %+v, %v", name, made, err)
		}
	}
	s.rule = observance.Rule{}
	s.load()
	if _, err := set(2027, civil.OneDay(day(t, "2027-05-04"))); !fault.Is(err, fault.Conflict) {
		t.Errorf("a date that follows a rule was entered: %v", err)
	}
	if made := s.make(plan.Options{}); made.Moved != 3 {
		t.Errorf("under the rule again: %+v", made)
	}
}

func TestNewZoneDataMovesWhatIsPlanned(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{Zone: "Africa/Cairo"})
	s.make(plan.Options{})
	// The instants are those of old zone data: an hour off, the approved one too.
	if _, err := s.db.ExecContext(t.Context(), `UPDATE deliveries SET due_at = due_at - interval '1 hour', not_after = not_after - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	before, day, after := s.entry("before"), s.entry("day"), s.entry("after")
	s.Schedule(before.Delivery)
	s.Publish(day.Delivery, day.DueAt)
	// One that is due at some second of its minute is where its clock shows it.
	s.Deliver(booktest.Delivery{Post: s.Post("seconds"), Channel: before.Channel, Due: time.Date(2027, 7, 29, 9, 0, 42, 0, time.UTC)})
	got, err := zonedata.Recompute(t.Context(), s.db, s.by, spring)
	if err != nil || got.Moved != 1 || got.Held != 1 || len(got.Problems) != 0 {
		t.Fatalf("recomputed %+v, %v", got, err)
	}
	e := s.entry("before")
	if e.State != post.Held || e.Hold != post.ForEdited || !e.DueAt.Equal(before.DueAt.Add(time.Hour)) || !e.NotAfter.Equal(before.NotAfter.Add(time.Hour)) ||
		e.Problem != "The clocks of Africa/Cairo have changed: 2027-07-28 09:00 is at 06:00 UTC there, not at 05:00. Send it for review again." {
		t.Errorf("the approved one is %+v", e)
	}
	if e := s.entry("after"); e.State != post.Held || !e.DueAt.Equal(after.DueAt.Add(time.Hour)) || e.Problem != "" {
		t.Errorf("the held one is %+v", e)
	}
	if e := s.entry("day"); !e.DueAt.Equal(day.DueAt) {
		t.Errorf("what is out moved to %v", e.DueAt)
	}
	counts := s.counts()
	if again, err := zonedata.Recompute(t.Context(), s.db, s.by, spring); err != nil || again.Moved+again.Held != 0 || s.counts()["audit"] != counts["audit"] {
		t.Errorf("the second time: %+v, %v", again, err)
	}
	s.settled() // planning agrees
	if _, err := s.db.ExecContext(t.Context(), `UPDATE deliveries SET zone = 'Moon/Base' WHERE id = $1`, after.Delivery); err != nil {
		t.Fatal(err)
	}
	if got, err := zonedata.Recompute(t.Context(), s.db, s.by, spring); err != nil || len(got.Problems) != 1 || !strings.Contains(got.Problems[0], "Moon/Base") {
		t.Errorf("a zone that is gone: %+v, %v", got, err)
	}
}

func TestAnEditionOfTheBookIsLookedAtWithItsNeighbours(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.Channel(booktest.Channel{Zone: "Africa/Accra"})
	// What goes out there is the text for that network, so that is what is looked at, not the one beside it.
	s.body.Posts[0].Texts = map[string]string{"en": "Tomorrow"}
	s.body.Posts[0].Variants = []campaign.Variant{{Language: "en", Network: "mastodon", Text: "Tomorrow, Sunday: {{theme}}"}}
	s.body.Posts[2].Thread = []campaign.Part{{Texts: map[string]string{"en": "See you on Tuesday"}}}
	s.load()
	edition := s.make(plan.Options{}).Edition
	// Another edition has a post five minutes after the day's own.
	s.Deliver(booktest.Delivery{Post: s.Post("other"), Channel: id, Due: time.Date(2027, 7, 30, 11, 5, 0, 0, time.UTC)})
	look := func(now time.Time) map[string]string {
		t.Helper()
		e, err := book.EditionByID(t.Context(), s.db, edition)
		if err != nil {
			t.Fatal(err)
		}
		looked, err := conflict.Look(t.Context(), s.db, e, now)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for _, e := range looked.Entries {
			for _, c := range looked.Conflicts[e.Delivery] {
				found[e.Message] += c.Kind + " "
			}
		}
		return found
	}
	check := func(got map[string]string, want map[string]string) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("found %v, want %v", got, want)
		}
		for message, kinds := range want {
			if got[message] != kinds {
				t.Errorf("%s: %q, want %q", message, got[message], kinds)
			}
		}
	}
	check(look(spring), map[string]string{"before": "theme ", "day": "spacing "})
	if _, err := plan.SetTheme(t.Context(), s.db, edition, "Light", s.by); err != nil {
		t.Fatal(err)
	}
	s.Publish(s.entry("before").Delivery, time.Date(2027, 7, 28, 9, 0, 0, 0, time.UTC))
	if _, err := s.db.ExecContext(t.Context(), `UPDATE deliveries SET state = 'cancelled', hold = NULL WHERE id = $1`, s.entry("after").Delivery); err != nil {
		t.Fatal(err)
	}
	check(look(time.Date(2027, 7, 30, 12, 0, 0, 0, time.UTC)), map[string]string{"day": "past spacing "})
}
