package passkey

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/org/signin/tell"
	"daymark/internal/postgres"
)

// Passkey is one of a person's, as that person sees it.
type Passkey struct {
	ID      int64
	Name    string
	Site    string // the host name that it works under
	Made    time.Time
	Used    time.Time // zero where it never was
	Foreign bool      // made under another host name than the one asked for: it does nothing here
}

const sqlList = `
SELECT id, name, site, created_at, used_at
FROM passkeys
WHERE person_id = $1
ORDER BY id`

// List returns a person's passkeys, the oldest first.
func List(ctx context.Context, q postgres.Querier, person int64, site string) ([]Passkey, error) {
	var rows []struct {
		ID   int64        `db:"id"`
		Name string       `db:"name"`
		Site string       `db:"site"`
		Made time.Time    `db:"created_at"`
		Used sql.NullTime `db:"used_at"`
	}
	if err := q.SelectContext(ctx, &rows, sqlList, person); err != nil {
		return nil, fmt.Errorf("list the passkeys of person %d: %w", person, err)
	}
	list := make([]Passkey, len(rows))
	for i, r := range rows {
		list[i] = Passkey{ID: r.ID, Name: r.Name, Site: r.Site, Made: r.Made.UTC(), Used: r.Used.Time.UTC(), Foreign: r.Site != site}
		if !r.Used.Valid {
			list[i].Used = time.Time{}
		}
	}
	return list, nil
}

const sqlHasAny = `
SELECT EXISTS (SELECT 1 FROM passkeys WHERE person_id = $1)`

// HasAny reports whether a person has a passkey.
func HasAny(ctx context.Context, q postgres.Querier, person int64) (has bool, err error) {
	if err := q.GetContext(ctx, &has, sqlHasAny, person); err != nil {
		return false, fmt.Errorf("look for passkeys of person %d: %w", person, err)
	}
	return has, nil
}

const sqlRename = `
UPDATE passkeys
SET name = $3
WHERE id = $1 AND person_id = $2
RETURNING name`

// Rename gives one of a person's own passkeys another name.
func Rename(ctx context.Context, tx *postgres.Tx, id int64, name string, by people.Person) error {
	name, err := tidy(name)
	if err != nil {
		return err
	}
	_, err = change(ctx, tx, "passkey.renamed", id, by, sqlRename, id, by.ID, name)
	return err
}

const sqlRemove = `
DELETE FROM passkeys
WHERE id = $1 AND person_id = $2
RETURNING name`

// Remove takes away one of a person's own passkeys, and writes to the person that it is gone; keys seal the letter.
func Remove(ctx context.Context, tx *postgres.Tx, keys seal.Keys, id int64, by people.Person) error {
	name, err := change(ctx, tx, "passkey.removed", id, by, sqlRemove, id, by.ID)
	if err != nil {
		return err
	}
	return tell.Write(ctx, tx, keys, by, tell.PasskeyRemoved, name)
}

// change changes one passkey and returns its name.
func change(ctx context.Context, tx *postgres.Tx, action string, id int64, by people.Person, query string, args ...any) (name string, err error) {
	err = tx.GetContext(ctx, &name, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.Wrap(fault.NotFound, err, "You have no such passkey.")
	}
	if err != nil {
		return "", fmt.Errorf("change passkey %d: %w", id, err)
	}
	return name, audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "person", ID: by.ID, Detail: map[string]any{"passkey": id}})
}
