package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq/pqerror"
)

// maxTries bounds how often a transaction that lost against another one is run again.
const maxTries = 5

// Tx is a transaction.
type Tx struct {
	*sqlx.Tx
}

// Querier runs SQL: a pool or a transaction.
type Querier interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error)
	QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row
}

var (
	_ Querier = (*DB)(nil)
	_ Querier = (*Tx)(nil)
)

// InTx runs work in a transaction: committed when work returns nil, rolled back when it returns an error or panics. Where
// the server ends it because of another transaction (serialization failure, deadlock) work is run again, a few times; so it
// must change nothing outside the transaction and never call a network.
func (db *DB) InTx(ctx context.Context, work func(tx *Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, work)
		if err == nil || try == maxTries || !IsCode(err, pqerror.TRSerializationFailure, pqerror.TRDeadlockDetected) {
			return err
		}
		if wait(ctx, time.Duration(try*try)*5*time.Millisecond) != nil {
			return err
		}
	}
}

func (db *DB) once(ctx context.Context, work func(tx *Tx) error) error {
	inner, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	// After a commit this does nothing; after an error or a panic it rolls back. Its own error adds nothing to the first.
	defer func() { _ = inner.Rollback() }()
	if err := work(&Tx{Tx: inner}); err != nil {
		return err
	}
	if err := inner.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// wait returns nil after d, or the context's error when it ends first.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
