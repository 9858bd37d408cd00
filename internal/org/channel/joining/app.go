package joining

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// App is what Daymark is to a server that gives each program an identity of its own.
type App struct {
	Platform string
	Address  string
	Redirect string // where the server sends people back to
	Secret   seal.Secret
}

func (a App) place() string {
	return "daymark app\n" + a.Platform + "\n" + a.Address + "\n" + a.Redirect
}

type appRow struct {
	Platform string `db:"platform"`
	Address  string `db:"address"`
	Redirect string `db:"redirect"`
	Sealed   []byte `db:"sealed"`
	KeyID    string `db:"key_id"`
}

func (r appRow) open(keys seal.Keys) (App, error) {
	a := App{Platform: r.Platform, Address: r.Address, Redirect: r.Redirect}
	var err error
	a.Secret, err = keys.Open("Daymark at "+r.Address, r.KeyID, r.Sealed, a.place())
	return a, err
}

const sqlApp = `
SELECT platform, address, redirect, sealed, key_id
FROM apps
WHERE platform = $1 AND address = $2 AND redirect = $3`

// FindApp returns what Daymark is to a server, or a NotFound.
func FindApp(ctx context.Context, q postgres.Querier, keys seal.Keys, platform, address, redirect string) (App, error) {
	var row appRow
	err := q.GetContext(ctx, &row, sqlApp, platform, address, redirect)
	if errors.Is(err, sql.ErrNoRows) {
		return App{}, fault.New(fault.NotFound, "Daymark is not known at %s yet.", address)
	}
	if err != nil {
		return App{}, fmt.Errorf("find what we are to %s: %w", address, err)
	}
	return row.open(keys)
}

const sqlSaveApp = `
INSERT INTO apps (platform, address, redirect, sealed, key_id)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (platform, address, redirect) DO UPDATE
SET sealed = excluded.sealed, key_id = excluded.key_id, created_at = excluded.created_at`

// SaveApp keeps what Daymark is to a server, in place of what it was before.
func SaveApp(ctx context.Context, q postgres.Querier, key seal.Key, a App) error {
	sealed, err := key.Seal(nil, a.Secret, a.place())
	if err != nil {
		return err
	}
	if _, err := q.ExecContext(ctx, sqlSaveApp, a.Platform, a.Address, a.Redirect, sealed, key.ID()); err != nil {
		return fmt.Errorf("keep what we are to %s: %w", a.Address, err)
	}
	return nil
}

const sqlApps = `
SELECT platform, address, redirect, sealed, key_id
FROM apps
ORDER BY platform, address, redirect
FOR UPDATE`

const sqlForgetAll = `DELETE FROM connections`

// Reseal seals every app with the first key, as a new key needs it, and returns how many there are. Who is at a network right
// now has to begin again.
func Reseal(ctx context.Context, tx *postgres.Tx, keys seal.Keys) (int, error) {
	if _, err := tx.ExecContext(ctx, sqlForgetAll); err != nil {
		return 0, fmt.Errorf("forget connections on their way: %w", err)
	}
	var rows []appRow
	if err := tx.SelectContext(ctx, &rows, sqlApps); err != nil {
		return 0, fmt.Errorf("list what we are to servers: %w", err)
	}
	for _, row := range rows {
		a, err := row.open(keys)
		if err != nil {
			return 0, err
		}
		if err := SaveApp(ctx, tx, keys[0], a); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
