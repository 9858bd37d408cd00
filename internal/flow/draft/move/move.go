package move

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// sayAgain stands beside a place that was approved, or before reviewers, for its old time.
const sayAgain = "It has a new time. Send it for review again."

const (
	sqlLockQueue = `
SELECT delivery_id
FROM queue
WHERE delivery_id = ANY($1)
ORDER BY delivery_id
FOR UPDATE`

	// A release names its instant, so that an approved delivery gives it back before it moves.
	sqlGiveBack = `
UPDATE deliveries d
SET state = 'held', hold = 'edited', release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE d.id = ANY($1)
  AND d.state = 'scheduled'
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.sending_at IS NOT NULL)`

	// What was to go out at once has a time of its own then.
	sqlMove = `
UPDATE deliveries d
SET due_date = t.day, due_clock = t.clock, zone = t.zone, due_at = t.due, not_after = t.late, prompt = false, planned = d.planned AND $7,
  hold = CASE WHEN d.hold IN ('overdue', 'paused') THEN 'approval' ELSE d.hold END, problem = t.problem,
  release_id = NULL, submission_id = NULL, revision_id = NULL
FROM unnest($1::bigint[], $2::date[], $3::time[], $4::text[], $5::timestamptz[], $6::timestamptz[], $8::text[])
  AS t (id, day, clock, zone, due, late, problem)
WHERE d.id = t.id
  AND d.state = 'held'
  AND d.hold <> 'decision'`
)

// Post moves every place of a post that waits, of which the person has seen a version. The post has a new version then, with the same
// words and another time, so that planning and new places follow it. Nobody wrote anything: the version is Daymark's, and whoever
// moved the post may still approve it.
func Post(ctx context.Context, tx *postgres.Tx, id int64, read int, c Change, by people.Person, now time.Time) (Plan, error) {
	if err := may(by); err != nil {
		return Plan{}, err
	}
	found, err := locked(ctx, tx, id, read)
	if err != nil {
		return Plan{}, err
	}
	if err := scope.Check(ctx, tx, by, scope.Post, id); err != nil {
		return Plan{}, err
	}
	if err := scope.Whole(ctx, tx, by, scope.Post, id); err != nil {
		return Plan{}, err
	}
	p, err := Lay(found, c, now)
	if err != nil {
		return Plan{}, err
	}
	system, err := people.System(ctx, tx)
	if err != nil {
		return Plan{}, err
	}
	if _, err := book.AddRevision(ctx, tx, id, p.Next, system.ID, book.FromPerson); err != nil {
		return Plan{}, err
	}
	return p, p.write(ctx, tx, by)
}

// Place moves one place of a post. The words and the other places stay as they are and stay approved; planning leaves the place where
// it is from then on.
func Place(ctx context.Context, tx *postgres.Tx, delivery int64, read int, c Change, by people.Person, now time.Time) (Plan, error) {
	if err := may(by); err != nil {
		return Plan{}, err
	}
	id, err := PostOf(ctx, tx, delivery)
	if err != nil {
		return Plan{}, err
	}
	found, err := locked(ctx, tx, id, read)
	if err != nil {
		return Plan{}, err
	}
	if err := scope.Check(ctx, tx, by, scope.Delivery, delivery); err != nil {
		return Plan{}, err
	}
	p, err := LayOne(found, delivery, c, now)
	if err != nil {
		return Plan{}, err
	}
	return p, p.write(ctx, tx, by)
}

func may(by people.Person) error {
	if !by.May(people.PostEdit) {
		return fault.New(fault.Forbidden, "Your role does not allow moving posts.")
	}
	return nil
}

// write gives the places of a plan their new times. One that went on the wire meanwhile stops the whole.
func (p Plan) write(ctx context.Context, tx *postgres.Tx, by people.Person) error {
	var ids, queued []int64
	var dates, clocks, zones, dues, lates, problems []string
	for _, s := range p.Steps {
		problem := ""
		if s.Approved() || s.Asked {
			problem = sayAgain
		}
		ids, problems = append(ids, s.Delivery), append(problems, problem)
		dates, clocks, zones = append(dates, s.NewDate.String()), append(clocks, s.NewClock.String()), append(zones, s.NewZone)
		dues, lates = append(dues, s.NewDueAt.Format(time.RFC3339Nano)), append(lates, s.NewNotAfter.Format(time.RFC3339Nano))
	}
	if err := tx.SelectContext(ctx, &queued, sqlLockQueue, pq.Array(ids)); err != nil {
		return fmt.Errorf("lock the queue: %w", err)
	}
	if _, err := tx.ExecContext(ctx, sqlGiveBack, pq.Array(ids)); err != nil {
		return fmt.Errorf("hold what moves: %w", err)
	}
	res, err := tx.ExecContext(ctx, sqlMove, pq.Array(ids), pq.Array(dates), pq.Array(clocks), pq.Array(zones), pq.Array(dues), pq.Array(lates),
		p.whole, pq.Array(problems))
	if err != nil {
		return fmt.Errorf("move post %d: %w", p.ID, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("move post %d: %w", p.ID, err)
	}
	if int(n) != len(ids) {
		return moved()
	}
	first := p.Steps[0]
	detail := map[string]any{
		"from": first.DueAt.UTC(), "to": first.NewDueAt.UTC(), "places": len(ids), "approved": p.Approved(), "asked": p.Asked(),
	}
	action := "post.moved"
	if !p.whole {
		action = "delivery.moved"
		detail["delivery"], detail["language"], detail["account"] = first.Delivery, first.Language, first.Handle
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "post", ID: p.ID, Detail: detail})
}
