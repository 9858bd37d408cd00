package crash

import (
	"slices"
	"testing"
	"time"

	"daymark/internal/flow/pause"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
)

// grace is how long after a pause committed a call may still begin.
const grace = 300 * time.Millisecond

// Ten thousand posts are due at once on a hundred accounts, two daemons send them, and somebody pauses everything. The sandbox's
// clock judges: it is the one of the machine on which the pause committed.
func TestNothingBeginsAfterAPauseWithTenThousandDue(t *testing.T) {
	t.Parallel()
	const accounts, n = 100, 10_000
	l := &load{stage: newStage(t)}
	l.addMastodon(accounts)
	l.schedule(n, soon(0), 0)
	first, second := l.start(), l.start()
	l.until(300)
	ctx := t.Context()
	by := people.Person{ID: l.book.Author, Role: people.RoleAdmin}
	if _, err := pause.Raise(ctx, l.db, pause.Part{Scope: licence.Everything}, "A child's name is in it.", by); err != nil {
		t.Fatal(err)
	}
	committed := time.Now()
	// The dispatchers take their turns, and see that nothing may go.
	quiet := time.NewTimer(3 * time.Second)
	defer quiet.Stop()
	<-quiet.C
	var late []time.Duration
	for _, p := range l.places {
		for _, a := range p.gate.arrived() {
			if after := a.at.Sub(committed); after > 0 {
				late = append(late, after)
			}
		}
	}
	slices.Sort(late)
	began := slices.IndexFunc(late, func(d time.Duration) bool { return d > grace })
	if began >= 0 {
		t.Errorf("%d calls began more than %s after the pause, the last after %s", len(late)-began, grace, late[len(late)-1])
	}
	out := l.arrived()
	if out >= n {
		t.Error("all were out before the pause: it tested nothing")
	}
	t.Logf("%d of %d were out; %d calls came in after the commit", out, n, len(late))
	first.kill()
	second.kill()
	// What nobody may send waits; whatever was on the wire is found.
	l.start()
	every(t, 100*time.Millisecond, "what was on the wire to be settled", func() bool {
		var n int
		if err := l.db.GetContext(ctx, &n, `SELECT count(*) FROM delivery_states WHERE state IN ('sending', 'unknown')`); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
	published := 0
	for _, s := range l.standings() {
		if s.State == "published" {
			published++
		}
	}
	if now := l.arrived(); published != out || now != out {
		t.Errorf("%d are published in the book, %d came in before and %d in all", published, out, now)
	}
}
