// Package claim takes rows of the queue under a lease, ahead of their instant, and gives back or hands to a person what was claimed
// and cannot be sent.
//
// A claim promises nothing: until an attempt is written down the row may be taken away by an edit, a withdrawal or a pause. The
// package calls no network and writes no attempt.
package claim

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Claims is what one worker claims.
type Claims struct {
	DB     *postgres.DB
	Clock  clock.Clock
	Log    *slog.Logger
	Worker string        // its name, a UUID
	Ahead  time.Duration // how long before its instant a row is claimed, in real time
	Lease  time.Duration
	waited int // how often in a row another worker was claiming
}

// Runs on the partial index queue_due, which leaves out what stands aside for a pause. MATERIALIZED keeps the planner from locking more rows than the limit. What is overdue
// is left to the sweep, which holds it. Passed over before the limit counts are the channels and campaigns that are paused, the
// channels of which another worker holds something, so that the order of a channel is one worker's business, and those of
// which enough is in hand. Each is looked up once: a join would cost the order of the index, and with it the limit.
const sqlClaim = `
WITH due AS MATERIALIZED (
  SELECT delivery_id
  FROM queue
  WHERE lease_owner IS NULL
    AND NOT aside
    AND next_attempt_at <= $1
    AND next_attempt_at > $5
    AND not_after > $6
    AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope = 'everything' AND lifted_at IS NULL)
    AND channel_id NOT IN (
      SELECT c.id
      FROM pauses s
      JOIN channels c ON (s.scope = 'network' AND s.scope_id = c.platform) OR (s.scope = 'channel' AND s.scope_id = c.id::text)
      WHERE s.lifted_at IS NULL
      UNION ALL
      SELECT channel_id
      FROM queue
      WHERE lease_owner < $3::uuid
      UNION ALL
      SELECT channel_id
      FROM queue
      WHERE lease_owner > $3::uuid
      UNION ALL
      SELECT unnest($7::bigint[])
      UNION ALL
      SELECT id
      FROM channels
      WHERE cardinality($8::text[]) > 0
        AND platform || ' ' || address = ANY($8))
    AND post_id NOT IN (
      SELECT p.id
      FROM pauses s
      JOIN editions e ON e.campaign_id = s.scope_id
      JOIN posts p ON p.edition_id = e.id
      WHERE s.scope = 'campaign'
        AND s.lifted_at IS NULL)
  ORDER BY next_attempt_at, delivery_id
  LIMIT $2
  FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE queue q
SET lease_owner = $3::uuid, lease_until = clock_timestamp() + $4 * interval '1 millisecond', fence = q.fence + 1
FROM due
WHERE q.delivery_id = due.delivery_id
RETURNING q.delivery_id, q.post_id, q.channel_id, q.language, q.release_id, q.lease_owner::text AS lease_owner, q.fence, q.tries,
  q.due_at, q.ready_at, q.not_after, q.next_attempt_at`

// The number is "claim" in ASCII. Two workers that claim at the same time would not see each other's channels.
const sqlClaimTurn = `SELECT pg_try_advisory_xact_lock(x'636c61696d'::bigint)`

// impatient is how often in a row another worker's claim is waited for. One that is stopped in the middle of it does not stop the others.
const impatient = 20

// Take claims up to n rows that are due by the horizon, in order, and passes over the channels and the servers named. Where another
// worker is claiming it takes none, and its turn comes soon.
func (c *Claims) Take(ctx context.Context, n int, horizon time.Time, channels []int64, servers []string) (rows []attempt.Row, taken bool, err error) {
	err = c.DB.InKeyTx(ctx, func(tx *postgres.KeyTx) error {
		rows = nil
		if err := tx.GetHot(ctx, &taken, sqlClaimTurn); err != nil {
			return err
		}
		if !taken && c.waited < impatient {
			c.waited++
			return nil
		}
		taken, c.waited = true, 0
		now := c.Clock.Now()
		return tx.SelectHot(ctx, &rows, sqlClaim, horizon, n, c.Worker, c.Lease.Milliseconds(),
			now.Add(-attempt.Late(c.Clock)), now, pq.Array(channels), pq.Array(servers))
	})
	if err != nil {
		return nil, false, fmt.Errorf("claim: %w", err)
	}
	slices.SortFunc(rows, func(a, b attempt.Row) int {
		return cmp.Or(a.AttemptAt.Compare(b.AttemptAt), cmp.Compare(a.Delivery, b.Delivery))
	})
	return rows, taken, nil
}

