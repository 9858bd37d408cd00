package decide

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// The release whose words were on their way: that of the parts that are out, else the one that the attempt names by its hash.
const sqlRelease = `
SELECT r.id, r.body
FROM releases r
JOIN attempts a ON a.delivery_id = r.delivery_id
WHERE a.id = $1
  AND r.id = coalesce(
    (SELECT c.release_id FROM copies c WHERE c.delivery_id = r.delivery_id AND c.part = 1),
    (SELECT n.id FROM releases n WHERE n.delivery_id = r.delivery_id
      AND encode(n.sha256, 'hex') = convert_from(a.request, 'UTF8')::jsonb->>'release' ORDER BY n.id DESC LIMIT 1))`

const sqlAdopt = `
INSERT INTO copies (delivery_id, part, post_id, channel_id, language, remote_id, uri, url, published_at, release_id)
SELECT d.id, $2, d.post_id, d.channel_id, d.language, $3, $4, $5, $6, $7
FROM deliveries d
WHERE d.id = $1`

const sqlPublished = `
UPDATE deliveries d
SET state = 'published', hold = NULL, problem = '', settled_at = $3, release_id = r.id, submission_id = r.submission_id,
  revision_id = r.revision_id
FROM releases r
WHERE d.id = $1
  AND r.id = $2
  AND d.state = 'held'`

// A release is taken on only while a delivery is held.
const sqlHoldAgain = `
UPDATE deliveries
SET state = 'held', hold = 'decision'
WHERE id = $1
  AND state = 'missed'`

const sqlSay = `
UPDATE deliveries
SET problem = $2
WHERE id = $1`

// Live writes down a person's word that a delivery is out, with the link to it. The attempt is found, as if the network had said so:
// "found" is the word that no part is ever sent again after. When the whole delivery is known to be out already, the link is not needed.
func Live(ctx context.Context, tx *postgres.Tx, delivery int64, link string, by people.Person, now time.Time) error {
	w, err := lock(ctx, tx, delivery, by)
	if err != nil {
		return err
	}
	if !w.MayBeLive() {
		return fault.New(fault.Conflict, "It is known what became of this post. Look again.")
	}
	var release struct {
		ID   int64  `db:"id"`
		Body []byte `db:"body"`
	}
	if err := tx.GetContext(ctx, &release, sqlRelease, w.Attempt); err != nil {
		return fmt.Errorf("find what delivery %d said: %w", delivery, err)
	}
	final, err := post.ReadFinal(release.Body)
	if err != nil {
		return fmt.Errorf("release %d: %w", release.ID, err)
	}
	detail := map[string]any{"url": w.URL, "part": w.Part}
	if w.Unknown {
		found, err := read(w, link)
		if err != nil {
			return err
		}
		if err := settle.Find(ctx, tx, w.Attempt, "found"); err != nil {
			return err
		}
		at := now
		if w.TriedAt != nil {
			at = *w.TriedAt
		}
		_, err = tx.ExecContext(ctx, sqlAdopt, delivery, w.Part, found.id, found.uri, found.url, at, release.ID)
		if postgres.Constraint(err) == "copies_channel_id_remote_id_key" {
			return fault.Wrap(fault.Invalid, err, "That link belongs to another post of Daymark on this account. Look for the one with these words.")
		}
		if err != nil {
			return fmt.Errorf("write the copy of delivery %d: %w", delivery, err)
		}
		w.Copies, detail["url"] = w.Copies+1, found.url
	}
	if w.ByHand() {
		if err := w.doneByHand(ctx, tx, by, now); err != nil {
			return err
		}
	}
	if w.Copies < len(final.Parts) {
		if next, err := w.nextByHand(ctx, tx, now); err != nil || next {
			return errors.Join(err, note(ctx, tx, w, "delivery.live", by, detail))
		}
		say := fmt.Sprintf("Part %d of %d is out, and the rest is not. Take it down, or continue by hand.", w.Part, len(final.Parts))
		if err := changed(ctx, tx, "say how much is out", sqlSay, delivery, say); err != nil {
			return err
		}
		return note(ctx, tx, w, "delivery.live", by, detail)
	}
	if w.State == post.Missed {
		if err := changed(ctx, tx, "hold what was missed", sqlHoldAgain, delivery); err != nil {
			return err
		}
	}
	if err := changed(ctx, tx, "publish by a person's word", sqlPublished, delivery, release.ID, now); err != nil {
		return err
	}
	return note(ctx, tx, w, "delivery.live", by, detail)
}

