// Package reset gives a new password to who can read the letters to their address: a link, good for an hour, once.
//
// The page that takes the address only writes it down, so that it says and takes the same whether somebody has the address or not. A
// job looks the address up and queues the letter. A new password ends all sessions and lets nobody in by itself: the person logs in
// with it. People who have no password, as those who come by single sign-on, get no letter.
package reset

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/notify"
	"daymark/internal/org/people"
	"daymark/internal/org/people/token"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Life is how long a link is good for.
const Life = time.Hour

// maxTyped bounds what is written down of an address.
const maxTyped = 320

const sqlAsk = `
INSERT INTO reset_asks (email, address)
VALUES ($1, nullif($2, '')::inet)`

// Ask writes down that somebody at a network address wants a new password for an e-mail address, whoever has it.
func Ask(ctx context.Context, q postgres.Querier, email, from string) error {
	clean, _ := people.CleanEmail(email)
	if len(clean) > maxTyped {
		clean = ""
	}
	if _, err := q.ExecContext(ctx, sqlAsk, clean, from); err != nil {
		return fmt.Errorf("write down that a password was forgotten: %w", err)
	}
	return nil
}

const (
	sqlAsks = `
DELETE FROM reset_asks
WHERE id IN (SELECT id FROM reset_asks ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED)
RETURNING email, coalesce(host(address), '') AS address`

	sqlKnown = `
SELECT id
FROM people
WHERE email = $1 AND password_hash IS NOT NULL AND is_active(id)`

	sqlMake = `
INSERT INTO resets (token_hash, person_id, expires_at)
VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second')`

	sqlForget = `
DELETE FROM resets
WHERE expires_at < clock_timestamp() - interval '30 days'`
)

// Send queues the letters that were asked for and returns how many; link makes the address of a token. Several replicas may do it at
// once.
func Send(ctx context.Context, db *postgres.DB, key seal.Key, link func(token string) string) (sent int, err error) {
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		sent = 0
		var asks []struct {
			Email   string `db:"email"`
			Address string `db:"address"`
		}
		if err := tx.SelectContext(ctx, &asks, sqlAsks); err != nil {
			return fmt.Errorf("look who forgot a password: %w", err)
		}
		for _, ask := range asks {
			var person int64
			err := tx.GetContext(ctx, &person, sqlKnown, ask.Email)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return fmt.Errorf("look who forgot a password: %w", err)
			}
			secret := token.New()
			if _, err := tx.ExecContext(ctx, sqlMake, token.Hash(secret), person, Life.Seconds()); err != nil {
				return fmt.Errorf("make a link to a new password: %w", err)
			}
			if _, err := notify.Queue(ctx, tx, key, letter(ask.Email, person, link(secret))); err != nil {
				return err
			}
			from := audit.Within(ctx, audit.From{Via: audit.ByBrowser, Address: ask.Address})
			if err := audit.Write(from, tx, audit.Entry{Action: "reset.asked", Kind: "person", ID: person}); err != nil {
				return err
			}
			sent++
		}
		return nil
	})
	return sent, err
}

func letter(to string, person int64, link string) notify.Mail {
	return notify.Mail{
		To: to, Person: person, Kind: "reset", For: Life, Subject: "A new password for Daymark",
		Text: "Somebody asked for a new password for this address. Choose one here within an hour. The link works once:\n\n" + link + "\n\n" +
			"If that was not you, do nothing: your password stays as it is.\n",
	}
}

// Forget removes links that were over long ago.
func Forget(ctx context.Context, q postgres.Querier) error {
	if _, err := q.ExecContext(ctx, sqlForget); err != nil {
		return fmt.Errorf("forget old links to new passwords: %w", err)
	}
	return nil
}

const (
	sqlByToken = `
SELECT r.id, r.person_id, r.used_at IS NOT NULL AS used, r.expires_at <= clock_timestamp() AS over, is_active(r.person_id) AS active
FROM resets r
WHERE r.token_hash = $1`

	sqlLockToken = sqlByToken + `
FOR UPDATE`
)

type row struct {
	ID     int64 `db:"id"`
	Person int64 `db:"person_id"`
	Used   bool  `db:"used"`
	Over   bool  `db:"over"`
	Active bool  `db:"active"`
}

// Look says why a link is worth nothing, or nothing when it is good. It changes nothing.
func Look(ctx context.Context, q postgres.Querier, secret string) error {
	_, _, err := look(ctx, q, sqlByToken, secret)
	return err
}

func look(ctx context.Context, q postgres.Querier, query, secret string) (r row, why string, err error) {
	err = sql.ErrNoRows
	if token.Fits(secret) {
		err = q.GetContext(ctx, &r, query, token.Hash(secret))
	}
	gone := func(why, say string) (row, string, error) { return r, why, fault.New(fault.NotFound, "%s", say) }
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return gone("", "There is no such link. Open it as it stands in the letter, to its last letter.")
	case err != nil:
		return r, "", fmt.Errorf("look for a link to a new password: %w", err)
	case r.Used:
		return gone("used", "This link was used already, or another one was since. Ask for a new one if you need it.")
	case r.Over:
		return gone("expired", "This link is more than an hour old. Ask for a new one.")
	case !r.Active:
		return gone("no access", "There is no access for this address any more. Ask an admin of your organisation.")
	}
	return r, "", nil
}

const sqlUseAll = `
UPDATE resets
SET used_at = clock_timestamp()
WHERE person_id = $1 AND used_at IS NULL`

// Use gives the person of a link a new password, uses up all their links, and ends their sessions.
func Use(ctx context.Context, db *postgres.DB, secret, password string, cost people.Cost) error {
	var refused row
	var why string
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		r, say, err := look(ctx, tx, sqlLockToken, secret)
		if err != nil {
			refused, why = r, say
			return err
		}
		if err := people.SetPassword(ctx, tx, r.Person, password, cost, r.Person); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlUseAll, r.Person); err != nil {
			return fmt.Errorf("use up the links to a new password: %w", err)
		}
		return audit.Write(ctx, tx, audit.Entry{Person: r.Person, Action: "reset.used", Kind: "person", ID: r.Person})
	})
	if err != nil && why != "" {
		return errors.Join(err, audit.Write(ctx, db, audit.Entry{Action: "reset.refused", Kind: "person", ID: refused.Person, Detail: map[string]any{"reason": why}}))
	}
	return err
}

// Base makes the address of a link from where people reach Daymark; without such an address it says in words what to put before.
func Base(public, path string) func(token string) string {
	return func(secret string) string {
		if public == "" {
			return "(the address of your Daymark)" + path + secret
		}
		return strings.TrimSuffix(public, "/") + path + secret
	}
}
