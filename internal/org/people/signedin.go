package people

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// SignedIn is a browser in which somebody is logged in.
type SignedIn struct {
	ID      int64     `db:"id"`
	Address string    `db:"address"` // where it was seen last; may be empty
	Agent   string    `db:"agent"`   // what the browser calls itself
	Began   time.Time `db:"began_at"`
	Seen    time.Time `db:"seen_at"`
	Here    bool      `db:"here"` // the browser that asks
}

const sqlSignedIn = `
SELECT id, coalesce(host(address), '') AS address, agent, began_at, seen_at, token = $2 AS here
FROM sessions
WHERE person_id = $1 AND expiry > clock_timestamp()
ORDER BY here DESC, seen_at DESC, id`

// SignedInOf returns the browsers in which a person is logged in: first the one whose token is given, then the latest.
func SignedInOf(ctx context.Context, q postgres.Querier, person int64, token string) ([]SignedIn, error) {
	var list []SignedIn
	if err := q.SelectContext(ctx, &list, sqlSignedIn, person, sessionKey(token)); err != nil {
		return nil, fmt.Errorf("list the sessions of person %d: %w", person, err)
	}
	return list, nil
}

const sqlEndOne = `
DELETE FROM sessions
WHERE id = $1 AND person_id = $2`

// EndSession ends one session of a person; somebody else's is not there for them.
func EndSession(ctx context.Context, tx *postgres.Tx, person, id int64) error {
	res, err := tx.ExecContext(ctx, sqlEndOne, id, person)
	if err != nil {
		return fmt.Errorf("end session %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Wrap(fault.NotFound, err, "You are not logged in there any more.")
	}
	return audit.Write(ctx, tx, audit.Entry{Person: person, Action: "session.ended", Kind: "person", ID: person})
}

const sqlEndOthers = `
DELETE FROM sessions
WHERE person_id = $1 AND token <> $2`

// EndOthers ends the sessions of a person but for the one whose token is given, and returns how many.
func EndOthers(ctx context.Context, tx *postgres.Tx, person int64, token string) (int64, error) {
	res, err := tx.ExecContext(ctx, sqlEndOthers, person, sessionKey(token))
	if err != nil {
		return 0, fmt.Errorf("end the other sessions of person %d: %w", person, err)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return n, err
	}
	return n, audit.Write(ctx, tx, audit.Entry{Person: person, Action: "session.others_ended", Kind: "person", ID: person, Detail: map[string]any{"sessions": n}})
}

const sqlEndAll = `
DELETE FROM sessions
WHERE person_id = $1`

// EndSessions ends every session of a person; the audit line is its caller's.
func EndSessions(ctx context.Context, tx *postgres.Tx, person int64) error {
	if _, err := tx.ExecContext(ctx, sqlEndAll, person); err != nil {
		return fmt.Errorf("end the sessions of person %d: %w", person, err)
	}
	return nil
}
