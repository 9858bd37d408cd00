// Package pqguard makes lib/pq's connections safe to keep in a pool, and keeps their prepared statements.
//
// It wraps lib/pq's connector; nothing above internal/postgres needs to know of it. It does not open pools and knows no SQL.
package pqguard

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// New returns a connector that puts every connection of lib/pq's connector under guard.
//
// From v1.11 on lib/pq takes any server error above 30 kB for the plain text of a server that could not start
// (https://github.com/lib/pq/pull/1248) and loses the framing of the connection: every later query on it fails or waits
// for ever. A value that a person typed is enough, because PostgreSQL quotes it in the error of a cast. The guard watches
// for the two errors that tell of it and takes the connection out of the pool at once.
func New(inner driver.Connector) driver.Connector { return guard{inner: inner} }

type guard struct {
	inner driver.Connector
}

// Connect opens a connection and puts it under guard.
func (g guard) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := g.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := c.(pqConn)
	if !ok {
		_ = c.Close()
		return nil, fmt.Errorf("the driver's connection is a %T, which lacks methods the guard needs", c)
	}
	return &guardedConn{inner: inner}, nil
}

// Driver returns lib/pq's driver.
func (g guard) Driver() driver.Driver { return g.inner.Driver() }

// pqConn is what lib/pq's connection can do and database/sql asks for.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
}

// guardedConn is one connection under guard. It also keeps the statements it has prepared, see [statements].
type guardedConn struct {
	inner    pqConn
	broken   atomic.Bool
	prepared statements
}

// errTooLong says what happened in words that an operator can act on.
var errTooLong = errors.New("the database's answer to a wrong value was too long for the driver; its connection was closed")

// watch looks at the error of a call and marks the connection as broken where it cannot be trusted any more. It gives the
// context's own error for a statement that the context ended, which lib/pq reports as the server's code 57014.
func (c *guardedConn) watch(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if strings.HasPrefix(text, "pq: server error:") || strings.Contains(text, "already a query being processed") {
		c.broken.Store(true)
		return fmt.Errorf("%w: %.40q", errTooLong, text)
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, driver.ErrSkip) {
		// A cancel request that is still on its way could hit the next statement on this connection.
		c.broken.Store(true)
		if e := pq.As(err); e == nil || e.Code == pqerror.QueryCanceled {
			return fmt.Errorf("%w (%v)", ended, err) //nolint:errorlint // ErrBadConn must not show, or the pool tries again
		}
	}
	return err
}

func (c *guardedConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *guardedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if c.broken.Load() {
		return nil, driver.ErrBadConn
	}
	done := c.bound(ctx)
	defer done()
	s, err := c.inner.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.watch(ctx, err)
	}
	return &guardedStmt{conn: c, inner: s}, nil
}

func (c *guardedConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *guardedConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if c.broken.Load() {
		return nil, driver.ErrBadConn
	}
	t, err := c.inner.BeginTx(ctx, opts)
	if err != nil {
		return nil, c.watch(ctx, err)
	}
	return &guardedTx{conn: c, inner: t}, nil
}

func (c *guardedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.broken.Load() {
		return nil, driver.ErrBadConn
	}
	done := c.bound(ctx)
	defer done()
	if len(args) == 0 {
		r, err := c.inner.ExecContext(ctx, query, args)
		return r, c.watch(ctx, err)
	}
	s, err := c.prepared.get(ctx, c.inner, query)
	if err != nil {
		return nil, c.watch(ctx, err)
	}
	r, err := s.ExecContext(ctx, args)
	c.prepared.after(query, err)
	return r, c.watch(ctx, err)
}

func (c *guardedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.broken.Load() {
		return nil, driver.ErrBadConn
	}
	done := c.bound(ctx)
	if len(args) == 0 {
		return c.guardRows(ctx, done)(c.inner.QueryContext(ctx, query, args))
	}
	s, err := c.prepared.get(ctx, c.inner, query)
	if err != nil {
		done()
		return nil, c.watch(ctx, err)
	}
	r, err := s.QueryContext(ctx, args)
	c.prepared.after(query, err)
	return c.guardRows(ctx, done)(r, err)
}

func (c *guardedConn) Ping(ctx context.Context) error {
	if c.broken.Load() {
		return driver.ErrBadConn
	}
	done := c.bound(ctx)
	defer done()
	return c.watch(ctx, c.inner.Ping(ctx))
}

func (c *guardedConn) CheckNamedValue(v *driver.NamedValue) error { return c.inner.CheckNamedValue(v) }

func (c *guardedConn) ResetSession(ctx context.Context) error {
	if c.broken.Load() {
		return driver.ErrBadConn
	}
	return c.inner.ResetSession(ctx)
}

// IsValid keeps a broken connection out of the pool.
func (c *guardedConn) IsValid() bool { return !c.broken.Load() && c.inner.IsValid() }

// Close closes the connection; lib/pq only writes here, so that a broken one cannot block.
func (c *guardedConn) Close() error { return c.inner.Close() }

type guardedTx struct {
	conn  *guardedConn
	inner driver.Tx
}

func (t *guardedTx) Commit() error {
	if t.conn.broken.Load() {
		return driver.ErrBadConn
	}
	return t.conn.watch(context.Background(), t.inner.Commit())
}

// Rollback on a broken connection leaves it to the server, which rolls back when the connection closes.
func (t *guardedTx) Rollback() error {
	if t.conn.broken.Load() {
		return driver.ErrBadConn
	}
	return t.conn.watch(context.Background(), t.inner.Rollback())
}

type guardedStmt struct {
	conn  *guardedConn
	inner driver.Stmt
}

func (s *guardedStmt) NumInput() int { return s.inner.NumInput() }

// Close of a statement reads an answer, which would never come on a broken connection.
func (s *guardedStmt) Close() error {
	if s.conn.broken.Load() {
		return nil
	}
	return s.conn.watch(context.Background(), s.inner.Close())
}

func (s *guardedStmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), named(args))
}

func (s *guardedStmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), named(args))
}

func (s *guardedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if s.conn.broken.Load() {
		return nil, driver.ErrBadConn
	}
	done := s.conn.bound(ctx)
	defer done()
	if e, ok := s.inner.(driver.StmtExecContext); ok {
		r, err := e.ExecContext(ctx, args)
		return r, s.conn.watch(ctx, err)
	}
	//lint:ignore SA1019 the driver's statement for COPY has nothing newer
	r, err := s.inner.Exec(values(args))
	return r, s.conn.watch(ctx, err)
}

func (s *guardedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if s.conn.broken.Load() {
		return nil, driver.ErrBadConn
	}
	done := s.conn.bound(ctx)
	if q, ok := s.inner.(driver.StmtQueryContext); ok {
		return s.conn.guardRows(ctx, done)(q.QueryContext(ctx, args))
	}
	//lint:ignore SA1019 the driver's statement for COPY has nothing newer
	return s.conn.guardRows(ctx, done)(s.inner.Query(values(args)))
}

func named(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}

func values(args []driver.NamedValue) []driver.Value {
	out := make([]driver.Value, len(args))
	for i, a := range args {
		out[i] = a.Value
	}
	return out
}
