// Package audit is the log of who did what: one row per change, written in the transaction of the change itself.
//
// Rows are only ever added. The application's role may not change or remove one, and a trigger refuses it to everybody else.
// The package decides nothing about who may read the log, and it keeps no secrets: callers put ids and plain facts into the
// detail, never a password or a token.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// Entry is one thing that was done.
type Entry struct {
	Person int64          // who did it; 0 is Daymark itself
	Action string         // what was done, as noun and past participle: "post.approved"
	Kind   string         // the kind of thing it was done to: "post"
	ID     int64          // which one; 0 where there is only one of the kind
	Detail map[string]any // facts that help a reader later; may be nil
}

// Row is an entry as it stands in the log.
type Row struct {
	ID         int64
	At         time.Time // real time, in UTC
	Person     int64     // 0 is Daymark itself
	PersonName string    // the person's name now; empty for Daymark itself
	Action     string
	Kind       string
	SubjectID  int64
	Detail     map[string]any
}

// Filter narrows what [List] returns. A zero field does not narrow.
type Filter struct {
	Kind   string
	ID     int64 // only together with Kind
	Person int64
	Action string
	Before int64 // only rows older than this one: the id of the last row of the page before
	Limit  int   // rows at most; 50 when zero, never more than 500
}

const (
	defaultLimit = 50
	maxLimit     = 500
)

const sqlWrite = `
INSERT INTO audit (person_id, action, subject_kind, subject_id, detail)
VALUES (NULLIF($1::bigint, 0), $2, $3, NULLIF($4::bigint, 0), $5)`

// Write adds an entry. Give it the transaction of the change, so that neither is ever there without the other.
func Write(ctx context.Context, q postgres.Querier, e Entry) error {
	if e.Action == "" || e.Kind == "" {
		return fault.New(fault.Internal, "An audit entry needs an action and a kind, this one has %q and %q", e.Action, e.Kind)
	}
	detail := []byte("{}")
	if len(e.Detail) > 0 {
		var err error
		if detail, err = json.Marshal(e.Detail); err != nil {
			return fmt.Errorf("write audit entry %s: %w", e.Action, err)
		}
	}
	if _, err := q.ExecContext(ctx, sqlWrite, e.Person, e.Action, e.Kind, e.ID, string(detail)); err != nil {
		return fmt.Errorf("write audit entry %s: %w", e.Action, err)
	}
	return nil
}

// sqlList reads backwards through the primary key, or through audit_subject where a subject is given.
const sqlList = `
SELECT a.id, a.at, COALESCE(a.person_id, 0) AS person_id, COALESCE(p.name, '') AS person_name,
       a.action, a.subject_kind, COALESCE(a.subject_id, 0) AS subject_id, a.detail
FROM audit a
LEFT JOIN people p ON p.id = a.person_id
WHERE ($1::text = '' OR a.subject_kind = $1)
  AND ($2::bigint = 0 OR a.subject_id = $2)
  AND ($3::bigint = 0 OR a.person_id = $3)
  AND ($4::text = '' OR a.action = $4)
  AND ($5::bigint = 0 OR a.id < $5)
ORDER BY a.id DESC
LIMIT $6`

// List returns rows of the log, newest first. For the next page, set the filter's Before to the ID of the last row.
func List(ctx context.Context, q postgres.Querier, f Filter) ([]Row, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	var found []struct {
		ID          int64     `db:"id"`
		At          time.Time `db:"at"`
		PersonID    int64     `db:"person_id"`
		PersonName  string    `db:"person_name"`
		Action      string    `db:"action"`
		SubjectKind string    `db:"subject_kind"`
		SubjectID   int64     `db:"subject_id"`
		Detail      []byte    `db:"detail"`
	}
	if err := q.SelectContext(ctx, &found, sqlList, f.Kind, f.ID, f.Person, f.Action, f.Before, limit); err != nil {
		return nil, fmt.Errorf("list audit rows: %w", err)
	}
	rows := make([]Row, 0, len(found))
	for _, r := range found {
		row := Row{
			ID: r.ID, At: r.At.UTC(), Person: r.PersonID, PersonName: r.PersonName,
			Action: r.Action, Kind: r.SubjectKind, SubjectID: r.SubjectID,
		}
		if err := json.Unmarshal(r.Detail, &row.Detail); err != nil {
			return nil, fmt.Errorf("read the detail of audit row %d: %w", r.ID, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}
