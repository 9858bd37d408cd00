package dispatch

import (
	"context"
	"errors"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/lane"
	"daymark/internal/flow/dispatch/mark"
	"daymark/internal/flow/dispatch/ready"
	"daymark/internal/platform"
)

// markers is how many groups are written down at the same time: one on its way to the disk while the next is gathered.
const markers = 2

// enter puts a delivery on the board and sees to it that somebody looks at the board.
func (d *Dispatcher) enter(ctx context.Context, it *ready.Item) {
	d.board.Add(entry{ID: it.Delivery, Channel: it.Channel, At: it.AttemptAt, Spacing: d.spacing(it), Begun: it.Begun, Value: it})
	d.mu.Lock()
	start := !d.pumping
	d.pumping = true
	d.mu.Unlock()
	if start {
		d.busy.Go(func() { d.pump(ctx) })
		return
	}
	d.nudge()
}

// spacing is the distance of calls to the channel in product time.
func (d *Dispatcher) spacing(it *ready.Item) time.Duration {
	return time.Duration(float64(it.Spacing) * d.Clock.Rate())
}

// nudge makes the pump look at the board.
func (d *Dispatcher) nudge() {
	select {
	case d.look <- struct{}{}:
	default:
	}
}

// pump takes what comes up off the board, in groups, until nothing waits there.
func (d *Dispatcher) pump(ctx context.Context) {
	for {
		if ctx.Err() != nil { // Run gives back what was claimed
			for _, e := range d.board.Clear(0, farAhead) {
				d.release(e.Value.Row)
			}
		}
		d.marking <- struct{}{} // while the others write, what is ready gathers here
		lead := time.Duration(float64(d.lead) * d.Clock.Rate())
		group, next := d.board.Take(d.Clock.Now().Add(lead), mark.Most)
		if len(group) > 0 {
			d.busy.Go(func() {
				defer func() { <-d.marking }()
				d.split(ctx, group)
			})
			continue
		}
		<-d.marking
		d.mu.Lock()
		if d.board.Ready() == 0 {
			d.pumping = false
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
		wait := d.glance
		if !next.IsZero() {
			wait = min(wait, d.Clock.Wait(next.Add(-lead)))
		}
		timer := time.NewTimer(max(50*time.Microsecond, wait))
		select {
		case <-ctx.Done():
		case <-d.look:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// farAhead is later than anything.
var farAhead = time.Unix(1<<40, 0)

// split writes down in one group what can be, and each of the rest by itself.
func (d *Dispatcher) split(ctx context.Context, list []entry) {
	together := list[:0:0]
	for _, e := range list {
		if e.Value.Alone {
			d.apart(ctx, e)
			continue
		}
		together = append(together, e)
	}
	if len(together) > 0 {
		d.mark(ctx, together)
	}
}

// apart writes one delivery down by itself, when its instant has come.
func (d *Dispatcher) apart(ctx context.Context, e entry) {
	d.busy.Go(func() {
		if !d.until(ctx, e.At) {
			d.free(e, lane.Nothing)
			return // shutting down: Run gives the row back
		}
		d.mark(ctx, []entry{e})
	})
}

// mark writes deliveries down and calls the network for each that may be sent.
func (d *Dispatcher) mark(ctx context.Context, list []entry) {
	left := map[int64]entry{}
	wishes := make([]mark.Wish, len(list))
	for i, e := range list {
		left[e.ID] = e
		wishes[i] = mark.Wish{Ready: e.Value.Ready, Part: e.Value.Next(), Request: e.Value.Request, Cost: e.Value.Cost}
	}
	defer func() {
		for _, e := range left {
			d.free(e, lane.Nothing)
		}
	}()
	// From here on the work is finished even when the daemon is asked to stop, and within the lease: past it, another worker
	// takes the row for lost.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Lease*3/4)
	defer cancel()
	d.settler.Point("before attempt")
	seen := d.marker.See()
	tries, err := d.marker.Group(work, wishes)
	switch {
	case errors.Is(err, mark.ErrGroup):
		for _, e := range list {
			delete(left, e.ID)
			d.apart(ctx, e)
		}
		return
	case errors.Is(err, mark.ErrBudget):
		d.claims.Hold(work, list[0].Value.Row, post.ForDecision, sayBudget)
		return
	case err != nil:
		for _, e := range list {
			d.claims.BackOff(work, e.Value.Row, "Daymark's database did not take the note that comes before sending.", err)
		}
		return
	}
	err = d.tellFolder(tries)
	d.settler.Point("group written")
	var not []attempt.Row
	for _, e := range list {
		try := tries[e.ID]
		switch {
		case try == nil && e.At.After(d.Clock.Now()): // a moment ahead by our clock, too early by the database's
			delete(left, e.ID)
			d.apart(ctx, e)
			continue
		case try == nil:
			not = append(not, e.Value.Row)
			continue
		}
		delete(left, e.ID)
		e.Value.Request = nil // it is in the database now
		d.busy.Go(func() { d.send(ctx, e, try, seen, err) })
	}
	if len(not) > 0 {
		d.Log.InfoContext(work, "deliveries were edited, withdrawn, paused or too late or too early before they were sent", "first", not[0].Delivery, "count", len(not))
		d.claims.GiveBack(work, d.claims.Soon, not...)
	}
}

const sayBudget = "The channel has used its budget of this month. Raise the budget and give the post a new time, or leave it out."

// tellFolder tells the data folder of the newest attempt. Without this note a restored copy of the database could not be told
// from this one.
func (d *Dispatcher) tellFolder(tries map[int64]*attempt.Try) error {
	var newest int64
	for _, t := range tries {
		newest = max(newest, t.ID)
	}
	if newest == 0 {
		return nil
	}
	if err := d.Licence.Seen(newest); err != nil {
		return &platform.Transient{Say: "The data folder cannot be written.", Err: err}
	}
	return nil
}
