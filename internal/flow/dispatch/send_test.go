package dispatch_test

import (
	"context"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/mischief"

	"github.com/google/uuid"
)

func TestNothingGoesOutBeforeItsInstant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ahead = 10 * time.Second
	delivery := b.schedule(1, booktest.Due)[0]
	d := b.dispatcher()
	b.clock.Set(booktest.Due.Add(-time.Minute))
	b.turn(d)
	b.want(delivery, "scheduled", 0)
	b.clock.Set(booktest.Due.Add(-5 * time.Second))
	prepared := make(chan struct{})
	b.networks.prepare = func() error { close(prepared); return nil }
	b.begin(d)
	<-prepared // claimed and made ready, five seconds ahead
	b.clock.Set(booktest.Due.Add(-time.Microsecond))
	b.want(delivery, "scheduled", 0)
	b.clock.Set(booktest.Due)
	d.Finish()
	b.want(delivery, "published", 1)
	if at := b.server.State().Statuses[0].CreatedAt; !at.Equal(booktest.Due) {
		t.Errorf("it went out at %v", at)
	}
	b.turn(d)
	b.want(delivery, "published", 1)
}

func (b *bench) begin(d *dispatch.Dispatcher) {
	b.t.Helper()
	if err := d.Begin(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func TestWhatChangesBetweenClaimAndSendStopsTheSending(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(b *bench, delivery int64)
		want   string
	}{
		{"an edit", func(b *bench, delivery int64) {
			var post int64
			b.get(&post, `SELECT post_id FROM deliveries WHERE id = $1`, delivery)
			b.book.Revise(post, "Other words")
		}, "held: edited"},
		{"a withdrawal", func(b *bench, delivery int64) { b.withdraw(delivery) }, "held: approval"},
		{"a pause of everything", func(b *bench, _ int64) {
			b.exec(`INSERT INTO pauses (scope, cause, reason) VALUES ('everything', 'person', 'An emergency.')`)
		}, "scheduled"},
		{"the loss of the licence", func(b *bench, _ int64) { b.exec(`UPDATE licence SET token = 'of another'`) }, "scheduled"},
		{"new words, approved at once", func(b *bench, delivery int64) {
			var post int64
			b.get(&post, `SELECT post_id FROM deliveries WHERE id = $1`, delivery)
			b.book.Revise(post, "Other words")
			b.book.Schedule(delivery)
			// Another has claimed it: the same worker with the same fence, as a restart of the fence allows.
			b.exec(`UPDATE queue SET fence = 1, lease_owner = $2, lease_until = clock_timestamp() + interval '1 minute' WHERE delivery_id = $1`, delivery, b.claimant)
		}, "scheduled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			d := b.dispatcher()
			b.claimant = d.Worker.String()
			b.networks.prepare = func() error { c.change(b, delivery); return nil }
			b.begin(d)
			d.Finish()
			b.want(delivery, c.want, 0)
			if s := b.look(delivery); s.Tries != 0 {
				t.Errorf("%d attempts were written down", s.Tries)
			}
		})
	}
}

// withdraw takes an approval back.
func (b *bench) withdraw(delivery int64) {
	b.exec(`
INSERT INTO verdicts (submission_id, person_id, role, verdict)
SELECT submission_id, $2, '', 'withdraw'
FROM deliveries
WHERE id = $1`, delivery, b.book.Reviewers[0])
}

func TestARetryAfterTheApprovalEndedIsHeld(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		kind  mischief.Kind
		until string // how far the first try comes before the approval ends
		edit  bool
		want  string
	}{
		{"withdrawn while it was sent, and refused for now", mischief.RateLimited429, "after attempt", false, "held: approval"},
		{"edited while it was sent, and refused for now", mischief.RateLimited429, "after attempt", true, "held: edited"},
		{"withdrawn while it was sent, and the answer lost", mischief.Reject500, "after attempt", false, "held: approval"},
		{"withdrawn while the network was asked", mischief.Reject500, "after settle", false, "held: approval"},
		{"edited while the network was asked", mischief.Reject500, "after settle", true, "held: edited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			var post int64
			b.get(&post, `SELECT post_id FROM deliveries WHERE id = $1`, delivery)
			var submission int64
			b.get(&submission, `SELECT submission_id FROM deliveries WHERE id = $1`, delivery)
			b.fault(mischief.Fault{Kind: c.kind, Endpoint: posting})
			d := b.dispatcher()
			d.At(func(name string) {
				if name != c.until {
					return
				}
				if c.edit {
					b.book.Revise(post, "Other words")
				} else {
					b.withdraw(delivery)
				}
			})
			b.drain(d)
			b.want(delivery, c.want, 0)
		})
	}
}

func TestTheWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		after  time.Duration // after the due instant, when the dispatcher looks first
		window time.Duration
		want   string
		out    int
	}{
		{"five minutes late it still goes out", 5*time.Minute - time.Second, time.Hour, "published", 1},
		{"more than five minutes late a person decides", 5*time.Minute + time.Second, time.Hour, "held: overdue", 0},
		{"at the end of its window it is missed", time.Minute, time.Minute, "missed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.book.Deliver(booktest.Delivery{Post: b.book.Post("one"), Channel: b.channel, Window: c.window})
			b.book.Schedule(delivery)
			waiting := b.book.Deliver(booktest.Delivery{Post: b.book.Post("two"), Channel: b.channel, Window: c.window})
			b.clock.Set(booktest.Due.Add(c.after))
			d := b.dispatcher()
			b.turn(d)
			b.want(delivery, c.want, c.out)
			if c.want == "missed" {
				b.want(waiting, "missed", c.out)
			}
		})
	}
}

func TestAPauseLastsAsLongAsItIsOnAndBlastsNothingAfterwards(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := b.schedule(2, booktest.Due)
	soon := b.schedule(1, booktest.Due.Add(9*time.Minute))[0]
	b.exec(`INSERT INTO pauses (scope, cause, reason) VALUES ('everything', 'person', 'An emergency.')`)
	d := b.dispatcher()
	b.turn(d)
	b.want(list[0], "scheduled", 0)
	b.clock.Add(10 * time.Minute)
	b.turn(d)
	b.exec(`UPDATE pauses SET lifted_at = clock_timestamp()`)
	b.turn(d)
	b.want(list[0], "held: overdue", 1)
	b.want(list[1], "held: overdue", 1)
	b.want(soon, "published", 1)
}

// fast is a clock that runs 2,000 times as fast as real time, as in a rehearsal.
func fast() clock.Clock { return quick{start: time.Now()} }

type quick struct{ start time.Time }

const speed = 2000

func (q quick) Now() time.Time {
	return booktest.Due.Add(time.Duration(float64(time.Since(q.start)) * speed)).UTC()
}

func (q quick) Wait(t time.Time) time.Duration { return t.Sub(q.Now()) / speed }

func (quick) Rate() float64 { return speed }

func TestAFastClockMakesNothingOverdue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.schedule(1, booktest.Due.Add(-time.Hour))[0] // an hour of product time is two seconds
	db, err := postgres.Open(t.Context(), b.dsn, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	d := dispatch.New(dispatch.Options{DB: db, Networks: b.networks, Licence: b.licence, Clock: fast(), Log: b.log, Worker: uuid.New()})
	defer func() { _ = d.End(context.Background()) }()
	b.turn(d)
	b.want(delivery, "published", 1)
}

func TestWhatCannotBePreparedIsHeldWithItsSentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, hold, problem string
		err                 error
		after               time.Duration
	}{
		{"refused for good", "decision", "The text is too long.", &platform.Permanent{Code: "too_long", Say: "The text is too long."}, 0},
		{"not authorised", "decision", "Connect the account again.", &platform.AuthExpired{Say: "Connect the account again."}, 0},
		{"no answer for more than five minutes", "overdue", "The server did not answer.", &platform.Transient{Say: "The server did not answer."}, 0},
		{"no more calls for half an hour", "overdue", "Too many calls.", &platform.RateLimited{Say: "Too many calls.", Until: booktest.Due.Add(30 * time.Minute)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			b.networks.prepare = func() error { return c.err }
			b.drain(b.dispatcher())
			b.want(delivery, "held: "+c.hold, 0)
			if s := b.look(delivery); s.Problem != c.problem || s.Tries != 0 {
				t.Errorf("%+v, want the sentence and no attempt", s)
			}
			if late := b.clock.Now().Sub(booktest.Due); late > 5*time.Minute {
				t.Errorf("a person was told %v after the due instant", late)
			}
		})
	}
}

func TestATurnThatMaySendNothingAsksForTheNextSweepNotForAnother(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, statement string }{
		{"paused", `INSERT INTO pauses (scope, cause, reason) VALUES ('everything', 'person', 'An emergency.')`},
		{"without licence", `UPDATE licence SET token = 'of another'`},
		{"claimed by another", `UPDATE queue SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.schedule(1, booktest.Due)
			b.exec(c.statement)
			wait, err := b.dispatcher().Round(t.Context())
			if err != nil || wait != 20*time.Millisecond {
				t.Errorf("the next turn comes in %v (%v), want at the sweep", wait, err)
			}
		})
	}
}
