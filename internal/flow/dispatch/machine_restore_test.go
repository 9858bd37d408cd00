package dispatch_test

import (
	"maps"
	"slices"
	"testing"

	"daymark/internal/flow/pause"
)

// A pause is in force when the backup is made, is lifted, and posts go out. The restored database has the pause and thinks that the
// posts wait under it. They are out: it has to ask, and not to hold them for a new time.
func TestWhatARestoreBringsBackUnderAPauseIsAskedAbout(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"the daemon's regular job", "somebody who lifts the pause"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.approve()
			m.stop("everything", "")
			m.copyDatabase()
			m.resumeAll()
			m.due()
			m.turns(0)
			m.restore()
			if how == "somebody who lifts the pause" {
				m.resumeAll()
			} else if n, err := pause.HoldDue(t.Context(), m.db, m.clock.Now()); err != nil || n > 0 {
				t.Errorf("%d deliveries were held: %v", n, err)
			}
			m.drain()
			for _, b := range m.judge() {
				t.Errorf("%s\n\t%s", b.rule, b.say)
			}
			// The key that a post was to have on Bluesky is lost with the database: people look there.
			for _, id := range m.places {
				want := map[string]string{"mastodon": "published", "bluesky": "held: decision"}[m.world.places[id].network]
				if at := m.bench.look(id); at.State+": "+at.Hold != want && at.State != want {
					t.Errorf("delivery %d is %s %s (%s), want %s", id, at.State, at.Hold, at.Problem, want)
				}
			}
		})
	}
}

func (m *machine) resumeAll() {
	for _, id := range slices.Sorted(maps.Keys(m.world.stops)) {
		m.resume(id)
	}
}
