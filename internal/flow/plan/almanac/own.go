package almanac

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/fault"
	"daymark/internal/core/ics"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Taken says what became of the entries of a file.
type Taken struct {
	New, Changed, Same int
}

// Found is an entry of a calendar file with what taking it would do.
type Found struct {
	ics.Entry
	ID     string // its day here
	There  bool   // a day with its name or its id is there already and would be changed
	Same   bool   // just as it is
	Ours   string // the name of a day that Daymark has anyhow; it is not taken by itself
	Unsafe bool   // its name has characters that cannot be seen
}

// Good reports whether an entry can be taken.
func (f Found) Good() bool { return f.Problem == nil && !f.Unsafe }

// Look says of each entry of a file what taking it would do. days are all that the charity has.
func Look(entries []ics.Entry, days []Day) []Found {
	taken := map[string]bool{}
	list := make([]Found, len(entries))
	for i, e := range entries {
		f := Found{Entry: e}
		_, _, f.Unsafe = text.FirstUnsafe(e.Name + e.Note)
		if !f.Good() {
			list[i] = f
			continue
		}
		f.ID = name(e.Name, taken)
		for _, d := range days {
			switch {
			case d.Own && d.ID == f.ID:
				f.There, f.Same = true, same(d.Observance, f.observance())
			case !d.Own && strings.EqualFold(d.Name("en"), e.Name):
				f.Ours = d.Name("en")
			}
		}
		list[i] = f
	}
	return list
}

// maxID is how long an id is made at most.
const maxID = 60

// name makes the id of a day from its name, one that no other day of the file has.
func name(from string, taken map[string]bool) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(from)) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // the accent that was taken off a letter
		case unicode.IsLetter(r):
			fmt.Fprintf(&b, "%x", r) // of another script: its number, so that two names stay two
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxID {
			break
		}
	}
	id := "own-" + strings.Trim(b.String(), "-")
	if id == "own-" {
		id = "own-day"
	}
	for n, free := 2, id; ; n++ {
		if !taken[free] {
			taken[free] = true
			return free
		}
		free = fmt.Sprintf("%s-%d", id, n)
	}
}

func (f Found) observance() observance.Observance {
	o := observance.Observance{ID: f.ID, Names: map[string]string{"en": f.Name}, Rule: f.Rule, Note: f.Note, Unverified: true}
	if u, err := url.Parse(f.Site); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(f.Site) <= 500 {
		o.Site = f.Site
	}
	return o
}

func same(a, b observance.Observance) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(x) == string(y)
}

const sqlSaveOwn = `
INSERT INTO own_days (id, body, uid, entered_by)
VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE
SET body = excluded.body, uid = excluded.uid, entered_by = excluded.entered_by, entered_at = clock_timestamp(), removed_at = NULL`

// Take keeps entries as days of the charity's own. What is there just so stays as it is.
func Take(ctx context.Context, tx *postgres.Tx, list []Found, by people.Person) (Taken, error) {
	var t Taken
	if err := may(by); err != nil {
		return t, err
	}
	for _, f := range list {
		switch {
		case !f.Good():
			return t, fault.New(fault.Invalid, "The entry on line %d cannot be taken.", f.Line)
		case f.Same:
			t.Same++
			continue
		case f.There:
			t.Changed++
		default:
			t.New++
		}
		body, err := json.Marshal(f.observance())
		if err != nil {
			return t, fmt.Errorf("write the day %s: %w", f.ID, err)
		}
		if _, err := tx.ExecContext(ctx, sqlSaveOwn, f.ID, string(body), f.UID, by.ID); err != nil {
			return t, fmt.Errorf("keep the day %s: %w", f.ID, err)
		}
	}
	if t.New+t.Changed == 0 {
		return t, nil
	}
	return t, audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "days.taken", Kind: "calendar", Detail: map[string]any{"new": t.New, "changed": t.Changed}})
}

const sqlRemoveOwn = `
UPDATE own_days
SET removed_at = clock_timestamp()
WHERE id = $1
  AND removed_at IS NULL`

// Remove takes a day of the charity's own out of the calendar.
func Remove(ctx context.Context, tx *postgres.Tx, id string, by people.Person) error {
	if err := may(by); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, sqlRemoveOwn, id)
	if err != nil {
		return fmt.Errorf("remove the day %s: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Wrap(fault.NotFound, err, "There is no day of your own called %q.", id)
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "day.removed", Kind: "calendar", Detail: map[string]any{"day": id}})
}

func may(by people.Person) error {
	if !by.May(people.PlanMake) {
		return fault.New(fault.Forbidden, "Your role does not allow changing the calendar.")
	}
	return nil
}
