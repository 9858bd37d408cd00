package prompt

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Write writes a post that belongs to no campaign and returns its id. It waits to be put before reviewers.
func Write(ctx context.Context, tx *postgres.Tx, w Writing, by people.Person, now time.Time) (int64, error) {
	if err := begins(by); err != nil {
		return 0, err
	}
	channels, err := reachable(ctx, tx, by)
	if err != nil {
		return 0, err
	}
	if len(by.Campaigns) > 0 { // what is written here belongs to none
		return 0, scope.Beyond()
	}
	if err := w.Check(channels); err != nil {
		return 0, err
	}
	id, err := book.AddPost(ctx, tx, book.Draft{Source: w.Source(post.Source{}, now)}, by.ID)
	if err != nil {
		return 0, err
	}
	return id, add(ctx, tx, id, w.deliveries(channels, now))
}

// reachable returns the channels that a person may write for: to them no others are there.
func reachable(ctx context.Context, q postgres.Querier, by people.Person) ([]channel.Channel, error) {
	limits, err := scope.Of(ctx, q, by)
	if err != nil {
		return nil, err
	}
	all, err := channel.List(ctx, q)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(c channel.Channel) bool { return !limits.Channel(c.ID) }), nil
}

func add(ctx context.Context, tx *postgres.Tx, id int64, list []book.Delivery) error {
	for _, d := range list {
		d.Post = id
		if _, err := book.AddDelivery(ctx, tx, d); err != nil {
			return err
		}
	}
	return nil
}

const sqlPlanned = `
SELECT EXISTS (SELECT 1 FROM revisions WHERE post_id = $1 AND origin = 'plan')`

// Own reports whether a person wrote a post here: it was not laid from a campaign file.
func Own(ctx context.Context, q postgres.Querier, id int64) (bool, error) {
	var planned bool
	if err := q.GetContext(ctx, &planned, sqlPlanned, id); err != nil {
		return false, fmt.Errorf("look where post %d comes from: %w", id, err)
	}
	return !planned, nil
}

// Rewrite writes a new version of such a post, of which the author has read a version. What waits of it goes out as soon as the new
// words are approved, at the places that the writing names: others are left out, new ones are added, and what is out stays.
func Rewrite(ctx context.Context, tx *postgres.Tx, id int64, read int, w Writing, by people.Person, now time.Time) error {
	if err := may(by); err != nil {
		return err
	}
	own, err := Own(ctx, tx, id)
	if err != nil {
		return err
	}
	if !own {
		return fault.New(fault.Conflict, "This post comes from a campaign file. Its words are changed there.")
	}
	if err := scope.Whole(ctx, tx, by, scope.Post, id); err != nil {
		return err
	}
	channels, err := reachable(ctx, tx, by)
	if err != nil {
		return err
	}
	if err := w.Check(channels); err != nil {
		return err
	}
	locked, err := book.Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if _, err := book.Revise(ctx, tx, id, read, w.Source(locked.Source, now), by.ID); err != nil {
		return err
	}
	return replace(ctx, tx, id, w, channels, now)
}

// replace lets the places of a post be those of a writing, as far as they are not out.
func replace(ctx context.Context, tx *postgres.Tx, id int64, w Writing, channels []channel.Channel, now time.Time) error {
	waiting, err := hold(ctx, tx, id)
	if err != nil {
		return err
	}
	p, err := book.FindPost(ctx, tx, id)
	if err != nil {
		return err
	}
	var kept, gone []int64
	missing := w.deliveries(channels, now)
	for _, e := range p.Entries {
		if e.State == post.Cancelled {
			continue
		}
		here := slices.IndexFunc(missing, func(d book.Delivery) bool { return d.Channel == e.Channel && d.Language == e.Language })
		if here >= 0 {
			missing = slices.Delete(missing, here, here+1)
		}
		switch {
		case !slices.Contains(waiting, e.Delivery):
		case here >= 0:
			kept = append(kept, e.Delivery)
		default:
			gone = append(gone, e.Delivery)
		}
	}
	if err := move(ctx, tx, kept, now, now.Add(w.Window)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlLeave, pq.Array(gone)); err != nil {
		return fmt.Errorf("leave places of post %d out: %w", id, err)
	}
	return add(ctx, tx, id, missing)
}

const sqlLeave = `
UPDATE deliveries
SET state = 'cancelled', hold = NULL, problem = 'Left out by its author.'
WHERE id = ANY($1)
  AND state IN ('held', 'missed')`