// fresh is how long, in product time, what was prepared lies ready at most: on a fast clock, uploads would be too old when they are
// used. X keeps them for a day.
const fresh = 6 * time.Hour

// Horizon is the product instant up to which deliveries are claimed: the time ahead from now. Where a fast clock ends before
// that, the instant is nearer, so that nothing is held ready longer than its lease lasts.
func (c *Claims) Horizon() time.Time {
	now := c.Clock.Now()
	ahead := min(time.Duration(float64(c.Ahead)*c.Clock.Rate()), fresh)
	for c.Clock.Wait(now.Add(ahead)) > c.Ahead && ahead > time.Nanosecond {
		ahead /= 2
	}
	return now.Add(ahead)
}

const sqlGiveBackAll = `
UPDATE queue
SET lease_owner = NULL, lease_until = NULL
WHERE lease_owner = $1::uuid
  AND sending_at IS NULL`

// GiveBackAll returns whatever this worker has claimed and not begun to send.
func (c *Claims) GiveBackAll(ctx context.Context) error {
	_, err := c.DB.ExecContext(ctx, sqlGiveBackAll, c.Worker)
	return err
}

// A claim is named by its owner, its fence and its release: a delivery that was approved anew begins with a fence that was
// there before.
const sqlGiveBack = `
UPDATE queue q
SET lease_owner = NULL, lease_until = NULL, next_attempt_at = greatest(q.next_attempt_at, t.at), tries = q.tries + 1
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[]) AS t (delivery, fence, release, at)
WHERE q.delivery_id = t.delivery
  AND q.lease_owner = $5::uuid
  AND q.fence = t.fence
  AND q.release_id = t.release
  AND q.sending_at IS NULL`

// GiveBack returns claimed rows that were not sent to the queue, each to be tried at the instant that at names.
func (c *Claims) GiveBack(ctx context.Context, at func(attempt.Row) time.Time, rows ...attempt.Row) {
	if len(rows) == 0 {
		return
	}
	ids, fences, releases, instants := make([]int64, len(rows)), make([]int64, len(rows)), make([]int64, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		ids[i], fences[i], releases[i], instants[i] = r.Delivery, r.Fence, r.Release, at(r).Format(time.RFC3339Nano)
	}
	if _, err := c.DB.ExecContext(ctx, sqlGiveBack, pq.Array(ids), pq.Array(fences), pq.Array(releases), pq.Array(instants), c.Worker); err != nil {
		// The sweep notices that nobody holds the rows any more.
		c.Log.ErrorContext(ctx, "giving deliveries back to the queue failed", "delivery_ids", ids, "err", err)
	}
}

// Soon is when a row is tried again that could not be sent for a reason that may pass.
func (c *Claims) Soon(r attempt.Row) time.Time {
	return c.Clock.Now().Add(attempt.Pause(c.Clock, r))
}

// AsItWas is when a row was to be tried.
func AsItWas(r attempt.Row) time.Time { return r.AttemptAt }

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

// Hold hands a claimed row that cannot be sent to a person.
func (c *Claims) Hold(ctx context.Context, r attempt.Row, why post.Hold, say string) {
	err := c.DB.InTx(ctx, func(tx *postgres.Tx) error {
		_, err := settle.Change(ctx, tx, r.Delivery, "delivery.held", say, sqlHoldClaimed, r.Delivery, string(why), say, r.Owner, r.Fence, r.Release)
		return err
	})
	if err != nil {
		c.Log.ErrorContext(ctx, "holding a delivery failed", "delivery_id", r.Delivery, "err", err)
		c.GiveBack(ctx, c.Soon, r)
	}
}

// BackOff gives a row back after a failure before anything irreversible, to be tried a little later. When that would be later
// than it may be without a person's word, it is held.
func (c *Claims) BackOff(ctx context.Context, r attempt.Row, say string, cause error) {
	work := context.WithoutCancel(ctx)
	if ctx.Err() != nil {
		c.GiveBack(work, AsItWas, r)
		return
	}
	c.Log.WarnContext(work, "delivery could not be sent yet", "delivery_id", r.Delivery, "channel_id", r.Channel, "err", cause)
	at := settle.After(c.Clock, r, cause)
	if at.Sub(r.ReadyAt) > attempt.Late(c.Clock) {
		c.Hold(work, r, post.ForOverdue, say)
		return
	}
	c.GiveBack(work, func(attempt.Row) time.Time { return at }, r)
}
