// Package entered keeps the figures that boards ask for and no network tells: helpline contacts, hours of work, chapters taking part,
// visits to the help page, and others that a charity names itself.
//
// People enter them for an edition. Every version is kept with who wrote it and when; the newest counts. They are shown beside what
// networks tell and are never added to it.
package entered

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// The figures that every charity is offered. Others have the name that somebody gave them.
const (
	Contacts = "helpline-contacts" // as the operator of the helpline counts them
	Visits   = "help-page-visits"  // visits to the page where help is found
	Chapters = "chapters"          // chapters that took part
	Hours    = "hours"             // that people worked on it
)

// Known lists those names, in the order of pages.
func Known() []string { return []string{Contacts, Visits, Chapters, Hours} }

// Limits as the table has them, and how many figures an edition may have.
const (
	maxName, maxUnit, maxNote = 60, 30, 500
	maxFigures                = 40
	maxHundredths             = 99_999_999_999_999
)

// Figure is the newest version of a figure of an edition.
type Figure struct {
	Name       string    `db:"name"`
	Hundredths int64     `db:"hundredths"` // the value times a hundred
	Unit       string    `db:"unit"`
	Note       string    `db:"note"`
	Person     string    `db:"person"`
	At         time.Time `db:"at"`
	Versions   int       `db:"versions"`
}

// Value writes the value as short as it is: 12 or 12.5.
func (f Figure) Value() string {
	whole := strconv.FormatInt(f.Hundredths/100, 10)
	rest := f.Hundredths % 100
	if rest == 0 {
		return whole
	}
	return whole + strings.TrimRight(fmt.Sprintf(".%02d", rest), "0")
}

const sqlFigures = `
SELECT n.name, (n.value * 100)::bigint AS hundredths, n.unit, n.note, p.name AS person, n.at, n.versions
FROM (
  SELECT DISTINCT ON (f.name) f.name, f.value, f.unit, f.note, f.person_id, f.at, count(*) OVER (PARTITION BY f.name) AS versions
  FROM entered_figures f
  WHERE f.edition_id = $1
  ORDER BY f.name, f.id DESC
) n
JOIN people p ON p.id = n.person_id
WHERE n.value IS NOT NULL
ORDER BY n.name`

// Figures returns the figures of an edition: those that every charity has first, then the others by name.
func Figures(ctx context.Context, q postgres.Querier, edition int64) ([]Figure, error) {
	var list []Figure
	if err := q.SelectContext(ctx, &list, sqlFigures, edition); err != nil {
		return nil, fmt.Errorf("read the entered figures of edition %d: %w", edition, err)
	}
	place := func(f Figure) int {
		if at := slices.Index(Known(), f.Name); at >= 0 {
			return at
		}
		return len(Known())
	}
	slices.SortStableFunc(list, func(a, b Figure) int { return place(a) - place(b) })
	return list, nil
}

// New is what somebody enters. An empty value takes the figure out; its versions stay.
type New struct {
	Name  string // one of [Known], or the charity's own
	Value string // as typed: 1200, 12.5 or 12,5
	Unit  string
	Note  string
}

const (
	sqlNewest = `
SELECT coalesce((value * 100)::bigint, -1) AS hundredths, unit, note
FROM entered_figures
WHERE edition_id = $1
  AND name = $2
ORDER BY id DESC
LIMIT 1`

	sqlNames = `
SELECT count(DISTINCT name)
FROM entered_figures
WHERE edition_id = $1
  AND name <> $2`

	sqlEnter = `
INSERT INTO entered_figures (edition_id, name, value, unit, note, person_id)
VALUES ($1, $2, nullif($3::bigint, -1)::numeric / 100, $4, $5, $6)`

	sqlLockEdition = `
SELECT id
FROM editions
WHERE id = $1
FOR SHARE`
)

