package fact

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// stored is a fact's row as its writers need it.
type stored struct {
	ID       string `db:"id"`
	Version  int    `db:"version"`
	SHA256   []byte `db:"sha256"`
	Origin   string `db:"origin"`
	File     []byte `db:"file_sha256"`
	BySystem bool   `db:"by_system"`
}

// sqlWait makes those who change facts wait for each other, also where a fact is not there yet. The number is ours: "fact".
const sqlWait = `
SELECT pg_advisory_xact_lock(x'66616374'::bigint)`

const sqlStored = `
SELECT f.id, f.version, f.sha256, f.origin, f.file_sha256, p.role = 'system' AS by_system
FROM facts f
JOIN people p ON p.id = f.updated_by`

const sqlInsert = `
INSERT INTO facts (id, body, sha256, origin, file_sha256, updated_by, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)`

const sqlUpdate = `
UPDATE facts
SET version = version + 1, body = $2, sha256 = $3, origin = $4, file_sha256 = $5, updated_by = $6, updated_at = $7
WHERE id = $1`

const sqlInsertVersion = `
INSERT INTO fact_versions (fact_id, version, body, sha256, updated_by, updated_at)
SELECT id, version, body, sha256, updated_by, updated_at
FROM facts
WHERE id = $1`

const sqlSaveFile = `
UPDATE facts
SET file_sha256 = $2
WHERE id = $1`

// lock locks all facts until the transaction ends, because facts name each other. There are a few dozen.
func lock(ctx context.Context, tx *postgres.Tx) (map[string]stored, error) {
	if _, err := tx.ExecContext(ctx, sqlWait); err != nil {
		return nil, fmt.Errorf("lock the facts: %w", err)
	}
	var rows []stored
	if err := tx.SelectContext(ctx, &rows, sqlStored); err != nil {
		return nil, fmt.Errorf("lock the facts: %w", err)
	}
	all := make(map[string]stored, len(rows))
	for _, r := range rows {
		all[r.ID] = r
	}
	return all, nil
}

// Change writes a fact that a person edited, or a new one where version is zero, and returns its version. It is refused with a
// Conflict when the fact has moved on from the version that the person read, and as Invalid with every problem at once. Writing
// what is so already writes nothing.
func Change(ctx context.Context, tx *postgres.Tx, f campaign.Fact, version int, by people.Person, now time.Time) (int, error) {
	if !by.May(people.FactEdit) {
		return 0, fault.New(fault.Forbidden, "Your role does not allow changing facts.")
	}
	locked, err := lock(ctx, tx)
	if err != nil {
		return 0, err
	}
	f = Clean(f)
	there, exists := locked[f.ID]
	switch {
	case version == 0 && exists:
		return 0, fault.New(fault.Conflict, "There is a fact %s already. Choose another id, or change that one.", f.ID)
	case version != 0 && !exists:
		return 0, missing(f.ID)
	case version != there.Version:
		return 0, fault.New(fault.Conflict, "Somebody changed the fact %s while you were editing. Nothing of yours is lost: compare both and save again.", f.ID)
	}
	known, err := All(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := fault.BadFields(append(problems(f, known), followers(f, known)...)); err != nil {
		return 0, err
	}
	body, sum, err := post.Canonical(f)
	if err != nil {
		return 0, err
	}
	if exists && bytes.Equal(there.SHA256, sum[:]) {
		return there.Version, nil
	}
	there.ID = f.ID
	if err := write(ctx, tx, there, body, sum[:], FromPerson, there.File, by.ID, now); err != nil {
		return 0, err
	}
	return there.Version + 1, nil
}

// write writes a new version of a fact, or its first, with its audit entry.
func write(ctx context.Context, tx *postgres.Tx, was stored, body, sum []byte, origin string, file []byte, by int64, now time.Time) error {
	action, query := "fact.changed", sqlUpdate
	if was.Version == 0 {
		action, query = "fact.added", sqlInsert
	}
	if _, err := tx.ExecContext(ctx, query, was.ID, body, sum, origin, file, by, now); err != nil {
		return fmt.Errorf("write fact %s: %w", was.ID, err)
	}
	if _, err := tx.ExecContext(ctx, sqlInsertVersion, was.ID); err != nil {
		return fmt.Errorf("keep version %d of fact %s: %w", was.Version+1, was.ID, err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: action, Kind: "fact",
		Detail: map[string]any{"fact": was.ID, "version": was.Version + 1, "origin": origin},
	})
}

// Taken says what loading a file of facts did, by the facts' ids in the order of the file.
type Taken struct {
	Added   []string
	Changed []string
	Differs []string // somebody edited these; what the file says was not taken
}

// LoadFile takes the facts of a file. One that is new arrives; one that came from a file follows it; one that a person edited
// stays as it is. Daymark's own files, which the system loads, do not touch a fact that somebody
// loaded from a file of the charity's. Loading the same again writes nothing.
func LoadFile(ctx context.Context, tx *postgres.Tx, list []campaign.Fact, by people.Person, now time.Time) (Taken, error) {
	var taken Taken
	if !by.May(people.CampaignLoad) {
		return taken, fault.New(fault.Forbidden, "Your role does not allow loading facts.")
	}
	locked, err := lock(ctx, tx)
	if err != nil {
		return taken, err
	}
	if err := validateFile(ctx, tx, list); err != nil {
		return taken, err
	}
	for _, f := range list {
		f = Clean(f)
		body, sum, err := post.Canonical(f)
		if err != nil {
			return taken, err
		}
		was, exists := locked[f.ID]
		was.ID = f.ID
		same := bytes.Equal(was.SHA256, sum[:])
		switch {
		case !exists:
			if err := write(ctx, tx, was, body, sum[:], FromFile, sum[:], by.ID, now); err != nil {
				return taken, err
			}
			taken.Added = append(taken.Added, f.ID)
		case was.Origin == FromPerson:
			if !same {
				taken.Differs = append(taken.Differs, f.ID)
			}
			if bytes.Equal(was.File, sum[:]) {
				continue
			}
			if _, err := tx.ExecContext(ctx, sqlSaveFile, f.ID, sum[:]); err != nil {
				return taken, fmt.Errorf("note what the file says of fact %s: %w", f.ID, err)
			}
		case same, by.Role == people.RoleSystem && !was.BySystem:
		default:
			if err := write(ctx, tx, was, body, sum[:], FromFile, sum[:], by.ID, now); err != nil {
				return taken, err
			}
			taken.Changed = append(taken.Changed, f.ID)
		}
	}
	return taken, nil
}

// validateFile refuses a file with a fact that could not be written by a person either. The facts of one file may name each other.
func validateFile(ctx context.Context, tx *postgres.Tx, list []campaign.Fact) error {
	known, err := All(ctx, tx)
	if err != nil {
		return err
	}
	for _, f := range list {
		known[f.ID] = Clean(f)
	}
	var wrong []fault.Problem
	for _, f := range list {
		for _, p := range problems(known[f.ID], known) {
			wrong = append(wrong, fault.Problem{Field: f.ID + " " + p.Field, Message: p.Message})
		}
	}
	return fault.BadFields(wrong)
}
