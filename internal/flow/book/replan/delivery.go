package replan

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Delivery is a delivery of the book as planning sees it.
type Delivery struct {
	ID        int64       `db:"id"`
	Post      int64       `db:"post"`
	Channel   int64       `db:"channel"`
	Language  string      `db:"language"`
	Date      civil.Date  `db:"due_date"`
	Clock     civil.Clock `db:"due_clock"`
	Zone      string      `db:"zone"`
	DueAt     time.Time   `db:"due_at"`
	NotAfter  time.Time   `db:"not_after"`
	State     post.State  `db:"state"`
	Hold      post.Hold   `db:"hold"`
	Planned   bool        `db:"planned"`   // made by planning, and not moved by a person since
	Withdrawn bool        `db:"withdrawn"` // cancelled by planning
}

// Waits reports whether planning may move or withdraw the delivery: it is neither out nor on its way, and never may be out.
func (d Delivery) Waits() bool {
	return d.State == post.Scheduled || (d.State == post.Held && d.Hold != post.ForDecision)
}

// The newest delivery of each place comes last.
const sqlDeliveries = `
SELECT d.id, d.post_id AS post, d.channel_id AS channel, d.language, d.due_date, d.due_clock, d.zone, d.due_at, d.not_after,
  s.state, coalesce(d.hold, '') AS hold, d.planned, d.withdrawn
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
JOIN posts p ON p.id = d.post_id
WHERE ($1::bigint = 0 OR p.edition_id = $1)
  AND ($2::timestamptz IS NULL OR (d.due_at > $2 AND d.state IN ('held', 'scheduled')))
ORDER BY d.id`

// Deliveries returns every delivery of an edition, in the order in which they were made.
func Deliveries(ctx context.Context, q postgres.Querier, edition int64) ([]Delivery, error) {
	return deliveries(ctx, q, edition, nil)
}

// Waiting returns every delivery of the book that is held or scheduled for after an instant.
func Waiting(ctx context.Context, q postgres.Querier, after time.Time) ([]Delivery, error) {
	return deliveries(ctx, q, 0, &after)
}

func deliveries(ctx context.Context, q postgres.Querier, edition int64, after *time.Time) ([]Delivery, error) {
	var list []Delivery
	if err := q.SelectContext(ctx, &list, sqlDeliveries, edition, after); err != nil {
		return nil, fmt.Errorf("read the planned deliveries: %w", err)
	}
	return list, nil
}

const sqlAdd = `
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after, planned)
SELECT post, channel, language, day, clock, zone, due, late, true
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::date[], $5::time[], $6::text[], $7::timestamptz[], $8::timestamptz[])
  AS t (post, channel, language, day, clock, zone, due, late)`

// Add writes deliveries, held for approval.
func Add(ctx context.Context, tx *postgres.Tx, list []book.Delivery) error {
	if len(list) == 0 {
		return nil
	}
	var c columns
	channels, languages, posts := make([]int64, len(list)), make([]string, len(list)), make([]int64, len(list))
	for i, d := range list {
		posts[i], channels[i], languages[i] = d.Post, d.Channel, d.Language
		c.add(d.Date, d.Clock, d.Zone, d.DueAt, d.NotAfter)
	}
	_, err := tx.ExecContext(ctx, sqlAdd, pq.Array(posts), pq.Array(channels), pq.Array(languages),
		pq.Array(c.dates), pq.Array(c.clocks), pq.Array(c.zones), pq.Array(c.dues), pq.Array(c.lates))
	switch {
	case err == nil:
		return nil
	case postgres.Constraint(err) == "rehearsal_only":
		return fault.Wrap(fault.Forbidden, err, "A rehearsal goes to sandbox channels only.")
	}
	return fmt.Errorf("add %d deliveries: %w", len(list), err)
}

// columns are the times of many deliveries, column by column, as one statement takes them.
type columns struct{ dates, clocks, zones, dues, lates []string }

