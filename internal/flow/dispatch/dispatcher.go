package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/reconcile"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/flow/dispatch/sweep"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// Networks calls the network of a channel with that channel's credentials.
type Networks interface {
	Prepare(ctx context.Context, channel int64, content platform.Content, part int, prev platform.Handles) (platform.Handles, error)
	Publish(ctx context.Context, channel int64, attempt platform.Attempt) (platform.Receipt, error)
	// Keyed reports whether the channel's connector keeps the post's key in the handles, see [platform.Keyed].
	Keyed(ctx context.Context, channel int64) (bool, error)
	// Cost is what the channel's network charges for a part, in millionths of a US dollar; most charge nothing.
	Cost(ctx context.Context, channel int64, content platform.Content, part int) (int64, error)
	reconcile.Networks
}

// Licence says whether this database may send. Token is compared with the database's own in the statement that writes an
// attempt down.
type Licence interface {
	Token() string
	// Seen is told of every attempt after it was committed and before the network is called.
	Seen(attempt int64) error
}

// Options set a dispatcher up. Zero durations and numbers take the defaults named.
type Options struct {
	DB       *postgres.DB
	Networks Networks
	Licence  Licence
	Clock    clock.Clock
	Log      *slog.Logger
	Worker   uuid.UUID     // new in every process
	Ahead    time.Duration // how long before the due instant a delivery is claimed and prepared, in real time: 10 s
	Lease    time.Duration // how long a claim lasts: 2 min, and never less than preparing and sending may take
	Timeout  time.Duration // how long one call to a network may take: 30 s
	Sweep    time.Duration // how often to look for what nobody announced: 1 s
	Workers  int           // deliveries held ready or being sent at the same time: 32
}

// askers is how many networks are asked about unknown deliveries at the same time.
const askers = 8

// Dispatcher sends what is due. Several, in any number of processes, share one database.
type Dispatcher struct {
	Options
	settler settle.Settler
	asker   reconcile.Asker
	alive   alive
	glance  time.Duration // how long an estimate of when a product instant comes is trusted: the clock may be set meanwhile

	wake   chan struct{}
	slots  chan struct{}
	asking chan struct{}
	busy   sync.WaitGroup

	mu      sync.Mutex
	held    map[int64]int                // how many goroutines of ours are working at a delivery: an old one may not know yet
	uploads map[uploads]platform.Handles // what failed tries left at the network
}

// New returns a dispatcher that does nothing until it is run.
func New(o Options) *Dispatcher {
	o.Ahead = orElse(o.Ahead, 10*time.Second)
	o.Timeout = orElse(o.Timeout, 30*time.Second)
	o.Lease = max(orElse(o.Lease, 2*time.Minute), o.Ahead+2*o.Timeout+10*time.Second)
	o.Sweep = orElse(o.Sweep, time.Second)
	o.Workers = orElse(o.Workers, 32)
	return &Dispatcher{
		Options: o,
		settler: settle.Settler{DB: o.DB, Clock: o.Clock, Log: o.Log, Point: point},
		asker:   reconcile.Asker{DB: o.DB, Networks: o.Networks, Clock: o.Clock, Log: o.Log, Timeout: o.Timeout},
		alive:   alive{db: o.DB, name: o.Worker.String()},
		glance:  250 * time.Millisecond,
		wake:    make(chan struct{}, 1), slots: make(chan struct{}, o.Workers), asking: make(chan struct{}, askers),
		held: map[int64]int{}, uploads: map[uploads]platform.Handles{},
	}
}

// Run sends what is due until ctx ends, then finishes what is on its way and gives back what is not.
func (d *Dispatcher) Run(ctx context.Context) error {
	if err := d.alive.keep(ctx); err != nil {
		return err
	}
	var listener sync.WaitGroup
	listener.Go(func() {
		if err := d.DB.Listen(ctx, "daymark_queue", func(string) { d.Wake() }); err != nil {
			d.Log.ErrorContext(ctx, "dispatcher no longer hears the queue; it looks by itself", "err", err)
		}
	})
	tick := time.NewTicker(d.Sweep)
	defer tick.Stop()
	for sweepNow := true; ctx.Err() == nil; {
		next, err := d.turn(ctx, sweepNow)
		if err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "dispatch turn failed", "err", err)
		}
		sweepNow = d.sleep(ctx, tick.C, next)
	}
	d.busy.Wait()
	listener.Wait()
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, err := d.DB.ExecContext(bye, sqlGiveBackAll, d.Worker.String())
	return errors.Join(err, d.alive.end(bye))
}

// Doubt makes every scheduled delivery that was due by now unknown, for whoever takes the sending licence over. See
// [reconcile.Doubt].
func Doubt(ctx context.Context, tx *postgres.Tx, now time.Time, worker uuid.UUID) (int, error) {
	return reconcile.Doubt(ctx, tx, now, worker)
}

