package decide

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Task is a post that a person makes by hand, with all that is to be copied.
type Task struct {
	Waiting
	Kind    string           // the network, in the words of who added the channel
	Page    string           // where the channel's posts are read; may be empty
	Content platform.Content // as it was written down when it fell due
	Stopped bool             // it has been taken down since: nobody posts it any more
}

const sqlRequest = `
SELECT a.request, coalesce(c.capabilities->>'software', '') AS kind, c.remote_id,
  EXISTS (SELECT 1 FROM takedown_copies t JOIN takedowns k ON k.id = t.takedown_id WHERE t.delivery_id = d.id AND k.at >= a.started_at) AS stopped
FROM attempts a
JOIN deliveries d ON d.id = a.delivery_id
JOIN channels c ON c.id = d.channel_id
WHERE a.id = $1`

// FindTask returns a post that waits for a person to make it.
func FindTask(ctx context.Context, q postgres.Querier, delivery int64) (Task, error) {
	w, err := Find(ctx, q, delivery)
	if err != nil {
		return Task{}, err
	}
	if !w.ByHand() || !w.Unknown {
		return Task{}, fault.New(fault.NotFound, "This post is not one to make by hand now.")
	}
	var row struct {
		Request []byte `db:"request"`
		Kind    string `db:"kind"`
		Page    string `db:"remote_id"`
		Stopped bool   `db:"stopped"`
	}
	if err := q.GetContext(ctx, &row, sqlRequest, w.Attempt); err != nil {
		return Task{}, fmt.Errorf("read what delivery %d says: %w", delivery, err)
	}
	t := Task{Waiting: w, Kind: row.Kind, Page: row.Page, Stopped: row.Stopped}
	t.Content, err = attempt.Thaw(row.Request)
	return t, err
}

// Each attempt is told once: the notice's key names it. What it says of itself by then is the dispatcher's, and not of help here.
const sqlNewTasks = `
SELECT d.id AS delivery, d.post_id AS post, a.id AS attempt, p.message, c.name AS channel
FROM deliveries d
JOIN channels c ON c.id = d.channel_id AND c.platform = 'byhand'
JOIN posts p ON p.id = d.post_id
JOIN LATERAL (SELECT l.id, l.outcome, l.finding, l.started_at FROM attempts l WHERE l.delivery_id = d.id ORDER BY l.id DESC LIMIT 1) a ON true
WHERE d.hold = 'decision'
  AND a.outcome IN ('unknown', 'lost')
  AND a.finding IS NULL
  AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.key = 'by-hand:' || a.id)
  AND NOT EXISTS (SELECT 1 FROM takedown_copies t JOIN takedowns k ON k.id = t.takedown_id WHERE t.delivery_id = d.id AND k.at >= a.started_at)
ORDER BY d.id
LIMIT 100`

// toPost is what a task says of itself.
const toPost = "Post this by hand now: copy the text, add the pictures, and come back with the link."

const sqlSayTask = `
UPDATE deliveries
SET problem = $2
WHERE id = $1
  AND hold = 'decision'`

// Remind tells the team of each post that fell due on a channel that people post to by hand, and returns how many that were.
func Remind(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	var list []struct {
		Delivery int64  `db:"delivery"`
		Post     int64  `db:"post"`
		Attempt  int64  `db:"attempt"`
		Message  string `db:"message"`
		Channel  string `db:"channel"`
	}
	if err := db.SelectContext(ctx, &list, sqlNewTasks); err != nil {
		return 0, fmt.Errorf("look for posts to make by hand: %w", err)
	}
	for _, one := range list {
		err := db.InTx(ctx, func(tx *postgres.Tx) error {
			told, err := notice.Tell(ctx, tx, notice.New{
				Key: key(one.Attempt), Level: notice.Warning, Kind: "byhand", ID: fmt.Sprint(one.Delivery), At: now,
				Say: fmt.Sprintf("Post %s on %s now, by hand. Its text and pictures are ready to copy.", one.Message, one.Channel),
			})
			if err != nil || !told {
				return err
			}
			if _, err := tx.ExecContext(ctx, sqlSayTask, one.Delivery, toPost); err != nil {
				return fmt.Errorf("say what is to be done: %w", err)
			}
			detail, action := map[string]any{"delivery": one.Delivery, "channel": one.Channel}, "delivery.by_hand"
			return audit.Write(ctx, tx, audit.Entry{Action: action, Kind: "post", ID: one.Post, Detail: detail})
		})
		if err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// key names the notice of one task.
func key(attempt int64) string { return fmt.Sprintf("by-hand:%d", attempt) }

// doneByHand closes the notice of a task that a person has done, or will not do.
func (w Waiting) doneByHand(ctx context.Context, tx *postgres.Tx, by people.Person, now time.Time) error {
	return notice.SeenTo(ctx, tx, key(w.Attempt), by, now)
}

// notPosted writes down that a person did not post what was theirs to post: then it can wait for another time, or be left out.
func (w Waiting) notPosted(ctx context.Context, tx *postgres.Tx, by people.Person, now time.Time) error {
	if !w.ByHand() || !w.Unknown {
		return nil
	}
	if err := settle.Find(ctx, tx, w.Attempt, "absent"); err != nil {
		return err
	}
	return w.doneByHand(ctx, tx, by, now)
}

// nextByHand puts the next part of a thread before the person who has just posted the one ahead of it.
func (w Waiting) nextByHand(ctx context.Context, tx *postgres.Tx, now time.Time) (bool, error) {
	if !w.ByHand() || w.Hold != post.ForDecision {
		return false, nil
	}
	return w.queue(ctx, tx, now)
}
