package postgres

import (
	"context"
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

// SelectHot is SelectContext with a statement that is prepared once, see [DB.Hot].
func (db *DB) SelectHot(ctx context.Context, dest any, query string, args ...any) error {
	s, err := db.Hot(ctx, query)
	if err != nil {
		return err
	}
	return s.SelectContext(ctx, dest, args...)
}

// GetHot is GetContext with a statement that is prepared once, see [DB.Hot].
func (db *DB) GetHot(ctx context.Context, dest any, query string, args ...any) error {
	s, err := db.Hot(ctx, query)
	if err != nil {
		return err
	}
	return s.GetContext(ctx, dest, args...)
}
