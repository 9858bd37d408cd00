package draft_test

import (
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/draft"
	"daymark/internal/org/fact"

	"github.com/google/go-cmp/cmp"
)

func TestEveryPostThatStatesAFactIsFound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	said := s.write("said", map[string]string{"en": "{{fact:F02}}", "fr": "Sans fait."})
	listed := s.write("listed", map[string]string{"en": "38%", "fr": "38 %"}, func(p *post.Source) { p.Facts = []string{"F02"} })
	out := s.write("out", map[string]string{"en": "{{fact:F02}}"})
	s.write("none", map[string]string{"en": "F02 {{fact:F99}}"})
	s.Publish(out[0], booktest.Due)
	s.Revise(s.posts(out...)[0], "Nothing of the kind.") // what is out still states it
	s.Schedule(listed[0])
	users, err := draft.Users(t.Context(), s.db, "F02")
	if err != nil {
		t.Fatal(err)
	}
	user := func(message string, delivery int64, languages []string, states map[post.State]int, waiting, live int, first time.Time) draft.User {
		return draft.User{
			Post: s.posts(delivery)[0], Edition: s.Edition, Title: "World Day Against Trafficking in Persons 2027", Message: message,
			Languages: languages, States: states, Waiting: waiting, Live: live, First: first,
		}
	}
	want := []draft.User{
		user("said", said[0], []string{"en"}, map[post.State]int{post.Held: 1}, 1, 0, booktest.Due),
		user("listed", listed[0], []string{"en", "fr"}, map[post.State]int{post.Held: 1, post.Scheduled: 1}, 2, 0, booktest.Due),
		user("out", out[0], []string{"en"}, map[post.State]int{post.Published: 1}, 0, 1, time.Time{}),
	}
	if diff := cmp.Diff(want, users); diff != "" {
		t.Error(diff)
	}
	if _, err := draft.Users(t.Context(), s.db, "F77"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown fact: %v", err)
	}
}

func TestFactsToCheckBeforeAPostAreTasks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	early := s.write("early", map[string]string{"en": "{{fact:F02}} {{fact:F99}}"})
	s.write("late", map[string]string{"en": "{{fact:F02}}", "fr": "{{fact:F02}}"})
	s.write("unknown", map[string]string{"en": "a"}, func(p *post.Source) { p.Facts = []string{"F77"} })
	day := civil.DateOf(booktest.Due)
	s.review("F02", day.AddDays(-1))
	s.review("F99", day)
	horizon := booktest.Due.Sub(spring) + time.Hour
	due, err := draft.DueFacts(t.Context(), s.db, spring, horizon)
	if err != nil || len(due) != 1 {
		t.Fatalf("%+v, %v", due, err)
	}
	if d := due[0]; d.Fact.ID != "F02" || d.Day != day || len(d.Posts) != 2 || d.Posts[1].Waiting != 2 ||
		d.Why != "The fact F02 holds until 2027-07-29: check it again before it is used on 2027-07-30." {
		t.Errorf("%+v", d)
	}
	for name, tt := range map[string]struct {
		now     time.Time
		horizon time.Duration
	}{"too far ahead": {spring, 24 * time.Hour}, "when all is over": {booktest.Due, horizon}} {
		if due, err := draft.DueFacts(t.Context(), s.db, tt.now, tt.horizon); err != nil || len(due) != 0 {
			t.Errorf("%s: %+v, %v", name, due, err)
		}
	}
	f := other()
	f.ReviewBy, f.Status = day, campaign.DoNotUse
	if _, err := draft.SaveFact(t.Context(), s.db, f, 2, s.ed, spring); err != nil {
		t.Fatal(err)
	}
	if due, err := draft.DueFacts(t.Context(), s.db, spring, horizon); err != nil || len(due) != 2 || due[1].Fact.ID != "F99" {
		t.Errorf("%+v, %v", due, err)
	}
	s.Publish(early[0], booktest.Due)
	if due, err := draft.DueFacts(t.Context(), s.db, spring, horizon); err != nil || len(due) != 1 || len(due[0].Posts) != 1 {
		t.Errorf("what is out needs no check: %+v, %v", due, err)
	}
}

// review gives a fact another review date.
func (s *site) review(id string, day civil.Date) {
	s.t.Helper()
	rec, err := fact.Find(s.t.Context(), s.db, id)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := draft.RenewFact(s.t.Context(), s.db, id, day, rec.Version, s.ed, spring); err != nil {
		s.t.Fatal(err)
	}
}
