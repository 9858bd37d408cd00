package totp

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/org/signin/tell"
	"daymark/internal/postgres"
)

const (
	// maxWrong wrong codes within a quarter of an hour, and no other is looked at before it is over: with a step on either side of
	// the present one, a guess is right once in 333,333 tries (RFC 6238, section 5.2, asks for such a limit).
	maxWrong = 5
	// RecoveryCodes is how many recovery codes a person gets.
	RecoveryCodes = 10
	recoveryBytes = 10
)

const sqlTry = `
INSERT INTO code_tries AS t (person_id, wrong)
VALUES ($1, 1)
ON CONFLICT (person_id) DO UPDATE
SET wrong = CASE WHEN t.since < clock_timestamp() - interval '15 minutes' THEN 1 ELSE t.wrong + 1 END,
    since = CASE WHEN t.since < clock_timestamp() - interval '15 minutes' THEN clock_timestamp() ELSE t.since END
RETURNING wrong`

const sqlForgetTries = `
DELETE FROM code_tries
WHERE person_id = $1`

// try counts a try before the code is looked at, in a transaction of its own: many at once are counted one by one.
func try(ctx context.Context, db *postgres.DB, person int64) error {
	var wrong int
	if err := db.GetContext(ctx, &wrong, sqlTry, person); err != nil {
		return fmt.Errorf("count a code of person %d: %w", person, err)
	}
	if wrong <= maxWrong {
		return nil
	}
	if wrong == maxWrong+1 {
		if err := audit.Write(ctx, db, audit.Entry{Person: person, Action: "login.codes_stopped", Kind: "person", ID: person}); err != nil {
			return err
		}
	}
	return fault.New(fault.Forbidden, "There were too many wrong codes. Wait a quarter of an hour, then try again.")
}

const sqlSecretToTake = `
SELECT sealed, key_id, confirmed_at IS NOT NULL AS confirmed, last_step
FROM totp
WHERE person_id = $1
FOR UPDATE`

const sqlTaken = `
UPDATE totp
SET last_step = $2, confirmed_at = coalesce(confirmed_at, clock_timestamp())
WHERE person_id = $1`

const sqlUseRecovery = `
DELETE FROM recovery_codes
WHERE person_id = $1 AND hash = $2`

// wrong is the one answer to every code that is not taken.
func wrong() error {
	return fault.BadField("code", "is not right, or was used already; wait for the next one and type it within half a minute")
}

// Check takes a code of the app or a recovery code at log-in. A code is taken once; what is wrong with it is not said.
func Check(ctx context.Context, db *postgres.DB, keys seal.Keys, person people.Person, typed string, now time.Time) error {
	if err := try(ctx, db, person.ID); err != nil {
		return err
	}
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		row, secret, err := find(ctx, tx, sqlSecretToTake, keys, person.ID)
		if err != nil {
			return err
		}
		if !row.Confirmed {
			return wrong()
		}
		code := plain(typed)
		if s := step(code, secret, row.LastStep, now); s > 0 {
			if _, err := tx.ExecContext(ctx, sqlTaken, person.ID, s); err != nil {
				return fmt.Errorf("take a code of person %d: %w", person.ID, err)
			}
			return forgetTries(ctx, tx, person.ID)
		}
		res, err := tx.ExecContext(ctx, sqlUseRecovery, person.ID, hashOf(code))
		if err != nil {
			return fmt.Errorf("take a recovery code of person %d: %w", person.ID, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return wrong()
		}
		if err := audit.Write(ctx, tx, audit.Entry{Person: person.ID, Action: "login.recovery_code_used", Kind: "person", ID: person.ID}); err != nil {
			return err
		}
		return forgetTries(ctx, tx, person.ID)
	})
}

func forgetTries(ctx context.Context, tx *postgres.Tx, person int64) error {
	if _, err := tx.ExecContext(ctx, sqlForgetTries, person); err != nil {
		return fmt.Errorf("forget the wrong codes of person %d: %w", person, err)
	}
	return nil
}

// Confirm turns codes on with the first code of the app and returns the recovery codes, which are shown this once.
func Confirm(ctx context.Context, db *postgres.DB, keys seal.Keys, random io.Reader, by people.Person, typed string, now time.Time) (recovery []string, err error) {
	if err := try(ctx, db, by.ID); err != nil {
		return nil, err
	}
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		row, secret, err := find(ctx, tx, sqlSecretToTake, keys, by.ID)
		if err != nil {
			return err
		}
		if row.Confirmed {
			return fault.New(fault.Conflict, "Codes are on already.")
		}
		s := step(plain(typed), secret, row.LastStep, now)
		if s == 0 {
			return wrong()
		}
		if _, err := tx.ExecContext(ctx, sqlTaken, by.ID, s); err != nil {
			return fmt.Errorf("turn on the codes of person %d: %w", by.ID, err)
		}
		if err := forgetTries(ctx, tx, by.ID); err != nil {
			return err
		}
		if recovery, err = renew(ctx, tx, random, by.ID); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "totp.on", Kind: "person", ID: by.ID}); err != nil {
			return err
		}
		return tell.Write(ctx, tx, keys, by, tell.CodesOn, "")
	})
	return recovery, err
}

