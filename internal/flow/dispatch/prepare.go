package dispatch

import (
	"context"
	"errors"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/lane"
	"daymark/internal/flow/dispatch/load"
	"daymark/internal/flow/dispatch/ready"
	"daymark/internal/platform"
)

// entry is a delivery on the board.
type entry = lane.Entry[*ready.Item]

// batch reads what claimed rows need and hands each to a goroutine that makes it ready.
func (d *Dispatcher) batch(ctx context.Context, rows []attempt.Row) {
	left := rows
	defer func() { d.release(left...) }()
	list, err := load.Read(ctx, d.DB, rows, d.Clock.Now())
	for len(left) > 0 {
		row := left[0]
		r := list[row.Delivery]
		if r == nil {
			d.claims.BackOff(ctx, row, "Daymark could not read this post.", err)
			d.release(row)
			left = left[1:]
			continue
		}
		left = left[1:]
		d.board.At(row.Channel, r.Host)
		d.busy.Go(func() { d.makeReady(ctx, r) })
	}
}

// makeReady prepares one delivery and puts it on the board.
func (d *Dispatcher) makeReady(ctx context.Context, r *attempt.Ready) {
	handed := false
	defer func() {
		if !handed {
			d.release(r.Row)
		}
	}()
	if r.Astray {
		d.claims.Hold(ctx, r.Row, post.ForDecision, "The post that this one answers is not there any more. Send it as a post of its own, or leave it out.")
		return
	}
	if r.Blocked.After(r.Content.At) {
		d.claims.BackOff(ctx, r.Row, sayBlocked, &platform.RateLimited{Until: r.Blocked, Say: sayBlocked})
		return
	}
	it, err := d.maker.Make(ctx, r)
	if unread, ok := errors.AsType[*ready.Unread](err); ok {
		d.claims.BackOff(ctx, r.Row, unread.Say, unread.Err)
		return
	}
	if err != nil {
		d.notPrepared(ctx, r.Row, err)
		return
	}
	handed = true
	d.enter(ctx, it)
}

// sayBlocked is what a delivery says of itself that waits for its network to take calls again.
const sayBlocked = "The network takes no more calls for this channel at the moment."

// notPrepared handles a failure before anything irreversible: a passing one is tried again, any other waits for a person.
func (d *Dispatcher) notPrepared(ctx context.Context, r attempt.Row, cause error) {
	kind, say := platform.Outcome(cause), platform.Say(cause)
	if ctx.Err() != nil || kind == platform.KindTransient || kind == platform.KindRateLimited || kind == platform.KindUnknown {
		d.claims.BackOff(ctx, r, say, cause)
		return
	}
	d.claims.Hold(context.WithoutCancel(ctx), r, post.ForDecision, say)
}

// until waits for a product instant; it is false when ctx ended first. The clock is looked at again and again: its speed may
// change, and the wait that it names is rounded.
func (d *Dispatcher) until(ctx context.Context, due time.Time) bool {
	for ctx.Err() == nil {
		if !d.Clock.Now().Before(due) {
			return true
		}
		timer := time.NewTimer(max(50*time.Microsecond, min(d.Clock.Wait(due), d.glance)))
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
	return false
}
