// Package digest decides who is written to of how things went, and when: each Monday of the week that is over, the morning after a
// campaign's day, and on 1 January of the year.
//
// A letter comes at the hour at which a person reads the mail of the day, by their clock, and once: what was written is kept by person,
// kind and period, in the transaction that puts the letter into the outbox. The package writes no letter.
package digest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/robfig/cron/v3"
)

// Kind is a kind of letter.
type Kind string

// The kinds.
const (
	Week  Kind = "week"
	After Kind = "after" // the morning after the last day of an edition
	Year  Kind = "year"
)

// Kinds lists the kinds in the order of pages.
func Kinds() []Kind { return []Kind{Week, After, Year} }

// late is how long after its hour a letter is still written, when no daemon ran meanwhile. Later it would be taken for another one.
const late = 24 * time.Hour

// Usual reports whether somebody gets a kind who has chosen nothing.
func Usual(kind Kind, role people.Role) bool { return role == people.RoleManager && kind != Week }

// May reports whether somebody can get letters: they are about all accounts and campaigns.
func May(p people.Person) bool { return p.May(people.ReachRead) && !p.Limited() }

// Wish is whether somebody wants a kind, and since when.
type Wish struct {
	Kind   Kind      `db:"kind"`
	Wanted bool      `db:"wanted"`
	Since  time.Time `db:"since"`
}

const sqlWishes = `
SELECT kind, wanted, since
FROM digest_wishes
WHERE person_id = $1`

// Of returns which kinds a person wants: what they chose, and what is usual where they chose nothing.
func Of(ctx context.Context, q postgres.Querier, p people.Person) (map[Kind]Wish, error) {
	var rows []Wish
	if err := q.SelectContext(ctx, &rows, sqlWishes, p.ID); err != nil {
		return nil, fmt.Errorf("read which letters person %d wants: %w", p.ID, err)
	}
	all := map[Kind]Wish{}
	for _, kind := range Kinds() {
		all[kind] = Wish{Kind: kind, Wanted: Usual(kind, p.Role)}
	}
	for _, row := range rows {
		all[row.Kind] = row
	}
	return all, nil
}

const sqlChoose = `
INSERT INTO digest_wishes (person_id, kind, wanted)
VALUES ($1, $2, $3)
ON CONFLICT (person_id, kind) DO UPDATE
SET wanted = excluded.wanted, since = clock_timestamp()
WHERE digest_wishes.wanted <> excluded.wanted`

// Choose keeps which kinds a person wants. Everybody chooses for themselves only.
func Choose(ctx context.Context, tx *postgres.Tx, by people.Person, wanted []Kind) error {
	if !May(by) {
		return fault.New(fault.Conflict, "You work on some accounts or campaigns only, and these letters are about all of them.")
	}
	said := map[string]any{}
	for _, kind := range Kinds() {
		is := slices.Contains(wanted, kind)
		said[string(kind)] = is
		if _, err := tx.ExecContext(ctx, sqlChoose, by.ID, kind, is); err != nil {
			return fmt.Errorf("keep which letters person %d wants: %w", by.ID, err)
		}
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "digest.chosen", Kind: "person", ID: by.ID, Detail: said})
}

// Due is a letter that is to be written.
type Due struct {
	Person   people.Person
	Zone     *time.Location
	Kind     Kind
	Period   string
	From, To civil.Date // the days that it is of
	Edition  int64      // of After
}

const sqlPeople = `
SELECT p.id
FROM people p
WHERE is_active(p.id)
  AND p.role NOT IN ('system', 'outside', 'chapter')
ORDER BY p.id`

const sqlWritten = `
SELECT kind || ' ' || period
FROM digests
WHERE person_id = $1
  AND at > $2`

