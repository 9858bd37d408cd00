package crash

import (
	"syscall"
	"testing"
	"time"

	"daymark/internal/sandbox/mischief"
)

const sqlHeldByNobody = `
SELECT count(*)
FROM queue
WHERE lease_owner IS NOT NULL`

// The daemon is asked to stop while answers are awaited and much is claimed ahead: what is on its way is finished, the rest goes on
// in the next daemon.
func TestADaemonThatIsAskedToStopUnderLoadHandsOver(t *testing.T) {
	t.Parallel()
	const n = 200
	l := &load{stage: newStage(t)}
	for _, network := range networks {
		l.add(network)
	}
	for _, p := range l.places {
		if err := p.plan.Add(mischief.Fault{Kind: mischief.Slow, DelayMS: 100, Times: -1, Endpoint: p.publish}); err != nil {
			t.Fatal(err)
		}
	}
	l.schedule(n, soon(500*time.Millisecond), time.Millisecond)
	for _, many := range []int{10, 60, 110} {
		d := l.start()
		l.until(many)
		if code := d.stop(syscall.SIGTERM); code != 0 {
			t.Errorf("exit code %d", code)
		}
		var held, unknown int
		if err := l.db.GetContext(t.Context(), &held, sqlHeldByNobody); err != nil {
			t.Fatal(err)
		}
		for _, s := range l.standings() {
			if s.State == "sending" || s.State == "unknown" {
				unknown++
			}
		}
		if held > 0 || unknown > 0 {
			t.Errorf("stopped after %d publishings, the daemon left %d rows claimed and %d deliveries in doubt", many, held, unknown)
		}
	}
	l.start()
	l.settled()
	l.judge(l.standings())
	for _, s := range l.standings() {
		if s.State != "published" {
			t.Errorf("delivery %d is %s, and nothing was ever in doubt", s.Delivery, s.State)
		}
	}
}
