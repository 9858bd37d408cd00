// Package totp is the second step with an app on a phone: codes of six digits that change every half minute (RFC 6238), and ten
// recovery codes for who has lost the phone.
//
// The secret is sealed in the database, recovery codes are kept as hashes. A code is taken once, and after some wrong ones none is
// asked for during a while. The package shows no page, begins no session and sends nothing.
package totp

import (
	"context"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Apps that people have know only SHA-1, six digits and thirty seconds, whatever the address asks for
// (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). A step before and after the present one is taken, for clocks
// that are a little off: RFC 6238, section 5.2.
const (
	period      = 30
	skew        = 1
	secretBytes = 20 // RFC 4226, section 4: 160 bits are recommended
)

// State is how a person stands with codes.
type State struct {
	On    bool // a code is asked for at log-in
	Begun bool // a secret was shown and is not confirmed
	Left  int  // recovery codes that have not been used
}

const sqlState = `
SELECT coalesce(bool_or(confirmed_at IS NOT NULL), false) AS on,
       coalesce(bool_or(confirmed_at IS NULL), false) AS begun,
       (SELECT count(*) FROM recovery_codes WHERE person_id = $1) AS left_over
FROM totp
WHERE person_id = $1`

// StateOf returns how a person stands with codes.
func StateOf(ctx context.Context, q postgres.Querier, person int64) (State, error) {
	var row struct {
		On    bool `db:"on"`
		Begun bool `db:"begun"`
		Left  int  `db:"left_over"`
	}
	if err := q.GetContext(ctx, &row, sqlState, person); err != nil {
		return State{}, fmt.Errorf("read the second step of person %d: %w", person, err)
	}
	return State(row), nil
}

func place(person int64) string { return fmt.Sprintf("daymark totp\n%d", person) }

func key(keys seal.Keys) (seal.Key, error) {
	if len(keys) == 0 {
		return seal.Key{}, fault.New(fault.Unavailable, "Daymark has no key to keep the secret with, so codes cannot be set up.")
	}
	return keys[0], nil
}

const sqlBegin = `
INSERT INTO totp (person_id, sealed, key_id)
VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO UPDATE
SET sealed = excluded.sealed, key_id = excluded.key_id, created_at = clock_timestamp(), last_step = 0
WHERE totp.confirmed_at IS NULL`

// Begin makes a new secret for somebody whose codes are not on. Nothing is asked for with it before [Confirm].
func Begin(ctx context.Context, tx *postgres.Tx, keys seal.Keys, random io.Reader, by people.Person) error {
	k, err := key(keys)
	if err != nil {
		return err
	}
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return fmt.Errorf("make a secret: %w", err)
	}
	sealed, err := k.Seal(random, secret, place(by.ID))
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, sqlBegin, by.ID, sealed, k.ID())
	if err != nil {
		return fmt.Errorf("keep the secret of person %d: %w", by.ID, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Wrap(fault.Conflict, err, "Codes are on already. Turn them off first to set up another phone.")
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "totp.begun", Kind: "person", ID: by.ID})
}

const sqlSecret = `
SELECT sealed, key_id, confirmed_at IS NOT NULL AS confirmed, last_step
FROM totp
WHERE person_id = $1`

type secretRow struct {
	Sealed    []byte `db:"sealed"`
	KeyID     string `db:"key_id"`
	Confirmed bool   `db:"confirmed"`
	LastStep  int64  `db:"last_step"`
}

func find(ctx context.Context, q postgres.Querier, query string, keys seal.Keys, person int64) (row secretRow, secret string, err error) {
	err = q.GetContext(ctx, &row, query, person)
	if errors.Is(err, sql.ErrNoRows) {
		return row, "", fault.New(fault.NotFound, "No codes are set up. Begin once more.")
	}
	if err != nil {
		return row, "", fmt.Errorf("read the secret of person %d: %w", person, err)
	}
	raw, err := keys.Open("the codes at log-in", row.KeyID, row.Sealed, place(person))
	if err != nil {
		return row, "", err
	}
	return row, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw), nil
}

// Shown returns the secret of somebody who has not confirmed it yet, to be shown to that person alone.
func Shown(ctx context.Context, q postgres.Querier, keys seal.Keys, by people.Person, organisation string) (*otp.Key, error) {
	row, secret, err := find(ctx, q, sqlSecret, keys, by.ID)
	if err != nil {
		return nil, err
	}
	if row.Confirmed {
		return nil, fault.New(fault.Conflict, "Codes are on already; the secret is shown only once.")
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return nil, fmt.Errorf("read the secret of person %d: %w", by.ID, err)
	}
	issuer := "Daymark"
	if organisation != "" {
		issuer += " " + organisation
	}
	k, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: by.Email, Period: period, Secret: raw})
	if err != nil {
		return nil, fmt.Errorf("write the secret of person %d: %w", by.ID, err)
	}
	return k, nil
}

// step returns the step whose code this is: one of those around now that is newer than the last one taken; 0 when there is none.
func step(code, secret string, last int64, now time.Time) int64 {
	present := now.Unix() / period
	for s := present - skew; s <= present+skew; s++ {
		if s <= last {
			continue
		}
		ok, err := hotp.ValidateCustom(code, uint64(s), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if ok && err == nil { // an error is a code of another length
			return s
		}
	}
	return 0
}
