package dispatch_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// noting answers each call at once and notes when it began.
type noting struct {
	instant
	mu    sync.Mutex
	begun []time.Time
}

func (n *noting) Publish(ctx context.Context, channel int64, a platform.Attempt) (platform.Receipt, error) {
	n.mu.Lock()
	n.begun = append(n.begun, time.Now())
	n.mu.Unlock()
	return n.instant.Publish(ctx, channel, a)
}

func (n *noting) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.begun)
}

func TestNothingBeginsLaterThan300MillisecondsAfterAPauseWithTenThousandDue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.many(1000, 10, booktest.Due)
	reach := &noting{instant: instant{b.networks, 20 * time.Millisecond}}
	db, err := postgres.Open(t.Context(), b.dsn, postgres.Options{MaxConns: 12})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	now := running{start: time.Now(), from: booktest.Due.Add(-time.Second)}
	stop := b.run(dispatch.New(dispatch.Options{DB: db, Networks: reach, Licence: b.licence, Clock: now, Log: b.log, Worker: uuid.New()}))
	wait(t, "the first hundred have begun", func() bool { return reach.count() >= 100 })
	b.exec(`INSERT INTO pauses (scope, cause, reason) VALUES ('everything', 'person', 'An emergency.')`)
	paused := time.Now()
	b.until("what was on its way is settled", `SELECT NOT EXISTS (SELECT 1 FROM queue WHERE sending_at IS NOT NULL)`)
	stop()
	late := 0
	for _, at := range reach.begun {
		if at.Sub(paused) > 300*time.Millisecond {
			late++
		}
	}
	if late > 0 || reach.count() == 10_000 {
		t.Errorf("%d of %d calls began more than 300 ms after the pause", late, reach.count())
	}
	var published int
	b.get(&published, `SELECT count(*) FROM deliveries WHERE state = 'published'`)
	if published != reach.count() {
		t.Errorf("%d calls were made and %d deliveries are published", reach.count(), published)
	}
}

// wait asks again and again until a condition holds.
func wait(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("not in time: %s", what)
		case <-tick.C:
		}
	}
}

func TestWhatIsStoppedBetweenItsNoteAndItsCallIsNotSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		stop func(b *bench, delivery int64)
		want string
	}{
		{"a pause", func(b *bench, _ int64) {
			b.exec(`INSERT INTO pauses (scope, cause, reason) VALUES ('everything', 'person', 'An emergency.')`)
		}, "scheduled"},
		{"a withdrawal", func(b *bench, delivery int64) { b.withdraw(delivery) }, "held: approval"},
		{"an edit", func(b *bench, delivery int64) {
			var post int64
			b.get(&post, `SELECT post_id FROM deliveries WHERE id = $1`, delivery)
			b.book.Revise(post, "Other words")
		}, "held: edited"},
		{"the loss of the licence", func(b *bench, _ int64) { b.exec(`UPDATE licence SET token = 'of another'`) }, "scheduled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			d := b.dispatcher()
			d.At(func(name string) {
				if name == "group written" {
					c.stop(b, delivery)
					d.Doubt() // as when the notification comes, or the sight is too old
				}
			})
			b.turn(d)
			b.want(delivery, c.want, 0)
			if s := b.look(delivery); s.Tries != 1 {
				t.Errorf("%d attempts, want the one that was written down", s.Tries)
			}
			var outcome string
			b.get(&outcome, `SELECT outcome FROM attempts`)
			if outcome != "again" {
				t.Errorf("the attempt is %s, want it to be certain that nothing was sent", outcome)
			}
		})
	}
}

func TestADispatcherHearsOfStopsFromTheDatabase(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(b *bench, delivery int64){
		"a pause":      func(b *bench, _ int64) { b.pause("channel", "") },
		"a withdrawal": func(b *bench, delivery int64) { b.withdraw(delivery) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			b.book.Send(delivery, booktest.Due) // on its way
			heard := make(chan string, 10)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var listening sync.WaitGroup
			listening.Go(func() { _ = b.db.Listen(ctx, "daymark_stop", func(string) { heard <- "" }) })
			<-heard // listening
			stop(b, delivery)
			<-heard
			cancel()
			listening.Wait()
		})
	}
}

