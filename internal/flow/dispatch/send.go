package dispatch

import (
	"context"
	"errors"
	"net"
	"time"

	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/lane"
	"daymark/internal/flow/dispatch/mark"
	"daymark/internal/flow/dispatch/pace"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/platform"
)

// send calls the network for an attempt that is written down, and for each part of a thread that follows. cause is why it must not
// be called after all.
func (d *Dispatcher) send(ctx context.Context, e entry, try *attempt.Try, seen *mark.Sight, cause error) {
	told, took := lane.Nothing, time.Duration(0)
	var settled bool // somebody else lets go of the row
	defer func() {
		d.board.Free(e.Channel, told, took)
		d.nudge()
		if !settled {
			d.release(e.Value.Row)
		}
	}()
	for {
		work, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Lease*3/4)
		var receipt platform.Receipt
		receipt, told, took, cause = d.call(work, e, try, seen, cause)
		d.maker.Remember(e.Value.Ready, cause)
		d.heed(work, e, cause)
		done := settle.Done{Try: *try, Receipt: receipt}
		if cause == nil && done.Whole() {
			cancel()
			settled = true
			d.gather.Add(ctx, done)
			return
		}
		goesOn := d.settler.Settle(work, *try, receipt, cause)
		d.settler.Point("after settle")
		if goesOn && ctx.Err() == nil {
			e.Value.Out = append(e.Value.Out, receipt.Ref)
			try, seen, cause = d.follow(work, e)
		}
		cancel()
		if !goesOn || ctx.Err() != nil || try == nil {
			return
		}
	}
}

// call waits for the instant and calls the network, unless the sending was stopped meanwhile. It says how long the answer took, in
// product time, which is only compared with itself.
func (d *Dispatcher) call(ctx context.Context, e entry, try *attempt.Try, seen *mark.Sight, cause error) (receipt platform.Receipt, told lane.Told, took time.Duration, err error) {
	if cause != nil {
		return receipt, lane.Nothing, 0, cause
	}
	if !d.until(ctx, e.At) {
		return receipt, lane.Nothing, 0, &platform.Transient{Say: "Its instant did not come in time.", Err: ctx.Err()}
	}
	if !d.marker.Holds(seen) {
		still, err := d.marker.Still(ctx, try)
		if err != nil || !still {
			return receipt, lane.Nothing, 0, &platform.Transient{Say: "It was stopped a moment before it was sent.", Err: err}
		}
	}
	d.settler.Point("after attempt")
	call, done := context.WithTimeout(ctx, d.Timeout)
	defer done()
	began := d.Clock.Now()
	receipt, err = d.Networks.Publish(call, e.Channel, try.Attempt)
	took = d.Clock.Now().Sub(began)
	told = lane.Answered
	if failed, ok := errors.AsType[net.Error](err); ok && failed != nil || errors.Is(err, context.DeadlineExceeded) {
		told = lane.Silent
	}
	d.settler.Point("answer read")
	return receipt, told, took, err
}

// follow writes the next part of a thread down. It returns nil when the thread does not go on now.
func (d *Dispatcher) follow(ctx context.Context, e entry) (*attempt.Try, *mark.Sight, error) {
	if err := d.maker.Freeze(ctx, e.Value); err != nil {
		d.claims.BackOff(ctx, e.Value.Row, "Daymark's database did not take the note that comes before sending.", err)
		return nil, nil, nil
	}
	d.settler.Point("before attempt")
	seen := d.marker.See()
	wish := mark.Wish{Ready: e.Value.Ready, Part: e.Value.Next(), Request: e.Value.Request, Cost: e.Value.Cost}
	tries, err := d.marker.Group(ctx, []mark.Wish{wish})
	switch {
	case errors.Is(err, mark.ErrBudget):
		d.claims.Hold(ctx, e.Value.Row, "decision", sayBudget)
		return nil, nil, nil
	case err != nil:
		d.claims.BackOff(ctx, e.Value.Row, "Daymark's database did not take the note that comes before sending.", err)
		return nil, nil, nil
	case tries[e.ID] == nil:
		d.claims.GiveBack(ctx, d.claims.Soon, e.Value.Row)
		return nil, nil, nil
	}
	return tries[e.ID], seen, d.tellFolder(tries)
}

// heed keeps what the network said about how fast it may be called, for every replica, and lets what waits for the channel here
// wait as long as it has to.
func (d *Dispatcher) heed(ctx context.Context, e entry, cause error) {
	var said pace.Said
	if limited, ok := errors.AsType[*platform.RateLimited](cause); ok {
		said.Until = limited.Until
	}
	if paced, ok := d.Networks.(Paced); ok {
		said.Rate, _ = paced.Rate(e.Channel)
	}
	until := said.Blocked(d.Clock.Now())
	if until.IsZero() {
		return
	}
	if err := pace.Block(ctx, d.DB, e.Channel, until, said.Rate); err != nil {
		d.Log.WarnContext(ctx, "what a network said about its limits could not be kept", "channel_id", e.Channel, "err", err)
	}
	for _, waiting := range d.board.Clear(e.Channel, farAhead) {
		d.claims.BackOff(ctx, waiting.Value.Row, sayBlocked, &platform.RateLimited{Until: until, Say: sayBlocked})
		d.release(waiting.Value.Row)
	}
}
