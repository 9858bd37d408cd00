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
func (d *Dispatcher) send(ctx context.Context, e entry, try *attempt.Try, seen *sight, cause error) {
	told := lane.Nothing
	var settled bool // somebody else lets go of the row
	defer func() {
		d.board.Free(e.Channel, told)
		d.nudge()
		if !settled {
			d.release(e.Value.Row)
		}
	}()
	for {
		work, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Lease*3/4)
		var receipt platform.Receipt
		receipt, told, cause = d.call(work, e, try, seen, cause)
		d.remember(e.Value.Ready, cause)
		d.heed(work, e, cause)
		done := settle.Done{Try: *try, Receipt: receipt}
		if cause == nil && done.Whole() {
			cancel()
			settled = true
			d.collect(ctx, done)
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

// call waits for the instant and calls the network, unless the sending was stopped meanwhile.
func (d *Dispatcher) call(ctx context.Context, e entry, try *attempt.Try, seen *sight, cause error) (receipt platform.Receipt, told lane.Told, err error) {
	if cause != nil {
		return receipt, lane.Nothing, cause
	}
	if !d.until(ctx, e.At) {
		return receipt, lane.Nothing, &platform.Transient{Say: "Its instant did not come in time.", Err: ctx.Err()}
	}
	if !d.holds(seen) {
		still, err := d.marker.Still(ctx, try)
		if err != nil || !still {
			return receipt, lane.Nothing, &platform.Transient{Say: "It was stopped a moment before it was sent.", Err: err}
		}
	}
	d.settler.Point("after attempt")
	call, done := context.WithTimeout(ctx, d.Timeout)
	defer done()
	receipt, err = d.Networks.Publish(call, e.Channel, try.Attempt)
	told = lane.Answered
	if failed, ok := errors.AsType[net.Error](err); ok && failed != nil || errors.Is(err, context.DeadlineExceeded) {
		told = lane.Silent
	}
	d.settler.Point("answer read")
	return receipt, told, err
}

// follow writes the next part of a thread down. It returns nil when the thread does not go on now.
func (d *Dispatcher) follow(ctx context.Context, e entry) (*attempt.Try, *sight, error) {
	if err := d.freeze(ctx, e.Value); err != nil {
		d.backOff(ctx, e.Value.Row, "Daymark's database did not take the note that comes before sending.", err)
		return nil, nil, nil
	}
	d.settler.Point("before attempt")
	seen := d.seen()
	wish := mark.Wish{Ready: e.Value.Ready, Part: e.Value.Next(), Request: e.Value.request, Cost: e.Value.cost}
	tries, err := d.marker.Group(ctx, []mark.Wish{wish})
	switch {
	case errors.Is(err, mark.ErrBudget):
		d.hold(ctx, e.Value.Row, "decision", sayBudget)
		return nil, nil, nil
	case err != nil:
		d.backOff(ctx, e.Value.Row, "Daymark's database did not take the note that comes before sending.", err)
		return nil, nil, nil
	case tries[e.ID] == nil:
		d.giveBack(ctx, d.soon, e.Value.Row)
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
		d.backOff(ctx, waiting.Value.Row, sayBlocked, &platform.RateLimited{Until: until, Say: sayBlocked})
		d.release(waiting.Value.Row)
	}
}

// flushAt is how many settled deliveries make a second writer worth while.
const flushAt = 256

// collect gathers what the network took, to be settled in groups: while one group is written, the next gathers.
func (d *Dispatcher) collect(ctx context.Context, done settle.Done) {
	d.mu.Lock()
	d.done = append(d.done, done)
	start := d.flushing == 0 || d.flushing < markers && len(d.done) >= flushAt
	if start {
		d.flushing++
	}
	d.mu.Unlock()
	if start {
		d.busy.Go(func() { d.flush(ctx) })
	}
}

// flush settles what was gathered until there is nothing left.
func (d *Dispatcher) flush(ctx context.Context) {
	var group []settle.Done
	defer func() {
		for _, g := range group {
			d.release(g.Try.Row)
		}
		d.mu.Lock()
		again := len(d.done) > 0 && d.flushing == 1
		if !again {
			d.flushing--
		}
		d.mu.Unlock()
		if again { // this one was broken off
			d.busy.Go(func() { d.flush(ctx) })
		}
	}()
	for {
		d.mu.Lock()
		n := min(len(d.done), flushAt)
		group, d.done = d.done[:n:n], d.done[n:]
		d.mu.Unlock()
		if n == 0 {
			return
		}
		d.settleGroup(ctx, group)
		for len(group) > 0 {
			d.settler.Point("after settle")
			d.release(group[0].Try.Row)
			group = group[1:]
		}
	}
}

// groupTime is how long a group may take before each of it is tried by itself.
const groupTime = 20 * time.Second

// settleGroup settles deliveries together, or each by itself where one of them does not pass.
func (d *Dispatcher) settleGroup(ctx context.Context, group []settle.Done) {
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), groupTime)
	defer cancel()
	err := d.settler.Group(work, group)
	if err == nil {
		return
	}
	if len(group) > 1 {
		d.Log.WarnContext(work, "deliveries are settled one by one", "count", len(group), "err", err)
	}
	for _, g := range group {
		d.settler.Settle(ctx, g.Try, g.Receipt, nil)
	}
}
