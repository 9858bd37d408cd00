// Package licence decides whether this database may send posts: a copy of a database must never post.
//
// One row names the cluster, the database and a token; the token also lies in the data folder, with the highest attempt that
// this folder has seen. A restored dump, a clone or a second server differs in one of them, and its licence is lost until an
// admin takes it. The package pauses and lifts ([Pause]); it does not send, and it asks no network what went out meanwhile.
//
// It cannot tell a copy of everything, cluster and data folder together, from the original: whoever copies a whole machine
// starts one of the two only.
package licence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Identity is what a database says of itself and a copy cannot repeat: initdb makes the system identifier, CREATE DATABASE
// the OID (https://www.postgresql.org/docs/15/functions-info.html, pg_control_system).
type Identity struct {
	SystemIdentifier string
	DatabaseOID      int64
	DatabaseName     string
}

const sqlIdentity = `
SELECT c.system_identifier::text AS system_identifier, d.oid::bigint AS database_oid, d.datname AS database_name
FROM pg_control_system() c, pg_database d
WHERE d.datname = current_database()`

// Identify reads the identity of the database. The application's role may: the function is open to everybody.
func Identify(ctx context.Context, q postgres.Querier) (Identity, error) {
	var row struct {
		SystemIdentifier string `db:"system_identifier"`
		DatabaseOID      int64  `db:"database_oid"`
		DatabaseName     string `db:"database_name"`
	}
	if err := q.GetContext(ctx, &row, sqlIdentity); err != nil {
		return Identity{}, fmt.Errorf("read which database this is: %w", err)
	}
	return Identity(row), nil
}

// Status says whether the database may send.
type Status int

// The states of the licence. The zero value is Lost: who knows nothing sends nothing.
const (
	Lost  Status = iota // this is a copy, or the data folder is another one; an admin must take the licence
	Fresh               // nobody holds it and nothing was ever sent: take it at once
	Held                // this database may send
)

// String returns the status as one word.
func (s Status) String() string {
	switch s {
	case Held:
		return "held"
	case Fresh:
		return "fresh"
	case Lost:
		return "lost"
	}
	return "lost"
}

// State is the answer of [Check].
type State struct {
	Status Status
	Why    string // for Lost: what is wrong, in plain words for the people
}

const sqlRow = `
SELECT system_identifier, database_oid, database_name, token
FROM licence
WHERE id = 1`

// sqlLastAttempt reads the end of the primary key. The sequence is no measure: it runs ahead after a crash or a recovery.
const sqlLastAttempt = `SELECT COALESCE(max(id), 0) FROM attempts`

// Check says whether this database may send. Call it at the start and every minute: it notices a dump that is restored under
// a running daemon. It reads outside any transaction or in one that began after the attempts that this folder has seen, which
// every transaction at READ COMMITTED is.
func Check(ctx context.Context, q postgres.Querier, k *Keeper) (State, error) {
	// The folder first: whatever it has seen was committed before, so that the rows read next must have it.
	seen, err := k.load()
	if errors.Is(err, errDamaged) {
		return lost("The licence file in the data folder cannot be understood; it was cut off or changed by hand"), nil
	}
	if err != nil {
		return State{}, err
	}
	here, err := Identify(ctx, q)
	if err != nil {
		return State{}, err
	}
	var last int64
	if err := q.GetContext(ctx, &last, sqlLastAttempt); err != nil {
		return State{}, fmt.Errorf("check the sending licence: %w", err)
	}
	var row struct {
		SystemIdentifier string `db:"system_identifier"`
		DatabaseOID      int64  `db:"database_oid"`
		DatabaseName     string `db:"database_name"`
		Token            string `db:"token"`
	}
	err = q.GetContext(ctx, &row, sqlRow)
	if errors.Is(err, sql.ErrNoRows) {
		return unlicensed(seen, last), nil
	}
	if err != nil {
		return State{}, fmt.Errorf("check the sending licence: %w", err)
	}
	licensed := Identity{SystemIdentifier: row.SystemIdentifier, DatabaseOID: row.DatabaseOID, DatabaseName: row.DatabaseName}
	return licensedTo(licensed, here, row.Token, seen, last), nil
}

