package crash

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"daymark/internal/flow/dispatch"
)

// storm lets many posts go to all networks while two daemons with wrong clocks are killed again and again and the networks
// misbehave, and then lets one daemon finish. A seed decides what happens, though not to the millisecond when.
func storm(t *testing.T, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 30072014))
	l := &load{stage: newStage(t)}
	for _, n := range networks {
		l.add(n)
	}
	l.schedule(20+random.IntN(40), soon(500*time.Millisecond), time.Duration(random.IntN(60))*time.Millisecond)
	for _, p := range l.places {
		for range random.IntN(4) {
			h := harms[random.IntN(len(harms))]
			if h.needs != "" {
				continue // a person would have to mend it
			}
			for _, f := range h.plan(p.ground, p.network) {
				f.Endpoint, f.Skip = p.publish, random.IntN(4)
				if err := p.plan.Add(f); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	moments := append(dispatch.Points(), "", "", "")
	skews := []string{"0s", "30s", "-30s"}
	for range 2 + random.IntN(3) {
		var pair []*daemon
		for range 1 + random.IntN(2) {
			pair = append(pair, l.start(
				dieAt+"="+moments[random.IntN(len(moments))], skewed+"="+skews[random.IntN(len(skews))]))
		}
		for _, d := range pair {
			d.lives(t, time.Duration(300+random.IntN(1200))*time.Millisecond)
			d.kill()
		}
	}
	last := l.start()
	l.settled()
	last.kill()
	every(t, 5*time.Millisecond, "the late commits", func() bool {
		return !slices.ContainsFunc(l.places, func(p place) bool { return p.plan.Late() > 0 })
	})
	l.judge(l.standings())
	if t.Failed() {
		t.Logf("repeat: make soak CASE=storm SEED=%d", seed)
	}
}

func TestAStormLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2} {
		storm(t, seed)
	}
}
