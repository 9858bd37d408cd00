package dispatch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/platform"
)

// ready is a claimed row with all that is needed to send it.
type ready struct {
	attempt.Row
	sum      [32]byte // of the release as reviewers were shown it
	content  platform.Content
	fallback bool           // the text without helplines: a check of one holds no longer
	out      []platform.Ref // the parts that are out already, in order
	handles  platform.Handles
}

// deliver takes one claimed row to its end: prepared, waited for, and then each part written down, sent and settled.
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
	for part := len(r.out); part < len(r.content.Parts); part++ {
		if !d.sendPart(ctx, &r, part) || ctx.Err() != nil {
			return
		}
	}
}

// sendPart takes one part to its end and reports whether the next one may follow at once.
func (d *Dispatcher) sendPart(ctx context.Context, r *ready, part int) bool {
	// From here on the work is finished even when the daemon is asked to stop, and within the lease: past it, another worker
	// takes the row for lost.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Lease*3/4)
	defer cancel()
	try, err := d.writeDown(work, *r, part)
	if errors.Is(err, errBudget) {
		d.hold(context.WithoutCancel(ctx), r.Row, post.ForDecision, "The channel has used its budget of this month. Raise the budget and give the post a new time, or leave it out.")
		return false
	}
	if err != nil {
		d.backOff(context.WithoutCancel(ctx), r.Row, "Daymark's database did not take the note that comes before sending.", err)
		return false
	}
	if try == nil {
		d.Log.InfoContext(work, "delivery was edited, withdrawn, paused or too late before it was sent", "delivery_id", r.Delivery, "part", part+1)
		d.giveBack(work, r.Row, d.Clock.Now().Add(attempt.Pause(d.Clock, r.Tries)))
		return false
	}
	var receipt platform.Receipt
	if err = d.Licence.Seen(try.ID); err != nil {
		// Without this note a restored copy of the database could not be told from this one.
		err = &platform.Transient{Say: "The data folder cannot be written.", Err: err}
	} else {
		d.settler.Point("after attempt")
		call, done := context.WithTimeout(work, d.Timeout)
		receipt, err = d.Networks.Publish(call, r.Channel, try.Attempt)
		done()
		d.settler.Point("answer read")
	}
	d.remember(*r, err)
	goesOn := d.settler.Settle(ctx, *try, receipt, err)
	d.settler.Point("after settle")
	r.out = append(r.out, receipt.Ref)
	return goesOn
}

// A release that shows a number which nobody has checked lately enough goes out with its other text. The handles are those of
// the latest attempt of the part that comes next, when its answer was lost.
const sqlRelease = `
SELECT r.body,
  EXISTS (SELECT 1 FROM release_helplines n WHERE n.release_id = r.id AND NOT helpline_holds(n.helpline_id, n.version, $2)) AS lapsed,
  coalesce((
    SELECT CASE WHEN a.outcome IN ('unknown', 'lost') THEN a.handles::text END
    FROM attempts a
    WHERE a.delivery_id = r.delivery_id
      AND a.part = 1 + (SELECT count(*) FROM copies c WHERE c.delivery_id = r.delivery_id)
    ORDER BY a.no DESC
    LIMIT 1), '') AS handles
FROM releases r
WHERE r.id = $1`

const sqlPartsOut = `
SELECT remote_id, uri
FROM copies
WHERE delivery_id = $1
ORDER BY part`

// read reads the release and the pictures of a claimed row, and what of it is out already.
func (d *Dispatcher) read(ctx context.Context, r *ready) error {
	var row struct {
		Body    []byte `db:"body"`
		Lapsed  bool   `db:"lapsed"`
		Handles string `db:"handles"`
	}
	at := r.AttemptAt
	if now := d.Clock.Now(); now.After(at) {
		at = now
	}
	if err := d.DB.GetContext(ctx, &row, sqlRelease, r.Release, at); err != nil {
		return fmt.Errorf("read release %d: %w", r.Release, err)
	}
	r.sum = sha256.Sum256(row.Body)
	final, err := post.ReadFinal(row.Body)
	if err != nil {
		return err
	}
	if row.Lapsed {
		r.fallback = true
		final.Parts = final.Without
	}
	if r.content, err = book.Content(ctx, d.DB, final); err != nil {
		return err
	}
	r.content.At = at
	if r.out, err = d.partsOut(ctx, r.Delivery); err != nil || row.Handles == "" {
		return err
	}
	keyed, err := d.Networks.Keyed(ctx, r.Channel)
	if keyed {
		r.handles = platform.Handles(row.Handles)
	}
	return err
}

// partsOut returns the parts of a delivery that are out, in order.
func (d *Dispatcher) partsOut(ctx context.Context, delivery int64) ([]platform.Ref, error) {
	var copies []struct {
		ID  string `db:"remote_id"`
		URI string `db:"uri"`
	}
	if err := d.DB.SelectContext(ctx, &copies, sqlPartsOut, delivery); err != nil {
		return nil, fmt.Errorf("read what is out of delivery %d: %w", delivery, err)
	}
	refs := make([]platform.Ref, len(copies))
	for i, c := range copies {
		refs[i] = platform.Ref{ID: c.ID, URI: c.URI}
	}
	return refs, nil
}

// uploads names what a release left at its network: the two texts of a release may differ in what was made of them.
type uploads struct {
	release  int64
	fallback bool
}

// prepare uploads what the parts that are not out yet need. It is harmless and may be repeated; uploads of an earlier try are
// used again.
func (d *Dispatcher) prepare(ctx context.Context, r *ready) error {
	d.mu.Lock()
	if prev, ok := d.uploads[uploads{r.Release, r.fallback}]; ok && r.handles == nil {
		r.handles = prev
	}
	d.mu.Unlock()
	for part := len(r.out); part < len(r.content.Parts); part++ {
		if err := d.preparePart(ctx, r, part); err != nil {
			d.remember(*r, err)
			return err
		}
	}
	return nil
}

func (d *Dispatcher) preparePart(ctx context.Context, r *ready, part int) error {
	call, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	handles, err := d.Networks.Prepare(call, r.Channel, r.content, part, r.handles)
	r.handles = handles
	return err
}

// remember keeps the uploads of a release for its next try, and forgets them when there is none that could use them.
func (d *Dispatcher) remember(r ready, cause error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	again, _ := errors.AsType[*platform.Transient](cause)
	kind := platform.Outcome(cause)
	if kind == platform.KindRateLimited || kind == platform.KindTransient && (again == nil || !again.PrepareAgain) {
		d.uploads[uploads{r.Release, r.fallback}] = r.handles
		return
	}
	delete(d.uploads, uploads{r.Release, r.fallback})
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
