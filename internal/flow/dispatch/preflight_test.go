package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/org/notice"
)

func TestADayAheadTheTeamIsToldOnceOfAHelplineThatRunsOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.withHelpline(booktest.Due.Add(-time.Hour))
	look := func(now time.Time, want int) {
		t.Helper()
		if told, err := preflight.Look(t.Context(), b.db, now); err != nil || told != want {
			t.Errorf("at %v: told %d, %v; want %d", now, told, err, want)
		}
	}
	look(booktest.Due.Add(-25*time.Hour), 0)
	look(booktest.Due.Add(-24*time.Hour), 1)
	look(booktest.Due.Add(-time.Hour), 0)
	list, err := notice.Open(t.Context(), b.db, 10)
	if err != nil || len(list) != 1 || list[0].Level != notice.Error || list[0].SubjectID != "gb-test" ||
		!strings.Contains(list[0].Say, "Test line: its last check holds until 30 July 08:00 UTC. 1 post from 30 July 09:00 UTC on will go out with the emergency sentence") {
		t.Errorf("notices: %+v, %v", list, err)
	}
	b.check("works", booktest.Due.Add(-time.Minute)) // checked again, and still not for long enough
	look(booktest.Due.Add(-time.Hour), 1)
	b.check("works", booktest.Due.Add(time.Hour))
	look(booktest.Due.Add(-time.Hour), 0)
}