// A release may go out again while its clearance stands, its words are the post's words, its time is the delivery's, and consents cover it. Of a
// thread that has begun only the release of its first part may.
const sqlCleared = `
SELECT r.id
FROM releases r
JOIN deliveries d ON d.id = r.delivery_id AND d.due_at = r.due_at AND d.not_after = r.not_after
JOIN posts p ON p.id = r.post_id AND p.current_revision = r.revision_id
JOIN clearances c ON c.submission_id = r.submission_id
WHERE d.id = $1
  AND NOT EXISTS (SELECT 1 FROM copies k WHERE k.delivery_id = d.id AND (k.release_id IS DISTINCT FROM r.id OR k.removed_at IS NOT NULL))
  AND consent_gaps(r.post_id, r.body, (SELECT h.platform FROM channels h WHERE h.id = r.channel_id), r.language, greatest(r.due_at, $2)) = '{}'
ORDER BY r.id DESC
LIMIT 1`

const (
	sqlSchedule = `
UPDATE deliveries d
SET state = 'scheduled', hold = NULL, problem = '', release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r
WHERE d.id = $1
  AND r.id = $2
  AND d.state = 'held'`

	// The fence goes on where it was, so that no worker takes the row for one that it claimed before. Lateness counts from the word
	// that it is not live.
	sqlQueue = `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at, ready_at, fence)
SELECT r.delivery_id, r.post_id, r.channel_id, r.language, r.due_at, r.not_after, r.id, r.submission_id, r.revision_id,
  r.submission_id, r.revision_id, greatest(r.due_at, $2), greatest(r.due_at, $2),
  (SELECT coalesce(max(a.fence), 0) FROM attempts a WHERE a.delivery_id = r.delivery_id)
FROM releases r
WHERE r.id = $1`

	sqlOverdue = `
UPDATE deliveries
SET hold = $2, problem = $3
WHERE id = $1
  AND state = 'held'`
)

// NotLive writes down a person's word that a delivery is not out. Still inside its window and approved as it was, it goes back into
// the queue; else, and when it was taken down meanwhile, it waits for a new time. It reports whether it goes out again by itself.
//
// The attempt is "absent", as if the network had shown everything and not the post: its next try then carries the same idempotency
// key, so that a network which has it after all and keeps keys makes no second one.
func NotLive(ctx context.Context, tx *postgres.Tx, delivery int64, by people.Person, now time.Time) (queued bool, err error) {
	w, err := lock(ctx, tx, delivery, by)
	if err != nil {
		return false, err
	}
	if !w.MayGoAgain() {
		if w.known() {
			return false, fault.New(fault.Conflict, "It is out: %s. It is not sent again.", w.URL)
		}
		return false, fault.New(fault.Conflict, "Nothing was lost here that could be sent again. Give it a new time.")
	}
	if w.Unknown {
		if err := settle.Find(ctx, tx, w.Attempt, "absent"); err != nil {
			return false, err
		}
	}
	queued, err = w.queue(ctx, tx, now)
	switch {
	case err != nil:
		return false, err
	case !queued:
		return false, w.wait(ctx, tx, by)
	}
	return true, note(ctx, tx, w, "delivery.again", by, map[string]any{"queued": true})
}

// queue puts a delivery back into the queue, if it is still inside its window and approved as it was.
func (w Waiting) queue(ctx context.Context, tx *postgres.Tx, now time.Time) (bool, error) {
	if w.State != post.Held || !now.Before(w.NotAfter) || w.Down {
		return false, nil
	}
	var ready []int64
	if err := tx.SelectContext(ctx, &ready, sqlCleared, w.Delivery, now); err != nil {
		return false, fmt.Errorf("see whether delivery %d may go out: %w", w.Delivery, err)
	}
	if len(ready) == 0 {
		return false, nil
	}
	if err := changed(ctx, tx, "schedule again", sqlSchedule, w.Delivery, ready[0]); err != nil {
		return false, err
	}
	if err := changed(ctx, tx, "queue again", sqlQueue, ready[0], now); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_notify('daymark_queue', '')"); err != nil {
		return false, fmt.Errorf("tell the dispatcher: %w", err)
	}
	return true, nil
}

// wait lets a delivery that is not out wait for a new time, or a begun thread for what a person does about it.
func (w Waiting) wait(ctx context.Context, tx *postgres.Tx, by people.Person) error {
	say, hold := "It is not live. Give it a new time, or leave it out.", post.ForOverdue
	if w.Copies > 0 {
		say, hold = fmt.Sprintf("Part %d is out, and part %d is not. Take down what is out, or continue by hand.", w.Copies, w.Part), post.ForDecision
	}
	var err error
	if w.State == post.Held {
		err = changed(ctx, tx, "wait for a new time", sqlOverdue, w.Delivery, string(hold), say)
	} else {
		err = changed(ctx, tx, "wait for a new time", sqlSay, w.Delivery, say)
	}
	if err != nil {
		return err
	}
	return note(ctx, tx, w, "delivery.not_live", by, map[string]any{"queued": false})
}
