package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/org/audit"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

const (
	sqlEndAttempt = `
UPDATE attempts
SET ended_at = clock_timestamp(), outcome = $2, problem = $3
WHERE id = $1
  AND outcome IS NULL`

	sqlFound = `
UPDATE attempts
SET finding = $2
WHERE id = $1
  AND finding IS NULL
  AND outcome IN ('unknown', 'lost')`

	sqlInsertCopy = `
INSERT INTO copies (delivery_id, part, post_id, channel_id, language, remote_id, uri, url, published_at)
SELECT d.id, 1, d.post_id, d.channel_id, d.language, $2, $3, $4, $5
FROM deliveries d
WHERE d.id = $1
ON CONFLICT (delivery_id, part) DO NOTHING`

	sqlPublished = `
UPDATE deliveries
SET state = 'published', hold = NULL, problem = '', ask_at = NULL, settled_at = $2
WHERE id = $1
  AND state IN ('scheduled', 'unknown')`

	sqlFailed = `
UPDATE deliveries
SET state = 'failed', problem = $2, settled_at = $3
WHERE id = $1
  AND state = 'scheduled'`

	sqlHold = `
UPDATE deliveries
SET state = 'held', hold = $2, problem = $3, ask_at = NULL, release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE id = $1
  AND state IN ('scheduled', 'unknown')`

	sqlUnknown = `
UPDATE deliveries
SET state = 'unknown', problem = $2, ask_at = clock_timestamp(), absent = 0
WHERE id = $1
  AND state = 'scheduled'`

	sqlAgain = `
UPDATE queue
SET sending_at = NULL, lease_owner = NULL, lease_until = NULL, next_attempt_at = greatest(due_at, $2)
WHERE delivery_id = $1
  AND fence = $3
  AND guard_submission IS NOT NULL
  AND guard_revision IS NOT NULL`

	sqlHoldReason = `
SELECT CASE WHEN q.guard_submission IS NULL AND p.current_revision = q.revision_id THEN 'approval' ELSE 'edited' END
FROM queue q
JOIN posts p ON p.id = q.post_id
WHERE q.delivery_id = $1`
)

