package draft_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/flow/draft"
	"daymark/internal/org/fact"
	"daymark/internal/org/notice"
)

func TestAFactThatNobodyCheckedInTimeHoldsThePostsThatStateIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.write("token", map[string]string{"en": "{{fact:F02}}"})
	named := s.write("named", map[string]string{"en": "38% of detected victims are children."}, func(p *post.Source) { p.Facts = []string{"F02"} })
	bare := s.write("bare", map[string]string{"en": "Good morning."})
	s.Schedule(token...)
	s.Schedule(named...)
	s.Schedule(bare...)
	s.review("F02", civil.Date{Year: 2027, Month: time.June, Day: 30})
	expire := func(at time.Time, want int) {
		t.Helper()
		done, err := draft.ExpireFacts(t.Context(), s.db, at)
		if err != nil || len(done.Posts) != want {
			t.Errorf("at %v: %+v, %v; want %d posts", at, done, err, want)
		}
	}
	last := time.Date(2027, 6, 30, 23, 59, 0, 0, time.UTC)
	expire(last, 0)
	s.scheduled(true, token[0], named[0], bare[0])
	expire(last.Add(time.Minute), 2)
	s.scheduled(false, token[0], named[0])
	s.scheduled(true, bare...)
	if e := s.entry(token[0]); e.Hold != post.ForEdited || !strings.HasPrefix(e.Problem, "The fact F02 was to be checked by 2027-06-30.") {
		t.Errorf("it is held as %s: %s", e.Hold, e.Problem)
	}
	expire(last.Add(time.Hour), 0) // nothing is renewed again and again
	list, err := notice.Open(t.Context(), s.db, 10)
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Say, "2 posts that state it wait until somebody has looked") {
		t.Errorf("notices: %+v, %v", list, err)
	}
	rec, err := fact.Find(t.Context(), s.db, "F02")
	if err != nil {
		t.Fatal(err)
	}
	if err := draft.RenewFact(t.Context(), s.db, "F02", civil.Date{Year: 2028, Month: time.June, Day: 30}, rec.Version, s.ed, last); err != nil {
		t.Fatal(err)
	}
	s.Schedule(token...)
	expire(last.Add(time.Hour), 0)
	s.scheduled(true, token...)
}
