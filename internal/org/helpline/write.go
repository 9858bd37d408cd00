package helpline

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/org/audit"
	"daymark/internal/org/helpline/entry"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

const sqlInsert = `
INSERT INTO helplines (id, body, sha256, country, purpose, invented, check_days, origin, file_sha256, updated_by, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $8 = 'file' THEN $3::bytea END, $9, $10)
ON CONFLICT (id) DO NOTHING`

const sqlLock = `
SELECT id
FROM helplines
WHERE id = $1
FOR UPDATE`

const sqlUpdate = `
UPDATE helplines
SET version = $2, body = $3, sha256 = $4, country = $5, purpose = $6, check_days = $7, origin = 'person',
  updated_by = $8, updated_at = $9, retired_at = NULL
WHERE id = $1`

const sqlRetire = `
UPDATE helplines
SET retired_at = $2, updated_by = $3, updated_at = $2
WHERE id = $1`

// dialled is what a check speaks of: when it changes, earlier checks say nothing any more.
type dialled struct{ country, phone, text, chat, web, audience, purpose string }

// dials returns what a check of the helpline speaks of. Other signs between the digits are no other number.
func dials(h campaign.Helpline) dialled {
	number := func(n string) string {
		if len(n) > 0 && n[0] == '+' {
			return "+" + entry.Digits(n)
		}
		return entry.Digits(n)
	}
	return dialled{h.Country, number(h.Phone), number(h.Message), h.Chat, h.Web, h.For, h.Purpose}
}

// Add makes a helpline of what a person writes. It is not shown before somebody has checked it.
func Add(ctx context.Context, tx *postgres.Tx, h campaign.Helpline, by people.Person, now time.Time) (Record, error) {
	if err := mayEdit(by); err != nil {
		return Record{}, err
	}
	h = entry.Clean(h)
	if err := fault.BadFields(entry.Problems(h)); err != nil {
		return Record{}, err
	}
	made, err := insert(ctx, tx, h, FromPerson, by, now)
	if err != nil {
		return Record{}, err
	}
	if !made {
		return Record{}, fault.New(fault.Conflict, "There is already a helpline with the id %q; change that one, or choose another id", h.ID)
	}
	if err := write(ctx, tx, "helpline.added", h, 1, by); err != nil {
		return Record{}, err
	}
	return Find(ctx, tx, h.ID)
}

func insert(ctx context.Context, tx *postgres.Tx, h campaign.Helpline, origin string, by people.Person, now time.Time) (bool, error) {
	body, sum, err := post.Canonical(h)
	if err != nil {
		return false, fmt.Errorf("add helpline %s: %w", h.ID, err)
	}
	res, err := tx.ExecContext(ctx, sqlInsert, h.ID, body, sum[:], h.Country, h.Purpose, h.Invented, h.CheckDays, origin, by.ID, now)
	if err != nil {
		return false, fmt.Errorf("add helpline %s: %w", h.ID, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Change gives a helpline other words, another number or another purpose; a file no longer changes it then. When what people
// dial, write to or open changes, or whom or what it is for, or where, earlier checks of it say nothing any more. Changing a
// retired helpline brings it back into use, unchecked. Giving the same again changes nothing.
func Change(ctx context.Context, tx *postgres.Tx, h campaign.Helpline, by people.Person, now time.Time) (Record, error) {
	if err := mayEdit(by); err != nil {
		return Record{}, err
	}
	h = entry.Clean(h)
	was, err := lock(ctx, tx, h.ID)
	if err != nil {
		return Record{}, err
	}
	if h.Invented != was.Invented {
		return Record{}, fault.New(fault.Conflict, "%s cannot become invented or real: add another helpline", was.Name)
	}
	if err := fault.BadFields(entry.Problems(h)); err != nil {
		return Record{}, err
	}
	body, sum, err := post.Canonical(h)
	if err != nil {
		return Record{}, fmt.Errorf("change helpline %s: %w", h.ID, err)
	}
	if reflect.DeepEqual(h, was.Helpline) && !was.Retired {
		return was, nil
	}
	version := was.Version
	if was.Retired || dials(h) != dials(was.Helpline) {
		version++
	}
	if _, err := tx.ExecContext(ctx, sqlUpdate, h.ID, version, body, sum[:], h.Country, h.Purpose, h.CheckDays, by.ID, now); err != nil {
		return Record{}, fmt.Errorf("change helpline %s: %w", h.ID, err)
	}
	if err := write(ctx, tx, "helpline.changed", h, version, by); err != nil {
		return Record{}, err
	}
	return Find(ctx, tx, h.ID)
}

// Retire takes a helpline out of use, with the reason: no post shows it any more. It is no error when it is retired already.
func Retire(ctx context.Context, tx *postgres.Tx, id, why string, by people.Person, now time.Time) error {
	if err := mayEdit(by); err != nil {
		return err
	}
	if why == "" {
		return fault.BadField("why", "is empty: write why the helpline is taken out of use")
	}
	was, err := lock(ctx, tx, id)
	if err != nil || was.Retired {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlRetire, id, now, by.ID); err != nil {
		return fmt.Errorf("retire helpline %s: %w", id, err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "helpline.retired", Kind: "helpline", Detail: map[string]any{"helpline": id, "name": was.Name, "why": why},
	})
}

// lock reads a helpline so that nobody changes it before the transaction ends.
func lock(ctx context.Context, tx *postgres.Tx, id string) (Record, error) {
	var locked []string
	if err := tx.SelectContext(ctx, &locked, sqlLock, id); err != nil {
		return Record{}, fmt.Errorf("lock helpline %s: %w", id, err)
	}
	return Find(ctx, tx, id)
}

func mayEdit(by people.Person) error {
	if !by.May(people.HelplineEdit) {
		return fault.New(fault.Forbidden, "Your role does not allow adding or changing helplines.")
	}
	return nil
}

func write(ctx context.Context, tx *postgres.Tx, action string, h campaign.Helpline, version int, by people.Person) error {
	return audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: action, Kind: "helpline",
		Detail: map[string]any{
			"helpline": h.ID, "version": version, "country": h.Country, "name": h.Name, "phone": h.Phone, "text": h.Message,
			"chat": h.Chat, "web": h.Web, "for": h.For, "purpose": h.Purpose, "check_days": h.CheckDays, "invented": h.Invented,
		},
	})
}
