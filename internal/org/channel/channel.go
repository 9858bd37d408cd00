// Package channel is the accounts that the charity has connected: which network, where, in which zone and languages, and the
// credentials, sealed with a key that is not in the database.
//
// It speaks to no network: connectors ask it for credentials and it gives them as [seal.Secret]. A channel is archived, never
// removed, because deliveries name it. A sandbox channel lives on this machine and stays one for ever.
package channel

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Channel is one connected account.
type Channel struct {
	ID         int64
	Platform   string   // the network's name in code, such as "mastodon"
	Address    string   // scheme and host of the server, without a path
	Handle     string   // the account's name there, without a leading @
	RemoteID   string   // the account's id there
	Name       string   // how the team calls it
	Zone       string   // IANA name of the audience's home zone
	Languages  []string // BCP 47 tags, the first is the main one
	Labels     []string // the team's own, such as a chapter
	Country    string   // whose helplines its readers can call, ISO 3166-1 alpha-2; empty while nobody has said
	Sandbox    bool
	Habits     Habits
	ArchivedAt time.Time // zero while in use
}

// Archived reports whether the channel is out of use.
func (c Channel) Archived() bool { return !c.ArchivedAt.IsZero() }

type channelRow struct {
	ID         int64          `db:"id"`
	Platform   string         `db:"platform"`
	Address    string         `db:"address"`
	Handle     string         `db:"handle"`
	RemoteID   string         `db:"remote_id"`
	Name       string         `db:"name"`
	Zone       string         `db:"zone"`
	Languages  pq.StringArray `db:"languages"`
	Labels     pq.StringArray `db:"labels"`
	Country    string         `db:"country"`
	Sandbox    bool           `db:"sandbox"`
	Spacing    int            `db:"spacing_minutes"`
	QuietFrom  civil.Clock    `db:"quiet_from"`
	QuietTo    civil.Clock    `db:"quiet_to"`
	ArchivedAt sql.NullTime   `db:"archived_at"`
}

func (r channelRow) channel() Channel {
	c := Channel{
		ID: r.ID, Platform: r.Platform, Address: r.Address, Handle: r.Handle, RemoteID: r.RemoteID, Name: r.Name, Zone: r.Zone,
		Languages: r.Languages, Country: r.Country, Sandbox: r.Sandbox,
		Habits: Habits{Spacing: time.Duration(r.Spacing) * time.Minute, QuietFrom: r.QuietFrom, QuietTo: r.QuietTo},
	}
	if len(r.Labels) > 0 {
		c.Labels = r.Labels
	}
	if r.ArchivedAt.Valid {
		c.ArchivedAt = r.ArchivedAt.Time.UTC()
	}
	return c
}

// NewChannel is what [Add] needs to know.
type NewChannel struct {
	Platform    string
	Address     string
	Handle      string
	RemoteID    string
	Name        string
	Zone        string
	Languages   []string
	Labels      []string
	Country     string // may be empty
	Sandbox     bool
	Habits      *Habits // nil for [Usual]
	Credentials seal.Secret
	By          int64     // the person who connects it; 0 is Daymark itself
	Random      io.Reader // for the sealing; crypto/rand when nil
}

const sqlAdd = `
INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, labels, country, sandbox, spacing_minutes, quiet_from, quiet_to,
  sealed, key_id)
VALUES (:platform, :address, :handle, :remote_id, :name, :zone, :languages, :labels, :country, :sandbox, :spacing, :quiet_from, :quiet_to,
  :sealed, :key_id)
RETURNING id`

// Add connects an account and seals its credentials. What is wrong with the input comes back all at once.
func Add(ctx context.Context, tx *postgres.Tx, n NewChannel, key seal.Key) (Channel, error) {
	n, err := check(n)
	if err != nil {
		return Channel{}, err
	}
	sealed, err := key.Seal(n.Random, n.Credentials, place(n.Platform, n.Address, n.Handle))
	if err != nil {
		return Channel{}, fmt.Errorf("add channel %s: %w", n.Name, err)
	}
	from, to := n.Habits.quiet()
	id, err := insert(ctx, tx, map[string]any{
		"platform": n.Platform, "address": n.Address, "handle": n.Handle, "remote_id": n.RemoteID, "name": n.Name, "zone": n.Zone,
		"languages": pq.StringArray(n.Languages), "labels": pq.StringArray(n.Labels), "country": n.Country, "sandbox": n.Sandbox,
		"spacing": int(n.Habits.Spacing.Minutes()), "quiet_from": from, "quiet_to": to, "sealed": sealed, "key_id": key.ID(),
	})
	switch {
	case postgres.Constraint(err) == "channels_platform_address_handle_key":
		return Channel{}, fault.Wrap(fault.Conflict, err, "The account %s at %s is connected already, or was once and is archived", n.Handle, n.Address)
	case !n.Sandbox && postgres.Constraint(err) == "" && postgres.IsCode(err, pqerror.CheckViolation):
		return Channel{}, fault.Wrap(fault.Conflict, err, "This database runs on a fast clock for a rehearsal; it takes sandbox channels only. Connect %s to a database of its own", n.Handle)
	case err != nil:
		return Channel{}, fmt.Errorf("add channel %s: %w", n.Name, err)
	}
	if err := audit.Write(ctx, tx, audit.Entry{
		Person: n.By, Action: "channel.added", Kind: "channel", ID: id,
		Detail: map[string]any{
			"platform": n.Platform, "address": n.Address, "handle": n.Handle, "name": n.Name, "zone": n.Zone,
			"languages": n.Languages, "labels": n.Labels, "country": n.Country, "sandbox": n.Sandbox, "key_id": key.ID(),
		},
	}); err != nil {
		return Channel{}, err
	}
	return Get(ctx, tx, id)
}

