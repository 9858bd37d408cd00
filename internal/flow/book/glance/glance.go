// Package glance reads the little of the book that a page needs that is looked at often: how far an edition is, what comes next, what
// went out last, what needs somebody.
//
// It counts and cuts in the database, so that a month of thousands of posts costs a page no more than one of ten. Everything it returns
// lies within the limits of the person who looks. It changes nothing; the whole of a post is read by internal/flow/book.
package glance

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Of is who looks, and when.
type Of struct {
	Person people.Person
	Now    time.Time // product time
}

// mine begins each statement: what somebody with limits sees of accounts and editions. $1 is whether there are limits, $2 the person,
// $3 whether posts that stand alone are theirs.
const mine = `
WITH seen AS MATERIALIZED (
  SELECT id
  FROM channels
  WHERE $1::boolean
    AND may_see_channel($2::bigint, id)
),
books AS MATERIALIZED (
  SELECT id
  FROM editions
  WHERE $1
    AND may_see_edition($2, id)
)`

// within keeps the deliveries d and posts p that lie within the limits.
const within = `(NOT $1 OR (d.channel_id IN (SELECT id FROM seen) AND coalesce(p.edition_id IN (SELECT id FROM books), $3::boolean)))`

// limits are the first three arguments of a statement that begins with mine.
func (o Of) limits(more ...any) []any {
	return append([]any{o.Person.Limited(), o.Person.ID, len(o.Person.Campaigns) == 0}, more...)
}

const sqlDecisions = mine + `
SELECT count(*)
FROM deliveries d
JOIN posts p ON p.id = d.post_id
WHERE (d.state IN ('missed', 'failed') OR d.hold IN ('decision', 'overdue'))
  AND ` + within

// Decisions counts the places that wait for somebody's decision.
func Decisions(ctx context.Context, q postgres.Querier, of Of) (int, error) {
	var n int
	if err := q.GetContext(ctx, &n, sqlDecisions, of.limits()...); err != nil {
		return 0, fmt.Errorf("count what waits for a decision: %w", err)
	}
	return n, nil
}

// Day is how far a day is.
type Day struct {
	Places int        `db:"places"` // all of the day but those that were left out
	Out    int        `db:"out"`    // went out, taken down since or not
	Next   *time.Time `db:"next"`   // when the next of them is due; nil when none is
}

const sqlDay = mine + `
SELECT count(*) AS places,
  count(*) FILTER (WHERE d.state IN ('published', 'removed')) AS out,
  min(d.due_at) FILTER (WHERE d.due_at > $6 AND d.state IN ('held', 'scheduled')) AS next
FROM deliveries d
JOIN posts p ON p.id = d.post_id
WHERE d.due_at >= $4
  AND d.due_at < $5
  AND d.state <> 'cancelled'
  AND ` + within

// CountDay counts what is due between two instants; from is inside, to outside.
func CountDay(ctx context.Context, q postgres.Querier, of Of, from, to time.Time) (Day, error) {
	var d Day
	if err := q.GetContext(ctx, &d, sqlDay, of.limits(from, to, of.Now)...); err != nil {
		return Day{}, fmt.Errorf("count what is due on a day: %w", err)
	}
	return d, nil
}

const sqlNeighbours = mine + `
SELECT
  (SELECT max(d.due_at) FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE d.due_at < $4 AND d.state <> 'cancelled' AND ` + within + `) AS before,
  (SELECT min(d.due_at) FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE d.due_at >= $5 AND d.state <> 'cancelled' AND ` + within + `) AS after`

// Neighbours returns when something is due last before an instant, and first from another on; nil where nothing is.
func Neighbours(ctx context.Context, q postgres.Querier, of Of, before, after time.Time) (last, first *time.Time, err error) {
	var row struct {
		Before *time.Time `db:"before"`
		After  *time.Time `db:"after"`
	}
	if err := q.GetContext(ctx, &row, sqlNeighbours, of.limits(before, after)...); err != nil {
		return nil, nil, fmt.Errorf("look for the days beside: %w", err)
	}
	return row.Before, row.After, nil
}

const sqlPrompt = `
SELECT EXISTS (
  SELECT 1
  FROM deliveries
  WHERE state = 'held'
    AND prompt
    AND not_after > $1)`

// AnyPrompt reports whether something waits, anywhere, that goes out as soon as it is approved.
func AnyPrompt(ctx context.Context, q postgres.Querier, now time.Time) (bool, error) {
	var is bool
	if err := q.GetContext(ctx, &is, sqlPrompt, now); err != nil {
		return false, fmt.Errorf("look for what goes out once approved: %w", err)
	}
	return is, nil
}
