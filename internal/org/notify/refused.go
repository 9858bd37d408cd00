package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// stuckAfter is how many tries of one letter fail before the admins are told: some four minutes.
const stuckAfter = 5

const sqlRefuse = `
INSERT INTO mail_people (person_id, refused_at, refused, refused_for)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id) DO UPDATE
SET refused_at = excluded.refused_at, refused = excluded.refused, refused_for = excluded.refused_for`

const sqlAdmins = `
SELECT id
FROM people
WHERE role = 'admin'
  AND is_active(id)
ORDER BY id`

const sqlNameOf = `
SELECT name
FROM people
WHERE id = $1`

// refused keeps with a person that their address takes no mail, and tells the admins, who can find another way to reach them.
func (o *Office) refused(ctx context.Context, tx *postgres.Tx, w waiting, why *RefusedError, now time.Time) error {
	if !why.Address || w.Person == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, sqlRefuse, w.Person, now, OneLine(why.Say), w.Address); err != nil {
		return fmt.Errorf("keep that an address takes no mail: %w", err)
	}
	var name string
	if err := tx.GetContext(ctx, &name, sqlNameOf, w.Person); err != nil {
		return fmt.Errorf("read who has an address: %w", err)
	}
	return o.tellAdmins(ctx, tx, notice.New{
		Key: fmt.Sprintf("mail-refused:%d:%s", w.Person, w.Address), Level: notice.Warning, Kind: "person", ID: fmt.Sprint(w.Person),
		Say: fmt.Sprintf("The address of %s, %s, takes no mail: %s Ask for another address; until then nothing reaches %s by mail.",
			name, w.Address, sentence(why.Say), name),
	})
}

// stuck tells the admins, once a day, that mail does not get away.
func (o *Office) stuck(ctx context.Context, tx *postgres.Tx, w waiting, why error, now time.Time) error {
	if w.Tries != stuckAfter {
		return nil
	}
	return o.tellAdmins(ctx, tx, notice.New{
		Key: stuckKey(now), Level: notice.Error, Kind: "mail", ID: "server",
		Say: fmt.Sprintf("Mail cannot be sent: %s Check the settings DAYMARK_SMTP_… with “daymark mail test”. What waits is tried again by itself.", sentence(why.Error())),
	})
}

func stuckKey(day time.Time) string { return "mail-stuck:" + day.UTC().Format(time.DateOnly) }

func (o *Office) tellAdmins(ctx context.Context, tx *postgres.Tx, n notice.New) error {
	var admins []int64
	if err := tx.SelectContext(ctx, &admins, sqlAdmins); err != nil {
		return fmt.Errorf("list the admins: %w", err)
	}
	n.At, n.For = o.Clock.Now(), admins
	_, err := notice.Tell(ctx, tx, n)
	return err
}

const sqlWorked = `
UPDATE mail_people
SET refused_at = NULL, refused = '', refused_for = ''
WHERE person_id = $1
  AND refused_for = $2`

// worked forgets what was wrong before: the address takes mail, and the server does.
func (o *Office) worked(ctx context.Context, tx *postgres.Tx, w waiting, now time.Time) error {
	if w.Person != 0 {
		if _, err := tx.ExecContext(ctx, sqlWorked, w.Person, w.Address); err != nil {
			return fmt.Errorf("forget that an address took no mail: %w", err)
		}
	}
	if w.Tries < stuckAfter {
		return nil
	}
	system, err := people.System(ctx, tx)
	if err != nil {
		return err
	}
	for _, day := range []time.Time{now, now.Add(-24 * time.Hour)} {
		if err := notice.Settle(ctx, tx, stuckKey(day), system.ID, o.Clock.Now()); err != nil {
			return err
		}
	}
	return nil
}

// sentence ends a text as one.
func sentence(s string) string {
	s = OneLine(s)
	if s == "" || s[len(s)-1] == '.' {
		return s
	}
	return s + "."
}

// Refusal is what is known of an address that takes no mail.
type Refusal struct {
	Person int64     `db:"person_id"`
	Say    string    `db:"refused"`
	At     time.Time `db:"refused_at"`
}

const sqlRefusals = `
SELECT m.person_id, m.refused, m.refused_at
FROM mail_people m
JOIN people p ON p.id = m.person_id
WHERE m.person_id = ANY ($1)
  AND m.refused_for = p.email`

// Refusals returns those of some people whose address takes no mail, by person. Somebody who has another address now is not
// among them.
func Refusals(ctx context.Context, q postgres.Querier, persons ...int64) (map[int64]Refusal, error) {
	var list []Refusal
	if err := q.SelectContext(ctx, &list, sqlRefusals, pq.Array(persons)); err != nil {
		return nil, fmt.Errorf("list addresses that take no mail: %w", err)
	}
	out := make(map[int64]Refusal, len(list))
	for _, r := range list {
		out[r.Person] = r
	}
	return out, nil
}

const sqlTryAgain = `
UPDATE mail_people
SET refused_at = NULL, refused = '', refused_for = ''
WHERE person_id = $1
  AND refused_at IS NOT NULL
RETURNING person_id`

// TryAgain lets mail go to a person's address again after it was refused; by is who says that it works now.
func TryAgain(ctx context.Context, tx *postgres.Tx, person int64, by people.Person) error {
	var id int64
	err := tx.GetContext(ctx, &id, sqlTryAgain, person)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("let mail go to person %d again: %w", person, err)
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "mail.allowed", Kind: "person", ID: person})
}