// Wake makes the dispatcher look at the queue now.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

const sqlLicensed = `
SELECT EXISTS (SELECT 1 FROM licence WHERE token = $1)
  AND NOT EXISTS (SELECT 1 FROM pauses WHERE cause = 'licence' AND lifted_at IS NULL)`

// turn does one round: what is over and lost, when it is time to sweep; what is unknown; what is due. It returns when, at the
// latest, something comes up that is known already. A database that may not send decides nothing either: what it holds for
// overdue may be out.
func (d *Dispatcher) turn(ctx context.Context, sweepNow bool) (next time.Duration, err error) {
	if sweepNow {
		if err := d.alive.keep(ctx); err != nil {
			return d.Sweep, err
		}
	}
	var licensed bool
	if err := d.DB.GetContext(ctx, &licensed, sqlLicensed, d.Licence.Token()); err != nil || !licensed {
		return d.Sweep, err
	}
	if sweepNow {
		now := d.Clock.Now()
		err = errors.Join(
			sweep.Recover(ctx, d.DB, d.Log, d.Worker.String(), d.inHand()),
			sweep.Strand(ctx, d.DB, d.Log, now, now.Add(-attempt.Late(d.Clock))),
			sweep.Miss(ctx, d.DB, d.Log, now),
			sweep.HoldOverdue(ctx, d.DB, d.Log, now.Add(-attempt.Late(d.Clock))),
		)
	}
	err = errors.Join(err, d.ask(ctx))
	next, sendErr := d.send(ctx)
	return next, errors.Join(err, sendErr)
}

// ask hands every delivery whose fate is unknown and whose turn has come to a goroutine that asks its network.
func (d *Dispatcher) ask(ctx context.Context) error {
	free := cap(d.asking) - len(d.asking)
	if free == 0 || ctx.Err() != nil {
		return nil
	}
	list, err := d.asker.Take(ctx, free)
	if err != nil {
		return err
	}
	for _, u := range list {
		d.asking <- struct{}{}
		d.busy.Go(func() {
			defer func() {
				<-d.asking
				d.Wake()
			}()
			if err := d.asker.Ask(ctx, u); err != nil && ctx.Err() == nil {
				d.Log.ErrorContext(ctx, "asking about a delivery failed", "delivery_id", u.Delivery, "err", err)
			}
		})
	}
	return nil
}

const sqlNextDue = `
SELECT min(next_attempt_at)
FROM queue
WHERE lease_owner IS NULL
  AND next_attempt_at > $1`

// send claims what is due soon and hands each row to a goroutine that waits for its instant. It returns when the next row
// comes up. What is due and could not be claimed (there is a pause, or another worker has it) does not count: the sweep
// looks at it again.
func (d *Dispatcher) send(ctx context.Context) (time.Duration, error) {
	horizon := d.horizon()
	for {
		free := cap(d.slots) - len(d.slots)
		if free == 0 || ctx.Err() != nil {
			return d.Sweep, nil // a slot that becomes free wakes us
		}
		rows, err := d.claim(ctx, free, horizon)
		if err != nil {
			return d.Sweep, err
		}
		if len(rows) == 0 {
			break
		}
		d.settler.Point("after claim")
		for _, row := range rows {
			d.start(ctx, row)
		}
	}
	var next *time.Time
	if err := d.DB.GetContext(ctx, &next, sqlNextDue, horizon); err != nil || next == nil {
		return d.Sweep, err
	}
	return min(d.Sweep, d.Clock.Wait(*next)-d.Ahead), nil
}

// start delivers one claimed row in a goroutine.
func (d *Dispatcher) start(ctx context.Context, row attempt.Row) {
	d.slots <- struct{}{}
	d.mu.Lock()
	d.held[row.Delivery]++
	d.mu.Unlock()
	d.busy.Go(func() {
		defer func() {
			d.mu.Lock()
			if d.held[row.Delivery]--; d.held[row.Delivery] == 0 {
				delete(d.held, row.Delivery)
			}
			d.mu.Unlock()
			<-d.slots
			d.Wake()
		}()
		d.deliver(ctx, row)
	})
}

// inHand returns the deliveries that a goroutine is working at.
func (d *Dispatcher) inHand() []int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.AppendSeq([]int64{}, maps.Keys(d.held)) // never nil, which in SQL would be NULL
}

// sleep waits for the next thing to do: a delivery that comes up, a notification, or the sweep, for which it returns true.
func (d *Dispatcher) sleep(ctx context.Context, tick <-chan time.Time, wait time.Duration) bool {
	timer := time.NewTimer(max(wait, 5*time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-d.wake:
	case <-timer.C:
	case <-tick:
		return true
	}
	return false
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

func orElse[T ~int | ~int64](value, standard T) T {
	if value == 0 {
		return standard
	}
	return value
}
