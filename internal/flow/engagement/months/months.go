// Package months makes the tables of the months in which snapshots lie, ahead of the time at which they are needed.
//
// The tables belong to the database's owner, so that a function of the database makes them (make_snapshot_months, migration 00034). What
// came for a month without a table lies in the default one, and moves when its table is made. The package touches no counts.
package months

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/postgres"
)

// lockMonths is the advisory lock of the replica that makes months.
const lockMonths = 30072014004

// ahead is for how many months there are tables, this one among them. On a clock that runs ten thousand times as fast as real time a
// month passes in less than five minutes.
const ahead = 6

// Months that there are have their bounds in their names.
const sqlThere = `
SELECT count(*)
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'snapshots'::regclass
  AND c.relname = ANY (ARRAY(
    SELECT 'snapshots_' || to_char(date_trunc('month', $1::date::timestamp) + n * interval '1 month', 'YYYY_MM')
    FROM generate_series(0, $2::int - 1) n))`

const sqlMake = `SELECT make_snapshot_months($1, $2)`

// Ensure makes the tables of this month and those ahead that are missing, at an instant of product time, on one replica. It returns how
// many it made.
func Ensure(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	first := civil.DateOf(now.UTC())
	there, made := 0, 0
	if err := db.GetContext(ctx, &there, sqlThere, first, ahead); err != nil {
		return 0, fmt.Errorf("look for months of snapshots: %w", err)
	}
	if there == ahead {
		return 0, nil
	}
	_, err := db.Leader(ctx, lockMonths, func(ctx context.Context) error {
		if err := db.GetContext(ctx, &made, sqlMake, first, ahead); err != nil {
			return fmt.Errorf("make months of snapshots: %w", err)
		}
		return nil
	})
	return made, err
}
