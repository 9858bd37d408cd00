// Package parked keeps a file that somebody uploaded until they have looked at what it holds and said yes: one of each kind for a
// person, for a day.
//
// It knows nothing of what is in the files, and nobody else sees them.
package parked

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// Kind is what a file is for.
type Kind string

// The kinds of files.
const (
	Days  Kind = "days"
	Posts Kind = "posts"
)

// File is a parked file.
type File struct {
	Name string `db:"name"` // as the browser called it
	Body []byte `db:"body"`
	Sum  []byte `db:"sha256"`
}

// Seen is what a page has before its reader's eyes, to know the same file again.
func (f File) Seen() string { return hex.EncodeToString(f.Sum) }

const (
	sqlOld = `
DELETE FROM uploads
WHERE at < clock_timestamp() - interval '1 day'`

	sqlPark = `
INSERT INTO uploads (person_id, kind, name, body, sha256)
VALUES ($1, $2, $3, $4, sha256($4))
ON CONFLICT (person_id, kind) DO UPDATE
SET name = excluded.name, body = excluded.body, sha256 = excluded.sha256, at = clock_timestamp()`

	sqlParked = `
SELECT name, body, sha256
FROM uploads
WHERE person_id = $1
  AND kind = $2
  AND at >= clock_timestamp() - interval '1 day'`

	sqlDrop = `
DELETE FROM uploads
WHERE person_id = $1
  AND kind = $2`
)

// maxName is how many characters of a file's name are kept.
const maxName = 100

// Park keeps a file in the place of the one before, and lets go of everybody's that nobody came back to.
func Park(ctx context.Context, tx *postgres.Tx, person int64, kind Kind, name string, body []byte) error {
	if len(body) == 0 {
		return fault.New(fault.Invalid, "The file is empty. Choose another one.")
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName])
	}
	if _, err := tx.ExecContext(ctx, sqlOld); err != nil {
		return fmt.Errorf("let go of old files: %w", err)
	}
	if _, err := tx.ExecContext(ctx, sqlPark, person, kind, name, body); err != nil {
		return fmt.Errorf("park a file of person %d: %w", person, err)
	}
	return nil
}

// Parked returns the file that a person looks at; NotFound when there is none any more.
func Parked(ctx context.Context, q postgres.Querier, person int64, kind Kind) (File, error) {
	var f File
	err := q.GetContext(ctx, &f, sqlParked, person, kind)
	if errors.Is(err, sql.ErrNoRows) {
		return f, fault.New(fault.NotFound, "There is no file to look at any more. Upload it again.")
	}
	if err != nil {
		return f, fmt.Errorf("read the parked file of person %d: %w", person, err)
	}
	return f, nil
}

// Drop lets go of a person's file.
func Drop(ctx context.Context, tx *postgres.Tx, person int64, kind Kind) error {
	if _, err := tx.ExecContext(ctx, sqlDrop, person, kind); err != nil {
		return fmt.Errorf("let go of a file of person %d: %w", person, err)
	}
	return nil
}
