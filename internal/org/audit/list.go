package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

// record is a row of the table as it is scanned.
type record struct {
	ID          int64     `db:"id"`
	At          time.Time `db:"at"`
	PersonID    int64     `db:"person_id"`
	PersonName  string    `db:"person_name"`
	Action      string    `db:"action"`
	SubjectKind string    `db:"subject_kind"`
	SubjectID   int64     `db:"subject_id"`
	Detail      []byte    `db:"detail"`
	Via         string    `db:"via"`
	Address     string    `db:"address"`
}

func (r record) row() (Row, error) {
	row := Row{
		ID: r.ID, At: r.At.UTC(), Person: r.PersonID, PersonName: r.PersonName,
		Action: r.Action, Kind: r.SubjectKind, SubjectID: r.SubjectID, From: From{Via: Via(r.Via), Address: r.Address},
	}
	if err := json.Unmarshal(r.Detail, &row.Detail); err != nil {
		return Row{}, fmt.Errorf("read the detail of audit row %d: %w", r.ID, err)
	}
	return row, nil
}

// sqlList reads backwards through the primary key, or through audit_subject, audit_person or audit_action where one is given.
const sqlList = `
SELECT a.id, a.at, COALESCE(a.person_id, 0) AS person_id, COALESCE(p.name, '') AS person_name,
       a.action, a.subject_kind, COALESCE(a.subject_id, 0) AS subject_id, a.detail,
       COALESCE(a.via, '') AS via, COALESCE(host(a.address), '') AS address
FROM audit a
LEFT JOIN people p ON p.id = a.person_id
WHERE ($1::text = '' OR a.subject_kind = $1)
  AND ($2::bigint = 0 OR a.subject_id = $2)
  AND ($3::bigint = 0 OR a.person_id = $3)
  AND ($4::text = '' OR a.action = $4)
  AND ($5::bigint = 0 OR a.id < $5)
  AND ($6::timestamptz IS NULL OR a.at >= $6)
  AND ($7::timestamptz IS NULL OR a.at < $7)
ORDER BY a.id DESC
LIMIT $8`

// sqlOfPost reads audit_subject once for the post and once for each of its deliveries and take-downs.
const sqlOfPost = `
SELECT a.id, a.at, COALESCE(a.person_id, 0) AS person_id, COALESCE(p.name, '') AS person_name,
       a.action, a.subject_kind, COALESCE(a.subject_id, 0) AS subject_id, a.detail,
       COALESCE(a.via, '') AS via, COALESCE(host(a.address), '') AS address
FROM (
  SELECT 'post' AS kind, $1::bigint AS id
  UNION ALL
  SELECT 'delivery', d.id FROM deliveries d WHERE d.post_id = $1
  UNION ALL
  SELECT 'takedown', t.id FROM takedowns t WHERE t.post_id = $1
) AS about
JOIN audit a ON a.subject_kind = about.kind AND a.subject_id = about.id
LEFT JOIN people p ON p.id = a.person_id
WHERE ($2::bigint = 0 OR a.id < $2)
ORDER BY a.id DESC
LIMIT $3`

// List returns rows of the log, newest first. For the next page, set the filter's Before to the ID of the last row. With a Post
// the filter's other fields, Before and Limit aside, do not narrow.
func List(ctx context.Context, q postgres.Querier, f Filter) ([]Row, error) {
	found, err := list(ctx, q, f)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(found))
	for _, r := range found {
		row, err := r.row()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func list(ctx context.Context, q postgres.Querier, f Filter) ([]record, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	var found []record
	var err error
	if f.Post != 0 {
		err = q.SelectContext(ctx, &found, sqlOfPost, f.Post, f.Before, limit)
	} else {
		err = q.SelectContext(ctx, &found, sqlList, f.Kind, f.ID, f.Person, f.Action, f.Before, instant(f.Since), instant(f.Until), limit)
	}
	if err != nil {
		return nil, fmt.Errorf("list audit rows: %w", err)
	}
	return found, nil
}

// instant returns nil, which does not narrow, for no instant.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// sqlActions hops from one action to the next in audit_action, so that it reads a row for each action and not the log.
const sqlActions = `
WITH RECURSIVE one AS (
  (SELECT action FROM audit ORDER BY action LIMIT 1)
  UNION ALL
  SELECT (SELECT a.action FROM audit a WHERE a.action > one.action ORDER BY a.action LIMIT 1)
  FROM one
  WHERE one.action IS NOT NULL
)
SELECT action
FROM one
WHERE action IS NOT NULL`

// Actions returns every action that the log has a row of, in alphabetical order.
func Actions(ctx context.Context, q postgres.Querier) ([]string, error) {
	var list []string
	if err := q.SelectContext(ctx, &list, sqlActions); err != nil {
		return nil, fmt.Errorf("list the actions of the log: %w", err)
	}
	return list, nil
}
