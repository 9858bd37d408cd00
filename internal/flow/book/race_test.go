package book_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// sqlUnsound counts what must never be there: a row that may be sent without a live clearance of the post's current revision
// with enough approvals by people who did not write it, and a scheduled delivery outside the queue.
const sqlUnsound = `
SELECT count(*) FROM (
  SELECT q.delivery_id
  FROM queue q
  JOIN deliveries d ON d.id = q.delivery_id
  JOIN posts p ON p.id = q.post_id
  JOIN submissions s ON s.id = q.submission_id
  WHERE q.sending_at IS NULL
    AND NOT (d.state = 'scheduled' AND d.release_id = q.release_id AND p.current_revision = q.revision_id
      AND EXISTS (SELECT 1 FROM clearances c WHERE c.submission_id = q.submission_id)
      AND s.approvals_needed <= (
        SELECT count(*) FROM (
          SELECT DISTINCT ON (v.person_id) v.person_id, v.verdict FROM verdicts v WHERE v.submission_id = s.id ORDER BY v.person_id, v.id DESC
        ) l
        WHERE l.verdict = 'approve'
          AND NOT EXISTS (SELECT 1 FROM revisions w WHERE w.post_id = s.post_id AND w.author_id = l.person_id)))
  UNION ALL
  SELECT d.id FROM deliveries d
  WHERE d.state = 'scheduled'
    AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id)
) unsound`

// act is what one of two sessions does in its transaction.
type act func(ctx context.Context, tx *postgres.Tx, r racer) error

// racer is a post with one delivery and its submission.
type racer struct {
	post, delivery, submission, reviewer, author int64
}

func edit(ctx context.Context, tx *postgres.Tx, r racer) error {
	return affectOne(ctx, tx, `
INSERT INTO revisions (post_id, no, author_id, body, sha256)
SELECT $1, max(no) + 1, $2, '{}', sha256('{}')
FROM revisions
WHERE post_id = $1`, r.post, r.author)
}

func withdraw(ctx context.Context, tx *postgres.Tx, r racer) error {
	return affectOne(ctx, tx, `INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, '', 'withdraw')`, r.submission, r.reviewer)
}

func schedule(ctx context.Context, tx *postgres.Tx, r racer) error {
	n, err := book.Schedule(ctx, tx, r.submission, booktest.Due.Add(-time.Hour), book.Grace)
	if err == nil && n != 1 {
		return fmt.Errorf("it scheduled %d deliveries", n)
	}
	return err
}

// markSending does what the dispatcher does before it calls the network: the intent, and the attempt, in one transaction.
func markSending(ctx context.Context, tx *postgres.Tx, r racer) error {
	if err := affectOne(ctx, tx, `
UPDATE queue
SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute', fence = fence + 1, sending_at = clock_timestamp()
WHERE delivery_id = $1
  AND sending_at IS NULL`, r.delivery); err != nil {
		return err
	}
	return affectOne(ctx, tx, `
INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at)
SELECT delivery_id, 1, fence, 'k', 'x', sha256('x'), due_at
FROM queue
WHERE delivery_id = $1`, r.delivery)
}

func affectOne(ctx context.Context, tx *postgres.Tx, statement string, args ...any) error {
	res, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("it touched %d rows (%w)", n, err)
	}
	return nil
}

