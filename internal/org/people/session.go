package people

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"

	"daymark/internal/postgres"
)

// Sessions keeps browser sessions in the database. The table holds a hash of each token only, so that a copy of the database
// logs nobody in. Expiry is real time, by the database's clock.
type Sessions struct {
	q postgres.Querier
}

var _ scs.CtxStore = (*Sessions)(nil)

// NewSessions returns the sessions of a database.
func NewSessions(q postgres.Querier) *Sessions { return &Sessions{q: q} }

func sessionKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

const sqlFindSession = `
SELECT data
FROM sessions
WHERE token = $1 AND expiry > clock_timestamp()`

// FindCtx returns the data of a session that has not expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.q.GetContext(ctx, &data, sqlFindSession, sessionKey(token))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find a session: %w", err)
	}
	return data, true, nil
}

const sqlCommitSession = `
INSERT INTO sessions (token, data, expiry)
VALUES ($1, $2, $3)
ON CONFLICT (token) DO UPDATE
SET data = excluded.data, expiry = excluded.expiry`

// CommitCtx writes a session, in place of what was there under its token.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	if _, err := s.q.ExecContext(ctx, sqlCommitSession, sessionKey(token), data, expiry.UTC()); err != nil {
		return fmt.Errorf("write a session: %w", err)
	}
	return nil
}

const sqlDeleteSession = `
DELETE FROM sessions
WHERE token = $1`

// DeleteCtx ends a session; one that is not there is no error.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.q.ExecContext(ctx, sqlDeleteSession, sessionKey(token)); err != nil {
		return fmt.Errorf("delete a session: %w", err)
	}
	return nil
}

const sqlDeleteExpired = `
DELETE FROM sessions
WHERE expiry <= clock_timestamp()`

// DeleteExpired removes the sessions that are over and returns how many there were.
func (s *Sessions) DeleteExpired(ctx context.Context) (int64, error) {
	res, err := s.q.ExecContext(ctx, sqlDeleteExpired)
	if err != nil {
		return 0, fmt.Errorf("delete expired sessions: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("delete expired sessions: %w", err)
	}
	return n, nil
}

// storeTime bounds the calls of the session library's older interface, which passes no context.
const storeTime = 5 * time.Second

// Find is [Sessions.FindCtx] for the library's older interface.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	return s.FindCtx(ctx, token)
}

// Commit is [Sessions.CommitCtx] for the library's older interface.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	return s.CommitCtx(ctx, token, data, expiry)
}

// Delete is [Sessions.DeleteCtx] for the library's older interface.
func (s *Sessions) Delete(token string) error {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	return s.DeleteCtx(ctx, token)
}
