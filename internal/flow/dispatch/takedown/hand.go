package takedown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

const (
	sqlStanding = `
SELECT k.state, c.delivery_id IS NOT NULL AS out
FROM takedown_copies k
LEFT JOIN copies c ON c.delivery_id = k.delivery_id AND c.part = k.part
WHERE k.takedown_id = $1
  AND k.delivery_id = $2
  AND k.part = $3`

	// The same copy may be in several take-downs: all of them have the answer then.
	sqlByHand = `
UPDATE takedown_copies
SET state = $3, problem = '', hand_by = $4, hand_at = $5
WHERE delivery_id = $1
  AND part = $2
  AND state = 'cannot'`
)

// ByHand writes down a person's word that a copy is removed which the network did not let Daymark remove, or that it never was
// there. The copy then counts as removed, with who said so and when.
func ByHand(ctx context.Context, tx *postgres.Tx, id, delivery int64, part int, by people.Person, now time.Time) error {
	if !by.May(people.TakeDown) {
		return fault.New(fault.Forbidden, "Only editors and admins may say that a copy is removed. Tell one of them.")
	}
	var locked int64
	err := tx.GetContext(ctx, &locked, sqlLockTakedown, id)
	if err == nil {
		err = tx.GetContext(ctx, &locked, sqlLockDelivery, delivery)
	}
	var stood struct {
		State string `db:"state"`
		Out   bool   `db:"out"`
	}
	if err == nil {
		err = tx.GetContext(ctx, &stood, sqlStanding, id, delivery, part)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.New(fault.NotFound, "Take-down %d has no such copy.", id)
	case err != nil:
		return fmt.Errorf("look at part %d of delivery %d: %w", part, delivery, err)
	case stood.State != Cannot:
		return fault.New(fault.Conflict, "Nobody has to remove this copy by hand any more. Look again.")
	}
	state := Gone
	if stood.Out {
		state = Removed
		if _, err := tx.ExecContext(ctx, sqlCopyRemoved, delivery, part, now); err != nil {
			return fmt.Errorf("write that part %d of delivery %d is removed: %w", part, delivery, err)
		}
		if _, err := tx.ExecContext(ctx, sqlDeliveryRemoved, delivery); err != nil {
			return fmt.Errorf("write that delivery %d is removed: %w", delivery, err)
		}
	}
	if _, err := tx.ExecContext(ctx, sqlByHand, delivery, part, state, by.ID, now); err != nil {
		return fmt.Errorf("write who removed part %d of delivery %d: %w", part, delivery, err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "copy.removed_by_hand", Kind: "delivery", ID: delivery, Detail: map[string]any{"takedown": id, "part": part},
	})
}
