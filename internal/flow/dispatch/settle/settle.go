// Package settle writes what became of an attempt: published, again later, refused, unknown, or held for a person.
//
// Each outcome is one transaction with its line in the audit log. A worker that was taken for dead while it waited for an
// answer finds its attempt ended by another; then only the network's word that the post is out still counts. The package
// calls no network and does not decide what is sent.
package settle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

const (
	// patience is how long a failing database is tried.
	patience = 10 * time.Minute
	// farewell is how long it is still tried after the daemon was asked to stop.
	farewell = 5 * time.Second
	// maxDuplicates is the try at which a network that refuses a text as there already, and does not show it, is believed no more.
	maxDuplicates = 3
)

var errRemoteID = errors.New("the network's receipt names no post")

// Settler settles attempts.
type Settler struct {
	DB    *postgres.DB
	Clock clock.Clock
	Log   *slog.Logger
	Point func(name string) // a moment at which a crash test kills the daemon
}

// Settle writes what became of an attempt. It tries until the database takes it or ten minutes have gone, and for a few seconds
// only when ctx ends. Should it fail for good, the row stays marked as on its way and becomes unknown: the network is asked. It
// reports whether the worker still holds the row and may send the next part of the thread.
func (s *Settler) Settle(ctx context.Context, try attempt.Try, receipt platform.Receipt, cause error) (goesOn bool) {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(farewell, cancel) })
	defer stop()
	for n := 0; ; n++ {
		err := s.DB.InTx(limit, func(tx *postgres.Tx) (err error) {
			goesOn, err = s.write(limit, tx, try, receipt, cause)
			return err
		})
		if contradicts(err) {
			s.Log.ErrorContext(limit, "the book does not take the network's answer", "delivery_id", try.Row.Delivery, "remote_id", receipt.Ref.ID, "err", err)
			goesOn = false
			err = s.DB.InTx(limit, func(tx *postgres.Tx) error { return s.handOver(limit, tx, try, receipt) })
		}
		if err == nil {
			s.report(limit, try, receipt, cause)
			return goesOn
		}
		s.Log.ErrorContext(limit, "settling failed; trying again", "delivery_id", try.Row.Delivery, "err", err)
		timer := time.NewTimer(min(5*time.Second, 50*time.Millisecond<<min(n, 7)))
		select {
		case <-limit.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
}

// outcomes are the words of the attempts table.
var outcomes = map[platform.Kind]string{
	platform.KindDone:        "published",
	platform.KindPermanent:   "refused",
	platform.KindTransient:   "again",
	platform.KindRateLimited: "limited",
	platform.KindAuthExpired: "unauthorised",
	platform.KindDuplicate:   "unknown",
	platform.KindUnknown:     "unknown",
}

const (
	sqlFailed = `
UPDATE deliveries
SET state = 'failed', problem = $2, settled_at = $3
WHERE id = $1
  AND state = 'scheduled'`

	sqlUnknown = `
UPDATE deliveries
SET state = 'unknown', problem = $2, ask_at = clock_timestamp(), absent = 0
WHERE id = $1
  AND state = 'scheduled'`
)

// write is the one transaction that settles an attempt. It reports whether the next part of a thread may follow.
func (s *Settler) write(ctx context.Context, tx *postgres.Tx, try attempt.Try, receipt platform.Receipt, cause error) (goesOn bool, err error) {
	say, id, kind := platform.Say(cause), try.Row.Delivery, platform.Outcome(cause)
	ours, err := End(ctx, tx, try.ID, outcomes[kind], say)
	if err != nil {
		return false, err
	}
	if kind == platform.KindDone {
		return s.published(ctx, tx, try, receipt, ours)
	}
	if !ours {
		return false, nil // whoever ended the attempt has seen to the delivery
	}
	switch kind {
	case platform.KindPermanent:
		say = begun(try) + say
		_, err = Change(ctx, tx, id, "delivery.failed", say, sqlFailed, id, say, s.Clock.Now())
		return false, err
	case platform.KindAuthExpired:
		return false, Hold(ctx, tx, id, post.ForDecision, begun(try)+say)
	case platform.KindTransient, platform.KindRateLimited:
		return false, s.again(ctx, tx, try, After(s.Clock, try.Row, cause), say)
	case platform.KindDuplicate:
		if try.No >= maxDuplicates {
			return false, Hold(ctx, tx, id, post.ForDecision, begun(try)+"The network says again and again that it has this text already, and does not show it. Look on the account.")
		}
	case platform.KindDone, platform.KindUnknown:
	}
	_, err = Change(ctx, tx, id, "delivery.unknown", say, sqlUnknown, id, say)
	return false, err
}

// begun says how much of a thread is out, ahead of what became of the next part.
func begun(try attempt.Try) string {
	switch try.Part {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("Part 1 of %d is out; part 2 is not. ", len(try.Content.Parts))
	}
	return fmt.Sprintf("Parts 1 to %d of %d are out; part %d is not. ", try.Part, len(try.Content.Parts), try.Part+1)
}

// After is when to try again after a definite failure: a little later each time, and not before the network takes calls again.
func After(c clock.Clock, r attempt.Row, cause error) time.Time {
	at := c.Now().Add(attempt.Pause(c, r))
	if limited, ok := errors.AsType[*platform.RateLimited](cause); ok && limited.Until.After(at) {
		return limited.Until
	}
	return at
}

// The row is ready for the thread's next part at once. Nobody else may take it meanwhile.
const sqlNextPart = `
UPDATE queue
SET sending_at = NULL, next_attempt_at = greatest(due_at, $2)
WHERE delivery_id = $1
  AND fence = $3
  AND lease_owner = $4::uuid
  AND guard_submission IS NOT NULL
  AND guard_revision IS NOT NULL`

// published writes the copy and the success, or that the next part of the thread may follow.
func (s *Settler) published(ctx context.Context, tx *postgres.Tx, try attempt.Try, receipt platform.Receipt, ours bool) (goesOn bool, err error) {
	if receipt.Ref.ID == "" {
		return false, errRemoteID
	}
	if !ours {
		if err := Find(ctx, tx, try.ID, "found"); err != nil {
			return false, err
		}
	}
	part := Part{Delivery: try.Row.Delivery, Release: try.Row.Release, No: try.Part + 1, Of: len(try.Content.Parts)}
	if err := CopyOut(ctx, tx, part, receipt, s.Clock.Now()); err != nil {
		return false, err
	}
	if part.No < part.Of && ours {
		if goesOn, err = s.nextPart(ctx, tx, try); err != nil {
			return false, err
		}
	}
	s.Point("before commit")
	return goesOn, nil
}

// nextPart lets the worker go on with a thread, or hands it to a person when its words or its approval changed meanwhile.
func (s *Settler) nextPart(ctx context.Context, tx *postgres.Tx, try attempt.Try) (bool, error) {
	r := try.Row
	res, err := tx.ExecContext(ctx, sqlNextPart, r.Delivery, s.Clock.Now(), r.Fence, r.Owner)
	if err != nil {
		return false, fmt.Errorf("go on with delivery %d: %w", r.Delivery, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err == nil, err
	}
	try.Part++
	return false, Hold(ctx, tx, r.Delivery, post.ForDecision, begun(try)+"Its words or its approval changed meanwhile. Take down what is out, or continue by hand.")
}

// handOver lets a person decide about a delivery whose answer the book cannot take: the network named a post that belongs to
// another delivery, or the delivery has moved on meanwhile.
func (s *Settler) handOver(ctx context.Context, tx *postgres.Tx, try attempt.Try, receipt platform.Receipt) error {
	say := "The network's answer does not fit what Daymark knows. Look on the account whether the post is there: " + receipt.URL
	if _, err := End(ctx, tx, try.ID, "unknown", say); err != nil {
		return err
	}
	return Hold(ctx, tx, try.Row.Delivery, post.ForDecision, say)
}

// The fence alone would not do: it begins anew when a delivery comes into the queue again.
const sqlAgain = `
UPDATE queue
SET sending_at = NULL, lease_owner = NULL, lease_until = NULL, next_attempt_at = greatest(due_at, $2)
WHERE delivery_id = $1
  AND fence = $3
  AND lease_owner = $4::uuid
  AND guard_submission IS NOT NULL
  AND guard_revision IS NOT NULL`

// again puts a delivery that was definitely not posted back into the queue. It is held instead if that would make it later
// than it may be without a person's word, or if its approval ended meanwhile.
func (s *Settler) again(ctx context.Context, tx *postgres.Tx, try attempt.Try, at time.Time, say string) error {
	r := try.Row
	if at.Sub(r.ReadyAt) > attempt.Late(s.Clock) {
		return Hold(ctx, tx, r.Delivery, Late(try.Part), begun(try)+say)
	}
	res, err := tx.ExecContext(ctx, sqlAgain, r.Delivery, at, r.Fence, r.Owner)
	if err != nil {
		return fmt.Errorf("queue delivery %d again: %w", r.Delivery, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	why, err := WhyUnguarded(ctx, tx, r.Release)
	if err != nil {
		return err
	}
	if try.Part > 0 {
		why = post.ForDecision
	}
	return Hold(ctx, tx, r.Delivery, why, begun(try)+say)
}

// Late is why a delivery is held that cannot go out in time: a thread that has begun cannot be given a new time.
func Late(part int) post.Hold {
	if part > 0 {
		return post.ForDecision
	}
	return post.ForOverdue
}

// report writes the one log line of an attempt.
func (s *Settler) report(ctx context.Context, try attempt.Try, receipt platform.Receipt, cause error) {
	if cause == nil {
		s.Log.InfoContext(ctx, "delivery published", "delivery_id", try.Row.Delivery, "channel_id", try.Row.Channel, "part", try.Part+1,
			"remote_id", receipt.Ref.ID, "after_due_ms", s.Clock.Now().Sub(try.Row.DueAt).Milliseconds())
		return
	}
	s.Log.WarnContext(ctx, "delivery not confirmed", "delivery_id", try.Row.Delivery, "channel_id", try.Row.Channel,
		"outcome", platform.Outcome(cause).String(), "err", cause)
}
