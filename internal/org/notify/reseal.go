package notify

import (
	"context"
	"fmt"

	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

const sqlSealed = `
SELECT id, message_id, sealed, key_id
FROM outbox
WHERE state = 'waiting'
ORDER BY id
FOR UPDATE`

const sqlReseal = `
UPDATE outbox
SET sealed = $2, key_id = $3
WHERE id = $1`

// Reseal seals every letter that waits with the first key, as a new key needs it. One that opens with none of the keys is left, and is
// given up when its turn comes: a letter is no reason to keep an old key.
func Reseal(ctx context.Context, tx *postgres.Tx, keys seal.Keys) error {
	var list []waiting
	if err := tx.SelectContext(ctx, &list, sqlSealed); err != nil {
		return fmt.Errorf("list letters that wait: %w", err)
	}
	for _, w := range list {
		body, err := keys.Open("a letter", w.KeyID, w.Sealed, place(w.MessageID))
		if err != nil {
			continue
		}
		sealed, err := keys[0].Seal(nil, body, place(w.MessageID))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlReseal, w.ID, sealed, keys[0].ID()); err != nil {
			return fmt.Errorf("seal letter %d anew: %w", w.ID, err)
		}
	}
	return nil
}
