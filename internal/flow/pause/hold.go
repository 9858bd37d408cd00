package pause

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// batch is how many deliveries are held in one statement.
const batch = 1000

// What is due under a pause, claimed or not, and not on its way. It is looked for by the three indexes of the queue, which may be
// long: what can be claimed, be it for a later try within the hour, what stands aside, and what somebody has claimed. Queue rows are locked before their
// deliveries, in the order of their numbers, as an edit locks them; the delivery's own trigger takes the row out of the queue. A row
// that somebody claims just now is waited for. In a database that lost its licence nothing is held: it may be out, and is asked about
// when the licence is taken.
const sqlDue = `
SELECT q.delivery_id
FROM queue q
JOIN pauses s ON s.id = $1
WHERE q.delivery_id = ANY (ARRAY(
    SELECT d.delivery_id
    FROM queue d
    WHERE d.lease_owner IS NULL
      AND NOT d.aside
      AND d.next_attempt_at <= $2::timestamptz + interval '1 hour'
      AND d.ready_at <= $2
    UNION ALL
    SELECT d.delivery_id
    FROM queue d
    WHERE d.aside
      AND d.ready_at <= $2
    UNION ALL
    SELECT d.delivery_id
    FROM queue d
    WHERE d.lease_owner IS NOT NULL
      AND d.ready_at <= $2))
  AND s.lifted_at IS NULL
  AND q.sending_at IS NULL
  AND q.ready_at <= $2
  AND NOT EXISTS (SELECT 1 FROM pauses l WHERE l.cause = 'licence' AND l.lifted_at IS NULL)
  AND (s.scope = 'everything'
    OR (s.scope = 'network' AND s.scope_id = (SELECT c.platform FROM channels c WHERE c.id = q.channel_id))
    OR (s.scope = 'channel' AND s.scope_id = q.channel_id::text)
    OR (s.scope = 'campaign' AND s.scope_id = (SELECT e.campaign_id FROM posts p JOIN editions e ON e.id = p.edition_id WHERE p.id = q.post_id)))
ORDER BY q.delivery_id
LIMIT $3
FOR NO KEY UPDATE OF q`

// A thread that has begun is not given a new time: a person continues it or takes it down.
const sqlHold = `
WITH held AS (
  UPDATE deliveries d
  SET state = 'held', release_id = NULL, submission_id = NULL, revision_id = NULL,
    hold = CASE WHEN EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = d.id) THEN 'decision' ELSE 'overdue' END,
    problem = CASE WHEN EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = d.id)
      THEN 'A pause stopped the thread in the middle. Take down what is out, or let the rest go.'
      ELSE 'It fell due during a pause. Give it a new time, or leave it out.' END
  WHERE d.id = ANY($2)
    AND d.state = 'scheduled'
  RETURNING d.id
),
listed AS (
  INSERT INTO pause_held (pause_id, delivery_id)
  SELECT $1, id
  FROM held
  ON CONFLICT DO NOTHING
)
INSERT INTO audit (action, subject_kind, subject_id, detail)
SELECT 'delivery.overdue', 'delivery', id, jsonb_build_object('pause', $1::bigint)
FROM held`

// What the dispatcher held by itself meanwhile, because it was overdue for long, is gone through with the rest.
const sqlListOverdue = `
INSERT INTO pause_held (pause_id, delivery_id)
SELECT s.id, q.id
FROM deliveries q
JOIN pauses s ON s.id = $1
WHERE q.hold = 'overdue'
  AND (s.scope = 'everything'
    OR (s.scope = 'network' AND s.scope_id = (SELECT c.platform FROM channels c WHERE c.id = q.channel_id))
    OR (s.scope = 'channel' AND s.scope_id = q.channel_id::text)
    OR (s.scope = 'campaign' AND s.scope_id = (SELECT e.campaign_id FROM posts p JOIN editions e ON e.id = p.edition_id WHERE p.id = q.post_id)))
  AND EXISTS (
    SELECT 1
    FROM audit a
    WHERE a.subject_kind = 'delivery'
      AND a.subject_id = q.id
      AND a.action = 'delivery.overdue'
      AND a.at >= s.at)
ON CONFLICT DO NOTHING`

