package link

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/notify/letterhead"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// The bounds of codes. Ten codes of five tries each are fifty guesses at a million codes for each link: one in twenty thousand.
// NIST SP 800-63B, section 3.1.3.2, asks for six digits at least and ten minutes at most
// (https://pages.nist.gov/800-63-4/sp800-63b.html, looked at in November 2026).
const (
	codeLife   = 10 * time.Minute
	codePause  = time.Minute // between two codes
	codesEach  = 10          // for one link
	codesHour  = 20          // for one reviewer, whatever the links
	triesEach  = 5
	passLife   = 15 * time.Minute
	codeDigits = 6
)

const sqlCodesSent = `
SELECT count(*) FILTER (WHERE c.link_id = $1) AS of_link,
  coalesce(bool_or(c.made_at > clock_timestamp() - $3 * interval '1 second') FILTER (WHERE c.link_id = $1), false) AS just_now,
  count(*) FILTER (WHERE c.made_at > clock_timestamp() - interval '1 hour') AS this_hour
FROM review_codes c
JOIN review_links k ON k.id = c.link_id
WHERE k.person_id = $2`

const sqlLockReviewer = `
SELECT id
FROM people
WHERE id = $1
FOR NO KEY UPDATE`

const sqlAddCode = `
INSERT INTO review_codes (link_id, digest, expires_at)
VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second')`

// SendCode mails a code to the address on file. One that was sent before is worth nothing from then on.
func SendCode(ctx context.Context, db *postgres.DB, key seal.Key, token string, now time.Time) error {
	return refusing(ctx, db, token, "a code", func(tx *postgres.Tx, l Link) error {
		if err := l.takes(now); err != nil {
			return err
		}
		var locked int64
		if err := tx.GetContext(ctx, &locked, sqlLockReviewer, l.Person); err != nil {
			return fmt.Errorf("send a code for link %d: %w", l.ID, err)
		}
		var sent struct {
			OfLink   int  `db:"of_link"`
			JustNow  bool `db:"just_now"`
			ThisHour int  `db:"this_hour"`
		}
		if err := tx.GetContext(ctx, &sent, sqlCodesSent, l.ID, l.Person, codePause.Seconds()); err != nil {
			return fmt.Errorf("count the codes of link %d: %w", l.ID, err)
		}
		switch {
		case sent.JustNow:
			return fault.New(fault.Conflict, "A code was sent less than a minute ago. Look at your mail, also among what was sorted out, before you ask for another.")
		case sent.OfLink >= codesEach:
			return fault.New(fault.Conflict, "No more codes are sent for this link. Ask whoever sent it to make a new one.")
		case sent.ThisHour >= codesHour:
			return fault.New(fault.Conflict, "Too many codes were sent to you within an hour. Try again later.")
		}
		code, err := newCode()
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlAddCode, l.ID, digest(token, code), codeLife.Seconds()); err != nil {
			return fmt.Errorf("keep a code for link %d: %w", l.ID, err)
		}
		_, who, err := Card(ctx, tx, l)
		if err != nil {
			return err
		}
		if err := send(ctx, tx, key, who, "code", letterhead.Sheet{
			Heading: "Your code for Daymark: " + code,
			Words:   []string{"Type " + code + " on the page that you opened. It is good for ten minutes.", "Nobody of the team will ask you for it."},
			Foot:    []string{"If you did not ask for a code, somebody else has your link. Tell whoever sent it to you."},
		}, codeLife); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Person: l.Person, Action: "link.code_sent", Kind: "link", ID: l.ID, Detail: map[string]any{"submission": l.Submission}})
	})
}

// newCode returns six digits, each code as likely as any other.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	return fmt.Sprintf("%0*d", codeDigits, n), nil
}

// Only the latest code is good; counting the try and reading the code are one statement, so that tries at once are counted each.
const sqlTry = `
UPDATE review_codes
SET tries = tries + 1
WHERE id = (SELECT max(c.id) FROM review_codes c WHERE c.link_id = $1)
  AND tries < $2
  AND pass IS NULL
  AND expires_at > clock_timestamp()
RETURNING id, digest, tries`

const sqlPass = `
UPDATE review_codes
SET pass = $2, pass_until = clock_timestamp() + $3 * interval '1 second'
WHERE id = $1
  AND pass IS NULL`

// Enter checks a code and returns a pass that the browser keeps: with it the link gives a verdict, for [PassLife]. A wrong code is
// counted, and that count stays.
func Enter(ctx context.Context, db *postgres.DB, token, code string, now time.Time) (pass string, err error) {
	var wrong error
	err = refusing(ctx, db, token, "a code", func(tx *postgres.Tx, l Link) error {
		pass, wrong = "", nil // a transaction may be tried again
		if err := l.takes(now); err != nil {
			return err
		}
		var found []struct {
			ID     int64  `db:"id"`
			Digest []byte `db:"digest"`
			Tries  int    `db:"tries"`
		}
		if err := tx.SelectContext(ctx, &found, sqlTry, l.ID, triesEach); err != nil {
			return fmt.Errorf("try a code of link %d: %w", l.ID, err)
		}
		if len(found) == 0 {
			return fault.New(fault.Conflict, "There is no code that can be used: it was used, it is older than ten minutes, or it was typed wrongly five times. Have a new one sent.")
		}
		one := found[0]
		if !hmac.Equal(one.Digest, digest(token, plain(code))) {
			wrong = fault.BadField("code", "is not the one in the latest mail; %d tries are left", triesEach-one.Tries)
			if one.Tries == triesEach {
				wrong = fault.BadField("code", "was wrong five times and is worth nothing now; have a new one sent")
			}
			return refuse(ctx, tx, l, "a wrong code")
		}
		pass = rand.Text()
		if _, err := tx.ExecContext(ctx, sqlPass, one.ID, hashed(pass), passLife.Seconds()); err != nil {
			return fmt.Errorf("let link %d in: %w", l.ID, err)
		}
		return audit.Write(ctx, tx, audit.Entry{Person: l.Person, Action: "link.opened", Kind: "link", ID: l.ID, Detail: map[string]any{"submission": l.Submission}})
	})
	if err == nil {
		err = wrong
	}
	return pass, err
}

// PassLife is how long a pass is good.
const PassLife = passLife

const sqlPassed = `
SELECT EXISTS (
  SELECT 1
  FROM review_codes
  WHERE link_id = $1
    AND pass = $2
    AND pass_until > clock_timestamp())`

// Passed reports whether a pass of the browser is good for a link.
func Passed(ctx context.Context, q postgres.Querier, l Link, pass string) (bool, error) {
	if pass == "" {
		return false, nil
	}
	var good bool
	if err := q.GetContext(ctx, &good, sqlPassed, l.ID, hashed(pass)); err != nil {
		return false, fmt.Errorf("look at a pass of link %d: %w", l.ID, err)
	}
	return good, nil
}

const sqlWaits = `
SELECT EXISTS (
  SELECT 1
  FROM review_codes c
  WHERE c.id = (SELECT max(m.id) FROM review_codes m WHERE m.link_id = $1)
    AND c.pass IS NULL
    AND c.tries < $2
    AND c.expires_at > clock_timestamp())`

// CodeWaits reports whether a code was sent that can still be typed.
func CodeWaits(ctx context.Context, q postgres.Querier, l Link) (bool, error) {
	var waits bool
	if err := q.GetContext(ctx, &waits, sqlWaits, l.ID, triesEach); err != nil {
		return false, fmt.Errorf("look for a code of link %d: %w", l.ID, err)
	}
	return waits, nil
}
