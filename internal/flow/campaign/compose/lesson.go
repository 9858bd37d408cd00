package compose

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// maxLesson is how many characters a note of what was learnt may have, as the table has it.
const maxLesson = 2000

// Lesson is what a team learnt from a message in one year.
type Lesson struct {
	Message string    `db:"message"`
	Body    string    `db:"body"`
	Person  string    `db:"person"`
	At      time.Time `db:"at"`
}

const sqlLessons = `
SELECT l.message, l.body, p.name AS person, l.at
FROM lessons l
JOIN people p ON p.id = l.person_id
WHERE l.edition_id = $1
ORDER BY l.message`

// Lessons returns what was learnt from an edition, by message.
func Lessons(ctx context.Context, q postgres.Querier, edition int64) (map[string]Lesson, error) {
	var list []Lesson
	if err := q.SelectContext(ctx, &list, sqlLessons, edition); err != nil {
		return nil, fmt.Errorf("read what was learnt from edition %d: %w", edition, err)
	}
	all := make(map[string]Lesson, len(list))
	for _, l := range list {
		all[l.Message] = l
	}
	return all, nil
}

const (
	sqlLearn = `
INSERT INTO lessons (edition_id, message, body, person_id)
VALUES ($1, $2, $3, $4)
ON CONFLICT (edition_id, message) DO UPDATE
SET body = excluded.body, person_id = excluded.person_id, at = clock_timestamp()
WHERE lessons.body <> excluded.body`

	sqlForget = `
DELETE FROM lessons
WHERE edition_id = $1
  AND message = $2`
)

// Learn keeps what a team learnt from messages of an edition; an empty note is taken out. It returns how many notes changed.
func Learn(ctx context.Context, tx *postgres.Tx, edition book.Edition, notes map[string]string, by people.Person) (int, error) {
	if !by.May(people.PostWrite) {
		return 0, fault.New(fault.Forbidden, "Your role does not allow writing notes on campaigns.")
	}
	changed := 0
	for _, message := range slices.Sorted(maps.Keys(notes)) { // in one order, so that two people never wait for each other
		note := strings.TrimSpace(strings.ReplaceAll(notes[message], "\r\n", "\n"))
		if utf8.RuneCountInString(note) > maxLesson {
			return 0, fault.BadField(message, "is too long: at most %d characters are kept", maxLesson)
		}
		if _, _, unsafe := text.FirstUnsafe(note); unsafe {
			return 0, fault.BadField(message, "has an invisible character in it that could hide what it says; type it anew")
		}
		statement, args := sqlLearn, []any{edition.ID, message, note, by.ID}
		if note == "" {
			statement, args = sqlForget, args[:2]
		}
		res, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return 0, fmt.Errorf("keep what was learnt from %s in edition %d: %w", message, edition.ID, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return 0, fmt.Errorf("keep what was learnt from %s in edition %d: %w", message, edition.ID, err)
		}
		changed += int(n)
	}
	if changed == 0 {
		return 0, nil
	}
	return changed, audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "edition.learnt", Kind: "edition", ID: edition.ID, Detail: map[string]any{"messages": changed}})
}