func (c *columns) add(date civil.Date, clock civil.Clock, zone string, due, late time.Time) {
	c.dates, c.clocks, c.zones = append(c.dates, date.String()), append(c.clocks, clock.String()), append(c.zones, zone)
	c.dues, c.lates = append(c.dues, due.UTC().Format(time.RFC3339Nano)), append(c.lates, late.UTC().Format(time.RFC3339Nano))
}

// Move is a new time for a delivery.
type Move struct {
	ID       int64
	Date     civil.Date
	Clock    civil.Clock
	Zone     string
	DueAt    time.Time
	NotAfter time.Time
	Why      string // for who had approved the old time
}

const sqlLockQueue = `
SELECT delivery_id
FROM queue
WHERE delivery_id = ANY($1)
ORDER BY delivery_id
FOR UPDATE`

// A release names its instant, so that an approved delivery gives it back before it moves.
const sqlGiveBack = `
UPDATE deliveries d
SET state = 'held', hold = 'edited', release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE d.id = ANY($1)
  AND d.state = 'scheduled'
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.sending_at IS NOT NULL)`

const sqlMove = `
UPDATE deliveries d
SET due_date = t.day, due_clock = t.clock, zone = t.zone, due_at = t.due, not_after = t.late,
  hold = CASE WHEN d.hold = 'overdue' THEN 'approval' ELSE d.hold END,
  problem = CASE WHEN EXISTS (SELECT 1 FROM releases r WHERE r.delivery_id = d.id) THEN t.why ELSE '' END
FROM unnest($1::bigint[], $2::date[], $3::time[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[])
  AS t (id, day, clock, zone, due, late, why)
WHERE d.id = t.id
  AND d.state = 'held'
  AND d.hold <> 'decision'
RETURNING d.id`

// MoveAll gives deliveries that wait new times and returns the ids of those that moved: one that went on the wire meanwhile
// does not. What was scheduled is held, because its approval was for the old instant.
func MoveAll(ctx context.Context, tx *postgres.Tx, moves []Move) ([]int64, error) {
	if len(moves) == 0 {
		return nil, nil
	}
	var c columns
	ids, whys := make([]int64, len(moves)), make([]string, len(moves))
	for i, m := range moves {
		ids[i], whys[i] = m.ID, m.Why
		c.add(m.Date, m.Clock, m.Zone, m.DueAt, m.NotAfter)
	}
	if err := lockQueue(ctx, tx, ids); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, sqlGiveBack, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("hold what moves: %w", err)
	}
	var moved []int64
	err := tx.SelectContext(ctx, &moved, sqlMove, pq.Array(ids), pq.Array(c.dates), pq.Array(c.clocks), pq.Array(c.zones),
		pq.Array(c.dues), pq.Array(c.lates), pq.Array(whys))
	if err != nil {
		return nil, fmt.Errorf("move deliveries: %w", err)
	}
	return moved, nil
}

func lockQueue(ctx context.Context, tx *postgres.Tx, ids []int64) error {
	var locked []int64
	if err := tx.SelectContext(ctx, &locked, sqlLockQueue, pq.Array(ids)); err != nil {
		return fmt.Errorf("lock the queue: %w", err)
	}
	return nil
}

const sqlWithdraw = `
UPDATE deliveries d
SET state = 'cancelled', hold = NULL, withdrawn = true, problem = $2, release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE d.id = ANY($1)
  AND (d.state = 'scheduled' OR (d.state = 'held' AND d.hold <> 'decision'))
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.sending_at IS NOT NULL)`

// Withdraw cancels deliveries that wait, with a sentence, and returns how many: what is out, or on its way, stays.
func Withdraw(ctx context.Context, tx *postgres.Tx, ids []int64, why string) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	if err := lockQueue(ctx, tx, ids); err != nil {
		return 0, err
	}
	res, err := tx.ExecContext(ctx, sqlWithdraw, pq.Array(ids), why)
	if err != nil {
		return 0, fmt.Errorf("withdraw deliveries: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("withdraw deliveries: %w", err)
	}
	return int(n), nil
}
