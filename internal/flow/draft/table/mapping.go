package table

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"daymark/internal/postgres"
)

const (
	sqlRecall = `
SELECT columns
FROM mappings
WHERE person_id = $1
  AND header = $2`

	sqlRemember = `
INSERT INTO mappings (person_id, header, columns)
VALUES ($1, $2, $3)
ON CONFLICT (person_id, header) DO UPDATE
SET columns = excluded.columns, at = clock_timestamp()`

	// Somebody has few kinds of files; those that they have not seen for long go.
	sqlForget = `
DELETE FROM mappings
WHERE person_id = $1
  AND header NOT IN (SELECT header FROM mappings WHERE person_id = $1 ORDER BY at DESC LIMIT 50)`
)

func headerKey(header []string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(header, "\x00")))
	return sum[:]
}

// Recall returns what a person said last of files with these names of columns, else what they seem to be.
func Recall(ctx context.Context, q postgres.Querier, person int64, header []string) (Mapping, error) {
	var body []byte
	err := q.GetContext(ctx, &body, sqlRecall, person, headerKey(header))
	if errors.Is(err, sql.ErrNoRows) {
		return Guess(header), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the columns of person %d: %w", person, err)
	}
	var m Mapping
	if err := json.Unmarshal(body, &m); err != nil || len(m) != len(header) {
		return Guess(header), nil //nolint:nilerr // what is kept is only a convenience
	}
	return m, nil
}

// Remember keeps what a person says of files with these names of columns.
func Remember(ctx context.Context, tx *postgres.Tx, person int64, header []string, m Mapping) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write the columns of person %d: %w", person, err)
	}
	if _, err := tx.ExecContext(ctx, sqlRemember, person, headerKey(header), string(body)); err != nil {
		return fmt.Errorf("keep the columns of person %d: %w", person, err)
	}
	if _, err := tx.ExecContext(ctx, sqlForget, person); err != nil {
		return fmt.Errorf("forget old columns of person %d: %w", person, err)
	}
	return nil
}
