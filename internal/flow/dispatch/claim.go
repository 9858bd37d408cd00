package dispatch

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/postgres"
)

// Runs on the partial index queue_due. MATERIALIZED keeps the planner from locking more rows than the limit. What is overdue
// is left to the sweep, which holds it. What is paused is looked up once, as two lists, and passed over before the limit
// counts: a join to the pauses would cost the order of the index, and with it the limit.
const sqlClaim = `
WITH due AS MATERIALIZED (
  SELECT delivery_id
  FROM queue
  WHERE lease_owner IS NULL
    AND next_attempt_at <= $1
    AND next_attempt_at > $5
    AND not_after > $6
    AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope = 'everything' AND lifted_at IS NULL)
    AND channel_id <> ALL (ARRAY(
      SELECT c.id
      FROM pauses s
      JOIN channels c ON (s.scope = 'network' AND s.scope_id = c.platform) OR (s.scope = 'channel' AND s.scope_id = c.id::text)
      WHERE s.lifted_at IS NULL))
    AND post_id <> ALL (ARRAY(
      SELECT p.id
      FROM pauses s
      JOIN editions e ON e.campaign_id = s.scope_id
      JOIN posts p ON p.edition_id = e.id
      WHERE s.scope = 'campaign'
        AND s.lifted_at IS NULL))
  ORDER BY next_attempt_at, delivery_id
  LIMIT $2
  FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE queue q
SET lease_owner = $3::uuid, lease_until = clock_timestamp() + $4 * interval '1 millisecond', fence = q.fence + 1
FROM due
WHERE q.delivery_id = due.delivery_id
RETURNING q.delivery_id, q.post_id, q.channel_id, q.language, q.release_id, q.lease_owner::text AS lease_owner, q.fence, q.tries,
  q.due_at, q.not_after, q.next_attempt_at`

// claim takes up to n rows that are due by the horizon.
func (d *Dispatcher) claim(ctx context.Context, n int, horizon time.Time) ([]attempt.Row, error) {
	now := d.Clock.Now()
	var rows []attempt.Row
	if err := d.DB.SelectContext(ctx, &rows, sqlClaim, horizon, n, d.Worker.String(), d.Lease.Milliseconds(),
		now.Add(-attempt.Late(d.Clock)), now); err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	return rows, nil
}

// fresh is how long, in product time, what was prepared lies ready at most: on a fast clock, uploads would be too old when they are
// used. X keeps them for a day.
const fresh = 6 * time.Hour

// horizon is the product instant up to which deliveries are claimed: the time ahead from now. Where a fast clock ends before
// that, the instant is nearer, so that nothing is held ready longer than its lease lasts.
func (d *Dispatcher) horizon() time.Time {
	now := d.Clock.Now()
	ahead := min(time.Duration(float64(d.Ahead)*d.Clock.Rate()), fresh)
	for d.Clock.Wait(now.Add(ahead)) > d.Ahead && ahead > time.Nanosecond {
		ahead /= 2
	}
	return now.Add(ahead)
}

const sqlGiveBackAll = `
UPDATE queue
SET lease_owner = NULL, lease_until = NULL
WHERE lease_owner = $1::uuid
  AND sending_at IS NULL`

// A claim is named by its owner, its fence and its release: a delivery that was approved anew begins with a fence that was
// there before.
const sqlGiveBack = `
UPDATE queue
SET lease_owner = NULL, lease_until = NULL, next_attempt_at = greatest(next_attempt_at, $5), tries = tries + 1
WHERE delivery_id = $1
  AND lease_owner = $2::uuid
  AND fence = $3
  AND release_id = $4
  AND sending_at IS NULL`

// giveBack returns a claimed row that was not sent to the queue, to be tried at an instant.
func (d *Dispatcher) giveBack(ctx context.Context, r attempt.Row, at time.Time) {
	if _, err := d.DB.ExecContext(ctx, sqlGiveBack, r.Delivery, r.Owner, r.Fence, r.Release, at); err != nil {
		// The sweep notices that nobody holds the row any more.
		d.Log.ErrorContext(ctx, "giving a delivery back to the queue failed", "delivery_id", r.Delivery, "err", err)
	}
}

const sqlHoldClaimed = `
UPDATE deliveries d
SET state = 'held', hold = $2, problem = $3, release_id = NULL, submission_id = NULL, revision_id = NULL
FROM queue q
WHERE d.id = $1
  AND d.state = 'scheduled'
  AND q.delivery_id = d.id
  AND q.lease_owner = $4::uuid
  AND q.fence = $5
  AND q.release_id = $6
  AND q.sending_at IS NULL`

// hold hands a claimed row that cannot be sent to a person.
func (d *Dispatcher) hold(ctx context.Context, r attempt.Row, why post.Hold, say string) {
	err := d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		_, err := settle.Change(ctx, tx, r.Delivery, "delivery.held", say, sqlHoldClaimed, r.Delivery, string(why), say, r.Owner, r.Fence, r.Release)
		return err
	})
	if err != nil {
		d.Log.ErrorContext(ctx, "holding a delivery failed", "delivery_id", r.Delivery, "err", err)
		d.giveBack(ctx, r, d.Clock.Now().Add(attempt.Pause(d.Clock, r.Tries)))
	}
}

// backOff gives a row back after a failure before anything irreversible, to be tried a little later. When that would be later
// than it may be without a person's word, it is held.
func (d *Dispatcher) backOff(ctx context.Context, r attempt.Row, say string, cause error) {
	work := context.WithoutCancel(ctx)
	if ctx.Err() != nil {
		d.giveBack(work, r, r.AttemptAt)
		return
	}
	d.Log.WarnContext(work, "delivery could not be sent yet", "delivery_id", r.Delivery, "channel_id", r.Channel, "err", cause)
	at := settle.After(d.Clock, r.Tries, cause)
	if at.Sub(r.DueAt) > attempt.Late(d.Clock) {
		d.hold(work, r, post.ForOverdue, say)
		return
	}
	d.giveBack(work, r, at)
}
