package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/mischief"
)

func TestALimitThatOneReplicaHearsHoldsForAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := b.schedule(3, booktest.Due)
	b.fault(mischief.Fault{Kind: mischief.RateLimited429, Endpoint: posting, ResetSeconds: 60})
	b.turn(b.dispatcher())
	other := b.dispatcher()
	later := b.schedule(1, booktest.Due)[0]
	b.turn(other)
	for _, id := range append(list, later) {
		b.want(id, "scheduled", 0)
	}
	var tries int
	b.get(&tries, `SELECT count(*) FROM attempts`)
	if tries != 1 {
		t.Errorf("the network was asked %d times while it takes no calls", tries)
	}
	b.clock.Add(2 * time.Minute)
	b.drain(other)
	b.once(4)
}

// limits are networks that say how many more calls they take.
type limits struct {
	*networks
	left int
}

func (l *limits) Rate(int64) (platform.Rate, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left--
	return platform.Rate{Limit: 300, Remaining: l.left, Reset: booktest.Due.Add(time.Minute)}, true
}

func TestWhatTheHeadersSayIsHeededBeforeTheNetworkRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.schedule(5, booktest.Due)
	d := b.dispatcher()
	d.Networks = &limits{networks: b.networks, left: 2}
	b.turn(d)
	if n := len(b.server.State().Statuses); n != 2 {
		t.Errorf("%d went out, and the network had said that it takes 2", n)
	}
	var said struct {
		Remaining int
		Reset     time.Time `db:"reset_at"`
	}
	b.get(&said, `SELECT remaining, reset_at FROM channel_pace`)
	if said.Remaining != 0 || !said.Reset.Equal(booktest.Due.Add(time.Minute)) {
		t.Errorf("kept for the others: %+v", said)
	}
}

// answering makes the second delivery a reply to the first.
func (b *bench) answering(second, first int64) {
	b.exec(`UPDATE deliveries SET answers = $2 WHERE id = $1`, second, first)
}

func TestADeliveryThatAnswersAnotherGoesOutAsItsReply(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := b.schedule(2, booktest.Due)
	b.answering(list[1], list[0])
	b.exec(`UPDATE queue SET next_attempt_at = next_attempt_at + interval '1 second' WHERE delivery_id = $1`, list[1])
	d := b.dispatcher()
	b.turn(d)
	b.clock.Add(time.Second)
	b.turn(d)
	b.want(list[1], "published", 2)
	if got := b.thread(); got != "Text of message-2 ← Text of message-1; Text of message-1 ← " {
		t.Errorf("the network shows %s", got)
	}
}

func TestADeliveryWhoseAnsweredPostIsNotThereWaitsForAPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := b.schedule(2, booktest.Due)
	b.answering(list[1], list[0])
	b.exec(`UPDATE queue SET next_attempt_at = next_attempt_at + interval '1 minute' WHERE delivery_id = $1`, list[0])
	b.turn(b.dispatcher())
	b.want(list[1], "held: decision", 0)
	if s := b.look(list[1]); !strings.Contains(s.Problem, "not there any more") {
		t.Errorf("the problem is %q", s.Problem)
	}
	other := b.book.Channel(booktest.Channel{})
	elsewhere := b.book.Deliver(booktest.Delivery{Post: b.book.Post("elsewhere"), Channel: other})
	if _, err := b.db.ExecContext(t.Context(), `UPDATE deliveries SET answers = $2 WHERE id = $1`, elsewhere, list[0]); postgres.Constraint(err) != "answers_same_channel" {
		t.Errorf("it answers a post of another channel: %v", err)
	}
}

func TestLatenessCountsFromTheInstantAtWhichAPostIsReady(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := booktest.Due.Add(20 * time.Minute) // approved twenty minutes after its instant, and to go out at once
	b.clock.Set(now)
	delivery := b.schedule(1, booktest.Due)[0]
	b.asReadyAt(delivery, now)
	b.fault(mischief.Fault{Kind: mischief.CommitThenDrop, Endpoint: posting}, mischief.Fault{Kind: mischief.RateLimited429, Endpoint: posting})
	b.drain(b.dispatcher())
	b.want(delivery, "published", 1)
}

// asReadyAt puts a scheduled delivery into the queue anew, ready at an instant.
func (b *bench) asReadyAt(delivery int64, at time.Time) {
	b.t.Helper()
	err := b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error {
		for _, s := range []string{
			`UPDATE deliveries SET state = 'held', hold = 'approval', release_id = NULL, submission_id = NULL, revision_id = NULL WHERE id = $1`,
			`UPDATE deliveries d SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r WHERE r.delivery_id = d.id AND d.id = $1`,
		} {
			if _, err := tx.ExecContext(b.t.Context(), s, delivery); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(b.t.Context(), `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at, ready_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id, revision_id, due_at, $2
FROM releases WHERE delivery_id = $1`, delivery, at)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// ordered notes in which order posts go out.
type ordered struct {
	*networks
	mu    sync.Mutex
	texts []string
}

func (o *ordered) Publish(ctx context.Context, channel int64, a platform.Attempt) (platform.Receipt, error) {
	o.mu.Lock()
	o.texts = append(o.texts, a.Content.Parts[0].Text)
	o.mu.Unlock()
	return o.networks.Publish(ctx, channel, a)
}

func TestTwoDispatchersKeepTheOrderOfAChannel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reach := &ordered{networks: b.networks}
	const n = 60
	var want []string
	for i := range n {
		b.schedule(1, booktest.Due.Add(time.Duration(i)*time.Millisecond))
		want = append(want, fmt.Sprintf("Text of message-%d", i+1))
	}
	b.clock.Add(time.Second)
	var stops []func()
	for range 2 {
		d := b.dispatcher()
		d.Networks = reach
		stops = append(stops, b.run(d))
	}
	b.until("all are published", sqlAllPublished)
	for _, stop := range stops {
		stop()
	}
	if !slices.Equal(reach.texts, want) {
		t.Errorf("they went out in the order %v", reach.texts)
	}
}

func TestAStopUnderLoadLosesNothingAndSendsNothingTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)

	for i := range 20 {
		b.channel = b.book.Channel(booktest.Channel{Handle: fmt.Sprintf("@stop%d@127.0.0.1", i)})
		b.networks.mu.Lock()
		b.networks.accounts[b.channel] = account(b.server.BaseURL(), b.server.Token("hope"))
		b.networks.mu.Unlock()
		b.schedule(5, booktest.Due)
	}
	const n = 100
	for range 4 {
		stop := b.run(b.dispatcher())
		b.until("some are out", `SELECT count(*) >= least($1::int, (SELECT count(*) FROM copies) + 10) FROM copies`, n)
		stop()
		var open int
		b.get(&open, `SELECT count(*) FROM queue WHERE lease_owner IS NOT NULL`)
		if open != 0 {
			t.Errorf("%d rows are still claimed by a dispatcher that has ended", open)
		}
	}
	stop := b.run(b.dispatcher())
	b.until("all are published", sqlAllPublished)
	stop()
	b.once(n)
	var attempts int
	b.get(&attempts, `SELECT count(*) FROM attempts`)
	if attempts != n {
		t.Errorf("%d attempts for %d deliveries", attempts, n)
	}
}
