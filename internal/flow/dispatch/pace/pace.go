// Package pace keeps how fast channels may be called, by their networks' own word, so that every replica heeds it.
//
// It calls no network and holds no delivery: whoever claims and whoever writes attempts down reads what is kept here.
package pace

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Said is what a network said with an answer.
type Said struct {
	Until time.Time     // no more calls before this; zero when it did not refuse one
	Rate  platform.Rate // what the headers said; zero when they said nothing
}

// Blocked returns until when the channel is not to be called, zero when it may be.
func (s Said) Blocked(now time.Time) time.Time {
	until := s.Until
	if s.Rate.Limit > 0 && s.Rate.Remaining <= 0 && s.Rate.Reset.After(until) {
		until = s.Rate.Reset
	}
	if !until.After(now) {
		return time.Time{}
	}
	return until
}

const sqlBlock = `
INSERT INTO channel_pace AS p (channel_id, blocked_until, remaining, reset_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (channel_id) DO UPDATE
SET blocked_until = greatest(p.blocked_until, excluded.blocked_until), remaining = coalesce(excluded.remaining, p.remaining),
  reset_at = coalesce(excluded.reset_at, p.reset_at)`

// Block keeps that a channel is not to be called before an instant.
func Block(ctx context.Context, q postgres.Querier, channel int64, until time.Time, rate platform.Rate) error {
	var remaining *int
	var reset *time.Time
	if rate.Limit > 0 {
		remaining, reset = &rate.Remaining, &rate.Reset
	}
	if _, err := q.ExecContext(ctx, sqlBlock, channel, until, remaining, reset); err != nil {
		return fmt.Errorf("keep the limit of channel %d: %w", channel, err)
	}
	return nil
}