func insert(ctx context.Context, tx *postgres.Tx, values map[string]any) (int64, error) {
	query, args, err := tx.BindNamed(sqlAdd, values)
	if err != nil {
		return 0, fmt.Errorf("bind a new channel: %w", err)
	}
	var id int64
	err = tx.GetContext(ctx, &id, query, args...)
	return id, err
}

const sqlGet = `
SELECT id, platform, address, handle, remote_id, name, zone, languages, labels, country, sandbox, spacing_minutes,
  coalesce(quiet_from, '00:00') AS quiet_from, coalesce(quiet_to, '00:00') AS quiet_to, archived_at
FROM channels
WHERE id = $1`

// Get returns a channel, archived ones too.
func Get(ctx context.Context, q postgres.Querier, id int64) (Channel, error) {
	var row channelRow
	err := q.GetContext(ctx, &row, sqlGet, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Channel{}, noChannel(id)
	}
	if err != nil {
		return Channel{}, fmt.Errorf("read channel %d: %w", id, err)
	}
	return row.channel(), nil
}

func noChannel(id int64) error {
	return fault.New(fault.NotFound, "There is no channel with the number %d", id)
}

const sqlList = `
SELECT id, platform, address, handle, remote_id, name, zone, languages, labels, country, sandbox, spacing_minutes,
  coalesce(quiet_from, '00:00') AS quiet_from, coalesce(quiet_to, '00:00') AS quiet_to, archived_at
FROM channels
ORDER BY archived_at IS NOT NULL, lower(name), id`

// List returns all channels by name, archived ones last.
func List(ctx context.Context, q postgres.Querier) ([]Channel, error) {
	var rows []channelRow
	if err := q.SelectContext(ctx, &rows, sqlList); err != nil {
		return nil, fmt.Errorf("list channels: %w", err)
	}
	list := make([]Channel, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.channel())
	}
	return list, nil
}

const sqlArchive = `
UPDATE channels
SET archived_at = clock_timestamp()
WHERE id = $1 AND archived_at IS NULL`

// Archive takes a channel out of use; by is who does it. It is no error when it is archived already.
func Archive(ctx context.Context, tx *postgres.Tx, id, by int64) error {
	c, err := Get(ctx, tx, id)
	if err != nil || c.Archived() {
		return err
	}
	res, err := tx.ExecContext(ctx, sqlArchive, id)
	if err != nil {
		return fmt.Errorf("archive channel %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err // somebody else did so at the same moment and wrote it down
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by, Action: "channel.archived", Kind: "channel", ID: id})
}

const sqlAllSandbox = `SELECT NOT EXISTS (SELECT FROM channels WHERE NOT sandbox)`

// AllSandbox reports whether no channel, archived ones included, reaches a real network.
func AllSandbox(ctx context.Context, q postgres.Querier) (bool, error) {
	var all bool
	if err := q.GetContext(ctx, &all, sqlAllSandbox); err != nil {
		return false, fmt.Errorf("look for real channels: %w", err)
	}
	return all, nil
}

const sqlSealed = `
SELECT platform, address, handle, name, sealed, key_id
FROM channels
WHERE id = $1`

// Credentials opens the credentials of a channel with the key that sealed them.
func Credentials(ctx context.Context, q postgres.Querier, keys seal.Keys, id int64) (seal.Secret, error) {
	var row struct {
		Platform string `db:"platform"`
		Address  string `db:"address"`
		Handle   string `db:"handle"`
		Name     string `db:"name"`
		Sealed   []byte `db:"sealed"`
		KeyID    string `db:"key_id"`
	}
	err := q.GetContext(ctx, &row, sqlSealed, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noChannel(id)
	}
	if err != nil {
		return nil, fmt.Errorf("read the credentials of channel %d: %w", id, err)
	}
	return keys.Open("channel "+row.Name, row.KeyID, row.Sealed, place(row.Platform, row.Address, row.Handle))
}

// place is what credentials are bound to. A new line is in none of the three, so that no two places read the same.
func place(platform, address, handle string) string {
	return "daymark channel\n" + platform + "\n" + address + "\n" + handle
}
