package claim

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"daymark/internal/flow/dispatch/sweep"
	"daymark/internal/postgres"

	"github.com/jmoiron/sqlx"
)

// Life holds the lock that says that this worker lives, on a connection of its own. The database lets go of it the moment
// the process, or the connection, is gone; others then take over what the worker held.
type Life struct {
	DB   *postgres.DB
	Name string // of the worker
	conn *sqlx.Conn
}

// Patience bounds each word with the database about the lock. The caller's context does not: its end would break the
// connection while deliveries are still being finished.
const Patience = 5 * time.Second

// Keep takes the lock, or makes sure that it is still there and takes it anew on another connection where it is not.
func (l *Life) Keep(ctx context.Context) error {
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), Patience)
	defer cancel()
	if l.conn != nil {
		var one int
		if err := l.conn.GetContext(work, &one, "SELECT 1"); err == nil {
			return nil
		}
		_ = l.conn.Close() // broken
		l.conn = nil
	}
	conn, err := l.DB.Connx(work)
	if err != nil {
		return fmt.Errorf("connect the dispatcher: %w", err)
	}
	if _, err := conn.ExecContext(work, sweep.SQLAlive, l.Name); err != nil {
		return errors.Join(fmt.Errorf("take the worker's lock: %w", err), conn.Close())
	}
	l.conn = conn
	return nil
}

// End lets go of the lock.
func (l *Life) End(ctx context.Context) error {
	if l.conn == nil {
		return nil
	}
	_, err := l.conn.ExecContext(ctx, sweep.SQLNotAlive, l.Name)
	return errors.Join(err, l.conn.Close())
}

// Cut breaks the connection that holds the lock, as when the network between the two breaks. It is for tests.
func (l *Life) Cut() { _ = l.conn.Raw(func(any) error { return driver.ErrBadConn }) }