// settle writes what became of an attempt. It tries until the database takes it or ten minutes have gone; should it fail for
// good, the row stays marked as on its way and becomes unknown when this worker is gone.
func (d *Dispatcher) settle(ctx context.Context, try attempt, receipt platform.Receipt, cause error) {
	limit, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	for n := 0; ; n++ {
		err := d.DB.InTx(limit, func(tx *postgres.Tx) error { return d.write(limit, tx, try, receipt, cause) })
		if err == nil {
			d.report(ctx, try, receipt, cause)
			return
		}
		d.Log.ErrorContext(ctx, "settling failed; trying again", "delivery_id", try.row.Delivery, "err", err)
		timer := time.NewTimer(min(5*time.Second, 50*time.Millisecond<<min(n, 7)))
		select {
		case <-limit.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// write is the one transaction that settles an attempt.
func (d *Dispatcher) write(ctx context.Context, tx *postgres.Tx, try attempt, receipt platform.Receipt, cause error) error {
	say := platform.Say(cause)
	id := try.row.Delivery
	switch platform.Outcome(cause) {
	case platform.KindDone:
		return d.published(ctx, tx, try, receipt)
	case platform.KindPermanent:
		if err := end(ctx, tx, try, "refused", say); err != nil {
			return err
		}
		return change(ctx, tx, id, "delivery.failed", say, sqlFailed, id, say, d.Clock.Now())
	case platform.KindAuthExpired:
		if err := end(ctx, tx, try, "unauthorised", say); err != nil {
			return err
		}
		return change(ctx, tx, id, "delivery.held", say, sqlHold, id, "decision", say)
	case platform.KindTransient:
		if err := end(ctx, tx, try, "again", say); err != nil {
			return err
		}
		return d.again(ctx, tx, try, d.Clock.Now().Add(d.pause(try.row.Tries)), say)
	case platform.KindRateLimited:
		if err := end(ctx, tx, try, "limited", say); err != nil {
			return err
		}
		until := d.Clock.Now().Add(d.pause(try.row.Tries))
		if limited, ok := errors.AsType[*platform.RateLimited](cause); ok && limited.Until.After(until) {
			until = limited.Until
		}
		return d.again(ctx, tx, try, until, say)
	case platform.KindDuplicate, platform.KindUnknown:
	}
	if err := end(ctx, tx, try, "unknown", say); err != nil {
		return err
	}
	return change(ctx, tx, id, "delivery.unknown", say, sqlUnknown, id, say)
}

// published writes the copy and the success.
func (d *Dispatcher) published(ctx context.Context, tx *postgres.Tx, try attempt, receipt platform.Receipt) error {
	if err := end(ctx, tx, try, "published", ""); err != nil {
		return err
	}
	if err := d.copyOut(ctx, tx, try.row.Delivery, receipt); err != nil {
		return err
	}
	d.point("before commit")
	return nil
}

// copyOut writes the network's word that a delivery is out.
func (d *Dispatcher) copyOut(ctx context.Context, tx *postgres.Tx, delivery int64, receipt platform.Receipt) error {
	at := receipt.At
	if at.IsZero() {
		at = d.Clock.Now()
	}
	if _, err := tx.ExecContext(ctx, sqlInsertCopy, delivery, receipt.Ref.ID, receipt.Ref.URI, receipt.URL, at); err != nil {
		return fmt.Errorf("write the copy of delivery %d: %w", delivery, err)
	}
	return change(ctx, tx, delivery, "delivery.published", receipt.URL, sqlPublished, delivery, d.Clock.Now())
}

// again puts a delivery that was definitely not posted back into the queue. It is held instead if that would make it later
// than it may be without a person's word, or if its approval ended meanwhile.
func (d *Dispatcher) again(ctx context.Context, tx *postgres.Tx, try attempt, at time.Time, say string) error {
	if at.Sub(try.row.DueAt) > d.late() {
		return change(ctx, tx, try.row.Delivery, "delivery.held", say, sqlHold, try.row.Delivery, string(post.ForOverdue), say)
	}
	res, err := tx.ExecContext(ctx, sqlAgain, try.row.Delivery, at, try.row.Fence)
	if err != nil {
		return fmt.Errorf("queue delivery %d again: %w", try.row.Delivery, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	var why string
	if err := tx.GetContext(ctx, &why, sqlHoldReason, try.row.Delivery); err != nil {
		return fmt.Errorf("delivery %d left the queue while it was sent: %w", try.row.Delivery, err)
	}
	return change(ctx, tx, try.row.Delivery, "delivery.held", say, sqlHold, try.row.Delivery, why, say)
}

func end(ctx context.Context, tx *postgres.Tx, try attempt, outcome, say string) error {
	if _, err := tx.ExecContext(ctx, sqlEndAttempt, try.ID, outcome, say); err != nil {
		return fmt.Errorf("end attempt %d: %w", try.ID, err)
	}
	return nil
}

// change writes a change of state with its line in the audit log.
func change(ctx context.Context, tx *postgres.Tx, delivery int64, action, say, statement string, args ...any) error {
	res, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("%s %d: %w", action, delivery, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	detail := map[string]any{}
	if say != "" {
		detail["say"] = say
	}
	return audit.Write(ctx, tx, audit.Entry{Action: action, Kind: "delivery", ID: delivery, Detail: detail})
}

// report writes the one log line of an attempt.
func (d *Dispatcher) report(ctx context.Context, try attempt, receipt platform.Receipt, cause error) {
	late := d.Clock.Now().Sub(try.row.DueAt)
	if cause == nil {
		d.Log.InfoContext(ctx, "delivery published", "delivery_id", try.row.Delivery, "channel_id", try.row.Channel, "remote_id", receipt.Ref.ID, "after_due_ms", late.Milliseconds())
		return
	}
	d.Log.WarnContext(ctx, "delivery not confirmed", "delivery_id", try.row.Delivery, "channel_id", try.row.Channel, "outcome", platform.Outcome(cause).String(), "err", cause)
}

// notPrepared handles a failure before anything irreversible: a passing one is tried again, any other waits for a person.
func (d *Dispatcher) notPrepared(ctx context.Context, r row, cause error) {
	kind := platform.Outcome(cause)
	if ctx.Err() != nil || kind == platform.KindTransient || kind == platform.KindRateLimited || kind == platform.KindUnknown {
		d.backOff(ctx, r, cause)
		return
	}
	say := platform.Say(cause)
	err := d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return change(ctx, tx, r.Delivery, "delivery.held", say, sqlHoldClaimed, r.Delivery, say, d.Worker.String(), r.Fence)
	})
	if err != nil {
		d.backOff(ctx, r, err)
	}
}

const sqlHoldClaimed = `
UPDATE deliveries d
SET state = 'held', hold = 'decision', problem = $2, release_id = NULL, submission_id = NULL, revision_id = NULL
FROM queue q
WHERE d.id = $1
  AND d.state = 'scheduled'
  AND q.delivery_id = d.id
  AND q.lease_owner = $3::uuid
  AND q.fence = $4
  AND q.sending_at IS NULL`
