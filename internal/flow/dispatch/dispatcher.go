package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/claim"
	"daymark/internal/flow/dispatch/lane"
	"daymark/internal/flow/dispatch/mark"
	"daymark/internal/flow/dispatch/pace"
	"daymark/internal/flow/dispatch/ready"
	"daymark/internal/flow/dispatch/reconcile"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/flow/dispatch/sweep"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// Networks calls the network of a channel with that channel's credentials.
type Networks interface {
	ready.Networks
	Publish(ctx context.Context, channel int64, attempt platform.Attempt) (platform.Receipt, error)
	reconcile.Networks
}

// Paced is met by [Networks] that know what a channel's network last said about how many more calls it takes.
type Paced interface {
	Rate(channel int64) (platform.Rate, bool)
}

// Licence says whether this database may send. Token is compared with the database's own in the statement that writes an
// attempt down.
type Licence interface {
	Token() string
	// Seen is told of the newest attempt after it was committed and before the network is called.
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
	Workers  int           // calls on their way at the same time: 768, two thirds of them to one server
	Hand     int           // deliveries held ready at the same time: 2,000, three quarters of them for one server
	Guarded  bool          // the clock is the database's own product clock, which then refuses whatever is early by it
}

// askers is how many networks are asked about unknown deliveries at the same time.
const askers = 8

// Dispatcher sends what is due. Several, in any number of processes, share one database.
type Dispatcher struct {
	Options
	settler settle.Settler
	gather  settle.Gatherer
	asker   reconcile.Asker
	claims  claim.Claims
	life    claim.Life
	maker   ready.Maker
	glance  time.Duration // how long an estimate of when a product instant comes is trusted: the clock may be set meanwhile

	lead    time.Duration // how long before its instant an attempt is written down at most
	steady  *pace.Steady
	marker  *mark.Marker
	board   *lane.Board[*ready.Item]
	wake    chan struct{}
	look    chan struct{}
	marking chan struct{}
	asking  chan struct{}
	busy    sync.WaitGroup

	mu      sync.Mutex
	held    map[int64]int // how many goroutines of ours are working at a delivery: an old one may not know yet
	hungry  int           // how little is to be in hand before more is claimed; 0 when nothing was left behind
	pumping bool          // somebody looks at the board
}

// defaultLead is time enough to write a group down before its instant.
const defaultLead = 15 * time.Millisecond

// slack is how far two readings of one clock may differ.
const slack = 10 * time.Millisecond

// New returns a dispatcher that does nothing until it is run.
func New(o Options) *Dispatcher {
	o.Ahead = orElse(o.Ahead, 10*time.Second)
	o.Timeout = orElse(o.Timeout, 30*time.Second)
	o.Lease = max(orElse(o.Lease, 2*time.Minute), o.Ahead+2*o.Timeout+10*time.Second)
	o.Sweep = orElse(o.Sweep, time.Second)
	o.Workers = orElse(o.Workers, 768)
	o.Hand = orElse(o.Hand, 2000)
	steady := &pace.Steady{Inner: o.Clock}
	if o.Guarded {
		o.Clock = steady
	}
	d := &Dispatcher{
		Options: o,
		settler: settle.Settler{DB: o.DB, Clock: o.Clock, Log: o.Log, Point: point},
		asker:   reconcile.Asker{DB: o.DB, Networks: o.Networks, Clock: o.Clock, Log: o.Log, Timeout: o.Timeout, Worker: o.Worker.String()},
		claims:  claim.Claims{DB: o.DB, Clock: o.Clock, Log: o.Log, Worker: o.Worker.String(), Ahead: o.Ahead, Lease: o.Lease},
		life:    claim.Life{DB: o.DB, Name: o.Worker.String()},
		maker:   ready.Maker{DB: o.DB, Networks: o.Networks, Timeout: o.Timeout},
		glance:  250 * time.Millisecond,
		lead:    defaultLead,
		steady:  steady,
		board:   lane.New[*ready.Item](lane.Limits{Calls: o.Workers, PerHost: max(1, o.Workers*2/3), Lane: 64, HostHand: max(1, o.Hand*3/4)}),
		wake:    make(chan struct{}, 1), look: make(chan struct{}, 1), marking: make(chan struct{}, markers), asking: make(chan struct{}, askers),
		held: map[int64]int{},
	}
	d.gather = settle.Gatherer{Settler: &d.settler, Go: d.busy.Go, Over: func(r attempt.Row) { d.release(r) }}
	d.marker = &mark.Marker{DB: o.DB, Clock: o.Clock, Token: o.Licence.Token, Worker: o.Worker.String(), Lease: o.Lease, Ahead: defaultLead + slack, Guarded: o.Guarded}
	return d
}

