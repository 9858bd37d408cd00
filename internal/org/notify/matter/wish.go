package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
	"github.com/robfig/cron/v3"
)

// usualHour is when the letter of the day is made for somebody who named no hour.
const usualHour = 8

// Wishes are how one person wants to be told.
type Wishes struct {
	How  map[Kind]How // every kind
	Hour int          // of the letter of the day, by the clock of Zone
	Zone string       // an IANA name; empty is the team's
}

type wishRow struct {
	Person int64  `db:"person_id"`
	Kind   Kind   `db:"kind"`
	How    How    `db:"how"`
	Hour   *int   `db:"hour"`
	Zone   string `db:"zone"`
}

const sqlWishes = `
SELECT person_id, kind, how
FROM mail_wishes
WHERE person_id = ANY ($1)`

const sqlHours = `
SELECT person_id, hour, zone
FROM mail_people
WHERE person_id = ANY ($1)`

// Of returns how some people want to be told, by person: what they chose, and what is usual where they chose nothing, or something
// that their role no longer offers.
func Of(ctx context.Context, q postgres.Querier, list ...people.Person) (map[int64]Wishes, error) {
	out := make(map[int64]Wishes, len(list))
	ids, roles := make([]int64, 0, len(list)), make(map[int64]people.Role, len(list))
	for _, p := range list {
		w := Wishes{How: map[Kind]How{}, Hour: usualHour}
		for _, kind := range Kinds() {
			w.How[kind] = Usual(kind, p.Role)
		}
		ids, roles[p.ID], out[p.ID] = append(ids, p.ID), p.Role, w
	}
	var chosen, hours []wishRow
	if err := q.SelectContext(ctx, &chosen, sqlWishes, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("read how people want to be told: %w", err)
	}
	for _, row := range chosen {
		if slices.Contains(Choices(row.Kind, roles[row.Person]), row.How) {
			out[row.Person].How[row.Kind] = row.How
		}
	}
	if err := q.SelectContext(ctx, &hours, sqlHours, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("read when people want to be told: %w", err)
	}
	for _, row := range hours {
		w := out[row.Person]
		w.Hour, w.Zone = *row.Hour, row.Zone
		out[row.Person] = w
	}
	return out, nil
}

const sqlSaveHour = `
INSERT INTO mail_people (person_id, hour, zone)
VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO UPDATE
SET hour = excluded.hour, zone = excluded.zone`

const sqlSaveWish = `
INSERT INTO mail_wishes (person_id, kind, how)
VALUES ($1, $2, $3)
ON CONFLICT (person_id, kind) DO UPDATE
SET how = excluded.how`

// What was waiting for a letter of another kind waits as it is wished now.
const sqlWaitDifferently = `
UPDATE tellings
SET how = $3
WHERE person_id = $1
  AND kind = $2`

const sqlWaitNoMore = `
DELETE FROM tellings
WHERE person_id = $1
  AND kind = $2`

// Save keeps how a person wants to be told. Everybody chooses for themselves only. What is wrong comes back all at once.
func Save(ctx context.Context, tx *postgres.Tx, by people.Person, w Wishes) error {
	var problems []fault.Problem
	if w.Hour < 0 || w.Hour > 23 {
		problems = append(problems, fault.Problem{Field: "hour", Message: "is a full hour from 0 to 23"})
	}
	w.Zone = strings.TrimSpace(w.Zone)
	if _, err := time.LoadLocation(w.Zone); err != nil || w.Zone == "Local" {
		problems = append(problems, fault.Problem{Field: "zone", Message: fmt.Sprintf("%q is not a time zone; write one such as Europe/London", w.Zone)})
	}
	for _, kind := range Kinds() {
		if how := w.How[kind]; how != "" && !slices.Contains(Choices(kind, by.Role), how) {
			problems = append(problems, fault.Problem{Field: string(kind), Message: "cannot be told in that way to somebody with your role"})
		}
	}
	if err := fault.BadFields(problems); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlSaveHour, by.ID, w.Hour, w.Zone); err != nil {
		return fmt.Errorf("keep when a person wants to be told: %w", err)
	}
	said := map[string]any{"hour": w.Hour, "zone": w.Zone}
	for _, kind := range Kinds() {
		how := w.How[kind]
		if how == "" {
			continue
		}
		said[string(kind)] = string(how)
		if _, err := tx.ExecContext(ctx, sqlSaveWish, by.ID, kind, how); err != nil {
			return fmt.Errorf("keep how a person wants to be told: %w", err)
		}
		waiting, args := sqlWaitDifferently, []any{by.ID, kind, how}
		if how == Off {
			waiting, args = sqlWaitNoMore, args[:2]
		}
		if _, err := tx.ExecContext(ctx, waiting, args...); err != nil {
			return fmt.Errorf("change what waits for a person: %w", err)
		}
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "mail.chosen", Kind: "person", ID: by.ID, Detail: said})
}

// next returns when the letter of the day is made that follows the last one. In the night in which a zone skips the hour, it is made
// a day later: robfig/cron leaves out what does not exist.
func (w Wishes) next(last time.Time, team string) (time.Time, error) {
	zone := w.Zone
	if zone == "" {
		zone = team
	}
	when, err := cron.ParseStandard(fmt.Sprintf("CRON_TZ=%s 0 %d * * *", zone, w.Hour))
	if err != nil {
		return time.Time{}, fmt.Errorf("read when a letter is made: %w", err)
	}
	return when.Next(last), nil
}
