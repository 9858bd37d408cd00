// Package decide lets people decide about deliveries that Daymark cannot or may not go on with by itself: those of which nobody
// can tell whether they are out, those whose time has passed, and those that their network refused.
//
// A network that Daymark has no connector for is served by a person: each of its posts waits here as a task ([Task], [Remind]).
//
// A person says that a delivery is live ([Live]) or that it is not ([NotLive]), gives it a new time ([NewTime]) or leaves it out
// ([LeaveOut]). Each is one change in the caller's transaction with its line in the audit log. The package sends nothing and asks
// no network: what goes out again goes through the queue and its guards, and a new time needs a new approval.
package decide

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Waiting is a delivery that waits for a person's decision, with what the decision needs.
type Waiting struct {
	Delivery int64            `db:"delivery"`
	Post     int64            `db:"post"`
	Channel  int64            `db:"channel"`
	Message  string           `db:"message"`
	Kind     string           `db:"kind"` // of the message
	Language string           `db:"language"`
	Network  platform.Network `db:"platform"`
	Address  string           `db:"address"` // of the account's server
	Handle   string           `db:"handle"`
	Remote   string           `db:"remote"` // the account's id at the network
	Sandbox  bool             `db:"sandbox"`
	Home     string           `db:"home"` // the channel's zone
	State    post.State       `db:"state"`
	Hold     post.Hold        `db:"hold"`
	Problem  string           `db:"problem"`
	Date     civil.Date       `db:"due_date"`
	Clock    civil.Clock      `db:"due_clock"`
	Zone     string           `db:"zone"`
	DueAt    time.Time        `db:"due_at"`
	NotAfter time.Time        `db:"not_after"`
	Attempt  int64            `db:"attempt"` // the last one; 0 when nothing was tried
	Part     int              `db:"part"`    // the part it was of, from 1
	TriedAt  *time.Time       `db:"tried_at"`
	Unknown  bool             `db:"unknown"` // nobody knows what became of the attempt
	Open     bool             `db:"open"`    // the attempt has not ended
	Parts    int              `db:"parts"`   // of the release that is out in part; else 1
	Copies   int              `db:"copies"`  // parts that are, or were, out
	Shown    int              `db:"shown"`   // parts that are out
	URL      string           `db:"url"`     // of the last of them
	Down     bool             `db:"down"`    // it was taken down, or held with what was: it needs a new approval
}

const sqlWaiting = `
SELECT d.id AS delivery, d.post_id AS post, d.channel_id AS channel, p.message,
  coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, d.language, c.platform, c.address, c.handle,
  c.remote_id AS remote, c.sandbox, c.zone AS home, d.state, coalesce(d.hold, '') AS hold, d.problem, d.due_date, d.due_clock,
  d.zone, d.due_at, d.not_after, coalesce(a.id, 0) AS attempt, coalesce(a.part, 1) AS part, a.started_at AS tried_at,
  coalesce(a.outcome IN ('unknown', 'lost') AND a.finding IS NULL, false) AS unknown,
  a.id IS NOT NULL AND a.outcome IS NULL AS open,
  coalesce((SELECT jsonb_array_length(convert_from(f.body, 'UTF8')::jsonb->'parts') FROM copies k JOIN releases f ON f.id = k.release_id
    WHERE k.delivery_id = d.id AND k.part = 1), 1) AS parts,
  (SELECT count(*) FROM copies k WHERE k.delivery_id = d.id) AS copies,
  (SELECT count(*) FROM copies k WHERE k.delivery_id = d.id AND k.removed_at IS NULL) AS shown,
  coalesce((SELECT k.url FROM copies k WHERE k.delivery_id = d.id ORDER BY k.part DESC LIMIT 1), '') AS url,
  EXISTS (SELECT 1 FROM takedown_copies k WHERE k.delivery_id = d.id)
    OR EXISTS (SELECT 1 FROM takedown_held k WHERE k.delivery_id = d.id)
    OR EXISTS (
      SELECT 1
      FROM takedowns t
      WHERE t.post_id = d.post_id
        OR t.edition_id = p.edition_id
        OR t.helpline_id IN (SELECT n.helpline_id FROM releases s JOIN release_helplines n ON n.release_id = s.id WHERE s.delivery_id = d.id)
    ) AS down
FROM deliveries d
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
LEFT JOIN revisions r ON r.id = p.current_revision
LEFT JOIN LATERAL (SELECT * FROM attempts l WHERE l.delivery_id = d.id ORDER BY l.id DESC LIMIT 1) a ON true
WHERE (d.state IN ('missed', 'failed') OR d.hold IN ('decision', 'overdue'))
  AND ($1::bigint = 0 OR d.id = $1)
  AND ($2::bigint = 0 OR d.post_id = $2)
  AND ($3::bigint = 0 OR d.id IN (SELECT h.delivery_id FROM pause_held h WHERE h.pause_id = $3))
ORDER BY d.due_at, d.id`

// List returns every delivery that waits for a decision, of a post or with 0 of the whole book, the oldest first.
func List(ctx context.Context, q postgres.Querier, postID int64) ([]Waiting, error) {
	return list(ctx, q, 0, postID, 0)
}

// OfPause returns what fell due during a pause and still waits for a decision, the oldest first.
func OfPause(ctx context.Context, q postgres.Querier, pause int64) ([]Waiting, error) {
	if pause == 0 {
		return nil, nil
	}
	return list(ctx, q, 0, 0, pause)
}

