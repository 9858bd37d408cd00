package dispatch

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

const sqlRelease = `
SELECT body
FROM releases
WHERE id = $1`

// ready is a claimed row with all that is needed to send it.
type ready struct {
	attempt.Row
	body    []byte // the release as reviewers were shown it
	content platform.Content
	handles platform.Handles
}

// deliver takes one claimed row to its end: prepared, waited for, written down, sent, settled.
func (d *Dispatcher) deliver(ctx context.Context, row attempt.Row) {
	r := ready{Row: row}
	if err := d.read(ctx, &r); err != nil {
		d.backOff(ctx, row, "Daymark could not read this post.", err)
		return
	}
	if err := d.prepare(ctx, &r); err != nil {
		d.notPrepared(ctx, row, err)
		return
	}
	if !d.until(ctx, row.AttemptAt) {
		return // shutting down: Run gives the row back
	}
	// From here on the work is finished even when the daemon is asked to stop, and within the lease: past it, another worker
	// takes the row for lost.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Lease*3/4)
	defer cancel()
	try, err := d.writeDown(work, r)
	if err != nil {
		d.backOff(context.WithoutCancel(ctx), row, "Daymark's database did not take the note that comes before sending.", err)
		return
	}
	if try == nil {
		d.Log.InfoContext(work, "delivery was edited, withdrawn, paused or too late before it was sent", "delivery_id", row.Delivery)
		d.giveBack(work, row, d.Clock.Now().Add(attempt.Pause(d.Clock, row.Tries)))
		return
	}
	var receipt platform.Receipt
	if err = d.Licence.Seen(try.ID); err != nil {
		// Without this note a restored copy of the database could not be told from this one.
		err = &platform.Transient{Say: "The data folder cannot be written.", Err: err}
	} else {
		d.settler.Point("after attempt")
		call, done := context.WithTimeout(work, d.Timeout)
		receipt, err = d.Networks.Publish(call, row.Channel, try.Attempt)
		done()
		d.settler.Point("answer read")
	}
	d.remember(row.Release, r.handles, err)
	d.settler.Settle(ctx, *try, receipt, err)
	d.settler.Point("after settle")
}

// read reads the release and the pictures of a claimed row.
func (d *Dispatcher) read(ctx context.Context, r *ready) error {
	if err := d.DB.GetContext(ctx, &r.body, sqlRelease, r.Release); err != nil {
		return fmt.Errorf("read release %d: %w", r.Release, err)
	}
	final, err := post.ReadFinal(r.body)
	if err != nil {
		return err
	}
	r.content, err = book.Content(ctx, d.DB, final)
	return err
}

// prepare uploads what the post needs. It is harmless and may be repeated; uploads of an earlier try are used again.
func (d *Dispatcher) prepare(ctx context.Context, r *ready) error {
	call, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	d.mu.Lock()
	prev := d.uploads[r.Release]
	d.mu.Unlock()
	var err error
	r.handles, err = d.Networks.Prepare(call, r.Channel, r.content, 0, prev)
	if err != nil {
		d.remember(r.Release, r.handles, err)
	}
	return err
}

// remember keeps the uploads of a release for its next try, and forgets them when there is none that could use them.
func (d *Dispatcher) remember(release int64, handles platform.Handles, cause error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	again, _ := errors.AsType[*platform.Transient](cause)
	kind := platform.Outcome(cause)
	if kind == platform.KindRateLimited || kind == platform.KindTransient && (again == nil || !again.PrepareAgain) {
		d.uploads[release] = handles
		return
	}
	delete(d.uploads, release)
}

// notPrepared handles a failure before anything irreversible: a passing one is tried again, any other waits for a person.
func (d *Dispatcher) notPrepared(ctx context.Context, r attempt.Row, cause error) {
	kind, say := platform.Outcome(cause), platform.Say(cause)
	if ctx.Err() != nil || kind == platform.KindTransient || kind == platform.KindRateLimited || kind == platform.KindUnknown {
		d.backOff(ctx, r, say, cause)
		return
	}
	d.hold(context.WithoutCancel(ctx), r, post.ForDecision, say)
}

// The row is sent only if it is still ours, with the words that were prepared, unpaused, inside its window, and this database
// holds the sending licence. An edit or a withdrawal has taken the row away; then nothing comes back. The lease begins anew.
const sqlIntent = `
UPDATE queue q
SET sending_at = clock_timestamp(), tries = q.tries + 1, lease_until = clock_timestamp() + $4 * interval '1 millisecond'
WHERE q.delivery_id = $1
  AND q.lease_owner = $2::uuid
  AND q.fence = $3
  AND q.release_id = $7
  AND q.lease_until > clock_timestamp()
  AND q.sending_at IS NULL
  AND q.due_at <= $5
  AND q.not_after > $5
  AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope = 'everything' AND lifted_at IS NULL)
  AND EXISTS (SELECT 1 FROM licence WHERE token = $6)
RETURNING (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id) AS tried,
  (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id AND a.outcome IN ('refused', 'again', 'limited', 'unauthorised')) AS refused,
  (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id AND a.finding = 'absent') AS absent,
  (SELECT min(a.started_at) FROM attempts a WHERE a.delivery_id = q.delivery_id) AS first_at`

const sqlInsertAttempt = `
INSERT INTO attempts (delivery_id, part, no, fence, key, request, request_sha256, handles, started_at)
VALUES ($1, 1, $2, $3, $4, $5, sha256($5), $6, $7)
RETURNING id`

// writeDown commits the attempt: after it, and only after it, the network may be called. It returns nil when the delivery
// may not be sent any more.
func (d *Dispatcher) writeDown(ctx context.Context, r ready) (*attempt.Try, error) {
	sum := sha256.Sum256(r.body)
	request, err := attempt.Freeze(r.content, sum)
	if err != nil {
		return nil, err
	}
	if len(r.handles) == 0 {
		r.handles = platform.Handles("{}")
	}
	try := &attempt.Try{Row: r.Row, Attempt: platform.Attempt{Content: r.content, Handles: r.handles}}
	err = d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now := d.Clock.Now()
		var past struct {
			Tried   int        `db:"tried"`
			Refused int        `db:"refused"`
			Absent  int        `db:"absent"`
			FirstAt *time.Time `db:"first_at"`
		}
		if err := tx.GetContext(ctx, &past, sqlIntent, r.Delivery, r.Owner, r.Fence, d.Lease.Milliseconds(), now, d.Licence.Token(), r.Release); err != nil {
			return err
		}
		try.No, try.Key = past.Tried+1, attempt.Key(r.Delivery, sum, attempt.Past{Refused: past.Refused, Absent: past.Absent})
		if err := tx.GetContext(ctx, &try.ID, sqlInsertAttempt, r.Delivery, try.No, r.Fence, try.Key, request, string(r.handles), now); err != nil {
			return err
		}
		try.StartedAt = now
		if past.FirstAt != nil {
			try.StartedAt = *past.FirstAt
		}
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("write the attempt down: %w", err)
	}
	return try, nil
}
