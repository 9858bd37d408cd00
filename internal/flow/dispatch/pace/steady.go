package pace

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/postgres"
)

// Steady is a product clock that is held against the database's own, so that replicas whose machines differ by half a minute agree.
type Steady struct {
	Inner clock.Clock
	off   atomic.Int64 // what must be added, in nanoseconds
}

var _ clock.Clock = (*Steady)(nil)

// Now returns the product instant.
func (s *Steady) Now() time.Time { return s.Inner.Now().Add(time.Duration(s.off.Load())) }

// Wait returns how long, in real time, until the product instant t.
func (s *Steady) Wait(t time.Time) time.Duration {
	return s.Inner.Wait(t.Add(-time.Duration(s.off.Load())))
}

// Rate returns how many product seconds pass in a real second.
func (s *Steady) Rate() float64 { return s.Inner.Rate() }

const sqlProductNow = `SELECT product_now()`

// Compare reads the database's product clock. What the database said is a little old when it arrives: it bounds the difference from
// below, and the moment of the question bounds it from above. The lower one is taken, so that nothing is early, and kept while it
// stays between later bounds.
func (s *Steady) Compare(ctx context.Context, db *postgres.DB) error {
	before := s.Inner.Now()
	var now time.Time
	if err := db.GetHot(ctx, &now, sqlProductNow); err != nil {
		return fmt.Errorf("compare the clock: %w", err)
	}
	low, high := now.Sub(s.Inner.Now()), now.Sub(before)
	if known := time.Duration(s.off.Load()); known < low || known > high {
		s.off.Store(int64(low))
	}
	return nil
}