// Enter keeps a figure and returns whether it is another one than before.
func Enter(ctx context.Context, tx *postgres.Tx, by people.Person, edition int64, in New) (bool, error) {
	if !by.May(people.ReachEnter) {
		return false, fault.New(fault.Forbidden, "Your role does not allow entering figures.")
	}
	hundredths, err := in.check()
	if err != nil {
		return false, err
	}
	var locked []int64
	if err := tx.SelectContext(ctx, &locked, sqlLockEdition, edition); err != nil {
		return false, fmt.Errorf("look for edition %d: %w", edition, err)
	}
	if len(locked) == 0 {
		return false, fault.New(fault.NotFound, "There is no such page, or it lies outside of what you work on.")
	}
	var others int
	if err := tx.GetContext(ctx, &others, sqlNames, edition, in.Name); err != nil {
		return false, fmt.Errorf("count the entered figures of edition %d: %w", edition, err)
	}
	if others >= maxFigures {
		return false, fault.BadField("name", "is one too many: an edition has at most %d figures", maxFigures)
	}
	var was []struct {
		Hundredths int64  `db:"hundredths"`
		Unit       string `db:"unit"`
		Note       string `db:"note"`
	}
	if err := tx.SelectContext(ctx, &was, sqlNewest, edition, in.Name); err != nil {
		return false, fmt.Errorf("read figure %q of edition %d: %w", in.Name, edition, err)
	}
	if len(was) == 0 && hundredths < 0 || len(was) == 1 && was[0].Hundredths == hundredths && (hundredths < 0 || was[0].Unit == in.Unit && was[0].Note == in.Note) {
		return false, nil
	}
	if _, err := tx.ExecContext(ctx, sqlEnter, edition, in.Name, hundredths, in.Unit, in.Note, by.ID); err != nil {
		return false, fmt.Errorf("keep figure %q of edition %d: %w", in.Name, edition, err)
	}
	return true, audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "figure.entered", Kind: "edition", ID: edition,
		Detail: map[string]any{"name": in.Name, "value": Figure{Hundredths: max(hundredths, 0)}.Value(), "out": hundredths < 0},
	})
}

// typed is a number of at most two places after the point, with signs between thousands or without.
var typed = regexp.MustCompile(`^([0-9]{1,12})(?:[.,]([0-9]{1,2}))?$`)

// check reads what was typed; -1 is no value.
func (n *New) check() (int64, error) {
	var wrong []fault.Problem
	n.Name, n.Unit, n.Note = line(n.Name), line(n.Unit), strings.TrimSpace(strings.ReplaceAll(n.Note, "\r\n", "\n"))
	for _, f := range []struct {
		field, value string
		most         int
	}{{"name", n.Name, maxName}, {"unit", n.Unit, maxUnit}, {"note", n.Note, maxNote}} {
		if utf8.RuneCountInString(f.value) > f.most {
			wrong = append(wrong, fault.Wrong(f.field, "is too long: at most %d characters are kept", f.most))
		}
		if _, _, unsafe := text.FirstUnsafe(f.value); unsafe {
			wrong = append(wrong, fault.Wrong(f.field, "has an invisible character in it that could hide what it says; type it anew"))
		}
	}
	if n.Name == "" {
		wrong = append(wrong, fault.Wrong("name", "say what the figure counts"))
	}
	hundredths, ok := Read(n.Value)
	if !ok {
		wrong = append(wrong, fault.Wrong("value", "is not a number; write it such as 1200 or 12.5"))
	}
	if len(wrong) > 0 {
		return 0, fault.BadFields(wrong)
	}
	return hundredths, nil
}

// line is one line without space around it.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// Read reads a number as people type it, in hundredths; -1 for nothing. Spaces and signs between thousands do not count: a sign with
// three digits behind it parts thousands, one with one or two is a decimal point.
func Read(s string) (int64, bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\'' {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
	if s == "" {
		return -1, true
	}
	if thousands.MatchString(s) {
		s = strings.NewReplacer(",", "", ".", "").Replace(s)
	}
	m := typed.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	whole, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || whole > math.MaxInt64/1000 {
		return 0, false
	}
	rest, _ := strconv.ParseInt((m[2] + "00")[:2], 10, 64) // digits, by the expression
	total := whole*100 + rest
	return total, total <= maxHundredths
}

// thousands is a whole number in groups, all parted by the same sign.
var thousands = regexp.MustCompile(`^[0-9]{1,3}(?:(?:,[0-9]{3})+|(?:\.[0-9]{3})+)$`)
