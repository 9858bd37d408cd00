package channel

import (
	"context"
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// The row's lock is the lock of the credentials: two replicas that find them old renew them one after the other, and the second
// sees what the first did. It keeps no delivery waiting.
const sqlLockSealed = `
SELECT id
FROM channels
WHERE id = $1
FOR NO KEY UPDATE`

const sqlSaveSealed = `
UPDATE channels
SET sealed = $2, key_id = $3
WHERE id = $1`

// Renew exchanges the credentials of a channel for new ones while nobody else can. exchange gets those that are there now,
// which may be newer than the caller's, and returns nil to leave them. What it returns is sealed with the first key.
func Renew(ctx context.Context, db *postgres.DB, keys seal.Keys, id int64, exchange func(context.Context, seal.Secret) (seal.Secret, error)) error {
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		var locked []int64
		if err := tx.SelectContext(ctx, &locked, sqlLockSealed, id); err != nil {
			return fmt.Errorf("lock the credentials of channel %d: %w", id, err)
		}
		old, err := Credentials(ctx, tx, keys, id)
		if err != nil {
			return err
		}
		fresh, err := exchange(ctx, old)
		if err != nil || fresh == nil {
			return err
		}
		if err := saveSealed(ctx, tx, keys[0], id, fresh); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Action: "channel.renewed", Kind: "channel", ID: id, Detail: map[string]any{"key_id": keys[0].ID()}})
	})
}

// Replace gives a channel new credentials whatever there was, which may be sealed with a key that nobody has any more.
func Replace(ctx context.Context, db *postgres.DB, key seal.Key, id int64, fresh seal.Secret) error {
	return db.InTx(ctx, func(tx *postgres.Tx) error { return saveSealed(ctx, tx, key, id, fresh) })
}

// Reseal seals the credentials of every channel with the first key, as a new key needs it, and returns how many there are. by
// is the person who asked for it; 0 is Daymark itself.
func Reseal(ctx context.Context, tx *postgres.Tx, keys seal.Keys, by int64) (int, error) {
	if len(keys) == 0 {
		return 0, fault.New(fault.Invalid, "There is no key to seal the credentials with.")
	}
	list, err := List(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, c := range list {
		if _, err := tx.ExecContext(ctx, sqlLockSealed, c.ID); err != nil {
			return 0, fmt.Errorf("lock the credentials of channel %d: %w", c.ID, err)
		}
		value, err := Credentials(ctx, tx, keys, c.ID)
		if err != nil {
			return 0, err
		}
		if err := saveSealed(ctx, tx, keys[0], c.ID, value); err != nil {
			return 0, err
		}
	}
	return len(list), audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "key.rotated", Kind: "channel", Detail: map[string]any{"key_id": keys[0].ID(), "channels": len(list)},
	})
}

func saveSealed(ctx context.Context, tx *postgres.Tx, key seal.Key, id int64, value seal.Secret) error {
	c, err := Get(ctx, tx, id)
	if err != nil {
		return err
	}
	sealed, err := key.Seal(nil, value, place(c.Platform, c.Address, c.Handle))
	if err != nil {
		return fmt.Errorf("seal the credentials of channel %s: %w", c.Name, err)
	}
	if _, err := tx.ExecContext(ctx, sqlSaveSealed, id, sealed, key.ID()); err != nil {
		return fmt.Errorf("save the credentials of channel %s: %w", c.Name, err)
	}
	return nil
}
