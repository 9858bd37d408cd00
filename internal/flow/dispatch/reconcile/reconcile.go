// Package reconcile finds out what became of deliveries whose answer was lost, by asking their networks.
//
// Found is adopted. Absent, read twice after the time in which a late answer can still come, goes back into the queue if it
// is still approved and in time. What cannot be told waits for a person. The package never publishes anything itself.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Networks looks for posts.
type Networks interface {
	Find(ctx context.Context, channel int64, attempt platform.Attempt) (platform.Finding, error)
	// Settling is how long after an attempt ended the network's "not found" proves nothing.
	Settling(ctx context.Context, channel int64) (time.Duration, error)
}

// Asker asks networks about deliveries.
type Asker struct {
	DB       *postgres.DB
	Networks Networks
	Clock    clock.Clock
	Log      *slog.Logger
	Timeout  time.Duration // how long one question may take
	Worker   string        // a UUID; others take its questions over when it is gone

	mu    sync.Mutex
	hands map[int64]bool // the deliveries that it asks about just now
}

// Unknown is a delivery of which nobody knows whether it is out, with its latest attempt.
type Unknown struct {
	Delivery int64          `db:"delivery_id"`
	Channel  int64          `db:"channel_id"`
	Release  int64          `db:"release_id"`
	Attempt  int64          `db:"attempt_id"`
	Part     int            `db:"part"` // from 1
	No       int            `db:"no"`
	Key      string         `db:"key"`
	Request  []byte         `db:"request"`
	Handles  []byte         `db:"handles"`
	FirstAt  time.Time      `db:"first_at"`
	Ended    float64        `db:"ended"` // seconds since the attempt ended, by the database's clock
	Absent   int            `db:"absent"`
	Due      time.Time      `db:"due_at"`
	ReadyAt  time.Time      `db:"ready_at"` // lateness counts from here
	NotAfter time.Time      `db:"not_after"`
	AskAt    time.Time      `db:"ask_at"` // says that the question is ours: who asks later has another
	Others   pq.StringArray `db:"others"` // remote ids of the channel's other copies
	IDs      pq.StringArray `db:"ids"`    // of the parts that are out, in order
	URIs     pq.StringArray `db:"uris"`
	RootID   string         `db:"root_id"` // the post that the delivery answers; empty when it answers none
	RootURI  string         `db:"root_uri"`
}

// Taking a row moves the next question ahead, past the longest that this one can take, so that no two ask at the same time.
const sqlTake = `
WITH taken AS MATERIALIZED (
  SELECT id
  FROM deliveries
  WHERE state = 'unknown'
    AND ask_at <= clock_timestamp()
  ORDER BY ask_at
  LIMIT $1
  FOR NO KEY UPDATE SKIP LOCKED
),
moved AS (
  UPDATE deliveries d
  SET ask_at = clock_timestamp() + $2 * interval '1 millisecond', asked_by = $3::uuid
  FROM taken
  WHERE d.id = taken.id
  RETURNING d.id, d.channel_id, d.release_id, d.absent, d.due_at, d.not_after, d.ask_at, d.answers, greatest(d.ready_at, d.due_at) AS ready_at
)
SELECT m.id AS delivery_id, m.channel_id, m.release_id, m.absent, m.due_at, m.ready_at, m.not_after, m.ask_at,
  coalesce(r.remote_id, '') AS root_id, coalesce(r.uri, '') AS root_uri,
  a.id AS attempt_id, a.part, a.no, a.key, a.request, a.handles,
  (SELECT min(f.started_at) FROM attempts f WHERE f.delivery_id = m.id AND f.part = a.part) AS first_at,
  extract(epoch FROM clock_timestamp() - a.ended_at)::float8 AS ended,
  ARRAY(SELECT k.remote_id FROM copies k WHERE k.channel_id = m.channel_id AND (k.delivery_id <> m.id OR k.part <> a.part)) AS others,
  ARRAY(SELECT k.remote_id FROM copies k WHERE k.delivery_id = m.id ORDER BY k.part) AS ids,
  ARRAY(SELECT k.uri FROM copies k WHERE k.delivery_id = m.id ORDER BY k.part) AS uris
FROM moved m
JOIN LATERAL (
  SELECT *
  FROM attempts
  WHERE delivery_id = m.id
  ORDER BY id DESC
  LIMIT 1
) a ON true
LEFT JOIN copies r ON r.delivery_id = m.answers AND r.part = 1`

