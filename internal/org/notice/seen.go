package notice

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

const sqlSeenTo = `
UPDATE notices
SET done_at = $2, done_by = $3
WHERE key = $1
  AND done_at IS NULL`

// SeenTo says that a matter is seen to because of what a person did about its subject. It is no error where nobody was told of it.
func SeenTo(ctx context.Context, tx *postgres.Tx, key string, by people.Person, now time.Time) error {
	if _, err := tx.ExecContext(ctx, sqlSeenTo, key, now, by.ID); err != nil {
		return fmt.Errorf("close the notice %s: %w", key, err)
	}
	return nil
}
