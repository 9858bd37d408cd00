package replan

import (
	"context"
	"fmt"

	"daymark/internal/core/civil"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

const sqlInsertEdition = `
INSERT INTO editions (campaign_id, year, rehearsal, first_day, last_day)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (campaign_id, year, rehearsal) DO NOTHING`

const sqlLockEdition = `
SELECT id, coalesce(theme, '') AS theme, first_day = $4::date AND last_day = $5::date AS same
FROM editions
WHERE campaign_id = $1
  AND year = $2
  AND rehearsal = $3
FOR UPDATE`

const sqlMoveEdition = `
UPDATE editions
SET first_day = $2, last_day = $3
WHERE id = $1`

// Edition makes an edition of a campaign, or finds it and gives it its days, and locks it: two who plan it at once do so one
// after the other. It returns the edition and whether anything was written.
func Edition(ctx context.Context, tx *postgres.Tx, e book.Edition) (book.Edition, bool, error) {
	res, err := tx.ExecContext(ctx, sqlInsertEdition, e.Campaign, e.Year, e.Rehearsal, e.FirstDay, e.LastDay)
	if err != nil {
		return e, false, fmt.Errorf("make edition %s %d: %w", e.Campaign, e.Year, err)
	}
	made, err := res.RowsAffected()
	if err != nil {
		return e, false, fmt.Errorf("make edition %s %d: %w", e.Campaign, e.Year, err)
	}
	var row struct {
		ID    int64  `db:"id"`
		Theme string `db:"theme"`
		Same  bool   `db:"same"`
	}
	if err := tx.GetContext(ctx, &row, sqlLockEdition, e.Campaign, e.Year, e.Rehearsal, e.FirstDay, e.LastDay); err != nil {
		return e, false, fmt.Errorf("lock edition %s %d: %w", e.Campaign, e.Year, err)
	}
	e.ID, e.Theme = row.ID, row.Theme
	if row.Same {
		return e, made > 0, nil
	}
	if _, err := tx.ExecContext(ctx, sqlMoveEdition, e.ID, e.FirstDay, e.LastDay); err != nil {
		return e, false, fmt.Errorf("move edition %s %d: %w", e.Campaign, e.Year, err)
	}
	return e, true, nil
}

// Task is a task as a campaign has it, on its day.
type Task struct {
	Key  string
	Day  civil.Date
	Who  string
	What string
}

// What is done stays as it was done.
const sqlSaveTasks = `
INSERT INTO tasks (edition_id, key, due_date, who, what)
SELECT $1, key, day, who, what
FROM unnest($2::text[], $3::date[], $4::text[], $5::text[]) AS t (key, day, who, what)
ON CONFLICT (edition_id, key) DO UPDATE SET due_date = excluded.due_date, who = excluded.who, what = excluded.what
WHERE tasks.done_at IS NULL
  AND (tasks.due_date, tasks.who, tasks.what) <> (excluded.due_date, excluded.who, excluded.what)`

const sqlDropTasks = `
DELETE FROM tasks
WHERE edition_id = $1
  AND done_at IS NULL
  AND key <> ALL ($2)`

// SaveTasks makes the open tasks of an edition those of the list and returns how many were written or removed.
func SaveTasks(ctx context.Context, tx *postgres.Tx, edition int64, tasks []Task) (int, error) {
	keys, days, who, what := []string{}, []string{}, []string{}, []string{}
	for _, t := range tasks {
		keys, days, who, what = append(keys, t.Key), append(days, t.Day.String()), append(who, t.Who), append(what, t.What)
	}
	saved, err := tx.ExecContext(ctx, sqlSaveTasks, edition, pq.Array(keys), pq.Array(days), pq.Array(who), pq.Array(what))
	if err != nil {
		return 0, fmt.Errorf("save the tasks of edition %d: %w", edition, err)
	}
	dropped, err := tx.ExecContext(ctx, sqlDropTasks, edition, pq.Array(keys))
	if err != nil {
		return 0, fmt.Errorf("remove tasks of edition %d: %w", edition, err)
	}
	n, err := saved.RowsAffected()
	if err != nil {
		return 0, err
	}
	m, err := dropped.RowsAffected()
	return int(n + m), err
}

const sqlSaveTheme = `
UPDATE editions
SET theme = nullif($2, ''), theme_by = $3
WHERE id = $1
  AND coalesce(theme, '') <> $2`

// SaveTheme gives an edition its theme, or takes it away, and reports whether that changed anything.
func SaveTheme(ctx context.Context, tx *postgres.Tx, edition int64, theme string, by int64) (bool, error) {
	res, err := tx.ExecContext(ctx, sqlSaveTheme, edition, theme, by)
	if err != nil {
		return false, fmt.Errorf("save the theme of edition %d: %w", edition, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "edition.themed", Kind: "edition", ID: edition, Detail: map[string]any{"theme": theme},
	})
}

const sqlReviewed = `
SELECT DISTINCT p.id, s.language
FROM posts p
JOIN submissions s ON s.post_id = p.id AND s.revision_id = p.current_revision
JOIN deliveries d ON d.post_id = p.id AND d.language = s.language AND d.state IN ('held', 'scheduled')
WHERE p.edition_id = $1
ORDER BY p.id, s.language`

// Reviewed returns, by post, the languages of an edition whose current words are before reviewers or approved and have yet to
// go out somewhere.
func Reviewed(ctx context.Context, q postgres.Querier, edition int64) (map[int64][]string, error) {
	var rows []struct {
		Post     int64  `db:"id"`
		Language string `db:"language"`
	}
	if err := q.SelectContext(ctx, &rows, sqlReviewed, edition); err != nil {
		return nil, fmt.Errorf("read what is before reviewers in edition %d: %w", edition, err)
	}
	list := map[int64][]string{}
	for _, row := range rows {
		list[row.Post] = append(list[row.Post], row.Language)
	}
	return list, nil
}

const sqlDates = `
SELECT year, first_day, last_day
FROM announced_dates
WHERE campaign_id = $1`

// Dates returns the days that people entered for a campaign, by year.
func Dates(ctx context.Context, q postgres.Querier, campaign string) (map[int]civil.Range, error) {
	var rows []struct {
		Year  int        `db:"year"`
		First civil.Date `db:"first_day"`
		Last  civil.Date `db:"last_day"`
	}
	if err := q.SelectContext(ctx, &rows, sqlDates, campaign); err != nil {
		return nil, fmt.Errorf("read the announced dates of %s: %w", campaign, err)
	}
	dates := make(map[int]civil.Range, len(rows))
	for _, row := range rows {
		dates[row.Year] = civil.Range{Start: row.First, End: row.Last}
	}
	return dates, nil
}

const sqlSaveDates = `
INSERT INTO announced_dates (campaign_id, year, first_day, last_day, entered_by)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (campaign_id, year) DO UPDATE
SET first_day = excluded.first_day, last_day = excluded.last_day, entered_by = excluded.entered_by, entered_at = now()
WHERE (announced_dates.first_day, announced_dates.last_day) <> (excluded.first_day, excluded.last_day)`

// SaveDates keeps the days of a year that somebody announced, and reports whether they are new.
func SaveDates(ctx context.Context, tx *postgres.Tx, campaign string, year int, days civil.Range, by int64) (bool, error) {
	res, err := tx.ExecContext(ctx, sqlSaveDates, campaign, year, days.Start, days.End, by)
	if err != nil {
		return false, fmt.Errorf("save the dates of %s %d: %w", campaign, year, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "campaign.dated", Kind: "campaign",
		Detail: map[string]any{"campaign": campaign, "year": year, "first_day": days.Start.String(), "last_day": days.End.String()},
	})
}
