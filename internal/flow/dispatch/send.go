package dispatch

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// attempt is one try at a delivery, written down before the network is called.
type attempt struct {
	ID  int64
	row row
	platform.Attempt
}

// frozen is the request of an attempt as the database keeps it: all that Find needs later.
type frozen struct {
	Content platform.Content `json:"content"`
	Release string           `json:"release"` // the hash of the release's body
}

// deliver takes one claimed row to its end: prepared, waited for, written down, sent, settled.
func (d *Dispatcher) deliver(ctx context.Context, r row) {
	log := d.Log.With("delivery_id", r.Delivery, "channel_id", r.Channel)
	final, err := d.release(ctx, r.Release)
	if err != nil {
		d.backOff(ctx, r, err)
		return
	}
	content, err := book.Content(ctx, d.DB, final)
	if err != nil {
		d.backOff(ctx, r, err)
		return
	}
	handles, err := d.prepare(ctx, r, content)
	if err != nil {
		d.notPrepared(ctx, r, err)
		return
	}
	if !d.until(ctx, r.AttemptAt) {
		return // shutting down: Run gives the row back
	}
	// From here on the work is finished even when the daemon is asked to stop.
	work := context.WithoutCancel(ctx)
	try, err := d.writeDown(work, r, final, content, handles)
	if err != nil {
		d.backOff(work, r, err)
		return
	}
	if try == nil {
		log.InfoContext(work, "delivery was edited, withdrawn, paused or too late before it was sent")
		if err := d.giveBack(work, r, d.Clock.Now().Add(d.pause(0))); err != nil {
			log.ErrorContext(work, "give back failed", "err", err)
		}
		return
	}
	if err := d.Licence.Seen(try.ID); err != nil {
		// Without this note a restored copy of the database could not be told from this one.
		d.settle(work, *try, platform.Receipt{}, &platform.Transient{Say: "The data folder cannot be written.", Err: err})
		return
	}
	d.point("after attempt")
	call, cancel := context.WithTimeout(work, d.Timeout)
	receipt, err := d.Networks.Publish(call, r.Channel, try.Attempt)
	cancel()
	d.point("answer read")
	d.settle(work, *try, receipt, err)
	d.point("after settle")
}

// prepare uploads what the post needs. It is harmless and may be repeated.
func (d *Dispatcher) prepare(ctx context.Context, r row, content platform.Content) (platform.Handles, error) {
	call, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	return d.Networks.Prepare(call, r.Channel, content, 0, nil)
}

// The row is sent only if it is still ours, unpaused, inside its window, and this database holds the sending licence. An
// edit or a withdrawal has taken the row away; then nothing comes back.
const sqlIntent = `
UPDATE queue q
SET sending_at = clock_timestamp(), tries = q.tries + 1
WHERE q.delivery_id = $1
  AND q.lease_owner = $2::uuid
  AND q.fence = $3
  AND q.lease_until > clock_timestamp() + $4 * interval '1 millisecond'
  AND q.sending_at IS NULL
  AND q.due_at <= $5
  AND q.not_after > $5
  AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope = 'everything' AND lifted_at IS NULL)
  AND EXISTS (SELECT 1 FROM licence WHERE token = $6)
RETURNING (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id) AS tried,
  (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id
    AND (a.outcome IN ('refused', 'again', 'limited', 'unauthorised') OR a.finding = 'absent')) AS refused,
  (SELECT min(a.started_at) FROM attempts a WHERE a.delivery_id = q.delivery_id) AS first_at`

const sqlInsertAttempt = `
INSERT INTO attempts (delivery_id, part, no, fence, key, request, request_sha256, handles, started_at)
VALUES ($1, 1, $2, $3, $4, $5, sha256($5), $6, $7)
RETURNING id`

// writeDown commits the attempt: after it, and only after it, the network may be called. It returns nil when the delivery
// may not be sent any more.
func (d *Dispatcher) writeDown(ctx context.Context, r row, final post.Final, content platform.Content, handles platform.Handles) (*attempt, error) {
	_, sum, err := post.Canonical(final)
	if err != nil {
		return nil, err
	}
	request, _, err := post.Canonical(frozen{Content: content, Release: fmt.Sprintf("%x", sum)})
	if err != nil {
		return nil, err
	}
	if handles == nil {
		handles = platform.Handles("{}")
	}
	try := &attempt{row: r, Attempt: platform.Attempt{Content: content, Handles: handles}}
	err = d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		try.StartedAt = d.Clock.Now()
		var past struct {
			Tried   int        `db:"tried"`
			Refused int        `db:"refused"`
			FirstAt *time.Time `db:"first_at"`
		}
		if err := tx.GetContext(ctx, &past, sqlIntent, r.Delivery, d.Worker.String(), r.Fence, d.Timeout.Milliseconds()+5000, try.StartedAt, d.Licence.Token()); err != nil {
			return err
		}
		try.No, try.Key = past.Tried+1, key(r, sum, past.Refused)
		if err := tx.GetContext(ctx, &try.ID, sqlInsertAttempt, r.Delivery, try.No, r.Fence, try.Key, request, string(handles), try.StartedAt); err != nil {
			return err
		}
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

// key is the idempotency key of a delivery: the same for every try until a definite refusal, because servers that keep keys
// answer a refused one with the refusal again.
func key(r row, release [32]byte, refused int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%x/%d", r.Delivery, 1, release, refused))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20])
}

// thaw reads the frozen request of an attempt.
func thaw(request []byte) (platform.Content, error) {
	var f frozen
	if err := json.Unmarshal(request, &f); err != nil {
		return platform.Content{}, fmt.Errorf("read the attempt's request: %w", err)
	}
	return f.Content, nil
}

// backOff gives a row back after a failure of ours, to be tried a little later.
func (d *Dispatcher) backOff(ctx context.Context, r row, cause error) {
	work := context.WithoutCancel(ctx)
	if ctx.Err() == nil {
		d.Log.ErrorContext(work, "delivery could not be sent yet", "delivery_id", r.Delivery, "err", cause)
	}
	if err := d.giveBack(work, r, d.Clock.Now().Add(d.pause(r.Tries))); err != nil {
		d.Log.ErrorContext(work, "give back failed", "delivery_id", r.Delivery, "err", err)
	}
}

// pause is how long, in product time, to wait after the given number of tries: 1 s, 2 s, 4 s ... up to a minute.
func (d *Dispatcher) pause(tries int) time.Duration {
	wait := min(time.Minute, time.Second<<min(tries, 6))
	return time.Duration(float64(wait) * d.Clock.Rate())
}
