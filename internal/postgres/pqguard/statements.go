package pqguard

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// maxStatements bounds the statements kept per connection. Our SQL is constants, so that the bound is met only by mistake;
// what is beyond it is prepared, used once and closed with its connection's life of five minutes.
const maxStatements = 256

// statements are the prepared statements of one connection, by their text. lib/pq without them pays one more round trip for
// each query with parameters. A connection is used by one goroutine at a time, so that there is no lock.
type statements struct {
	byText map[string]pqStmt
}

// pqStmt is what lib/pq's prepared statement can do.
type pqStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// get returns the prepared statement for a text and prepares it the first time.
func (s *statements) get(ctx context.Context, conn pqConn, query string) (pqStmt, error) {
	if st, ok := s.byText[query]; ok {
		return st, nil
	}
	prepared, err := conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	st, ok := prepared.(pqStmt)
	if !ok {
		_ = prepared.Close()
		return nil, fmt.Errorf("the driver prepared a %T, which cannot take parameters", prepared)
	}
	if s.byText == nil {
		s.byText = make(map[string]pqStmt)
	}
	if len(s.byText) >= maxStatements {
		for text := range s.byText { // any one: the bound is a net, not a policy
			s.drop(text)
			break
		}
	}
	s.byText[query] = st
	return st, nil
}

// after forgets a statement that the server can no longer run: its result changed with a migration, or it is gone.
func (s *statements) after(query string, err error) {
	if pq.As(err, pqerror.FeatureNotSupported, pqerror.InvalidSQLStatementName) != nil {
		delete(s.byText, query)
	}
}

// drop closes a statement on the server and forgets it.
func (s *statements) drop(text string) {
	_ = s.byText[text].Close()
	delete(s.byText, text)
}