// Take returns up to n unknown deliveries whose turn to be asked about has come. Each must be given to [Asker.Ask].
func (a *Asker) Take(ctx context.Context, n int) ([]Unknown, error) {
	var list []Unknown
	if err := a.DB.SelectContext(ctx, &list, sqlTake, n, (a.patience() + 5*time.Second).Milliseconds(), a.Worker); err != nil {
		return nil, fmt.Errorf("look for unknown deliveries: %w", err)
	}
	a.took(list)
	return list, nil
}

// patience is how long one question may take with all that belongs to it.
func (a *Asker) patience() time.Duration { return 2 * a.Timeout }

// Ask looks for one delivery at its network and writes what follows from it.
func (a *Asker) Ask(ctx context.Context, u Unknown) error {
	defer a.done(u.Delivery)
	ctx, cancel := context.WithTimeout(ctx, a.patience())
	defer cancel()
	content, err := attempt.Thaw(u.Request)
	if err != nil {
		return err
	}
	question := platform.Attempt{
		Key: u.Key, No: u.No, Part: u.Part - 1, Content: content,
		Handles: platform.Handles(u.Handles), StartedAt: u.FirstAt, Exclude: u.Others,
	}
	if u.RootID != "" {
		question.Root = &platform.Ref{ID: u.RootID, URI: u.RootURI}
		question.ReplyTo = question.Root
	}
	if before := u.Part - 2; before >= 0 && before < len(u.IDs) {
		if question.Root == nil {
			question.Root = &platform.Ref{ID: u.IDs[0], URI: u.URIs[0]}
		}
		question.ReplyTo = &platform.Ref{ID: u.IDs[before], URI: u.URIs[before]}
	}
	call, done := context.WithTimeout(ctx, a.Timeout)
	defer done()
	finding, err := a.Networks.Find(call, u.Channel, question)
	if err != nil {
		return a.noAnswer(ctx, u, err)
	}
	if finding.State == platform.Found {
		return a.adopt(ctx, u, len(content.Parts), finding.Receipt)
	}
	settling, err := a.Networks.Settling(ctx, u.Channel)
	if err != nil {
		return err
	}
	switch left := settling - time.Duration(u.Ended*float64(time.Second)); {
	case left > 0:
		return a.later(ctx, u, left, 0, "The network does not show it; it is asked again when a late answer can no longer come.")
	case finding.State == platform.CannotTell:
		return a.decide(ctx, u, finding.Why)
	case u.Absent == 0:
		return a.later(ctx, u, min(settling/4, 10*time.Second), 1, "The network does not show it; it is asked once more.")
	}
	return a.resend(ctx, u, settling)
}

// noAnswer asks again later, at longer and longer intervals. When the window has closed a person is told instead: then the
// post does not go out by itself any more, whatever the answer.
func (a *Asker) noAnswer(ctx context.Context, u Unknown, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !a.Clock.Now().Before(u.NotAfter) {
		return a.decide(ctx, u, "the network could not be asked. "+platform.Say(cause))
	}
	wait := time.Duration(u.Ended / 4 * float64(time.Second))
	return a.later(ctx, u, min(max(wait, 5*time.Second), 10*time.Minute), u.Absent, platform.Say(cause))
}

const sqlLater = `
UPDATE deliveries
SET ask_at = clock_timestamp() + $2 * interval '1 millisecond', asked_by = NULL, absent = $3, problem = $4
WHERE id = $1
  AND state = 'unknown'
  AND ask_at = $5`

func (a *Asker) later(ctx context.Context, u Unknown, wait time.Duration, absent int, say string) error {
	// Every question reads the whole answer anew, so asking more often than this gains nothing.
	_, err := a.DB.ExecContext(ctx, sqlLater, u.Delivery, max(wait, 100*time.Millisecond).Milliseconds(), absent, say, u.AskAt)
	return err
}

