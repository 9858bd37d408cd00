package dispatch

import (
	"context"
	"errors"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/lane"
	"daymark/internal/flow/dispatch/load"
	"daymark/internal/platform"
)

// preparing is how many uploads to one server go on at the same time.
const preparing = 32

// item is a delivery that is ready, with what is written down before its next part is sent.
type item struct {
	*attempt.Ready
	request []byte
	cost    int64
	alone   bool // its network cannot be asked: it is written down by itself, at the last moment
}

// entry is an item on the board.
type entry = lane.Entry[*item]

// batch reads what claimed rows need and hands each to a goroutine that makes it ready.
func (d *Dispatcher) batch(ctx context.Context, rows []attempt.Row) {
	left := rows
	defer func() { d.release(left...) }()
	list, err := load.Read(ctx, d.DB, rows, d.Clock.Now())
	for len(left) > 0 {
		row := left[0]
		r := list[row.Delivery]
		if r == nil {
			d.backOff(ctx, row, "Daymark could not read this post.", err)
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
		d.hold(ctx, r.Row, post.ForDecision, "The post that this one answers is not there any more. Send it as a post of its own, or leave it out.")
		return
	}
	if r.Blocked.After(r.Content.At) {
		d.backOff(ctx, r.Row, sayBlocked, &platform.RateLimited{Until: r.Blocked, Say: sayBlocked})
		return
	}
	it, err := d.readied(ctx, r)
	if unread, ok := errors.AsType[*unreadable](err); ok {
		d.backOff(ctx, r.Row, unread.say, unread.err)
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

// unreadable is a failure of ours, not the network's.
type unreadable struct {
	say string
	err error
}

// Error returns the cause.
func (u *unreadable) Error() string { return u.err.Error() }

// readied reads the pictures, prepares the parts that are not out, and freezes the request.
func (d *Dispatcher) readied(ctx context.Context, r *attempt.Ready) (*item, error) {
	done, err := d.admit(ctx, r.Host)
	if err != nil {
		return nil, &unreadable{"", err}
	}
	defer done()
	const unread = "Daymark could not read this post."
	at := r.Content.At
	if r.Content, err = book.Content(ctx, d.DB, r.Final); err != nil {
		return nil, &unreadable{unread, err}
	}
	r.Content.At, r.Final = at, post.Final{}
	if lost := r.Past[r.Next()].Handles; lost != "" {
		keyed, err := d.Networks.Keyed(ctx, r.Channel)
		if err != nil {
			return nil, &unreadable{unread, err}
		}
		if keyed {
			r.Handles = platform.Handles(lost)
		}
	}
	if err := d.prepare(ctx, r); err != nil {
		return nil, err
	}
	for _, part := range r.Content.Parts {
		for i := range part.Pictures {
			part.Pictures[i].Bytes = nil // at the network now
		}
	}
	it := &item{Ready: r}
	if asked, ok := d.Networks.(Askable); ok {
		can, err := asked.Askable(ctx, r.Channel)
		if err != nil {
			return nil, &unreadable{unread, err}
		}
		it.alone = !can
	}
	if err := d.freeze(ctx, it); err != nil {
		return nil, &unreadable{"Daymark's database did not take the note that comes before sending.", err}
	}
	return it, nil
}

// freeze makes what is written down before the next part is sent.
func (d *Dispatcher) freeze(ctx context.Context, it *item) (err error) {
	if it.request, err = attempt.Freeze(it.Content, it.Sum); err != nil {
		return err
	}
	it.cost, err = d.Networks.Cost(ctx, it.Channel, it.Content, it.Next())
	return err
}

// admit waits until a server may be given another upload.
func (d *Dispatcher) admit(ctx context.Context, host string) (done func(), err error) {
	d.mu.Lock()
	gate, ok := d.gates[host]
	if !ok {
		gate = make(chan struct{}, preparing)
		d.gates[host] = gate
	}
	d.mu.Unlock()
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// uploads names what a release left at its network: the two texts of a release may differ in what was made of them.
type uploads struct {
	release  int64
	fallback bool
}

// prepare uploads what the parts that are not out yet need. It is harmless and may be repeated; uploads of an earlier try are
// used again.
func (d *Dispatcher) prepare(ctx context.Context, r *attempt.Ready) error {
	d.mu.Lock()
	if prev, ok := d.uploads[uploads{r.Release, r.Fallback}]; ok && r.Handles == nil {
		r.Handles = prev
	}
	d.mu.Unlock()
	for part := r.Next(); part < len(r.Content.Parts); part++ {
		if err := d.preparePart(ctx, r, part); err != nil {
			d.remember(r, err)
			return err
		}
	}
	return nil
}

func (d *Dispatcher) preparePart(ctx context.Context, r *attempt.Ready, part int) error {
	call, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	handles, err := d.Networks.Prepare(call, r.Channel, r.Content, part, r.Handles)
	r.Handles = handles
	return err
}

// remember keeps the uploads of a release for its next try, and forgets them when there is none that could use them.
func (d *Dispatcher) remember(r *attempt.Ready, cause error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	again, _ := errors.AsType[*platform.Transient](cause)
	kind := platform.Outcome(cause)
	if kind == platform.KindRateLimited || kind == platform.KindTransient && (again == nil || !again.PrepareAgain) {
		d.uploads[uploads{r.Release, r.Fallback}] = r.Handles
		return
	}
	delete(d.uploads, uploads{r.Release, r.Fallback})
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
