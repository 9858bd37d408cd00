// Package notice is what the team has to be told: one sentence each, kept until somebody says that it is done.
//
// A matter has a key and is told once, however often the daemon sees it. The pages show what is open; mail can be sent from the
// same rows. The package decides nothing about who has to act.
package notice

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Level says how grave a matter is.
type Level string

// The levels.
const (
	Error   Level = "error"   // something does not go out as planned
	Warning Level = "warning" // something will not, unless somebody acts
	Note    Level = "note"    // something to know
)

// New is a matter to tell.
type New struct {
	Key   string // names the matter, such as "helpline-lapsed:17"; telling it twice changes nothing
	Level Level
	Say   string    // one sentence or two: what it is and what to do
	Kind  string    // of the thing it is about, such as "helpline" or "delivery"
	ID    string    // which one
	At    time.Time // product time
	For   []int64   // the people whom it concerns; none is the whole team
}

// Notice is a matter that was told.
type Notice struct {
	ID        int64      `db:"id"`
	Level     Level      `db:"level"`
	Say       string     `db:"say"`
	Kind      string     `db:"subject_kind"`
	SubjectID string     `db:"subject_id"`
	At        time.Time  `db:"at"`
	DoneAt    *time.Time `db:"done_at"`
	DoneBy    string     `db:"done_by"`
}

const sqlTell = `
INSERT INTO notices (key, level, say, subject_kind, subject_id, at, people)
VALUES ($1, $2, $3, $4, $5, $6, coalesce($7::bigint[], '{}'))
ON CONFLICT (key) DO NOTHING`

// Tell tells a matter and reports whether it is new.
func Tell(ctx context.Context, q postgres.Querier, n New) (bool, error) {
	if n.Key == "" || strings.TrimSpace(n.Say) == "" || n.Kind == "" {
		return false, fault.New(fault.Internal, "a notice needs a key, a sentence and a subject")
	}
	res, err := q.ExecContext(ctx, sqlTell, n.Key, string(n.Level), n.Say, n.Kind, n.ID, n.At, pq.Array(n.For))
	if err != nil {
		return false, fmt.Errorf("tell %s: %w", n.Key, err)
	}
	told, err := res.RowsAffected()
	return told == 1, err
}

const sqlSettle = `
UPDATE notices
SET done_at = $2, done_by = $3
WHERE key = $1
  AND done_at IS NULL`

// Settle closes a matter by its key, because what it asked for was done elsewhere. A matter that was never told, or is closed, stays
// as it is. Whoever did it is named by the audit line of what was done.
func Settle(ctx context.Context, tx *postgres.Tx, key string, by int64, now time.Time) error {
	if _, err := tx.ExecContext(ctx, sqlSettle, key, now, by); err != nil {
		return fmt.Errorf("settle %s: %w", key, err)
	}
	return nil
}

const sqlOpen = `
SELECT n.id, n.level, n.say, n.subject_kind, n.subject_id, n.at, n.done_at, '' AS done_by
FROM notices n
WHERE n.done_at IS NULL
  AND (n.people = '{}' OR $2 = ANY (n.people))
ORDER BY CASE n.level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, n.at DESC, n.id DESC
LIMIT $1`

// Open returns up to n matters that concern the whole team and that nobody has done yet: errors first, then the newest.
func Open(ctx context.Context, q postgres.Querier, n int) ([]Notice, error) {
	return OpenFor(ctx, q, 0, n)
}

// OpenFor is [Open] with the matters that concern one person.
func OpenFor(ctx context.Context, q postgres.Querier, person int64, n int) ([]Notice, error) {
	var list []Notice
	if err := q.SelectContext(ctx, &list, sqlOpen, n, person); err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	for i := range list {
		list[i].At = list[i].At.UTC()
	}
	return list, nil
}

const sqlDone = `
UPDATE notices
SET done_at = $2, done_by = $3
WHERE id = $1
  AND done_at IS NULL`

// Done says that a matter is seen to. Who may read posts may say so; saying it again changes nothing.
func Done(ctx context.Context, tx *postgres.Tx, id int64, by people.Person, now time.Time) error {
	if !by.May(people.PostRead) || by.Role == people.RoleSystem {
		return fault.New(fault.Forbidden, "Your role does not allow closing notices.")
	}
	res, err := tx.ExecContext(ctx, sqlDone, id, now, by.ID)
	if err != nil {
		return fmt.Errorf("close notice %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "notice.done", Kind: "notice", ID: id})
}