// adopt writes down the copy that was found. A thread with more parts goes on.
func (a *Asker) adopt(ctx context.Context, u Unknown, parts int, receipt platform.Receipt) error {
	now, held := a.Clock.Now(), false
	err := a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if err := settle.Find(ctx, tx, u.Attempt, "found"); err != nil {
			return err
		}
		part := settle.Part{Delivery: u.Delivery, Release: u.Release, No: u.Part, Of: parts}
		if err := settle.CopyOut(ctx, tx, part, receipt, now); err != nil || u.Part >= parts {
			return err
		}
		if held = !now.Before(u.NotAfter); held {
			return settle.Hold(ctx, tx, u.Delivery, post.ForDecision, fmt.Sprintf("Part %d of %d is out, and the time for the rest has passed. Take it down, or continue by hand.", u.Part, parts))
		}
		return a.requeue(ctx, tx, u, now, fmt.Sprintf("Part %d of %d is out.", u.Part, parts))
	})
	switch postgres.Constraint(err) {
	case "":
		return err
	case "copies_channel_id_remote_id_key":
		// Another delivery of the account has taken this post for its own a moment ago: one of the two is not out, and which is
		// seen at the next question, that leaves the other's post aside.
		return errors.Join(a.later(ctx, u, time.Second, 0, "The network shows a post that another delivery has; it is asked once more."), err)
	}
	// The guards refused the rest of the thread.
	return a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if err := settle.Find(ctx, tx, u.Attempt, "found"); err != nil {
			return err
		}
		part := settle.Part{Delivery: u.Delivery, Release: u.Release, No: u.Part, Of: parts}
		if err := settle.CopyOut(ctx, tx, part, receipt, now); err != nil {
			return err
		}
		return settle.Hold(ctx, tx, u.Delivery, post.ForDecision, fmt.Sprintf("Part %d of %d is out, and the rest is no longer approved. Take it down, or continue by hand.", u.Part, parts))
	})
}

const sqlOurs = `
SELECT EXISTS (SELECT 1 FROM deliveries WHERE id = $1 AND state = 'unknown' AND ask_at = $2)`

// decide hands the delivery to a person.
func (a *Asker) decide(ctx context.Context, u Unknown, why string) error {
	return a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		var ours bool
		if err := tx.GetContext(ctx, &ours, sqlOurs, u.Delivery, u.AskAt); err != nil || !ours {
			return err
		}
		return settle.Hold(ctx, tx, u.Delivery, post.ForDecision, "Nobody can tell whether it is out: "+why)
	})
}

const (
	sqlRequeue = `
UPDATE deliveries
SET state = 'scheduled', ask_at = NULL, problem = ''
WHERE id = $1
  AND state = 'unknown'
  AND ask_at = $2`

	// The fence goes on where it was, so that no worker takes the row for one that it claimed before.
	sqlRequeueRow = `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at, fence)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id,
  submission_id, revision_id, greatest(due_at, $2), (SELECT max(a.fence) FROM attempts a WHERE a.delivery_id = releases.delivery_id)
FROM releases
WHERE id = $1`
)

// resend puts a delivery that is proved absent back into the queue, if it is still approved and in time.
func (a *Asker) resend(ctx context.Context, u Unknown, settling time.Duration) error {
	now := a.Clock.Now()
	// Waiting for proof is no lateness of the kind that a person has to decide about.
	late := attempt.Late(a.Clock) + time.Duration(float64(2*settling)*a.Clock.Rate())
	if now.Sub(u.ReadyAt) > late || !now.Before(u.NotAfter) {
		return a.giveUp(ctx, u, func(*postgres.Tx) (post.Hold, error) { return settle.Late(u.Part - 1), nil },
			"The network does not have it, and its time has passed. Give it a new time, or leave it out.")
	}
	err := a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if err := settle.Find(ctx, tx, u.Attempt, "absent"); err != nil {
			return err
		}
		return a.requeue(ctx, tx, u, now, "The network does not have it.")
	})
	if postgres.Constraint(err) == "" {
		return err
	}
	// The guards refused: the text was changed or the approval withdrawn while it was on its way.
	return a.giveUp(ctx, u, func(tx *postgres.Tx) (post.Hold, error) {
		if u.Part > 1 {
			return post.ForDecision, nil
		}
		return settle.WhyUnguarded(ctx, tx, u.Release)
	},
		"The network does not have it, and it is no longer approved as it was.")
}

// requeue puts a delivery back into the queue for its next part, unless somebody else has settled it.
func (a *Asker) requeue(ctx context.Context, tx *postgres.Tx, u Unknown, now time.Time, say string) error {
	changed, err := settle.Change(ctx, tx, u.Delivery, "delivery.requeued", say, sqlRequeue, u.Delivery, u.AskAt)
	if err != nil || !changed {
		return err
	}
	_, err = tx.ExecContext(ctx, sqlRequeueRow, u.Release, now)
	return err
}

// giveUp holds a delivery that is proved absent and may not go out by itself.
func (a *Asker) giveUp(ctx context.Context, u Unknown, why func(tx *postgres.Tx) (post.Hold, error), say string) error {
	return a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		var ours bool
		if err := tx.GetContext(ctx, &ours, sqlOurs, u.Delivery, u.AskAt); err != nil || !ours {
			return err
		}
		if err := settle.Find(ctx, tx, u.Attempt, "absent"); err != nil {
			return err
		}
		hold, err := why(tx)
		if err != nil {
			return err
		}
		return settle.Hold(ctx, tx, u.Delivery, hold, say)
	})
}