func TestOfTwoSessionsTheSecondSeesWhatTheFirstDid(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	channel := b.Channel(booktest.Channel{})
	for i, tt := range []struct {
		name          string
		queued        bool // the delivery is scheduled before the race
		first, second act
		refused       bool // the second fails
		state, hold   string
		rows          int // left in the queue
		guarded       bool
	}{
		{"an edit is open while another session schedules", false, edit, schedule, true, "held", "approval", 0, false},
		{"a scheduling is open while another session edits", false, schedule, edit, false, "held", "edited", 0, false},
		{"a withdrawal is open while another session schedules", false, withdraw, schedule, true, "held", "approval", 0, false},
		{"a scheduling is open while another session withdraws", false, schedule, withdraw, false, "held", "approval", 0, false},
		{"an edit is open while the dispatcher marks as sending", true, edit, markSending, true, "held", "edited", 0, false},
		{"the dispatcher marks as sending while another session edits", true, markSending, edit, false, "sending", "", 1, false},
		{"a withdrawal is open while the dispatcher marks as sending", true, withdraw, markSending, true, "held", "approval", 0, false},
		{"the dispatcher marks as sending while another session withdraws", true, markSending, withdraw, false, "sending", "", 1, false},
		{"two sessions schedule the same", false, schedule, schedule, true, "scheduled", "", 1, true},
		{"two dispatchers mark the same as sending", true, markSending, markSending, true, "sending", "", 1, true},
		{"two people edit at once", true, edit, edit, true, "held", "edited", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := racer{post: b.Post(fmt.Sprintf("race-%d", i)), reviewer: b.Reviewers[0], author: b.Author}
			r.delivery = b.Deliver(booktest.Delivery{Post: r.post, Channel: channel})
			r.submission = b.Submit(r.delivery)
			b.Clear(r.submission)
			if tt.queued {
				if err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return schedule(t.Context(), tx, r) }); err != nil {
					t.Fatal(err)
				}
			}
			firstErr, secondErr := race(t, db, r, tt.first, tt.second)
			if firstErr != nil {
				t.Errorf("the first session failed: %v", firstErr)
			}
			if (secondErr != nil) != tt.refused {
				t.Errorf("the second session: %v, want it refused: %t", secondErr, tt.refused)
			}
			var got struct {
				State   string `db:"state"`
				Hold    string `db:"hold"`
				Rows    int    `db:"rows"`
				Guarded bool   `db:"guarded"`
				Unsound int    `db:"unsound"`
			}
			if err := db.GetContext(t.Context(), &got, `
SELECT s.state, coalesce(d.hold, '') AS hold, (SELECT count(*) FROM queue q WHERE q.delivery_id = d.id) AS rows,
  EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.guard_submission IS NOT NULL AND q.guard_revision IS NOT NULL) AS guarded,
  (`+sqlUnsound+`) AS unsound
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
WHERE d.id = $1`, r.delivery); err != nil {
				t.Fatal(err)
			}
			if got.State != tt.state || got.Hold != tt.hold || got.Rows != tt.rows || got.Guarded != tt.guarded || got.Unsound != 0 {
				t.Errorf("it ended as %+v, want %s %s, %d rows, guarded %t", got, tt.state, tt.hold, tt.rows, tt.guarded)
			}
		})
	}
}

// race holds the first session's transaction open after its act until the second waits for it, then lets both end.
func race(t *testing.T, db *postgres.DB, r racer, first, second act) (firstErr, secondErr error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pid, done := make(chan int, 1), make(chan error, 1)
	firstErr = db.InTx(ctx, func(tx *postgres.Tx) error {
		if err := first(ctx, tx, r); err != nil {
			return err
		}
		go func() {
			done <- db.InTx(ctx, func(tx *postgres.Tx) error {
				var id int
				if err := tx.GetContext(ctx, &id, `SELECT pg_backend_pid()`); err != nil {
					return err
				}
				pid <- id
				return second(ctx, tx, r)
			})
		}()
		select {
		case id := <-pid:
			return untilWaiting(ctx, db, id)
		case err := <-done:
			return fmt.Errorf("the second session ended before it began: %w", err)
		}
	})
	return firstErr, <-done
}

// untilWaiting returns when a session waits for a lock that another one holds.
func untilWaiting(ctx context.Context, db *postgres.DB, pid int) error {
	for waiting := false; !waiting; {
		if err := db.GetContext(ctx, &waiting, `SELECT cardinality(pg_blocking_pids($1)) > 0`, pid); err != nil {
			return fmt.Errorf("the second session never waited for the first: %w", err)
		}
	}
	return nil
}
