package punctual

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

// Every is how often a daemon says that it runs; missing is how long it may be silent before it counts as gone.
const (
	Every   = 5 * time.Second
	missing = 3 * Every
)

const sqlBeat = `
INSERT INTO daemons AS d (worker)
VALUES ($1::uuid)
ON CONFLICT (worker) DO UPDATE
SET seen_at = greatest(d.seen_at, clock_timestamp())`

const sqlForget = `
DELETE FROM daemons
WHERE seen_at < clock_timestamp() - interval '400 days'`

// Beat says that a daemon, named by a UUID of its own, runs.
func Beat(ctx context.Context, q postgres.Querier, worker string) error {
	if _, err := q.ExecContext(ctx, sqlBeat, worker); err != nil {
		return fmt.Errorf("say that this daemon runs: %w", err)
	}
	return nil
}

// Forget drops the daemons of more than a year ago.
func Forget(ctx context.Context, q postgres.Querier) error {
	if _, err := q.ExecContext(ctx, sqlForget); err != nil {
		return fmt.Errorf("forget old daemons: %w", err)
	}
	return nil
}