// Renew makes new recovery codes in place of the old ones, which end. It asks for a code first.
func Renew(ctx context.Context, db *postgres.DB, keys seal.Keys, random io.Reader, by people.Person, typed string, now time.Time) (recovery []string, err error) {
	if err := Check(ctx, db, keys, by, typed, now); err != nil {
		return nil, err
	}
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		if recovery, err = renew(ctx, tx, random, by.ID); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "totp.codes_renewed", Kind: "person", ID: by.ID}); err != nil {
			return err
		}
		return tell.Write(ctx, tx, keys, by, tell.CodesRenewed, "")
	})
	return recovery, err
}

const sqlForgetRecovery = `
DELETE FROM recovery_codes
WHERE person_id = $1`

const sqlAddRecovery = `
INSERT INTO recovery_codes (person_id, hash)
VALUES ($1, $2)`

// letters of a recovery code: none that are mistaken for each other.
const letters = "abcdefghijkmnpqrstuvwxyz23456789"

// renew makes recovery codes of 50 bits. A plain hash is enough: nobody guesses one within the limit of tries, and who reads the
// database finds beside it nothing that a code would open.
func renew(ctx context.Context, tx *postgres.Tx, random io.Reader, person int64) ([]string, error) {
	if _, err := tx.ExecContext(ctx, sqlForgetRecovery, person); err != nil {
		return nil, fmt.Errorf("forget the recovery codes of person %d: %w", person, err)
	}
	list := make([]string, 0, RecoveryCodes)
	raw := make([]byte, recoveryBytes)
	for range RecoveryCodes {
		if _, err := io.ReadFull(random, raw); err != nil {
			return nil, fmt.Errorf("make recovery codes: %w", err)
		}
		code := make([]byte, len(raw))
		for i, b := range raw {
			code[i] = letters[b%32]
		}
		if _, err := tx.ExecContext(ctx, sqlAddRecovery, person, hashOf(string(code))); err != nil {
			return nil, fmt.Errorf("keep a recovery code of person %d: %w", person, err)
		}
		list = append(list, string(code[:5])+"-"+string(code[5:]))
	}
	return list, nil
}

func hashOf(code string) []byte {
	sum := sha256.Sum256([]byte("daymark recovery code\n" + code))
	return sum[:]
}

// plain is a code without the spaces and dashes that people type between its groups.
func plain(typed string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, typed[:min(len(typed), 64)])
}

const sqlForget = `
DELETE FROM totp
WHERE person_id = $1`

// Forget turns codes off and writes to the person that they are; by is who does it: the person, who has given a code to [Check] before,
// or somebody who manages people, for who has lost the phone and the recovery codes.
func Forget(ctx context.Context, tx *postgres.Tx, keys seal.Keys, person, by int64) error {
	res, err := tx.ExecContext(ctx, sqlForget, person)
	if err != nil {
		return fmt.Errorf("turn off the codes of person %d: %w", person, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Wrap(fault.NotFound, err, "There are no codes to turn off.")
	}
	if _, err := tx.ExecContext(ctx, sqlForgetRecovery, person); err != nil {
		return fmt.Errorf("forget the recovery codes of person %d: %w", person, err)
	}
	if err := audit.Write(ctx, tx, audit.Entry{Person: by, Action: "totp.off", Kind: "person", ID: person}); err != nil {
		return err
	}
	whose, err := people.ByID(ctx, tx, person)
	if err != nil {
		return err
	}
	return tell.Write(ctx, tx, keys, whose, tell.CodesOff, "")
}

const sqlAll = `
SELECT person_id, sealed, key_id
FROM totp
ORDER BY person_id
FOR UPDATE`

const sqlReseal = `
UPDATE totp
SET sealed = $2, key_id = $3
WHERE person_id = $1`

// Reseal seals every secret with the first key, as a change of keys needs it, and returns how many there are.
func Reseal(ctx context.Context, tx *postgres.Tx, keys seal.Keys) (int, error) {
	var rows []struct {
		Person int64  `db:"person_id"`
		Sealed []byte `db:"sealed"`
		KeyID  string `db:"key_id"`
	}
	if err := tx.SelectContext(ctx, &rows, sqlAll); err != nil {
		return 0, fmt.Errorf("list the secrets of codes: %w", err)
	}
	for _, r := range rows {
		secret, err := keys.Open("the codes at log-in", r.KeyID, r.Sealed, place(r.Person))
		if err != nil {
			return 0, err
		}
		sealed, err := keys[0].Seal(nil, secret, place(r.Person))
		if err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, sqlReseal, r.Person, sealed, keys[0].ID()); err != nil {
			return 0, fmt.Errorf("seal the secret of person %d again: %w", r.Person, err)
		}
	}
	return len(rows), nil
}
