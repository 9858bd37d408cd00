package dispatch_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/mischief"
)

// until asks the database again and again until a condition holds.
func (b *bench) until(what, query string, args ...any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var yes bool
		b.get(&yes, query, args...)
		if yes {
			return
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("not within %v: %s", patience, what)
		case <-tick.C:
		}
	}
}

// run lets a dispatcher run; stop ends it and waits.
func (b *bench) run(d *dispatch.Dispatcher) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Run(ctx); err != nil {
			b.t.Errorf("the dispatcher ended: %v", err)
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}

const sqlAllPublished = `SELECT NOT EXISTS (SELECT 1 FROM deliveries WHERE state <> 'published')`

func TestTwoDispatchersSendEachDeliveryOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const n = 200
	b.schedule(n, booktest.Due)
	one, two := b.run(b.dispatcher()), b.run(b.dispatcher())
	b.until("all are published", sqlAllPublished)
	one()
	two()
	b.once(n)
	var attempts int
	b.get(&attempts, `SELECT count(*) FROM attempts`)
	if attempts != n {
		t.Errorf("%d attempts, want %d", attempts, n)
	}
}

func TestStoppingFinishesWhatIsOnItsWayAndGivesBackTheRest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ahead = 10 * time.Second
	sending := b.schedule(1, booktest.Due)[0]
	waiting := b.schedule(1, booktest.Due.Add(5*time.Second))[0] // within the time ahead: claimed and made ready
	b.fault(mischief.Fault{Kind: mischief.Slow, DelayMS: 200, Endpoint: posting})
	d := b.dispatcher()
	under := make(chan struct{})
	d.At(func(name string) {
		if name == "after attempt" {
			close(under)
		}
	})
	stop := b.run(d)
	<-under
	b.until("both are claimed", `SELECT count(*) = 2 FROM queue WHERE lease_owner IS NOT NULL`)
	stop()
	b.want(sending, "published", 1)
	b.want(waiting, "scheduled", 1)
	var free bool
	b.get(&free, `SELECT lease_owner IS NULL AND next_attempt_at = due_at FROM queue WHERE delivery_id = $1`, waiting)
	if !free {
		t.Error("the delivery that was only claimed was not given back as it was")
	}
}

func TestAConnectionCutWhileSettlingIsSettledOnTheNext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.schedule(1, booktest.Due)[0]
	d := b.dispatcher()
	var once sync.Once
	d.At(func(name string) {
		if name == "before commit" {
			once.Do(b.cut)
		}
	})
	b.turn(d)
	b.want(delivery, "published", 1)
	if s := b.look(delivery); s.Tries != 1 {
		t.Errorf("%d tries, want 1", s.Tries)
	}
}

// cut ends every connection that is in the middle of a transaction.
func (b *bench) cut() {
	var n int
	if err := b.owner.GetContext(b.t.Context(), &n, `
SELECT count(pg_terminate_backend(pid))
FROM pg_stat_activity
WHERE datname = current_database()
  AND state = 'idle in transaction'`); err != nil || n == 0 {
		b.t.Errorf("%d connections cut (%v)", n, err)
	}
}

func TestALostLifeLockIsTakenAnew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ahead = 10 * time.Second
	d, other := b.dispatcher(), b.dispatcher()
	b.turn(d)
	d.CutLife()
	b.gone(d)
	b.schedule(1, booktest.Due.Add(5*time.Second))
	b.begin(d) // takes the lock on another connection, and claims
	b.turn(other)
	var held bool
	b.get(&held, `SELECT lease_owner = $1::uuid FROM queue`, d.Worker.String())
	if !held {
		t.Error("another worker took over from one that lives")
	}
	b.clock.Add(5 * time.Second)
	d.Finish()
	b.once(1)
}

// gone waits until the database has let go of a worker's lock.
func (b *bench) gone(d *dispatch.Dispatcher) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	err := b.db.InTx(ctx, func(tx *postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 30072014))`, d.Worker.String())
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestDoubtAsksBeforeItSends(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := b.schedule(2, booktest.Due)
	later := b.schedule(1, booktest.Due.Add(time.Minute))[0]
	// The former holder of the licence has sent the first of them, with a database of its own.
	other := setup(t)
	other.networks, other.channel = b.networks, b.channel
	other.schedule(1, booktest.Due)
	other.turn(other.dispatcher())
	b.want(list[0], "scheduled", 1)

	b.clock.Add(10 * time.Second)
	err := b.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		n, err := dispatch.Doubt(t.Context(), tx, b.clock.Now(), b.dispatcher().Worker)
		if n != 2 {
			t.Errorf("%d deliveries are in doubt, want 2", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.want(list[0], "unknown", 1)
	b.drain(b.dispatcher())
	b.want(list[0], "published", 3)
	b.want(list[1], "published", 3)
	b.want(later, "published", 3)
	b.once(3)
	if s := b.look(list[0]); s.Tries != 1 {
		t.Errorf("what was out already was tried %d times more", s.Tries-1)
	}
}
