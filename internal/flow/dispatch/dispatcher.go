package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/book"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// Networks calls the network of a channel with that channel's credentials.
type Networks interface {
	Prepare(ctx context.Context, channel int64, content platform.Content, part int, prev platform.Handles) (platform.Handles, error)
	Publish(ctx context.Context, channel int64, attempt platform.Attempt) (platform.Receipt, error)
	Find(ctx context.Context, channel int64, attempt platform.Attempt) (platform.Finding, error)
	// Settling is how long after an attempt ended the network's "not found" proves nothing.
	Settling(ctx context.Context, channel int64) (time.Duration, error)
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
	Lease    time.Duration // how long a claim lasts: 2 min
	Timeout  time.Duration // how long one call to a network may take: 30 s
	Sweep    time.Duration // how often to look for what nobody announced: 1 s
	Workers  int           // deliveries held ready or being sent at the same time: 32
}

// Dispatcher sends what is due. Several, in any number of processes, share one database.
type Dispatcher struct {
	Options
	wake  chan struct{}
	slots chan struct{}
	busy  sync.WaitGroup
	point func(name string)
}

// New returns a dispatcher that does nothing until it is run.
func New(o Options) *Dispatcher {
	o.Ahead = orElse(o.Ahead, 10*time.Second)
	o.Lease = orElse(o.Lease, 2*time.Minute)
	o.Timeout = orElse(o.Timeout, 30*time.Second)
	o.Sweep = orElse(o.Sweep, time.Second)
	o.Workers = orElse(o.Workers, 32)
	return &Dispatcher{Options: o, wake: make(chan struct{}, 1), slots: make(chan struct{}, o.Workers), point: point}
}

// Run sends what is due until ctx ends, then finishes what is on its way and gives back what is not.
func (d *Dispatcher) Run(ctx context.Context) error {
	alive, err := d.DB.Connx(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("connect the dispatcher: %w", err)
	}
	defer func() { _ = alive.Close() }()
	// This lock says that the worker lives: the database lets go of it the moment the process is gone.
	if _, err := alive.ExecContext(ctx, sqlAlive, d.Worker.String()); err != nil {
		return fmt.Errorf("take the worker's lock: %w", err)
	}
	var listener sync.WaitGroup
	listener.Go(func() {
		if err := d.DB.Listen(ctx, "daymark_queue", func(string) { d.Wake() }); err != nil {
			d.Log.ErrorContext(ctx, "dispatcher no longer hears the queue; it looks by itself", "err", err)
		}
	})
	for ctx.Err() == nil {
		if err := d.turn(ctx); err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "dispatch turn failed", "err", err)
		}
		d.sleep(ctx)
	}
	d.busy.Wait()
	listener.Wait()
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err = d.DB.ExecContext(bye, sqlGiveBack, d.Worker.String())
	if _, unlockErr := alive.ExecContext(bye, sqlNotAlive, d.Worker.String()); unlockErr != nil {
		err = errors.Join(err, unlockErr)
	}
	return err
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

// turn does one round: what is over, what is lost, what is unknown, what is due. A database that may not send decides
// nothing either: what it holds for overdue may be out already.
func (d *Dispatcher) turn(ctx context.Context) error {
	var licensed bool
	if err := d.DB.GetContext(ctx, &licensed, sqlLicensed, d.Licence.Token()); err != nil || !licensed {
		return err
	}
	now := d.Clock.Now()
	return errors.Join(
		d.miss(ctx, now),
		d.holdOverdue(ctx, now.Add(-d.late())),
		d.recover(ctx),
		d.reconcile(ctx),
		d.send(ctx),
	)
}

// late is how late, in product time, a delivery still goes out by itself. A fast clock makes the same real delay longer.
func (d *Dispatcher) late() time.Duration {
	return time.Duration(float64(book.Grace) * d.Clock.Rate())
}

// send claims what is due soon and hands each row to a goroutine that waits for its instant.
func (d *Dispatcher) send(ctx context.Context) error {
	for {
		free := cap(d.slots) - len(d.slots)
		if free == 0 || ctx.Err() != nil {
			return nil
		}
		rows, err := d.claim(ctx, free)
		if err != nil || len(rows) == 0 {
			return err
		}
		d.point("after claim")
		for _, row := range rows {
			d.slots <- struct{}{}
			d.busy.Go(func() {
				defer func() {
					<-d.slots
					d.Wake()
				}()
				d.deliver(ctx, row)
			})
		}
	}
}

const sqlNextDue = `
SELECT min(next_attempt_at)
FROM queue
WHERE lease_owner IS NULL`

// sleep waits for the next thing to do: a delivery that comes up, a notification, or the sweep.
func (d *Dispatcher) sleep(ctx context.Context) {
	wait := d.Sweep
	var next *time.Time
	if err := d.DB.GetContext(ctx, &next, sqlNextDue); err == nil && next != nil && len(d.slots) < cap(d.slots) {
		wait = max(0, min(wait, d.Clock.Wait(*next)-d.Ahead))
	}
	timer := time.NewTimer(max(wait, 5*time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-d.wake:
	case <-timer.C:
	}
}

// until waits for a product instant; it is false when ctx ended first.
func (d *Dispatcher) until(ctx context.Context, due time.Time) bool {
	for {
		wait := d.Clock.Wait(due)
		if wait <= 0 {
			return true
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
}

func orElse[T ~int | ~int64](value, standard T) T {
	if value == 0 {
		return standard
	}
	return value
}
