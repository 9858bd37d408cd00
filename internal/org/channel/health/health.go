// Package health is how an account was when it was last asked, and what it may cost in a month.
//
// It asks nobody: internal/app/connect does.
package health

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Health is how an account is.
type Health struct {
	Channel int64
	AskedAt time.Time // zero while it was never asked
	Problem string    // what somebody has to do something about; empty is good news
	Budget  *int64    // millionths of a US dollar in a month of UTC; nil is no bound
	Spent   int64     // of it, in the month of now
}

const sqlAll = `
SELECT id, asked_at, problem, budget, spent(id, $1) AS spent
FROM channels
ORDER BY id`

// All returns how every account is, by its channel.
func All(ctx context.Context, q postgres.Querier, now time.Time) (map[int64]Health, error) {
	var rows []struct {
		ID      int64      `db:"id"`
		AskedAt *time.Time `db:"asked_at"`
		Problem string     `db:"problem"`
		Budget  *int64     `db:"budget"`
		Spent   int64      `db:"spent"`
	}
	if err := q.SelectContext(ctx, &rows, sqlAll, now); err != nil {
		return nil, fmt.Errorf("read how the channels are: %w", err)
	}
	all := make(map[int64]Health, len(rows))
	for _, r := range rows {
		h := Health{Channel: r.ID, Problem: r.Problem, Budget: r.Budget, Spent: r.Spent}
		if r.AskedAt != nil {
			h.AskedAt = r.AskedAt.UTC()
		}
		all[r.ID] = h
	}
	return all, nil
}

const sqlOf = `
SELECT asked_at, problem
FROM channels
WHERE id = $1`

// Of returns how one account was when it was last asked; what it may cost is left out.
func Of(ctx context.Context, q postgres.Querier, id int64) (Health, error) {
	var row struct {
		AskedAt *time.Time `db:"asked_at"`
		Problem string     `db:"problem"`
	}
	if err := q.GetContext(ctx, &row, sqlOf, id); err != nil {
		return Health{}, fmt.Errorf("read how channel %d is: %w", id, err)
	}
	h := Health{Channel: id, Problem: row.Problem}
	if row.AskedAt != nil {
		h.AskedAt = row.AskedAt.UTC()
	}
	return h, nil
}

const sqlSave = `
UPDATE channels
SET asked_at = $2, problem = $3
WHERE id = $1`

// Save keeps how an account was when it was asked.
func Save(ctx context.Context, q postgres.Querier, id int64, at time.Time, problem string) error {
	if _, err := q.ExecContext(ctx, sqlSave, id, at, problem); err != nil {
		return fmt.Errorf("keep how channel %d is: %w", id, err)
	}
	return nil
}

const sqlSetBudget = `
UPDATE channels
SET budget = $2
WHERE id = $1 AND budget IS DISTINCT FROM $2::bigint`

// maxBudget is a million dollars a month: whoever types more meant something else.
const maxBudget = 1_000_000 * 1_000_000

// SetBudget says what a channel may cost in a month, in millionths of a US dollar; nil is no bound. by is who says so.
func SetBudget(ctx context.Context, tx *postgres.Tx, id int64, budget *int64, by int64) error {
	if budget != nil && (*budget < 0 || *budget > maxBudget) {
		return fault.BadField("budget", "must be between 0 and 1000000 dollars")
	}
	res, err := tx.ExecContext(ctx, sqlSetBudget, id, budget)
	if err != nil {
		return fmt.Errorf("set the budget of channel %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by, Action: "channel.budget_changed", Kind: "channel", ID: id, Detail: map[string]any{"budget": budget}})
}
