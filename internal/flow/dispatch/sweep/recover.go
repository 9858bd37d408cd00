package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"daymark/internal/org/audit"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// A worker's life is a session lock on the hash of its name: it ends with the connection, however the process ends.
const (
	SQLAlive    = `SELECT pg_advisory_lock(hashtextextended($1, 30072014))`   // takes the lock
	SQLNotAlive = `SELECT pg_advisory_unlock(hashtextextended($1, 30072014))` // lets go of it
	sqlIsDead   = `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 30072014))`
)

const sqlOwners = `
SELECT DISTINCT lease_owner::text
FROM queue
WHERE lease_owner IS NOT NULL`

const sqlExpired = `
SELECT delivery_id
FROM queue
WHERE lease_owner IS NOT NULL
  AND lease_until < clock_timestamp()`

const sqlOwned = `
SELECT delivery_id
FROM queue
WHERE lease_owner = $1::uuid`

// The lease is looked at again under the row's lock: meanwhile the worker may have settled it, or another claimed it.
const sqlLost = `
WITH lost AS MATERIALIZED (
  SELECT delivery_id, fence
  FROM queue
  WHERE delivery_id = ANY($1)
    AND sending_at IS NOT NULL
    AND (lease_owner::text = $2 OR ($2 = '' AND lease_until < clock_timestamp()))
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
WITH claimed AS MATERIALIZED (
  SELECT delivery_id
  FROM queue
  WHERE delivery_id = ANY($1)
    AND sending_at IS NULL
    AND (lease_owner::text = $2 OR ($2 = '' AND lease_until < clock_timestamp()))
  FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE queue q
SET lease_owner = NULL, lease_until = NULL
FROM claimed
WHERE q.delivery_id = claimed.delivery_id`

// Recover takes over from workers that are gone: what they had only claimed is free again, what they were sending is unknown.
// A worker is gone when nobody holds its lock any more; a row is given up when its lease ran out. Of the rows of the worker
// self, which lives, those are taken back that it does not hold in its hands: the database's word about them was lost.
func Recover(ctx context.Context, db *postgres.DB, log *slog.Logger, self string, held map[int64]bool) error {
	var owners []string
	if err := db.SelectContext(ctx, &owners, sqlOwners); err != nil {
		return fmt.Errorf("look for lost workers: %w", err)
	}
	for _, owner := range append(owners, "") {
		if err := from(ctx, db, log, owner, owner == self, held); err != nil {
			return fmt.Errorf("recover from worker %q: %w", owner, err)
		}
	}
	return nil
}

// from recovers the rows of one worker, or with no name those whose lease ran out.
func from(ctx context.Context, db *postgres.DB, log *slog.Logger, owner string, self bool, held map[int64]bool) error {
	var ids []int64
	var err error
	if owner == "" {
		err = db.SelectContext(ctx, &ids, sqlExpired)
	} else {
		err = db.SelectContext(ctx, &ids, sqlOwned, owner)
	}
	if self {
		ids = slices.DeleteFunc(ids, func(id int64) bool { return held[id] })
	}
	if err != nil || len(ids) == 0 {
		return err
	}
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		if owner != "" && !self {
			if dead, err := IsDead(ctx, tx, owner); err != nil || !dead {
				return err
			}
		}
		return take(ctx, tx, log, owner, ids)
	})
}

// IsDead reports whether nobody holds a worker's lock any more. While the transaction lasts nobody else takes over from it.
func IsDead(ctx context.Context, tx *postgres.Tx, worker string) (dead bool, err error) {
	if err := tx.GetContext(ctx, &dead, sqlIsDead, worker); err != nil {
		return false, fmt.Errorf("see whether worker %s lives: %w", worker, err)
	}
	return dead, nil
}

func take(ctx context.Context, tx *postgres.Tx, log *slog.Logger, owner string, ids []int64) error {
	var lost []int64
	if err := tx.SelectContext(ctx, &lost, sqlLost, pq.Array(ids), owner); err != nil {
		return err
	}
	for _, id := range lost {
		if err := audit.Write(ctx, tx, audit.Entry{Action: "delivery.unknown", Kind: "delivery", ID: id}); err != nil {
			return err
		}
	}
	if len(lost) > 0 {
		log.WarnContext(ctx, "a worker was lost while sending; the networks are being asked", "worker", owner, "delivery_ids", lost)
	}
	_, err := tx.ExecContext(ctx, sqlFree, pq.Array(ids), owner)
	return err
}
