package crash

import (
	"os"
	"testing"
	"time"
)

// skewed is the variable by which the crash build takes this machine's clock for wrong.
const skewed = "DAYMARK_SKEW"

const sqlUnsealed = `
SELECT count(*)
FROM audit
WHERE id > (SELECT coalesce(max(last_id), 0) FROM audit_seals)`

// The replicas' clocks are a minute apart, and one of them is killed while both are sending.
func TestOfTwoReplicasWithWrongClocksOneTakesOverFromTheOther(t *testing.T) {
	t.Parallel()
	const n = 400
	l := &load{stage: newStage(t)}
	for _, network := range networks[:4] { // those that can be asked
		l.add(network)
	}
	l.schedule(n, soon(1500*time.Millisecond), 10*time.Millisecond)
	fast := l.start(skewed + "=30s")
	slow := l.start(skewed + "=-30s")
	fast.ready()
	slow.ready()
	l.until(n / 4)
	fast.kill()
	killed := time.Now()
	l.settled()
	last := l.posts[n-1].due
	if killed.After(last) {
		last = killed
	}
	if took := time.Since(last) - settling; took > 10*time.Second {
		t.Errorf("the other replica had everything out %s after the settling time", took)
	}
	l.judge(l.standings())

	// The job that seals the log has one leader at a time; whoever it was, the one that is left is it now.
	every(t, 50*time.Millisecond, "the log to be sealed", func() bool {
		var rows int
		if err := l.db.GetContext(t.Context(), &rows, sqlUnsealed); err != nil {
			t.Fatal(err)
		}
		return rows == 0
	})
	if code := slow.stop(os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
	l.judge(l.standings())
}