// Run sends what is due until ctx ends, then finishes what is on its way and gives back what is not.
func (d *Dispatcher) Run(ctx context.Context) error {
	if err := d.life.Keep(ctx); err != nil {
		return err
	}
	var listener sync.WaitGroup
	listener.Go(func() {
		if err := d.DB.Listen(ctx, "daymark_queue", func(string) { d.Wake() }); err != nil {
			d.Log.ErrorContext(ctx, "dispatcher no longer hears the queue; it looks by itself", "err", err)
		}
	})
	listener.Go(func() {
		if err := d.DB.Listen(ctx, "daymark_stop", func(string) { d.marker.Stopped() }); err != nil {
			d.Log.ErrorContext(ctx, "dispatcher no longer hears of stops; it looks by itself", "err", err)
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
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), claim.Patience)
	defer cancel()
	return errors.Join(d.claims.GiveBackAll(bye), d.life.End(bye))
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
		if err := d.life.Keep(ctx); err != nil {
			return d.Sweep, err
		}
		if err := d.compare(ctx); err != nil {
			return d.Sweep, err
		}
	}
	var licensed bool
	if err := d.DB.GetHot(ctx, &licensed, sqlLicensed, d.Licence.Token()); err != nil || !licensed {
		return d.Sweep, err
	}
	if sweepNow {
		now := d.Clock.Now()
		d.tooLong(ctx, now)
		err = errors.Join(
			sweep.Recover(ctx, d.DB, d.Log, d.Worker.String(), d.handful()),
			d.asker.Recover(ctx),
			sweep.Strand(ctx, d.DB, d.Log, now, now.Add(-attempt.Late(d.Clock))),
			sweep.Miss(ctx, d.DB, d.Log, now),
			sweep.HoldOverdue(ctx, d.DB, d.Log, now.Add(-attempt.Late(d.Clock))),
		)
	}
	err = errors.Join(err, d.ask(ctx))
	next, sendErr := d.claimDue(ctx)
	return next, errors.Join(err, sendErr)
}

// compare holds the clock against the database's own.
func (d *Dispatcher) compare(ctx context.Context) error {
	if !d.Guarded {
		return nil
	}
	return d.steady.Compare(ctx, d.DB)
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
  AND NOT aside
  AND next_attempt_at > $1`

// most is how many rows one claim takes, and urgent how soon a row is due that is claimed although the hand is full.
const (
	most   = 500
	urgent = time.Second
)

// claimDue claims what is due soon and hands it on to be made ready. It returns when the next row comes up. What is due and could not
// be claimed (there is a pause, or another worker has it) does not count: the sweep looks at it again.
func (d *Dispatcher) claimDue(ctx context.Context) (time.Duration, error) {
	horizon, hand := d.claims.Horizon(), d.Hand
	for {
		free := hand - d.inHand()
		if ctx.Err() != nil {
			return d.Sweep, nil
		}
		if free <= 0 {
			if soon := d.Clock.Now().Add(time.Duration(float64(urgent) * d.Clock.Rate())); hand == d.Hand && soon.Before(horizon) {
				horizon, hand = soon, d.Hand+most
				continue
			}
			d.hunger()
			return d.Sweep, nil // a hand that becomes free wakes us
		}
		channels, servers := d.board.Full()
		rows, taken, err := d.claims.Take(ctx, min(free, most), horizon, channels, servers)
		if err != nil {
			return d.Sweep, err
		}
		if !taken {
			return 0, nil
		}
		if len(rows) < most && len(channels)+len(servers) > 0 {
			d.hunger() // there may be more of those that were passed over
		}
		if len(rows) == 0 {
			break
		}
		d.settler.Point("after claim")
		for _, row := range rows {
			d.take(row)
		}
		d.busy.Go(func() { d.batch(ctx, rows) })
	}
	var next *time.Time
	if err := d.DB.GetHot(ctx, &next, sqlNextDue, horizon); err != nil || next == nil {
		return d.Sweep, err
	}
	return min(d.Sweep, d.Clock.Wait(*next)-d.Ahead), nil
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

func orElse[T ~int | ~int64](value, standard T) T {
	if value == 0 {
		return standard
	}
	return value
}
