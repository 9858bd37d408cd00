package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"daymark/internal/core/fault"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// maxNote is how long a reason may be, as the table says.
const maxNote = 500

// The kinds of what a person does to counts, as the table says.
const (
	entered = "entered"
	letGo   = "let go"
)

const sqlIsOut = `
SELECT EXISTS (
  SELECT 1
  FROM deliveries
  WHERE id = $1
    AND state IN ('published', 'removed'))`

// Enter takes figures that a person read somewhere else, for a delivery that went out, as they were at an instant of product time. Nil
// figures stay as they are. What is entered holds from then on: the network's later answers do not change it, see [LetGo]. Figures are
// entered in the order of their instants, since each row says what was gained since the one before.
func Enter(ctx context.Context, tx *postgres.Tx, by people.Person, delivery int64, figures rollup.Figures, at time.Time, note string) error {
	note = strings.Join(strings.Fields(note), " ")
	if err := wrong(figures, note); err != nil {
		return err
	}
	return change(ctx, tx, by, delivery, at, entered, figures, note, func(s *state) {
		if s.told == nil {
			s.told = new(s.figures)
		}
		for i, n := range figures {
			if n != nil {
				s.figures[i] = n
				s.held |= 1 << i
			}
		}
	})
}

// LetGo gives a delivery whose figures a person entered back to its network: what that said last is in force again.
func LetGo(ctx context.Context, tx *postgres.Tx, by people.Person, delivery int64, at time.Time, note string) error {
	note = strings.Join(strings.Fields(note), " ")
	if n := utf8.RuneCountInString(note); n == 0 || n > maxNote {
		return fault.BadField("note", "say in up to %d characters where the figures come from or why they change", maxNote)
	}
	return change(ctx, tx, by, delivery, at, letGo, rollup.Figures{}, note, func(s *state) {
		if s.told != nil {
			s.figures = *s.told
		}
		s.held, s.told = 0, nil
	})
}

// wrong returns what is wrong with figures that somebody entered.
func wrong(figures rollup.Figures, note string) error {
	var problems []fault.Problem
	if !figures.Told() {
		problems = append(problems, fault.Wrong("figures", "enter at least one figure"))
	}
	for i, n := range figures {
		if n != nil && !Possible(*n) {
			problems = append(problems, fault.Wrong(rollup.Names[i], "is a whole number from 0 to 2,147,483,647"))
		}
	}
	if n := utf8.RuneCountInString(note); n == 0 || n > maxNote {
		problems = append(problems, fault.Wrong("note", "say in up to %d characters where the figures come from or why they change", maxNote))
	}
	return fault.BadFields(problems)
}

const sqlEntry = `
INSERT INTO count_entries (delivery_id, taken_at, person_id, kind, favourites, boosts, replies, quotes, impressions, clicks, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// change lets a person change the counts of a delivery.
func change(ctx context.Context, tx *postgres.Tx, by people.Person, delivery int64, at time.Time, kind string, figures rollup.Figures, note string, alter func(*state)) error {
	if !by.May(people.ReachEnter) {
		return fault.New(fault.Forbidden, "Your role does not allow entering figures.")
	}
	var out bool
	if err := tx.GetContext(ctx, &out, sqlIsOut, delivery); err != nil {
		return fmt.Errorf("look whether delivery %d is out: %w", delivery, err)
	}
	if !out {
		return fault.New(fault.Conflict, "Figures are entered for a post that went out.")
	}
	ids := []int64{delivery}
	had, err := lock(ctx, tx, ids)
	if err != nil {
		return err
	}
	if err := begin(ctx, tx, ids, had); err != nil {
		return err
	}
	at = at.UTC().Truncate(time.Microsecond)
	was := had[delivery]
	if !was.fresh && !at.After(was.takenAt) {
		return fault.New(fault.Conflict, "Newer figures of this post are known already, from %s. Enter figures in the order of their time.", was.takenAt.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if kind == letGo && was.held == 0 {
		return fault.New(fault.Conflict, "Nobody has entered figures for this post.")
	}
	e := entry{delivery: delivery, was: was.state, is: was.state, row: true, moved: true}
	e.is.takenAt, e.is.changedAt = at, at
	alter(&e.is)
	gains, err := write(ctx, tx, []entry{e}, by.ID)
	if err != nil {
		return err
	}
	if err := rollup.Add(ctx, tx, gains); err != nil {
		return err
	}
	args := []any{delivery, at, by.ID, kind}
	for _, n := range figures {
		args = append(args, n)
	}
	if _, err := tx.ExecContext(ctx, sqlEntry, append(args, note)...); err != nil {
		return fmt.Errorf("write down who entered figures: %w", err)
	}
	action := "counts.entered"
	if kind == letGo {
		action = "counts.let-go"
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "delivery", ID: delivery, Detail: map[string]any{
		"at": at.Format(time.RFC3339Nano), "was": was.figures, "is": e.is.figures, "note": note,
	}})
}

// Entry is what a person entered, or let go.
type Entry struct {
	Delivery  int64
	At        time.Time // product time
	Who       string
	LetGo     bool
	Figures   rollup.Figures
	Note      string
	EnteredAt time.Time // real time
}

const sqlEntries = `
SELECT e.delivery_id, e.taken_at, p.name, e.kind = 'let go', e.favourites, e.boosts, e.replies, e.quotes, e.impressions, e.clicks, e.note, e.entered_at
FROM count_entries e
JOIN people p ON p.id = e.person_id
WHERE e.delivery_id = ANY ($1)
ORDER BY e.delivery_id, e.taken_at`

// Entries returns what people entered for deliveries, the oldest of each first.
func Entries(ctx context.Context, q postgres.Querier, deliveries ...int64) ([]Entry, error) {
	rows, err := q.QueryxContext(ctx, sqlEntries, pq.Array(deliveries))
	if err != nil {
		return nil, fmt.Errorf("list entered figures: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []Entry
	for rows.Next() {
		var e Entry
		f := &e.Figures
		if err := rows.Scan(&e.Delivery, &e.At, &e.Who, &e.LetGo, &f[0], &f[1], &f[2], &f[3], &f[4], &f[5], &e.Note, &e.EnteredAt); err != nil {
			return nil, fmt.Errorf("list entered figures: %w", err)
		}
		e.At, e.EnteredAt = e.At.UTC(), e.EnteredAt.UTC()
		list = append(list, e)
	}
	return list, rows.Err()
}
