package glance

import (
	"context"
	"fmt"

	"daymark/internal/postgres"
)

// Account is a channel with what is wrong with it.
type Account struct {
	ID      int64  `db:"id"`
	Name    string `db:"name"`
	Handle  string `db:"handle"`
	Problem string `db:"problem"` // empty is good news
}

const sqlAccounts = `
SELECT id, name, handle, problem
FROM channels
WHERE archived_at IS NULL
  AND (NOT $1::boolean OR may_see_channel($2, id))
ORDER BY problem = '', lower(name), id
LIMIT $3`

// Accounts returns up to n accounts in use, those with something wrong first.
func Accounts(ctx context.Context, q postgres.Querier, of Of, n int) ([]Account, error) {
	var all []Account
	if err := q.SelectContext(ctx, &all, sqlAccounts, of.Person.Limited(), of.Person.ID, n); err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return all, nil
}
