package pqguard

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// pqRows is what lib/pq's rows can do and database/sql asks for.
type pqRows interface {
	driver.Rows
	driver.RowsNextResultSet
	driver.RowsColumnTypeScanType
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypePrecisionScale
}

// guardedRows watches the errors that come while rows are read.
type guardedRows struct {
	pqRows
	conn *guardedConn
	done func()          // ends the watch of the context
	ctx  context.Context //nolint:containedctx // the context of the query whose rows these are
}

// guardRows returns a function that puts the result of a query under guard; done ends the watch of its context.
func (c *guardedConn) guardRows(ctx context.Context, done func()) func(driver.Rows, error) (driver.Rows, error) {
	return func(r driver.Rows, err error) (driver.Rows, error) {
		if err != nil {
			done()
			return nil, c.watch(ctx, err)
		}
		inner, ok := r.(pqRows)
		if !ok {
			done()
			c.broken.Store(true)
			return nil, fmt.Errorf("the driver's rows are a %T, which lacks methods the guard needs", r)
		}
		return &guardedRows{pqRows: inner, conn: c, done: done, ctx: ctx}, nil
	}
}

// Next reads one row.
func (r *guardedRows) Next(dest []driver.Value) error {
	if r.conn.broken.Load() {
		return driver.ErrBadConn
	}
	err := r.pqRows.Next(dest)
	if errors.Is(err, io.EOF) {
		return io.EOF // database/sql compares with ==
	}
	return r.conn.watch(r.ctx, err)
}

// NextResultSet goes to the next result of several statements.
func (r *guardedRows) NextResultSet() error {
	err := r.pqRows.NextResultSet()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return r.conn.watch(r.ctx, err)
}

// Close reads what is left, which would never come on a broken connection.
func (r *guardedRows) Close() error {
	defer r.done()
	if r.conn.broken.Load() {
		return nil
	}
	err := r.conn.watch(r.ctx, r.pqRows.Close())
	if r.ctx.Err() != nil {
		r.conn.broken.Store(true) // a cancel request may still be on its way
	}
	return err
}
