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

// What a comparison has to be worth: the database answered within the first, in real time, and differs by more than the second.
const (
	exact = 5 * time.Millisecond
	worth = 2 * time.Millisecond
)

const sqlProductNow = `SELECT product_now()`

// Compare reads the database's product clock. An answer that took its time says too little, and is not used.
func (s *Steady) Compare(ctx context.Context, db *postgres.DB) error {
	before := s.Inner.Now()
	var now time.Time
	if err := db.GetHot(ctx, &now, sqlProductNow); err != nil {
		return fmt.Errorf("compare the clock: %w", err)
	}
	took := s.Inner.Now().Sub(before)
	rate := s.Rate()
	off := now.Sub(before.Add(took / 2))
	known := time.Duration(s.off.Load())
	switch differs := (off - known).Abs(); {
	case differs <= time.Duration(float64(worth)*rate):
	case took <= time.Duration(float64(exact)*rate), differs > 10*took:
		s.off.Store(int64(off))
	}
	return nil
}
