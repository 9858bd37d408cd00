package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// leaderCheck is how often a leader makes sure that its session, and with it its lock, is still there.
const leaderCheck = 5 * time.Second

const (
	sqlTryLock = `SELECT pg_try_advisory_lock($1)`
	sqlUnlock  = `SELECT pg_advisory_unlock($1)`
	sqlAlive   = `SELECT 1`
)

// Leader runs a job that only one replica may run at a time: it takes the advisory lock of the given key, runs the job and
// lets go. When another holds the lock it returns false at once. The job's context ends when the lock is lost, which happens
// when its connection breaks. Leader uses one connection of the pool for as long as the job runs.
func (db *DB) Leader(ctx context.Context, key int64, run func(ctx context.Context) error) (bool, error) {
	conn, err := db.DB.DB.Conn(ctx)
	if err != nil {
		return false, fmt.Errorf("lead %d: %w", key, err)
	}
	defer func() { _ = conn.Close() }()
	var got bool
	if err := conn.QueryRowContext(ctx, sqlTryLock, key).Scan(&got); err != nil {
		return false, fmt.Errorf("lead %d: %w", key, err)
	}
	if !got {
		return false, nil
	}
	defer unlock(ctx, conn, key)

	jobCtx, lost := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		keep(jobCtx, conn, lost)
	}()
	defer func() { // before the unlock: the watcher uses the same connection
		lost(nil)
		<-watched
	}()
	return true, run(jobCtx)
}

// keep ends the job when its session does not answer.
func keep(ctx context.Context, conn *sql.Conn, lost context.CancelCauseFunc) {
	tick := time.NewTicker(leaderCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			var one int
			// Not the job's context: its end would break the connection while the lock is still to be given back.
			checkCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaderCheck)
			err := conn.QueryRowContext(checkCtx, sqlAlive).Scan(&one)
			cancel()
			if err != nil {
				lost(fmt.Errorf("the leader's lock was lost: %w", err))
				return
			}
		}
	}
}

// unlock gives the lock back; a connection that cannot is closed, which gives it back too.
func unlock(ctx context.Context, conn *sql.Conn, key int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaderCheck)
	defer cancel()
	var freed bool
	if err := conn.QueryRowContext(ctx, sqlUnlock, key).Scan(&freed); err != nil || !freed {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}