// HoldDue holds what fell due under the pauses that people raised, and returns how much that was: it leaves the queue, and nothing of it
// goes out by itself when the pause ends. What comes up soon stands aside, so that it costs the dispatcher nothing. Any number of replicas
// may call it.
func HoldDue(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	active, err := licence.Active(ctx, db)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, p := range active {
		if p.Cause != licence.ByPerson {
			continue // what may have gone out from elsewhere is asked about when the licence is taken
		}
		if err := setAside(ctx, db, p.ID, now); err != nil {
			return total, err
		}
		n, err := drain(ctx, db, p.ID, now)
		if total += n; err != nil {
			return total, err
		}
	}
	return total, nil
}

// drain holds what is due under one pause, a batch in each transaction.
func drain(ctx context.Context, db *postgres.DB, id int64, now time.Time) (int, error) {
	total := 0
	for {
		n := 0
		err := db.InTx(ctx, func(tx *postgres.Tx) (err error) {
			n, err = hold(ctx, tx, id, now)
			return err
		})
		if total += n; err != nil || n < batch {
			return total, err
		}
	}
}

func hold(ctx context.Context, tx *postgres.Tx, id int64, now time.Time) (int, error) {
	var due []int64
	if err := tx.SelectContext(ctx, &due, sqlDue, id, now, batch); err != nil {
		return 0, fmt.Errorf("look for what fell due under pause %d: %w", id, err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	if _, err := tx.ExecContext(ctx, sqlHold, id, pq.Array(due)); err != nil {
		return 0, fmt.Errorf("hold what fell due under pause %d: %w", id, err)
	}
	return len(due), nil
}

const sqlCountHeld = `
SELECT count(*)
FROM pause_held h
JOIN deliveries d ON d.id = h.delivery_id
WHERE h.pause_id = $1
  AND d.hold IN ('overdue', 'decision')`

// Lift lets a part go on. What fell due meanwhile, a moment ago or long ago, is held before in the same transaction: a person goes
// through it, and nothing of it leaves by itself. It returns how much that is.
func Lift(ctx context.Context, db *postgres.DB, id int64, by people.Person, now time.Time) (int, error) {
	if err := may(by); err != nil {
		return 0, err
	}
	if _, err := drain(ctx, db, id, now); err != nil { // most of it, so that the last step is short
		return 0, err
	}
	left := 0
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		for n := batch; n == batch; {
			var err error
			if n, err = hold(ctx, tx, id, now); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, sqlListOverdue, id); err != nil {
			return fmt.Errorf("list what was overdue under pause %d: %w", id, err)
		}
		if err := tx.GetContext(ctx, &left, sqlCountHeld, id); err != nil {
			return fmt.Errorf("count what fell due under pause %d: %w", id, err)
		}
		return licence.Lift(ctx, tx, id, by.ID)
	})
	return left, err
}

// Ended is a pause, in force or not, with what it stopped.
type Ended struct {
	ID       int64         `db:"id"`
	Scope    licence.Scope `db:"scope"`
	Name     string        `db:"name"`
	Reason   string        `db:"reason"`
	By       string        `db:"by_name"`
	At       time.Time     `db:"at"`
	LiftedAt *time.Time    `db:"lifted_at"`
}

const sqlOne = `
SELECT s.id, s.scope, s.reason, coalesce(w.name, '') AS by_name, s.at, s.lifted_at, coalesce(
  CASE s.scope
    WHEN 'channel' THEN (SELECT c.name FROM channels c WHERE c.id::text = s.scope_id)
    WHEN 'campaign' THEN (SELECT m.title->>'en' FROM campaigns m WHERE m.id = s.scope_id)
  END, s.scope_id, '') AS name
FROM pauses s
LEFT JOIN people w ON w.id = s.person_id
WHERE s.id = $1`

// One returns a pause, in force or lifted.
func One(ctx context.Context, q postgres.Querier, id int64) (Ended, error) {
	var list []Ended
	if err := q.SelectContext(ctx, &list, sqlOne, id); err != nil {
		return Ended{}, fmt.Errorf("read pause %d: %w", id, err)
	}
	if len(list) == 0 {
		return Ended{}, fault.New(fault.NotFound, "There was no pause with the number %d.", id)
	}
	return list[0], nil
}
