package crash

import (
	"testing"
	"time"

	"daymark/internal/sandbox/mischief"
)

// The answer to a post was lost, and the daemon dies, or loses its database, while it asks the network. Whoever comes next asks
// anew, and does not wait until the cut-off question would have been over.
func TestAQuestionThatIsCutOffIsAskedAgainSoon(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(l *load, d *daemon){
		"the daemon is killed": func(_ *load, d *daemon) { d.kill() },
		"its connections are cut": func(l *load, _ *daemon) {
			var n int
			if err := l.owner.GetContext(l.t.Context(), &n, sqlCut); err != nil || n == 0 {
				l.t.Errorf("%d connections were cut, %v", n, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &load{stage: newStage(t)}
			l.add(networks[0])
			g := l.places[0]
			if err := g.plan.Add(mischief.Fault{Kind: mischief.CommitThenDrop, Endpoint: g.publish}); err != nil {
				t.Fatal(err)
			}
			asked, over := make(chan *daemon, 1), make(chan struct{})
			g.gate.mu.Lock()
			g.gate.asked = func() {
				cut(l, <-asked)
				close(over)
			}
			g.gate.mu.Unlock()
			l.schedule(1, soon(500*time.Millisecond), 0)
			d := l.start()
			asked <- d
			select {
			case <-over:
			case <-time.After(patience):
				t.Fatal("the network was never asked")
			}
			from := time.Now()
			l.start() // beside the first, where that one lives
			l.settled()
			l.judge(l.standings())
			if took := time.Since(from); took > 20*time.Second {
				t.Errorf("settled after %s: nobody asked again before the first question would have been over", took.Round(time.Second))
			}
		})
	}
}
