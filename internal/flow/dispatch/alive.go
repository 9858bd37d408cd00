package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daymark/internal/flow/dispatch/sweep"
	"daymark/internal/postgres"

	"github.com/jmoiron/sqlx"
)

// alive holds the lock that says that this worker lives, on a connection of its own. The database lets go of it the moment
// the process, or the connection, is gone; others then take over what the worker held.
type alive struct {
	db   *postgres.DB
	name string
	conn *sqlx.Conn
}

// patience bounds each word with the database about the lock. The caller's context does not: its end would break the
// connection while deliveries are still being finished.
const patience = 5 * time.Second

// keep takes the lock, or makes sure that it is still there and takes it anew on another connection where it is not.
func (a *alive) keep(ctx context.Context) error {
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if a.conn != nil {
		var one int
		if err := a.conn.GetContext(work, &one, "SELECT 1"); err == nil {
			return nil
		}
		_ = a.conn.Close() // broken
		a.conn = nil
	}
	conn, err := a.db.Connx(work)
	if err != nil {
		return fmt.Errorf("connect the dispatcher: %w", err)
	}
	if _, err := conn.ExecContext(work, sweep.SQLAlive, a.name); err != nil {
		return errors.Join(fmt.Errorf("take the worker's lock: %w", err), conn.Close())
	}
	a.conn = conn
	return nil
}

// end lets go of the lock.
func (a *alive) end(ctx context.Context) error {
	if a.conn == nil {
		return nil
	}
	_, err := a.conn.ExecContext(ctx, sweep.SQLNotAlive, a.name)
	return errors.Join(err, a.conn.Close())
}
