package book

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Task is something that people do for an edition, by a day. Planning makes them from the campaign.
type Task struct {
	ID      int64      `db:"id"`
	Edition int64      `db:"edition"`
	Key     string     `db:"key"`      // the task's id in the campaign
	DueDate string     `db:"due_date"` // YYYY-MM-DD
	Who     string     `db:"who"`
	What    string     `db:"what"`
	DoneAt  *time.Time `db:"done_at"` // nil while it is open
	DoneBy  string     `db:"done_by"` // the person's name
}

const sqlTasks = `
SELECT t.id, t.edition_id AS edition, t.key, to_char(t.due_date, 'YYYY-MM-DD') AS due_date, t.who, t.what, t.done_at,
  coalesce(p.name, '') AS done_by
FROM tasks t
LEFT JOIN people p ON p.id = t.done_by
WHERE t.edition_id = $1
ORDER BY t.due_date, t.key`

// Tasks returns the tasks of an edition, the earliest first, done ones too.
func Tasks(ctx context.Context, q postgres.Querier, edition int64) ([]Task, error) {
	var list []Task
	if err := q.SelectContext(ctx, &list, sqlTasks, edition); err != nil {
		return nil, fmt.Errorf("list the tasks of edition %d: %w", edition, err)
	}
	return list, nil
}

const sqlLockTask = `
SELECT done_at IS NOT NULL
FROM tasks
WHERE id = $1
FOR UPDATE`

const sqlFinishTask = `
UPDATE tasks
SET done_at = CASE WHEN $3 THEN now() END, done_by = CASE WHEN $3 THEN $2::bigint END
WHERE id = $1`

// FinishTask marks a task as done, or as open again. Saying what is so already changes nothing.
func FinishTask(ctx context.Context, tx *postgres.Tx, id int64, by people.Person, done bool) error {
	if !by.May(people.PostEdit) && !by.May(people.PostApprove) {
		return fault.New(fault.Forbidden, "Your role does not allow marking tasks.")
	}
	var was bool
	if err := tx.GetContext(ctx, &was, sqlLockTask, id); err != nil {
		return notFound(err, "There is no such task.")
	}
	if was == done {
		return nil
	}
	if _, err := tx.ExecContext(ctx, sqlFinishTask, id, by.ID, done); err != nil {
		return fmt.Errorf("mark task %d: %w", id, err)
	}
	action := "task.done"
	if !done {
		action = "task.reopened"
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "task", ID: id})
}