// List returns the letters that are due at an instant of real time and not written. team is the zone of people who named none.
func List(ctx context.Context, q postgres.Querier, now time.Time, team string) ([]Due, error) {
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlPeople); err != nil {
		return nil, fmt.Errorf("list whom to write to: %w", err)
	}
	var all []Due
	for _, id := range ids {
		p, err := people.ByID(ctx, q, id)
		if err != nil {
			return nil, err
		}
		if !May(p) {
			continue
		}
		list, err := of(ctx, q, p, now, team)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// of returns the letters that are due for one person.
func of(ctx context.Context, q postgres.Querier, p people.Person, now time.Time, team string) ([]Due, error) {
	wishes, err := Of(ctx, q, p)
	if err != nil {
		return nil, err
	}
	read, err := matter.Of(ctx, q, p)
	if err != nil {
		return nil, err
	}
	name := read[p.ID].Zone
	if name == "" {
		name = team
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		name, zone = "UTC", time.UTC
	}
	var written []string
	if err := q.SelectContext(ctx, &written, sqlWritten, p.ID, now.AddDate(0, 0, -10)); err != nil {
		return nil, fmt.Errorf("read what was written to person %d: %w", p.ID, err)
	}
	var due []Due
	for _, kind := range Kinds() {
		if !wishes[kind].Wanted {
			continue
		}
		hours, err := hours(kind, name, read[p.ID].Hour, now)
		if err != nil {
			return nil, err
		}
		for _, at := range hours {
			if at.Before(wishes[kind].Since) {
				continue
			}
			list, err := letters(ctx, q, Due{Person: p, Zone: zone, Kind: kind}, civil.DateOf(at.In(zone)))
			if err != nil {
				return nil, err
			}
			for _, d := range list {
				if key := string(d.Kind) + " " + d.Period; !slices.Contains(written, key) {
					written, due = append(written, key), append(due, d)
				}
			}
		}
	}
	return due, nil
}

// hours returns the instants at which letters of a kind were to be written of late. A zone's clock that skips the hour leaves it out.
func hours(kind Kind, zone string, hour int, now time.Time) ([]time.Time, error) {
	days := map[Kind]string{Week: "* * MON", After: "* * *", Year: "1 1 *"}[kind]
	when, err := cron.ParseStandard(fmt.Sprintf("CRON_TZ=%s 0 %d %s", zone, hour, days))
	if err != nil {
		return nil, fmt.Errorf("read when a letter is written: %w", err)
	}
	var list []time.Time
	for at := when.Next(now.Add(-late)); !at.IsZero() && !at.After(now); at = when.Next(at) {
		list = append(list, at)
	}
	return list, nil
}

// A clock that skipped the hour yesterday is made up for: an edition is told of once, on the first or the second morning.
const sqlEnded = `
SELECT e.id
FROM editions e
WHERE NOT e.rehearsal
  AND e.last_day BETWEEN $1::date - 2 AND $1::date - 1
ORDER BY e.id`

// letters returns what is to be told on a morning.
func letters(ctx context.Context, q postgres.Querier, d Due, morning civil.Date) ([]Due, error) {
	switch d.Kind {
	case Week:
		d.Period, d.From, d.To = morning.String(), morning.AddDays(-7), morning.AddDays(-1)
	case Year:
		d.Period = fmt.Sprint(morning.Year - 1)
		d.From, d.To = civil.Date{Year: morning.Year - 1, Month: time.January, Day: 1}, morning.AddDays(-1)
	case After:
		var ids []int64
		if err := q.SelectContext(ctx, &ids, sqlEnded, morning.String()); err != nil {
			return nil, fmt.Errorf("look for editions whose day was yesterday: %w", err)
		}
		var list []Due
		for _, id := range ids {
			d.Edition, d.Period = id, fmt.Sprint(id)
			list = append(list, d)
		}
		return list, nil
	}
	return []Due{d}, nil
}

const sqlTake = `
INSERT INTO digests (person_id, kind, period)
VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING`

// Take notes that a letter is written, in the transaction that does. It reports whether it was not before.
func Take(ctx context.Context, tx *postgres.Tx, d Due) (bool, error) {
	res, err := tx.ExecContext(ctx, sqlTake, d.Person.ID, d.Kind, d.Period)
	if err != nil {
		return false, fmt.Errorf("note a letter to person %d: %w", d.Person.ID, err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
