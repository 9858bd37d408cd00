package helpline

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// The latest check is found through helpline_checks_latest.
const sqlRecords = `
SELECT h.id, h.version, h.body, h.origin, coalesce(h.origin = 'person' AND h.file_sha256 <> h.sha256, false) AS file_differs,
  h.retired_at IS NOT NULL AS retired, h.updated_at, u.name AS updated_by,
  c.id AS check_id, c.version AS check_version, c.person_id, w.name AS person, c.how, c.result, c.saw, c.at, c.until
FROM helplines h
JOIN people u ON u.id = h.updated_by
LEFT JOIN LATERAL (
  SELECT id, version, person_id, how, result, saw, at, until
  FROM helpline_checks
  WHERE helpline_id = h.id
  ORDER BY id DESC
  LIMIT 1
) c ON true
LEFT JOIN people w ON w.id = c.person_id
WHERE $1::text = '' OR h.id = $1
ORDER BY h.country, h.id`

type recordRow struct {
	ID          string    `db:"id"`
	Version     int       `db:"version"`
	Body        []byte    `db:"body"`
	Origin      string    `db:"origin"`
	FileDiffers bool      `db:"file_differs"`
	Retired     bool      `db:"retired"`
	UpdatedAt   time.Time `db:"updated_at"`
	UpdatedBy   string    `db:"updated_by"`

	CheckID      sql.NullInt64  `db:"check_id"`
	CheckVersion sql.NullInt64  `db:"check_version"`
	PersonID     sql.NullInt64  `db:"person_id"`
	Person       sql.NullString `db:"person"`
	How          sql.NullString `db:"how"`
	Result       sql.NullString `db:"result"`
	Saw          sql.NullString `db:"saw"`
	At           sql.NullTime   `db:"at"`
	Until        sql.NullTime   `db:"until"`
}

func (row recordRow) record() (Record, error) {
	r := Record{
		Version: row.Version, Origin: row.Origin, FileDiffers: row.FileDiffers, Retired: row.Retired,
		UpdatedAt: row.UpdatedAt.UTC(), UpdatedBy: row.UpdatedBy,
	}
	if err := json.Unmarshal(row.Body, &r.Helpline); err != nil {
		return Record{}, fmt.Errorf("read helpline %s: %w", row.ID, err)
	}
	if row.CheckID.Valid {
		r.Last = &Check{
			ID: row.CheckID.Int64, Version: int(row.CheckVersion.Int64), Person: row.Person.String, PersonID: row.PersonID.Int64,
			How: How(row.How.String), Result: Result(row.Result.String), Saw: row.Saw.String,
			At: row.At.Time.UTC(), Until: row.Until.Time.UTC(),
		}
	}
	return r, nil
}

// All returns every helpline by country and id, retired ones too.
func All(ctx context.Context, q postgres.Querier) ([]Record, error) { return records(ctx, q, "") }

// Find returns a helpline, a retired one too.
func Find(ctx context.Context, q postgres.Querier, id string) (Record, error) {
	if id == "" {
		return Record{}, none(id)
	}
	list, err := records(ctx, q, id)
	if err != nil {
		return Record{}, err
	}
	if len(list) == 0 {
		return Record{}, none(id)
	}
	return list[0], nil
}

func none(id string) error {
	return fault.New(fault.NotFound, "There is no helpline with the id %q", id)
}

func records(ctx context.Context, q postgres.Querier, id string) ([]Record, error) {
	var rows []recordRow
	if err := q.SelectContext(ctx, &rows, sqlRecords, id); err != nil {
		return nil, fmt.Errorf("read helplines: %w", err)
	}
	list := make([]Record, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = row.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

const sqlChecks = `
SELECT c.id, c.version, c.person_id, w.name AS person, c.how, c.result, c.saw, c.at, c.until
FROM helpline_checks c
JOIN people w ON w.id = c.person_id
WHERE c.helpline_id = $1
ORDER BY c.id DESC
LIMIT $2`

// Checks returns the latest checks of a helpline, the newest first.
func Checks(ctx context.Context, q postgres.Querier, id string, most int) ([]Check, error) {
	var list []Check
	if err := q.SelectContext(ctx, &list, sqlChecks, id, most); err != nil {
		return nil, fmt.Errorf("read the checks of helpline %s: %w", id, err)
	}
	for i := range list {
		list[i].At, list[i].Until = list[i].At.UTC(), list[i].Until.UTC()
	}
	return list, nil
}
