package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"daymark/internal/flow/dispatch/sweep"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// took notes what the asker has in its hands.
func (a *Asker) took(list []Unknown) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hands == nil {
		a.hands = map[int64]bool{}
	}
	for _, u := range list {
		a.hands[u.Delivery] = true
	}
}

func (a *Asker) done(delivery int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.hands, delivery)
}

const sqlAskers = `
SELECT DISTINCT asked_by::text
FROM deliveries
WHERE state = 'unknown'
  AND asked_by IS NOT NULL`

const sqlAskAgain = `
UPDATE deliveries
SET ask_at = clock_timestamp(), asked_by = NULL
WHERE state = 'unknown'
  AND asked_by = $1::uuid
  AND NOT id = ANY ($2)`

// Recover lets questions be asked again whose asker is gone, and those of this asker of which the database's word was lost. A later
// question has an instant of its own, so that what the first one still says changes nothing.
func (a *Asker) Recover(ctx context.Context) error {
	var askers []string
	if err := a.DB.SelectContext(ctx, &askers, sqlAskers); err != nil {
		return fmt.Errorf("look for questions without an asker: %w", err)
	}
	for _, asker := range askers {
		mine := []int64{}
		if asker == a.Worker {
			a.mu.Lock()
			mine = slices.AppendSeq(mine, maps.Keys(a.hands))
			a.mu.Unlock()
		}
		err := a.DB.InTx(ctx, func(tx *postgres.Tx) error {
			if asker != a.Worker {
				if dead, err := sweep.IsDead(ctx, tx, asker); err != nil || !dead {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, sqlAskAgain, asker, pq.Array(mine))
			return err
		})
		if err != nil {
			return fmt.Errorf("take over the questions of worker %s: %w", asker, err)
		}
	}
	return nil
}
