package dispatch

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/post"
)

// row is a queue row that this worker holds under its lease.
type row struct {
	Delivery  int64     `db:"delivery_id"`
	Post      int64     `db:"post_id"`
	Channel   int64     `db:"channel_id"`
	Language  string    `db:"language"`
	Release   int64     `db:"release_id"`
	Fence     int64     `db:"fence"`
	Tries     int       `db:"tries"`
	DueAt     time.Time `db:"due_at"`
	NotAfter  time.Time `db:"not_after"`
	AttemptAt time.Time `db:"next_attempt_at"`
}

// A worker's life is a session lock on the hash of its name: it ends with the connection, however the process ends.
const (
	sqlAlive    = `SELECT pg_advisory_lock(hashtextextended($1, 30072014))`
	sqlNotAlive = `SELECT pg_advisory_unlock(hashtextextended($1, 30072014))`
	sqlIsDead   = `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 30072014))`
)

// Runs on the partial index queue_due. MATERIALIZED keeps the planner from locking more rows than the limit.
const sqlClaim = `
WITH due AS MATERIALIZED (
  SELECT delivery_id
  FROM queue
  WHERE lease_owner IS NULL
    AND next_attempt_at <= $1
    AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope = 'everything' AND lifted_at IS NULL)
  ORDER BY next_attempt_at, delivery_id
  LIMIT $2
  FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE queue q
SET lease_owner = $3::uuid, lease_until = clock_timestamp() + $4 * interval '1 millisecond', fence = q.fence + 1
FROM due
WHERE q.delivery_id = due.delivery_id
RETURNING q.delivery_id, q.post_id, q.channel_id, q.language, q.release_id, q.fence, q.tries, q.due_at, q.not_after, q.next_attempt_at`

const sqlRelease = `
SELECT body
FROM releases
WHERE id = $1`

const sqlGiveBack = `
UPDATE queue
SET lease_owner = NULL, lease_until = NULL
WHERE lease_owner = $1::uuid
  AND sending_at IS NULL`

const sqlGiveBackOne = `
UPDATE queue
SET lease_owner = NULL, lease_until = NULL, next_attempt_at = greatest(next_attempt_at, $4), tries = tries + 1
WHERE delivery_id = $1
  AND lease_owner = $2::uuid
  AND fence = $3
  AND sending_at IS NULL`

// claim takes up to n rows that are due within the time ahead.
func (d *Dispatcher) claim(ctx context.Context, n int) ([]row, error) {
	horizon := d.Clock.Now().Add(time.Duration(float64(d.Ahead) * d.Clock.Rate()))
	var rows []row
	if err := d.DB.SelectContext(ctx, &rows, sqlClaim, horizon, n, d.Worker.String(), d.Lease.Milliseconds()); err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	return rows, nil
}

// release reads the final content of a claimed row.
func (d *Dispatcher) release(ctx context.Context, id int64) (post.Final, error) {
	var body []byte
	if err := d.DB.GetContext(ctx, &body, sqlRelease, id); err != nil {
		return post.Final{}, fmt.Errorf("read release %d: %w", id, err)
	}
	return post.ReadFinal(body)
}

// giveBack returns a claimed row that was not sent to the queue, to be tried at an instant.
func (d *Dispatcher) giveBack(ctx context.Context, r row, at time.Time) error {
	_, err := d.DB.ExecContext(ctx, sqlGiveBackOne, r.Delivery, d.Worker.String(), r.Fence, at)
	if err != nil {
		return fmt.Errorf("give back delivery %d: %w", r.Delivery, err)
	}
	return nil
}
