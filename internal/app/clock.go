package app

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"daymark/internal/app/machine"
	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// Clock is the product clock of a running process. Every replica reads the same one: real time is the database's, by an
// offset that is measured again and again, and a fast clock is a row that all read.
type Clock struct {
	mu     sync.RWMutex
	offset time.Duration // what must be added to this machine's clock
	line   clock.Line
}

var _ clock.Clock = (*Clock)(nil)

// Now returns the product instant in UTC.
func (c *Clock) Now() time.Time {
	line, real := c.read()
	return line.At(real)
}

// Wait returns how long, in real time, until the product instant t.
func (c *Clock) Wait(t time.Time) time.Duration {
	line, real := c.read()
	return line.Wait(real, t)
}

// Rate returns how many product seconds pass in a real second now.
func (c *Clock) Rate() float64 {
	line, real := c.read()
	return line.RateAt(real)
}

// Fast reports whether a fast clock is set, even if its fast stretch is over.
func (c *Clock) Fast() bool {
	line, _ := c.read()
	return !line.IsZero()
}

func (c *Clock) read() (clock.Line, time.Time) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.line, machine.Now().Add(c.offset)
}

const sqlClock = `
SELECT clock_timestamp() AS real, f.real_start, f.starts_at, f.rate, f.until
FROM (SELECT 1) one
LEFT JOIN fast_clock f ON true`

// looks is how often the database's clock is looked at for one estimate.
const looks = 5

// Refresh reads the database's clock and the fast clock's row. What the database says is older than the moment at which its answer is
// there, by nobody knows how much: so the estimate is never ahead of the database's clock, and of several looks the one that lags
// least counts. A post may go out a little late by it, and never early.
func (c *Clock) Refresh(ctx context.Context, q postgres.Querier) error {
	var offset time.Duration
	line := clock.Line{}
	for n := range looks {
		var row struct {
			Real      time.Time       `db:"real"`
			RealStart *time.Time      `db:"real_start"`
			StartsAt  *time.Time      `db:"starts_at"`
			Rate      sql.NullFloat64 `db:"rate"`
			Until     *time.Time      `db:"until"`
		}
		if err := q.GetContext(ctx, &row, sqlClock); err != nil {
			return fmt.Errorf("read the clock: %w", err)
		}
		if least := row.Real.Sub(machine.Now()); n == 0 || least > offset {
			offset = least
		}
		line = clock.Line{}
		if row.RealStart != nil && row.StartsAt != nil && row.Until != nil {
			line = clock.Line{RealStart: *row.RealStart, Start: *row.StartsAt, Rate: row.Rate.Float64, Until: *row.Until}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.line = offset, line
	return nil
}

const sqlSetClock = `
INSERT INTO fast_clock (id, real_start, starts_at, rate, until)
VALUES (1, clock_timestamp() + $1 * interval '1 millisecond', $2, $3, $4)
ON CONFLICT (id) DO UPDATE
SET real_start = excluded.real_start, starts_at = excluded.starts_at, rate = excluded.rate, until = excluded.until`

// SetFastClock makes product time run from start to until at the rate, beginning after the wait; before that it stands just
// short of start. The database refuses it where any channel is a real one.
func (a *App) SetFastClock(ctx context.Context, wait time.Duration, start, until time.Time, rate float64) error {
	if _, err := a.DB.ExecContext(ctx, sqlSetClock, wait.Milliseconds(), start, rate, until); err != nil {
		return fault.Wrap(fault.Conflict, err, "The fast clock could not be set: it is allowed only where every channel is a sandbox.")
	}
	return a.Clock.Refresh(ctx, a.DB)
}

// LineClock is a clock that follows a line of its own, for a sandbox that runs apart from any database.
func LineClock(line clock.Line) *Clock { return &Clock{line: line} }