const sqlLockQueue = `
SELECT delivery_id
FROM queue
WHERE post_id = $1
ORDER BY delivery_id
FOR UPDATE`

// What is out, or may be, is no longer to be moved, nor what waits for a person's word about that. A reply to what is gone is nowhere.
const sqlWaiting = `
SELECT d.id
FROM deliveries d
WHERE d.post_id = $1
  AND (d.state IN ('scheduled', 'missed') OR (d.state = 'held' AND (d.hold IN ('approval', 'edited', 'overdue')
    OR (d.hold = 'decision' AND EXISTS (SELECT 1 FROM copies k WHERE k.delivery_id = d.answers AND k.part = 1 AND k.removed_at IS NOT NULL)))))
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.sending_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = d.id)
  AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = d.id
    AND (a.outcome IS NULL OR (a.outcome IN ('unknown', 'lost') AND a.finding IS DISTINCT FROM 'absent')))
ORDER BY d.id`

const sqlHold = `
UPDATE deliveries
SET state = 'held', hold = 'edited', release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE id = ANY($1)
  AND state = 'scheduled'`

// hold takes what waits of a locked post out of the queue, and returns all of it that can have a new time.
func hold(ctx context.Context, tx *postgres.Tx, id int64) ([]int64, error) {
	var queued, waiting []int64
	if err := tx.SelectContext(ctx, &queued, sqlLockQueue, id); err != nil {
		return nil, fmt.Errorf("lock the queue: %w", err)
	}
	if err := tx.SelectContext(ctx, &waiting, sqlWaiting, id); err != nil {
		return nil, fmt.Errorf("look what waits of post %d: %w", id, err)
	}
	if _, err := tx.ExecContext(ctx, sqlHold, pq.Array(waiting)); err != nil {
		return nil, fmt.Errorf("hold post %d: %w", id, err)
	}
	return waiting, nil
}

// A reply to what is gone by now becomes a post of its own.
const sqlNow = `
UPDATE deliveries
SET state = 'held', hold = 'approval', prompt = true, planned = false, settled_at = NULL, problem = '',
  answers = (SELECT k.delivery_id FROM copies k WHERE k.delivery_id = answers AND k.part = 1 AND k.removed_at IS NULL), due_date = ($2::timestamptz AT TIME ZONE zone)::date, due_clock = date_trunc('minute', $2::timestamptz AT TIME ZONE zone)::time,
  due_at = $2, not_after = $3
WHERE id = ANY($1)
  AND state IN ('held', 'missed')`

// move lets held and missed deliveries go out as soon as they are approved.
func move(ctx context.Context, tx *postgres.Tx, ids []int64, now, notAfter time.Time) error {
	if _, err := tx.ExecContext(ctx, sqlNow, pq.Array(ids), now, notAfter); err != nil {
		return fmt.Errorf("give deliveries a new time: %w", err)
	}
	return nil
}

// Now lets all that waits of a post, approved or not, go out as soon as it is approved anew, and returns at how many places: what was
// approved was approved for another time. The caller puts it before reviewers.
func Now(ctx context.Context, tx *postgres.Tx, id int64, window time.Duration, by people.Person, now time.Time) (int, error) {
	if err := begins(by); err != nil {
		return 0, err
	}
	if window < shortest || window > longest {
		return 0, fault.BadField("window", "choose between a quarter of an hour and three days")
	}
	if _, err := book.Lock(ctx, tx, id); err != nil {
		return 0, err
	}
	if err := scope.Whole(ctx, tx, by, scope.Post, id); err != nil {
		return 0, err
	}
	waiting, err := hold(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if len(waiting) == 0 {
		return 0, fault.New(fault.Conflict, "Nothing of this post waits to go out.")
	}
	if err := move(ctx, tx, waiting, now, now.Add(window)); err != nil {
		return 0, err
	}
	return len(waiting), audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "post.hurried", Kind: "post", ID: id,
		Detail: map[string]any{"places": len(waiting), "due_at": now.UTC(), "not_after": now.Add(window).UTC()},
	})
}

// Waiting counts the places of a post that [Now] would let go out at once.
func Waiting(ctx context.Context, q postgres.Querier, id int64) (int, error) {
	var waiting []int64
	if err := q.SelectContext(ctx, &waiting, sqlWaiting, id); err != nil {
		return 0, fmt.Errorf("look what waits of post %d: %w", id, err)
	}
	return len(waiting), nil
}
