// Package sweep looks for what nobody announces: windows that have closed, deliveries that fell due during an outage, and
// workers that are gone.
//
// Queue rows are locked before the deliveries that they belong to, and only rows that nobody is about to send. The package
// sends nothing and asks no network.
package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// What a person has to decide about stays so: it may be out, or a part of it is.
const sqlMissHeld = `
UPDATE deliveries
SET state = 'missed', hold = NULL, problem = CASE
    WHEN hold = 'overdue' THEN 'Nobody decided about it before its window closed.'
    ELSE 'It was not approved in time.' END
WHERE state = 'held'
  AND hold <> 'decision'
  AND not_after <= $1
RETURNING id`

const sqlMissScheduled = `
WITH late AS MATERIALIZED (
  SELECT q.delivery_id
  FROM deliveries d
  JOIN queue q ON q.delivery_id = d.id
  WHERE d.state = 'scheduled'
    AND d.not_after <= $1
    AND q.sending_at IS NULL
  FOR UPDATE OF q SKIP LOCKED
)
UPDATE deliveries d
SET state = 'missed', problem = 'Its window closed before it could go out.'
FROM late
WHERE d.id = late.delivery_id
  AND d.state = 'scheduled'
  AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = d.id)
RETURNING d.id`

// A thread of which a part is out is not missed: a person takes it down or continues. What is late is looked for by the indexes of
// windows, of what can be claimed, and of what stands aside for a pause: without them all that waits would be read every second.
const sqlStrand = `
WITH late AS MATERIALIZED (
  SELECT q.delivery_id
  FROM queue q
  WHERE q.delivery_id = ANY (ARRAY(
      SELECT d.id
      FROM deliveries d
      WHERE d.state = 'scheduled'
        AND d.not_after <= $1
      UNION ALL
      SELECT f.delivery_id
      FROM queue f
      WHERE f.lease_owner IS NULL
        AND NOT f.aside
        AND f.next_attempt_at <= $2
      UNION ALL
      SELECT a.delivery_id
      FROM queue a
      WHERE a.aside
        AND a.next_attempt_at <= $2))
    AND (q.not_after <= $1 OR (q.lease_owner IS NULL AND q.next_attempt_at <= $2))
    AND q.sending_at IS NULL
    AND EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = q.delivery_id AND c.part = 1)
  FOR UPDATE OF q SKIP LOCKED
)
UPDATE deliveries d
SET state = 'held', hold = 'decision', release_id = NULL, submission_id = NULL, revision_id = NULL,
  problem = 'The rest of the thread could not go out in time. Take down what is out, or continue by hand.'
FROM late
WHERE d.id = late.delivery_id
  AND d.state = 'scheduled'
RETURNING d.id`

// Looked for by the index of what can be claimed, and by that of what stands aside for a pause.
const sqlOverdue = `
WITH late AS MATERIALIZED (
  SELECT delivery_id
  FROM queue
  WHERE delivery_id = ANY (ARRAY(
      SELECT q.delivery_id
      FROM queue q
      WHERE q.lease_owner IS NULL
        AND NOT q.aside
        AND q.next_attempt_at <= $1
      UNION ALL
      SELECT q.delivery_id
      FROM queue q
      WHERE q.aside
        AND q.next_attempt_at <= $1))
    AND lease_owner IS NULL
    AND next_attempt_at <= $1
    AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = queue.delivery_id)
  FOR UPDATE SKIP LOCKED
)
UPDATE deliveries d
SET state = 'held', hold = 'overdue', problem = 'It fell due while nothing could be sent. Give it a new time, or leave it out.',
  release_id = NULL, submission_id = NULL, revision_id = NULL
FROM late
WHERE d.id = late.delivery_id
  AND d.state = 'scheduled'
RETURNING d.id`

// Miss gives up what was not sent before its window closed: after it nothing goes out by itself.
func Miss(ctx context.Context, db *postgres.DB, log *slog.Logger, now time.Time) error {
	for _, statement := range []string{sqlMissHeld, sqlMissScheduled} {
		if err := change(ctx, db, log, "delivery.missed", statement, now); err != nil {
			return err
		}
	}
	return nil
}

// HoldOverdue holds what fell due at or before an instant, too long ago to go out by itself, as after an outage or a pause.
func HoldOverdue(ctx context.Context, db *postgres.DB, log *slog.Logger, before time.Time) error {
	return change(ctx, db, log, "delivery.overdue", sqlOverdue, before)
}

// Strand hands threads to a person whose rest cannot go out in time: the window closed, or it fell due at or before an instant.
func Strand(ctx context.Context, db *postgres.DB, log *slog.Logger, now, before time.Time) error {
	return change(ctx, db, log, "delivery.stranded", sqlStrand, now, before)
}

func change(ctx context.Context, db *postgres.DB, log *slog.Logger, action, statement string, at ...any) error {
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, statement, at...); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
		for _, id := range ids {
			if err := audit.Write(ctx, tx, audit.Entry{Action: action, Kind: "delivery", ID: id}); err != nil {
				return err
			}
		}
		if len(ids) > 0 {
			log.WarnContext(ctx, "deliveries did not go out in time", "action", action, "delivery_ids", ids)
		}
		return nil
	})
}
