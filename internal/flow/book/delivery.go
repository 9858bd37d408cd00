package book

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Grace is how late a delivery still goes out by itself. Past it, a person decides.
const Grace = 5 * time.Minute

// Delivery is one post in one language to one channel at one instant, about to be written into the book.
type Delivery struct {
	Post     int64
	Channel  int64
	Language string
	Date     civil.Date
	Clock    civil.Clock
	Zone     string // whose clock it is
	DueAt    time.Time
	NotAfter time.Time
	Prompt   bool  // it goes out as soon as it is approved
	Answers  int64 // the delivery that it goes out as a reply to, on the same channel; 0 for none
}

const sqlInsertDelivery = `
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after, prompt, answers)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10::bigint, 0))
RETURNING id`

// AddDelivery writes a delivery, held for approval, and returns its id.
func AddDelivery(ctx context.Context, tx *postgres.Tx, d Delivery) (int64, error) {
	var id int64
	err := tx.GetContext(ctx, &id, sqlInsertDelivery, d.Post, d.Channel, d.Language, d.Date.String(), d.Clock.String(), d.Zone, d.DueAt, d.NotAfter,
		d.Prompt, d.Answers)
	switch {
	case err == nil:
		return id, nil
	case refusedAs(err, "rehearsal_only"):
		return 0, fault.Wrap(fault.Forbidden, err, "A rehearsal goes to sandbox channels only.")
	}
	return 0, fmt.Errorf("add delivery of post %d: %w", d.Post, err)
}

const sqlMakeReady = `
UPDATE deliveries d
SET state = 'scheduled', hold = NULL, problem = '', release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r
WHERE r.submission_id = $1
  AND d.id = r.delivery_id
  AND d.state = 'held'
  AND d.hold IN ('approval', 'edited')
  AND d.due_at = r.due_at
  AND d.not_after = r.not_after
  AND (d.due_at > $2 OR (d.prompt AND d.not_after > $3))
RETURNING r.id`

// What goes out as soon as it is approved is ready now; its lateness counts from here.
const sqlEnqueue = `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at, ready_at)
SELECT r.delivery_id, r.post_id, r.channel_id, r.language, r.due_at, r.not_after, r.id, r.submission_id, r.revision_id,
  r.submission_id, r.revision_id, CASE WHEN d.prompt THEN greatest(r.due_at, $2) ELSE r.due_at END, CASE WHEN d.prompt THEN greatest(r.due_at, $2) END
FROM releases r
JOIN deliveries d ON d.id = r.delivery_id
WHERE r.id = ANY($1)
ORDER BY r.delivery_id`

const sqlOverdue = `
UPDATE deliveries d
SET hold = 'overdue', problem = 'Approved after its time. Give it a new time, or leave it out.'
FROM releases r
WHERE r.submission_id = $1
  AND d.id = r.delivery_id
  AND d.state = 'held'
  AND d.hold IN ('approval', 'edited')
  AND d.due_at = r.due_at
  AND d.due_at <= $2
  AND NOT d.prompt`

// Schedule puts every delivery of a cleared submission that is still to come into the queue and returns how many. One that
// fell due longer than late ago is held as overdue instead; late is Grace, or more while a fast clock runs. One that goes out as soon
// as it is approved is never overdue: it is queued for now, as long as its window is open.
func Schedule(ctx context.Context, tx *postgres.Tx, submission int64, now time.Time, late time.Duration) (int, error) {
	if _, err := tx.ExecContext(ctx, sqlOverdue, submission, now.Add(-late)); err != nil {
		return 0, fmt.Errorf("hold what is overdue of submission %d: %w", submission, err)
	}
	var ready []int64
	if err := tx.SelectContext(ctx, &ready, sqlMakeReady, submission, now.Add(-late), now); err != nil {
		return 0, fmt.Errorf("schedule submission %d: %w", submission, err)
	}
	if len(ready) == 0 {
		return 0, nil
	}
	if _, err := tx.ExecContext(ctx, sqlEnqueue, pq.Array(ready), now); err != nil {
		if refusedAs(err, "consented") {
			return 0, unconsented(err)
		}
		return 0, fmt.Errorf("enqueue submission %d: %w", submission, err)
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_notify('daymark_queue', '')"); err != nil {
		return 0, fmt.Errorf("tell the dispatcher: %w", err)
	}
	return len(ready), nil
}

// unconsented says that somebody is shown, named or quoted whose consent is not there, or ended meanwhile.
func unconsented(err error) error {
	return fault.Wrap(fault.Conflict, err, "It shows, names or quotes a person, and no consent covers it now. The page of the post says which one is missing.")
}
