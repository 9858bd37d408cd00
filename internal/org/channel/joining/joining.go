// Package joining is what is kept while accounts are being connected: what Daymark is to a server, and who went to a network to
// allow it in and has not come back yet.
//
// It calls no network: internal/app/connect does. What it keeps is sealed like the credentials of channels.
package joining

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Life is how long somebody may take at the network.
const Life = 15 * time.Minute

// Wanted is the channel to be.
type Wanted struct {
	Name      string   `json:"name"`
	Zone      string   `json:"zone"`
	Languages []string `json:"languages"`
	Country   string   `json:"country"`
	Labels    []string `json:"labels"`
	Budget    *int64   `json:"budget,omitempty"` // millionths of a US dollar in a month; nil is no bound
	Sandbox   bool     `json:"sandbox,omitempty"`

	Habits *channel.Habits `json:"habits,omitempty"` // nil for the usual ones
}

// Pending is somebody at a network.
type Pending struct {
	Person   int64
	Platform string
	Address  string
	Secret   seal.Secret // what the exchange needs
	Wanted   Wanted
}

const sqlKeep = `
INSERT INTO connections (state, person_id, platform, address, sealed, key_id, wanted)
VALUES ($1, $2, $3, $4, $5, $6, $7)`

const sqlForget = `
DELETE FROM connections
WHERE created_at < clock_timestamp() - $1 * interval '1 second'`

// Keep keeps who went to a network under what the network hands back, and forgets those that took too long.
func Keep(ctx context.Context, tx *postgres.Tx, key seal.Key, state string, p Pending) error {
	if _, err := tx.ExecContext(ctx, sqlForget, Life.Seconds()); err != nil {
		return fmt.Errorf("forget old connections: %w", err)
	}
	hash := sha256.Sum256([]byte(state))
	sealed, err := key.Seal(nil, p.Secret, "daymark connection\n"+state)
	if err != nil {
		return err
	}
	wanted, err := json.Marshal(p.Wanted)
	if err != nil {
		return fmt.Errorf("write the wanted channel: %w", err)
	}
	if _, err := tx.ExecContext(ctx, sqlKeep, hash[:], p.Person, p.Platform, p.Address, sealed, key.ID(), string(wanted)); err != nil {
		return fmt.Errorf("keep a connection to %s: %w", p.Address, err)
	}
	return nil
}

const sqlFind = `
SELECT person_id, platform, address, sealed, key_id, wanted, created_at > clock_timestamp() - $2 * interval '1 second' AS fresh
FROM connections
WHERE state = $1
FOR UPDATE`

const sqlTake = `
DELETE FROM connections
WHERE state = $1`

// Take returns what was kept under a state, once. Another person than the one who went gets nothing and takes nothing away.
func Take(ctx context.Context, tx *postgres.Tx, keys seal.Keys, state string, person int64) (Pending, error) {
	var row struct {
		Person   int64  `db:"person_id"`
		Platform string `db:"platform"`
		Address  string `db:"address"`
		Sealed   []byte `db:"sealed"`
		KeyID    string `db:"key_id"`
		Wanted   []byte `db:"wanted"`
		Fresh    bool   `db:"fresh"`
	}
	hash := sha256.Sum256([]byte(state))
	err := tx.GetContext(ctx, &row, sqlFind, hash[:], Life.Seconds())
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Pending{}, fault.New(fault.Conflict, "This connection is not waiting any more: it was finished already, or never begun here. Begin again.")
	case err != nil:
		return Pending{}, fmt.Errorf("find a connection: %w", err)
	case row.Person != person:
		return Pending{}, fault.New(fault.Forbidden, "Somebody else began to connect this account. Begin again yourself.")
	case !row.Fresh:
		return Pending{}, fault.New(fault.Conflict, "Connecting took longer than %d minutes. Begin again; nothing was connected.", int(Life.Minutes()))
	}
	if _, err := tx.ExecContext(ctx, sqlTake, hash[:]); err != nil {
		return Pending{}, fmt.Errorf("take a connection: %w", err)
	}
	p := Pending{Person: row.Person, Platform: row.Platform, Address: row.Address}
	if err := json.Unmarshal(row.Wanted, &p.Wanted); err != nil {
		return Pending{}, fmt.Errorf("read the wanted channel: %w", err)
	}
	p.Secret, err = keys.Open("this connection", row.KeyID, row.Sealed, "daymark connection\n"+state)
	return p, err
}
