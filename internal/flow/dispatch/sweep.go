package dispatch

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

const sqlMiss = `
UPDATE deliveries d
SET state = 'missed', hold = NULL, problem = CASE
    WHEN d.state = 'scheduled' THEN 'Its window closed before it could go out.'
    WHEN d.hold = 'overdue' OR d.hold = 'decision' THEN 'Nobody decided about it before its window closed.'
    ELSE 'It was not approved in time.' END
WHERE d.state IN ('held', 'scheduled')
  AND d.not_after <= $1
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.sending_at IS NOT NULL)
RETURNING d.id`

const sqlOverdue = `
UPDATE deliveries d
SET state = 'held', hold = 'overdue', problem = 'It fell due while nothing could be sent. Give it a new time, or leave it out.',
  release_id = NULL, submission_id = NULL, revision_id = NULL
FROM queue q
WHERE q.delivery_id = d.id
  AND d.state = 'scheduled'
  AND q.lease_owner IS NULL
  AND q.next_attempt_at <= $1
RETURNING d.id`

// miss gives up what was not sent before its window closed: after it nothing goes out by itself.
func (d *Dispatcher) miss(ctx context.Context, now time.Time) error {
	return d.sweepTo(ctx, "delivery.missed", sqlMiss, now)
}

// holdOverdue holds what fell due too long ago to go out by itself, as after an outage.
func (d *Dispatcher) holdOverdue(ctx context.Context, before time.Time) error {
	return d.sweepTo(ctx, "delivery.overdue", sqlOverdue, before)
}

func (d *Dispatcher) sweepTo(ctx context.Context, action, statement string, at time.Time) error {
	return d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, statement, at); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
		for _, id := range ids {
			if err := audit.Write(ctx, tx, audit.Entry{Action: action, Kind: "delivery", ID: id}); err != nil {
				return err
			}
		}
		if len(ids) > 0 {
			d.Log.WarnContext(ctx, "deliveries did not go out in time", "action", action, "delivery_ids", ids)
		}
		return nil
	})
}

const sqlOwners = `
SELECT DISTINCT lease_owner::text
FROM queue
WHERE lease_owner IS NOT NULL
  AND lease_owner <> $1::uuid`

const sqlLost = `
WITH lost AS (
  SELECT delivery_id
  FROM queue
  WHERE sending_at IS NOT NULL
    AND lease_owner IS NOT NULL
    AND (lease_owner::text = $1 OR ($1 = '' AND lease_until < clock_timestamp()))
  FOR UPDATE SKIP LOCKED
),
ended AS (
  UPDATE attempts a
  SET ended_at = clock_timestamp(), outcome = 'lost', problem = 'Daymark stopped while it was sending.'
  FROM lost
  WHERE a.delivery_id = lost.delivery_id
    AND a.outcome IS NULL
  RETURNING a.delivery_id
)
UPDATE deliveries d
SET state = 'unknown', problem = 'Daymark stopped while it was sending; the network is being asked.', ask_at = clock_timestamp(), absent = 0
FROM lost
WHERE d.id = lost.delivery_id
  AND d.state = 'scheduled'
RETURNING d.id`

const sqlFree = `
UPDATE queue
SET lease_owner = NULL, lease_until = NULL
WHERE sending_at IS NULL
  AND lease_owner IS NOT NULL
  AND (lease_owner::text = $1 OR ($1 = '' AND lease_until < clock_timestamp()))`

// recover takes over from workers that are gone: what they had only claimed is free again, what they were sending is
// unknown. A worker is gone when nobody holds its lock any more, or when its lease ran out.
func (d *Dispatcher) recover(ctx context.Context) error {
	var owners []string
	if err := d.DB.SelectContext(ctx, &owners, sqlOwners, d.Worker.String()); err != nil {
		return fmt.Errorf("look for lost workers: %w", err)
	}
	for _, owner := range append(owners, "") {
		err := d.DB.InTx(ctx, func(tx *postgres.Tx) error { return d.recoverFrom(ctx, tx, owner) })
		if err != nil {
			return fmt.Errorf("recover from worker %q: %w", owner, err)
		}
	}
	return nil
}

func (d *Dispatcher) recoverFrom(ctx context.Context, tx *postgres.Tx, owner string) error {
	if owner != "" {
		var dead bool
		if err := tx.GetContext(ctx, &dead, sqlIsDead, owner); err != nil || !dead {
			return err
		}
	}
	var lost []int64
	if err := tx.SelectContext(ctx, &lost, sqlLost, owner); err != nil {
		return err
	}
	for _, id := range lost {
		if err := audit.Write(ctx, tx, audit.Entry{Action: "delivery.unknown", Kind: "delivery", ID: id}); err != nil {
			return err
		}
	}
	if len(lost) > 0 {
		d.Log.WarnContext(ctx, "a worker was lost while sending; the networks are being asked", "worker", owner, "delivery_ids", lost)
	}
	_, err := tx.ExecContext(ctx, sqlFree, owner)
	return err
}
