package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/jmoiron/sqlx"
)

// hot keeps statements that are run again and again, prepared once on each connection: without that the driver asks the server to
// read the text anew every time, which costs a round trip and the planning.
type hot struct {
	mu   sync.Mutex
	list map[string]*sqlx.Stmt
}

// Hot returns a statement that is prepared on each connection at its first use there, and stays so. It is for the constants of
// frequent paths, never for text that is put together.
func (db *DB) Hot(ctx context.Context, query string) (*sqlx.Stmt, error) {
	db.hot.mu.Lock()
	defer db.hot.mu.Unlock()
	if s, ok := db.hot.list[query]; ok {
		return s, nil
	}
	s, err := db.PreparexContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare a statement: %w", err)
	}
	if db.hot.list == nil {
		db.hot.list = map[string]*sqlx.Stmt{}
	}
	db.hot.list[query] = s
	return s, nil
}

// GetHot is GetContext with a statement that is prepared once, see [DB.Hot].
func (db *DB) GetHot(ctx context.Context, dest any, query string, args ...any) error {
	s, err := db.Hot(ctx, query)
	if err != nil {
		return err
	}
	return s.GetContext(ctx, dest, args...)
}

// sqlPlanAnew has PostgreSQL plan a statement for its arguments each time. Otherwise it may keep one plan for all of them once the
// statement has run five times: https://www.postgresql.org/docs/15/sql-prepare.html#SQL-PREPARE-NOTES.
const sqlPlanAnew = `SET LOCAL plan_cache_mode = force_custom_plan`

// SelectPlanned is SelectContext with a plan that is made for these arguments. It is for a statement with filters that most who ask
// leave empty: a plan for all arguments works them out for every row.
func SelectPlanned(ctx context.Context, q Querier, dest any, query string, args ...any) error {
	db, ok := q.(*DB)
	if !ok {
		return q.SelectContext(ctx, dest, query, args...) // in a transaction of its caller, which does other things too
	}
	return db.InTx(ctx, func(tx *Tx) error {
		if _, err := tx.ExecContext(ctx, sqlPlanAnew); err != nil {
			return err
		}
		return tx.SelectContext(ctx, dest, query, args...)
	})
}

// sqlByKey is for a transaction whose statements find every row by a key. A plan that was kept from when a table was small would read
// all of it, and goes on doing so while it grows, until statistics are gathered again.
const sqlByKey = `SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off`

// KeyTx is a transaction in which rows are found by their keys, with statements that are prepared once.
type KeyTx struct {
	*Tx
	db *DB
}

// InKeyTx is [DB.InTx] for statements that find every row by a key, see [DB.Hot].
func (db *DB) InKeyTx(ctx context.Context, work func(tx *KeyTx) error) error {
	return db.InTx(ctx, func(tx *Tx) error {
		if _, err := tx.ExecContext(ctx, sqlByKey); err != nil {
			return err
		}
		return work(&KeyTx{tx, db})
	})
}

// SelectHot is SelectContext with a statement that is prepared once.
func (tx *KeyTx) SelectHot(ctx context.Context, dest any, query string, args ...any) error {
	s, err := tx.db.Hot(ctx, query)
	if err != nil {
		return err
	}
	return tx.StmtxContext(ctx, s).SelectContext(ctx, dest, args...)
}

// GetHot is GetContext with a statement that is prepared once.
func (tx *KeyTx) GetHot(ctx context.Context, dest any, query string, args ...any) error {
	s, err := tx.db.Hot(ctx, query)
	if err != nil {
		return err
	}
	return tx.StmtxContext(ctx, s).GetContext(ctx, dest, args...)
}

// Prepared is a transaction that prepares every statement it is given once, see [DB.Hot]: for rooms that take any [Querier] and give it
// the same few constants again and again.
type Prepared struct {
	*KeyTx
}

// ExecContext runs a statement.
func (p Prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.db.Hot(ctx, query)
	if err != nil {
		return nil, err
	}
	return p.StmtxContext(ctx, s).ExecContext(ctx, args...)
}

// QueryxContext runs a statement that answers with rows.
func (p Prepared) QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	s, err := p.db.Hot(ctx, query)
	if err != nil {
		return nil, err
	}
	return p.StmtxContext(ctx, s).QueryxContext(ctx, args...)
}

// SelectContext reads rows into a slice.
func (p Prepared) SelectContext(ctx context.Context, dest any, query string, args ...any) error {
	return p.SelectHot(ctx, dest, query, args...)
}

// GetContext reads one row.
func (p Prepared) GetContext(ctx context.Context, dest any, query string, args ...any) error {
	return p.GetHot(ctx, dest, query, args...)
}

var _ Querier = Prepared{}