// Find returns a delivery that waits for a decision.
func Find(ctx context.Context, q postgres.Querier, delivery int64) (Waiting, error) {
	all, err := list(ctx, q, delivery, 0, 0)
	if err != nil {
		return Waiting{}, err
	}
	if delivery == 0 || len(all) == 0 {
		return Waiting{}, fault.New(fault.NotFound, "Nothing waits for a decision here. Somebody may have been faster.")
	}
	return all[0], nil
}

func list(ctx context.Context, q postgres.Querier, delivery, postID, pause int64) ([]Waiting, error) {
	var all []Waiting
	if err := q.SelectContext(ctx, &all, sqlWaiting, delivery, postID, pause); err != nil {
		return nil, fmt.Errorf("read what waits for a decision: %w", err)
	}
	return all, nil
}

const sqlCount = `
SELECT count(*)
FROM deliveries
WHERE state IN ('missed', 'failed')
  OR hold IN ('decision', 'overdue')`

// Count returns how many deliveries wait for a decision.
func Count(ctx context.Context, q postgres.Querier) (int, error) {
	var n int
	if err := q.GetContext(ctx, &n, sqlCount); err != nil {
		return 0, fmt.Errorf("count what waits for a decision: %w", err)
	}
	return n, nil
}

// ByHand reports whether a person posts it: then nobody else can tell whether it is out.
func (w Waiting) ByHand() bool { return w.Network == platform.ByHand }

// MayBeLive reports whether a person can say that it is live: nobody knows what became of it, or it is known to be out.
func (w Waiting) MayBeLive() bool {
	return (w.State == post.Missed || w.Hold == post.ForDecision) && !w.Open && (w.Unknown || w.known())
}

// known reports whether every part is known to be out: the network's answer came after the delivery was held.
func (w Waiting) known() bool { return w.Shown > 0 && w.Shown >= w.Parts }

// MayGoAgain reports whether a person can say that it is not live and goes out again, or that what kept it back is mended.
func (w Waiting) MayGoAgain() bool {
	switch {
	case w.Open || w.known():
		return false
	case w.Unknown && w.ByHand():
		return false // nothing is sent: it is posted, or left out
	case w.Unknown:
		return w.State == post.Missed || w.Hold == post.ForDecision
	}
	return w.Hold == post.ForDecision && w.Copies == w.Shown && !w.Down
}

// MayMove reports whether it can have a new time: nothing of it is out, or may be. A thread of which a part has been out belongs to
// its release for ever.
func (w Waiting) MayMove() bool { return w.MayLeave() && w.Copies == 0 }

// MayLeave reports whether it can be left out: nothing of it is out any more, or may be. What is posted by hand is out only when a
// person says so.
func (w Waiting) MayLeave() bool { return !w.Open && (!w.Unknown || w.ByHand()) && w.Shown == 0 }

const sqlPostOf = `
SELECT post_id
FROM deliveries
WHERE id = $1`

const sqlLock = `
SELECT id
FROM deliveries
WHERE id = $1
FOR UPDATE`

// lock locks the delivery's post and then the delivery, in the order in which an edit does, and returns how it stands.
func lock(ctx context.Context, tx *postgres.Tx, delivery int64, by people.Person) (Waiting, error) {
	if !by.May(people.PostDecide) {
		return Waiting{}, fault.New(fault.Forbidden, "Your role does not allow deciding what becomes of a post.")
	}
	var posts []int64
	if err := tx.SelectContext(ctx, &posts, sqlPostOf, delivery); err != nil {
		return Waiting{}, fmt.Errorf("look for delivery %d: %w", delivery, err)
	}
	if len(posts) == 0 {
		return Waiting{}, fault.New(fault.NotFound, "There is no delivery %d.", delivery)
	}
	if _, err := book.Lock(ctx, tx, posts[0]); err != nil {
		return Waiting{}, err
	}
	if err := tx.GetContext(ctx, new(int64), sqlLock, delivery); err != nil {
		return Waiting{}, fmt.Errorf("lock delivery %d: %w", delivery, err)
	}
	all, err := list(ctx, tx, delivery, 0, 0)
	if err != nil {
		return Waiting{}, err
	}
	if len(all) == 0 {
		return Waiting{}, fault.New(fault.Conflict, "Nothing has to be decided here any more: somebody was faster, or it has moved on. Look again.")
	}
	return all[0], nil
}

// note writes a decision into the log, where the post's history shows it.
func note(ctx context.Context, tx *postgres.Tx, w Waiting, action string, by people.Person, detail map[string]any) error {
	detail["delivery"], detail["language"], detail["account"], detail["was"] = w.Delivery, w.Language, w.Handle, string(w.State)
	if w.Hold != "" {
		detail["was"] = string(w.Hold)
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "post", ID: w.Post, Detail: detail})
}

// changed runs a statement that must change the one delivery that is locked.
func changed(ctx context.Context, tx *postgres.Tx, what, statement string, args ...any) error {
	res, err := tx.ExecContext(ctx, statement, args...)
	switch postgres.Constraint(err) {
	case "":
	case "left_out":
		return fault.Wrap(fault.Conflict, err, "Something of it is out, or may be. Look again.")
	case "not_while_taken_down":
		return fault.Wrap(fault.Conflict, err, "It is being taken down.")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if n != 1 {
		return fmt.Errorf("%s: %d rows changed, want 1", what, n)
	}
	return nil
}
