package people

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
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

// About is what the row of a session says beside its data. Whoever keeps the sessions of browsers puts one into the context of a
// request with [Describe] and fills it while the request runs.
type About struct {
	Person  int64  // whose session it is; 0 before log-in
	Address string // where the request comes from
	Agent   string // what the browser calls itself
	found   string // the key that was found in this request
}

// aboutKey is the key of an About in a context.
type aboutKey struct{}

// Describe returns a context in which sessions are written with what is known about them.
func Describe(ctx context.Context, a *About) context.Context {
	return context.WithValue(ctx, aboutKey{}, a)
}

// AboutOf returns what [Describe] put into a context.
func AboutOf(ctx context.Context) *About {
	if a, ok := ctx.Value(aboutKey{}).(*About); ok {
		return a
	}
	return &About{}
}

// sqlFindSession notes every few minutes that the session is in use: a session list needs no more, and each note is a write.
const sqlFindSession = `
WITH seen AS (
  UPDATE sessions
  SET seen_at = clock_timestamp(), address = coalesce(nullif($2, '')::inet, address)
  WHERE token = $1 AND seen_at < clock_timestamp() - interval '5 minutes'
)
SELECT data
FROM sessions
WHERE token = $1 AND expiry > clock_timestamp()`

// FindCtx returns the data of a session that has not expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	about, key := AboutOf(ctx), sessionKey(token)
	var data []byte
	err := s.q.GetContext(ctx, &data, sqlFindSession, key, about.Address)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find a session: %w", err)
	}
	about.found = key
	return data, true, nil
}

const (
	sqlCommitSession = `
INSERT INTO sessions (token, data, expiry, person_id, address, agent)
VALUES ($1, $2, $3, nullif($4::bigint, 0), nullif($5, '')::inet, $6)
ON CONFLICT (token) DO UPDATE
SET data = excluded.data, expiry = excluded.expiry, person_id = excluded.person_id`

	sqlRewriteSession = `
UPDATE sessions
SET data = $2, expiry = $3, person_id = coalesce(nullif($4::bigint, 0), person_id)
WHERE token = $1`
)

// CommitCtx writes a session, in place of what was there under its token. One that was found in this request and has been ended
// since, in another browser, stays ended.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	about, key := AboutOf(ctx), sessionKey(token)
	var err error
	if about.found == key {
		_, err = s.q.ExecContext(ctx, sqlRewriteSession, key, data, expiry.UTC(), about.Person)
	} else {
		_, err = s.q.ExecContext(ctx, sqlCommitSession, key, data, expiry.UTC(), about.Person, about.Address, clip(about.Agent))
	}
	if err != nil {
		return fmt.Errorf("write a session: %w", err)
	}
	return nil
}

// maxAgent is how much of a browser's name is kept.
const maxAgent = 300

func clip(agent string) string {
	agent = strings.ReplaceAll(strings.ToValidUTF8(agent, ""), "\x00", "")
	if len(agent) > maxAgent {
		agent = strings.ToValidUTF8(agent[:maxAgent], "")
	}
	return agent
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