// unlicensed judges a database without a licence row.
func unlicensed(seen folder, last int64) State {
	switch {
	case seen.Attempt > 0:
		return lost("This database is empty or older than the data folder: the folder has seen posts go out that this database does not know. " +
			"It was probably restored from an early copy, or the database URL leads to another database")
	case last > 0:
		return lost("This database has sent posts before, but the record of who may send is missing")
	}
	return State{Status: Fresh}
}

// licensedTo judges a database whose licence row names an identity and a token.
func licensedTo(licensed, here Identity, token string, seen folder, last int64) State {
	switch {
	case licensed.SystemIdentifier != here.SystemIdentifier:
		return lost("This database is a copy: the licence to send belongs to another database server, which may still be sending")
	case licensed.DatabaseOID != here.DatabaseOID:
		return lost("This database is a copy: the licence to send belongs to the database %q on the same server, this one was made later", licensed.DatabaseName)
	case licensed.DatabaseName != here.DatabaseName:
		return lost("This database was called %q when it took the licence to send and is called %q now; another may have taken its place", licensed.DatabaseName, here.DatabaseName)
	case seen.token() == "":
		return lost("The data folder does not hold the licence of this database: the folder is new, was emptied, or belongs to a second server")
	case seen.token() != token:
		return lost("The data folder holds another licence than this database: one of the two comes from somewhere else or is an older copy")
	case last < seen.Attempt:
		return lost("This database is older than the data folder: it was restored from a copy, and posts that went out since are missing from it")
	}
	return State{Status: Held}
}

func lost(format string, args ...any) State {
	return State{Status: Lost, Why: fmt.Sprintf(format, args...)}
}

// sqlLock makes those who take the licence wait for each other; the number is "licence" in ASCII.
const sqlLock = `SELECT pg_advisory_xact_lock(x'6c6963656e6365'::bigint)`

const sqlTake = `
INSERT INTO licence (id, system_identifier, database_oid, database_name, token, taken_by, taken_at)
VALUES (1, $1, $2, $3, $4, NULLIF($5::bigint, 0), clock_timestamp())
ON CONFLICT (id) DO UPDATE
SET system_identifier = excluded.system_identifier, database_oid = excluded.database_oid, database_name = excluded.database_name,
    token = excluded.token, taken_by = excluded.taken_by, taken_at = excluded.taken_at`

// Take makes this database the one that sends, lifts the pause for the lost licence, and writes both down; by is the admin,
// or 0 when Daymark takes a fresh licence at its first start. The token is a new one, so that whoever held the licence with
// the old one loses it. Where it is held already (the right data folder is back) only the pause ends.
//
// Deliveries that may have gone out under the former holder are the caller's to ask the networks about, before or in the same
// transaction. The data folder is written before the transaction commits; if it does not commit, the licence is lost, never
// held twice.
func Take(ctx context.Context, tx *postgres.Tx, k *Keeper, by int64) error {
	if _, err := tx.ExecContext(ctx, sqlLock); err != nil {
		return fmt.Errorf("take the sending licence: %w", err)
	}
	state, err := Check(ctx, tx, k)
	if err != nil {
		return err
	}
	if state.Status == Held {
		return liftLicence(ctx, tx, by)
	}
	if state.Status == Lost && by == 0 {
		return fault.New(fault.Forbidden, "%s. An admin must take the licence over", state.Why)
	}
	here, err := Identify(ctx, tx)
	if err != nil {
		return err
	}
	var last int64
	if err := tx.GetContext(ctx, &last, sqlLastAttempt); err != nil {
		return fmt.Errorf("take the sending licence: %w", err)
	}
	token, err := k.renew(last)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlTake, here.SystemIdentifier, here.DatabaseOID, here.DatabaseName, token, by); err != nil {
		return fmt.Errorf("take the sending licence: %w", err)
	}
	if err := audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "licence.taken", Kind: "licence",
		Detail: map[string]any{"was": state.Status.String(), "why": state.Why, "database": here.DatabaseName, "last_attempt": last},
	}); err != nil {
		return err
	}
	return liftLicence(ctx, tx, by)
}
