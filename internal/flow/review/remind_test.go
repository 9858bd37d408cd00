package review_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/remind"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
)

// told returns what the people named see, each sentence on a line.
func (d *desk) told(t *testing.T, who people.Person) string {
	t.Helper()
	list, err := notice.OpenFor(d.ctx, d.db, who.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, n := range list {
		all = append(all, string(n.Level)+": "+n.Say)
	}
	return strings.Join(all, "\n")
}

func (d *desk) remind(t *testing.T, at time.Time, want int) {
	t.Helper()
	for _, want := range []int{want, 0} { // and once only
		n, err := remind.Look(d.ctx, d.db, at)
		if err != nil || n != want {
			t.Fatalf("at %s: told %d, %v; want %d", at.Format(time.RFC3339), n, err, want)
		}
	}
}

func TestReviewersAreRemindedAndThenThoseWhoCanMendIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := source("en: A survivor speaks")
	s.Sensitive, s.ContentNote = true, map[string]string{"en": "Violence"}
	submission := d.submitOne(t, d.write(t, d.wren, s, d.accra))
	d.say(t, submission, d.ana, review.Approve)
	by := booktest.Due.Add(-24 * time.Hour)
	d.remind(t, by.Add(-remind.Ahead-time.Second), 0)
	d.remind(t, by.Add(-remind.Ahead), 1)
	for _, p := range []people.Person{d.ana, d.omar, d.zoe, d.boss} {
		if got := d.told(t, p); !strings.Contains(got, "warning: ") || !strings.Contains(got, "1 of 2 approvals and lacks that of: safeguarding") {
			t.Errorf("%s sees %q", p.Name, got)
		}
	}
	for _, p := range []people.Person{d.wren, d.manager} {
		if got := d.told(t, p); got != "" {
			t.Errorf("%s cannot approve it and is told %q", p.Name, got)
		}
	}
	d.remind(t, by, 1)
	for _, p := range []people.Person{d.wren, d.boss, d.omar} {
		if got := d.told(t, p); !strings.Contains(got, "error: ") || !strings.Contains(got, "is not approved") {
			t.Errorf("%s is not told that it is late: %q", p.Name, got)
		}
	}
	if got := d.told(t, d.zoe); strings.Contains(got, "error: ") {
		t.Errorf("a reviewer is told what others mend: %q", got)
	}
	d.say(t, submission, d.omar, review.Approve)
	d.remind(t, by.Add(time.Minute), 0)
}

func TestWhoApprovedIsToldWhenTheirWordNoLongerCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: A vigil"), d.accra)
	submission := d.submitOne(t, id)
	d.say(t, submission, d.ana, review.Approve)
	d.remind(t, now, 0)
	d.edit(t, id, d.boss, source("en: A vigil, at noon"))
	d.remind(t, now, 1)
	if got := d.told(t, d.ana); !strings.Contains(got, "Your approval of") || !strings.Contains(got, "Boss changed the words") {
		t.Errorf("Ana sees %q", got)
	}
	if got := d.told(t, d.zoe); got != "" {
		t.Errorf("Zoe, who never approved it, is told %q", got)
	}
}

func TestTheTeamIsToldWhatWasMissed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: A vigil"), d.accra, d.lima)
	if _, err := d.db.ExecContext(d.ctx, `UPDATE deliveries SET state = 'missed', hold = NULL, problem = 'It was not approved in time.' WHERE post_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	after := booktest.Due.Add(24 * time.Hour)
	d.remind(t, after, 1)
	if got := d.told(t, d.manager); !strings.Contains(got, "missed on 2 accounts") || !strings.Contains(got, "It was not approved in time.") {
		t.Errorf("the team sees %q", got)
	}
}