// apart is a clock that runs as real time does, wrong by an offset.
type apart struct{ off time.Duration }

func (a apart) Now() time.Time                 { return time.Now().Add(a.off).UTC() }
func (a apart) Wait(t time.Time) time.Duration { return t.Sub(a.Now()) }
func (apart) Rate() float64                    { return 1 }

func TestTwoDispatchersWithClocksHalfAMinuteApartSendOnTimeAndOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const n = 40
	reach := &noting{instant: instant{networks: b.networks}}
	var ids []int64
	for i := range 4 {
		b.channel = b.book.Channel(booktest.Channel{Handle: fmt.Sprintf("@apart%d@127.0.0.1", i)})
		b.networks.mu.Lock()
		b.networks.accounts[b.channel] = platform.Account{}
		b.networks.mu.Unlock()
		ids = append(ids, b.schedule(n/4, booktest.Due)...)
	}
	var due time.Time
	b.get(&due, `SELECT clock_timestamp() + interval '4 seconds'`)
	b.movedTo(due)
	var stops []func()
	for _, off := range []time.Duration{-30 * time.Second, 30 * time.Second} {
		db, err := postgres.Open(t.Context(), b.dsn, postgres.Options{MaxConns: 8})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		stops = append(stops, b.run(dispatch.New(dispatch.Options{
			DB: db, Networks: reach, Licence: b.licence, Clock: apart{off}, Log: b.log, Worker: uuid.New(), Guarded: true,
		})))
	}
	b.until("all are published", sqlAllPublished)
	for _, stop := range stops {
		stop()
	}
	if len(reach.begun) != len(ids) {
		t.Errorf("%d calls for %d deliveries", len(reach.begun), len(ids))
	}
	for _, at := range reach.begun {
		if early := due.Sub(at); early > 0 {
			t.Errorf("a call began %v early by the database's clock", early)
		}
		if late := at.Sub(due); late > 10*time.Second {
			t.Errorf("a call began %v late", late)
		}
	}
}

func TestADatabaseRefusesWhatIsEarlyByItsOwnClock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var soon time.Time
	b.get(&soon, `SELECT clock_timestamp() + interval '20 seconds'`)
	delivery := b.schedule(1, booktest.Due)[0]
	b.movedTo(soon)
	db, err := postgres.Open(t.Context(), b.dsn, postgres.Options{MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	d := dispatch.New(dispatch.Options{DB: db, Networks: b.networks, Licence: b.licence, Clock: apart{30 * time.Second}, Log: b.log, Worker: uuid.New(), Guarded: true})
	defer func() { _ = d.End(context.Background()) }()
	if _, err := d.Round(t.Context()); err != nil { // without a sweep: the clocks were not compared
		t.Fatal(err)
	}
	d.Finish()
	b.want(delivery, "scheduled", 0)
	if s := b.look(delivery); s.Tries != 0 {
		t.Errorf("%d attempts were written down", s.Tries)
	}
}

// movedTo gives everything that is scheduled another instant, as if it had been approved so, past the guards.
func (b *bench) movedTo(due time.Time) {
	b.t.Helper()
	ctx := b.t.Context()
	err := b.owner.InTx(ctx, func(tx *postgres.Tx) error {
		for _, statement := range []string{
			`SET LOCAL session_replication_role = replica`,
			`UPDATE deliveries SET due_at = '` + due.Format(time.RFC3339Nano) + `', not_after = '` + due.Add(time.Hour).Format(time.RFC3339Nano) + `'`,
			`UPDATE releases r SET due_at = d.due_at, not_after = d.not_after FROM deliveries d WHERE d.id = r.delivery_id`,
			`UPDATE queue q SET due_at = d.due_at, ready_at = d.due_at, not_after = d.not_after, next_attempt_at = d.due_at FROM deliveries d WHERE d.id = q.delivery_id`,
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}
