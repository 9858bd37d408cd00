// Package handout reads what a report to hand over says of an edition: what went out and what it reached, the figures that people
// entered, the edition of the year before as it stood on the same day of the campaign, how safe it was, and what was learnt.
//
// It reads and never writes, and names no person. What it reads is put into words elsewhere.
package handout

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/flow/reach/entered"
	"daymark/internal/flow/reach/handling"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/postgres"
)

// Handout is what a report says of an edition.
type Handout struct {
	Report   reach.Report
	Titles   map[string]string // of the campaign, by language
	Compared compare.Edition   // messages and networks with what they did
	Entered  []entered.Figure
	Before   *Before // nil where there is no earlier edition of the campaign
	Handling handling.Handling
	Safety   Safety
	Lessons  []Lesson
}

// Before is the edition of the campaign before this one, as it stood on the same day of the campaign.
type Before struct {
	Edition book.Edition
	Offset  int // the day, counted from the first one of each edition
	Posts   int // that went out by then
	Counts  reach.Counts
}

// Safety is what was done so that nothing wrong went out, and what was mended.
type Safety struct {
	Texts       int `db:"texts"` // sent for review: a message in a language, each time
	Approvals   int `db:"approvals"`
	Changes     int `db:"changes"` // somebody asked for other words
	Holds       int `db:"holds"`
	Corrections int `db:"corrections"`
	TakeDowns   int `db:"takedowns"`
}

// Lesson is what was learnt from a message.
type Lesson struct {
	Message string `db:"message"`
	Body    string `db:"body"`
}

const sqlSafety = `
SELECT count(*) AS texts,
  coalesce(sum(v.approvals), 0)::int AS approvals, coalesce(sum(v.changes), 0)::int AS changes, coalesce(sum(v.holds), 0)::int AS holds,
  (SELECT count(*) FROM corrections c JOIN posts o ON o.id = c.corrects WHERE o.edition_id = $1) AS corrections,
  (SELECT count(*) FROM takedowns t LEFT JOIN posts o ON o.id = t.post_id WHERE t.edition_id = $1 OR o.edition_id = $1) AS takedowns
FROM posts p
JOIN submissions s ON s.post_id = p.id
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE one.verdict = 'approve') AS approvals, count(*) FILTER (WHERE one.verdict = 'changes') AS changes,
    count(*) FILTER (WHERE one.verdict = 'hold') AS holds
  FROM verdicts one
  WHERE one.submission_id = s.id
) v ON true
WHERE p.edition_id = $1`

const sqlLessons = `
SELECT message, body
FROM lessons
WHERE edition_id = $1
ORDER BY message`

// Read reads what a report says of an edition at an instant of product time, which is a day in the team's zone.
func Read(ctx context.Context, q postgres.Querier, edition int64, now time.Time, zone *time.Location) (Handout, error) {
	var h Handout
	var err error
	if h.Report, err = reach.Summarise(ctx, q, edition); err != nil {
		return h, err
	}
	if h.Titles, err = titles(ctx, q, h.Report.Edition.Campaign); err != nil {
		return h, err
	}
	if h.Compared, err = compare.Read(ctx, q, edition, nil); err != nil {
		return h, err
	}
	if h.Entered, err = entered.Figures(ctx, q, edition); err != nil {
		return h, err
	}
	if err := q.GetContext(ctx, &h.Safety, sqlSafety, edition); err != nil {
		return h, fmt.Errorf("read how safe edition %d was: %w", edition, err)
	}
	if err := q.SelectContext(ctx, &h.Lessons, sqlLessons, edition); err != nil {
		return h, fmt.Errorf("read what was learnt from edition %d: %w", edition, err)
	}
	if h.Handling, err = handling.Of(ctx, q, edition, nil, now); err != nil {
		return h, err
	}
	h.Before, err = before(ctx, q, h.Report.Edition, civil.DateOf(now.In(zone)))
	return h, err
}

const sqlTitles = `
SELECT t.key AS language, t.value AS title
FROM campaigns c
CROSS JOIN LATERAL jsonb_each_text(c.title) t
WHERE c.id = $1`

func titles(ctx context.Context, q postgres.Querier, campaign string) (map[string]string, error) {
	var rows []struct {
		Language string `db:"language"`
		Title    string `db:"title"`
	}
	if err := q.SelectContext(ctx, &rows, sqlTitles, campaign); err != nil {
		return nil, fmt.Errorf("read the titles of the campaign %s: %w", campaign, err)
	}
	all := make(map[string]string, len(rows))
	for _, row := range rows {
		all[row.Language] = row.Title
	}
	return all, nil
}

const sqlEarlier = `
SELECT e.id
FROM editions e
WHERE e.campaign_id = $1
  AND NOT e.rehearsal
  AND e.year < $2
  AND EXISTS (SELECT 1 FROM posts p JOIN deliveries d ON d.post_id = p.id WHERE p.edition_id = e.id AND d.state IN ('published', 'removed'))
ORDER BY e.year DESC
LIMIT 1`

const sqlPostsThen = `
SELECT count(*)
FROM posts p
JOIN deliveries d ON d.post_id = p.id
WHERE p.edition_id = $1
  AND d.state IN ('published', 'removed')
  AND d.due_date <= $2::date`

// before reads the edition before one.
func before(ctx context.Context, q postgres.Querier, e book.Edition, today civil.Date) (*Before, error) {
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlEarlier, e.Campaign, e.Year); err != nil {
		return nil, fmt.Errorf("look for the edition before %d: %w", e.ID, err)
	}
	first, err := civil.ParseDate(e.FirstDay)
	if len(ids) == 0 || e.Rehearsal || err != nil {
		return nil, err
	}
	b := Before{Offset: today.DaysSince(first)}
	if b.Edition, err = book.EditionByID(ctx, q, ids[0]); err != nil {
		return nil, err
	}
	theirs, err := civil.ParseDate(b.Edition.FirstDay)
	if err != nil {
		return nil, err
	}
	until := theirs.AddDays(b.Offset)
	if err := q.GetContext(ctx, &b.Posts, sqlPostsThen, b.Edition.ID, until.String()); err != nil {
		return nil, fmt.Errorf("count what edition %d had out: %w", b.Edition.ID, err)
	}
	days, err := trend.Days(ctx, q, trend.Filter{Edition: b.Edition.ID, To: until})
	if err != nil {
		return nil, err
	}
	var sum trend.Counts
	for _, day := range days {
		sum = sum.Plus(day.Counts)
	}
	b.Counts = reach.Counts(sum)
	return &b, nil
}
