package mark

import (
	"sync/atomic"
	"time"
)

// sure is how long what a statement saw is relied on. With what a look at the database takes, nothing that was stopped begins later
// than 300 ms after the stop was committed, even when no notification comes.
const sure = 150 * time.Millisecond

// Sight is a look at the database: what it showed is relied on for a moment only.
type Sight struct {
	old   atomic.Bool // by a timer of real time, which stands still while the machine sleeps
	at    time.Time   // by the product clock, which does not
	stops uint64      // how many stops were known then
}

// See notes that the database is being looked at now. It comes before the statement that looks.
func (m *Marker) See() *Sight {
	s := &Sight{at: m.Clock.Now(), stops: m.stops.Load()}
	time.AfterFunc(sure, func() { s.old.Store(true) })
	return s
}

// Stopped says that somebody has stopped something: whatever was seen before is not relied on any more.
func (m *Marker) Stopped() { m.stops.Add(1) }

// Holds reports whether what was seen then can still be relied on.
func (m *Marker) Holds(s *Sight) bool {
	age := m.Clock.Now().Sub(s.at)
	return !s.old.Load() && m.stops.Load() == s.stops && age.Abs() < time.Duration(float64(sure)*m.Clock.Rate())
}
