// Package fact keeps the facts that posts may state, each with its source, the day of its next check, and every version it had.
//
// Facts come from files (internal/flow/campaign reads them) until a person edits one: from then on the file may differ, and what
// the person wrote stands. A fact is never removed, because posts that went out state it; it is superseded, or not to be used. The
// package knows no posts: internal/flow/draft changes facts and renews the posts that state them.
package fact

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// The origins of a fact.
const (
	FromFile   = "file"   // as a file of facts has it; it follows the file
	FromPerson = "person" // somebody added or edited it
)

// Record is a fact as the database keeps it.
type Record struct {
	campaign.Fact
	Version     int
	Origin      string // [FromFile] or [FromPerson]
	FileDiffers bool   // a file has it, too, and says something else
	UpdatedBy   string // the person's name
	UpdatedAt   time.Time
}

// row is a row of the table, joined with who wrote it.
type row struct {
	ID        string    `db:"id"`
	Version   int       `db:"version"`
	Body      []byte    `db:"body"`
	Origin    string    `db:"origin"`
	Differs   bool      `db:"differs"`
	UpdatedBy string    `db:"updated_by"`
	UpdatedAt time.Time `db:"updated_at"`
}

func (r row) record() (Record, error) {
	rec := Record{Version: r.Version, Origin: r.Origin, FileDiffers: r.Differs, UpdatedBy: r.UpdatedBy, UpdatedAt: r.UpdatedAt.UTC()}
	if err := json.Unmarshal(r.Body, &rec.Fact); err != nil {
		return Record{}, fmt.Errorf("read fact %s: %w", r.ID, err)
	}
	return rec, nil
}

const sqlList = `
SELECT f.id, f.version, f.body, f.origin, f.updated_at, p.name AS updated_by,
  coalesce(f.origin = 'person' AND f.file_sha256 <> f.sha256, false) AS differs
FROM facts f
JOIN people p ON p.id = f.updated_by
WHERE ($1 = '' OR f.id = $1)
ORDER BY f.id`

// List returns every fact by its id.
func List(ctx context.Context, q postgres.Querier) ([]Record, error) { return list(ctx, q, "") }

// Find returns a fact.
func Find(ctx context.Context, q postgres.Querier, id string) (Record, error) {
	if id == "" {
		return Record{}, missing(id)
	}
	found, err := list(ctx, q, id)
	if err != nil {
		return Record{}, err
	}
	if len(found) == 0 {
		return Record{}, missing(id)
	}
	return found[0], nil
}

// All returns every fact by its id, as rules and tokens take them.
func All(ctx context.Context, q postgres.Querier) (map[string]campaign.Fact, error) {
	found, err := list(ctx, q, "")
	if err != nil {
		return nil, err
	}
	all := make(map[string]campaign.Fact, len(found))
	for _, rec := range found {
		all[rec.ID] = rec.Fact
	}
	return all, nil
}

func list(ctx context.Context, q postgres.Querier, id string) ([]Record, error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, sqlList, id); err != nil {
		return nil, fmt.Errorf("read the facts: %w", err)
	}
	return records(rows)
}

func records(rows []row) ([]Record, error) {
	all := make([]Record, len(rows))
	for i, r := range rows {
		var err error
		if all[i], err = r.record(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

const sqlVersions = `
SELECT v.fact_id AS id, v.version, v.body, '' AS origin, false AS differs, v.updated_at, p.name AS updated_by
FROM fact_versions v
JOIN people p ON p.id = v.updated_by
WHERE v.fact_id = $1
ORDER BY v.version DESC`

// Versions returns what a fact said over time, the newest first. Whether a version came from a file is not kept.
func Versions(ctx context.Context, q postgres.Querier, id string) ([]Record, error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, sqlVersions, id); err != nil {
		return nil, fmt.Errorf("read the versions of fact %s: %w", id, err)
	}
	if len(rows) == 0 {
		return nil, missing(id)
	}
	return records(rows)
}

func missing(id string) error { return fault.New(fault.NotFound, "There is no fact %q.", id) }
