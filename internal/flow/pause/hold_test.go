package pause_test

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/pause"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

// bench is a book with posts in the queue and an editor who pauses.
type bench struct {
	*booktest.Book
	t      *testing.T
	db     *postgres.DB
	editor people.Person
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, db: postgrestest.New(t, migrations.FS)}
	b.Book = booktest.New(t, b.db)
	var err error
	if b.editor, err = people.ByID(t.Context(), b.db, b.Author); err != nil {
		t.Fatal(err)
	}
	return b
}

// due schedules a post of its own on a channel at an instant.
func (b *bench) due(channel int64, at time.Time) int64 {
	b.t.Helper()
	var n int
	if err := b.db.GetContext(b.t.Context(), &n, `SELECT count(*) FROM posts`); err != nil {
		b.t.Fatal(err)
	}
	id := b.Deliver(booktest.Delivery{Post: b.Post(fmt.Sprintf("message-%d", n)), Channel: channel, Due: at})
	b.Schedule(id)
	return id
}

func (b *bench) pause(scope licence.Scope, id string) int64 {
	b.t.Helper()
	p, err := pause.Raise(b.t.Context(), b.db, pause.Part{Scope: scope, ID: id}, "A wrong number went out", b.editor)
	if err != nil {
		b.t.Fatal(err)
	}
	return p.ID
}

func (b *bench) lift(id int64, now time.Time) int {
	b.t.Helper()
	n, err := pause.Lift(b.t.Context(), b.db, id, b.editor, now)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) want(what string, delivery int64, state string) {
	b.t.Helper()
	var s string
	if err := b.db.GetContext(b.t.Context(), &s, `
SELECT s.state || coalesce(': ' || d.hold, '')
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
WHERE d.id = $1`, delivery); err != nil {
		b.t.Fatal(err)
	}
	if s != state {
		b.t.Errorf("%s is %s, want %s", what, s, state)
	}
}

func TestWhatFellDueDuringAPauseStaysHoweverShortItWas(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.Channel(booktest.Channel{}), b.Channel(booktest.Channel{Platform: "bluesky"})
	for _, c := range []struct {
		name  string
		scope licence.Scope
		of    string
	}{
		{"everything", licence.Everything, ""},
		{"a network", licence.Network, "mastodon"},
		{"a channel", licence.OneChannel, fmt.Sprint(one)},
		{"a campaign", licence.Campaign, "july-30"},
	} {
		due, later, beside := b.due(one, booktest.Due), b.due(one, booktest.Due.Add(3*time.Second)), b.due(two, booktest.Due)
		id := b.pause(c.scope, c.of)
		now := booktest.Due.Add(2 * time.Second)
		left := b.lift(id, now)
		b.want(c.name+": what was due", due, "held: overdue")
		b.want(c.name+": what is due later", later, "scheduled")
		other, count := "scheduled", 1
		if c.scope == licence.Everything || c.scope == licence.Campaign {
			other, count = "held: overdue", 2
		}
		b.want(c.name+": another network", beside, other)
		if left != count {
			t.Errorf("%s: %d wait for a review, want %d", c.name, left, count)
		}
		for _, d := range []int64{due, later, beside} { // out of the way of the next
			_, _ = b.db.ExecContext(t.Context(), `UPDATE deliveries SET state = 'cancelled', hold = NULL, release_id = NULL, submission_id = NULL, revision_id = NULL WHERE id = $1`, d)
		}
	}
}

func TestWhatFallsDueDuringAPauseLeavesTheQueueAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	channel := b.Channel(booktest.Channel{})
	due, sending, claimed, tried := b.due(channel, booktest.Due), b.due(channel, booktest.Due), b.due(channel, booktest.Due), b.due(channel, booktest.Due)
	b.Send(sending, booktest.Due)
	b.exec(`UPDATE queue SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute' WHERE delivery_id = $1`, claimed)
	b.exec(`UPDATE queue SET next_attempt_at = due_at + interval '1 minute' WHERE delivery_id = $1`, tried)
	later := b.due(channel, booktest.Due.Add(time.Minute))
	hold := func(want int) {
		t.Helper()
		n, err := pause.HoldDue(t.Context(), b.db, booktest.Due)
		if err != nil || n != want {
			t.Errorf("%d are held, want %d (%v)", n, want, err)
		}
	}
	hold(0) // nothing is paused
	b.pause(licence.Network, "bluesky")
	hold(0)
	id := b.pause(licence.Everything, "")
	hold(3)
	hold(0)
	for d, want := range map[int64]string{due: "held: overdue", sending: "sending", claimed: "held: overdue", tried: "held: overdue", later: "scheduled"} {
		b.want(fmt.Sprintf("delivery %d", d), d, want)
	}
	var queued int
	if err := b.db.GetContext(t.Context(), &queued, `SELECT count(*) FROM queue`); err != nil || queued != 2 {
		t.Errorf("%d rows are in the queue, want 2 (%v)", queued, err)
	}
	if n := b.lift(id, booktest.Due); n != 3 {
		t.Errorf("%d wait for a review, want 3", n)
	}
	found, err := pause.One(t.Context(), b.db, id)
	if err != nil || found.LiftedAt == nil || found.By != "Wren Writer" || found.Scope != licence.Everything {
		t.Errorf("got %+v and %v", found, err)
	}
	if _, err := pause.One(t.Context(), b.db, 99); !fault.Is(err, fault.NotFound) {
		t.Errorf("a pause that never was: %v", err)
	}
}

func TestNothingIsHeldInADatabaseThatLostItsLicence(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	due := b.due(b.Channel(booktest.Channel{}), booktest.Due)
	id := b.pause(licence.Everything, "")
	b.exec(`INSERT INTO pauses (scope, cause, reason) VALUES ('everything', 'licence', 'This database is a copy.')`)
	if n, err := pause.HoldDue(t.Context(), b.db, booktest.Due); err != nil || n != 0 {
		t.Errorf("%d are held, %v", n, err)
	}
	if n := b.lift(id, booktest.Due); n != 0 {
		t.Errorf("%d wait for a review", n)
	}
	b.want("what may be out", due, "scheduled")
}

func TestAThreadThatAPauseStopsWaitsForADecision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	thread := b.due(b.Channel(booktest.Channel{}), booktest.Due)
	b.exec(`INSERT INTO copies (delivery_id, post_id, channel_id, language, remote_id, published_at, release_id)
SELECT id, post_id, channel_id, language, 'first', due_at, release_id FROM deliveries WHERE id = $1`, thread)
	b.lift(b.pause(licence.Everything, ""), booktest.Due)
	b.want("the thread", thread, "held: decision")
}

func TestWhatTheDispatcherHeldDuringAPauseIsGoneThroughToo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	channel := b.Channel(booktest.Channel{})
	before, during := b.due(channel, booktest.Due), b.due(channel, booktest.Due)
	overdue := func(id int64) {
		t.Helper()
		b.exec(`UPDATE deliveries SET state = 'held', hold = 'overdue', release_id = NULL, submission_id = NULL, revision_id = NULL WHERE id = $1`, id)
		b.exec(`INSERT INTO audit (action, subject_kind, subject_id) VALUES ('delivery.overdue', 'delivery', $1)`, id)
	}
	overdue(before)
	id := b.pause(licence.OneChannel, fmt.Sprint(channel))
	overdue(during)
	if n := b.lift(id, booktest.Due); n != 1 {
		t.Errorf("%d wait for a review, want 1", n)
	}
	var listed []int64
	if err := b.db.SelectContext(t.Context(), &listed, `SELECT delivery_id FROM pause_held`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{during}, listed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.ExecContext(b.t.Context(), query, args...); err != nil {
		b.t.Fatalf("%v\n%s", err, query)
	}
}

func (b *bench) aside() (list []int64) {
	b.t.Helper()
	if err := b.db.SelectContext(b.t.Context(), &list, `SELECT delivery_id FROM queue WHERE aside ORDER BY delivery_id`); err != nil {
		b.t.Fatal(err)
	}
	return list
}

func TestWhatComesUpSoonUnderAPauseStandsAsideUntilItEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		scope licence.Scope
		of    string
		both  bool
	}{
		{"everything: nobody walks there", licence.Everything, "", false},
		{"a network", licence.Network, "mastodon", false},
		{"a channel", licence.OneChannel, "1", false},
		{"a campaign", licence.Campaign, "july-30", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			one, two := b.Channel(booktest.Channel{}), b.Channel(booktest.Channel{Platform: "bluesky"})
			soon, beside := b.due(one, booktest.Due), b.due(two, booktest.Due)
			later, claimed := b.due(one, booktest.Due.Add(10*time.Minute)), b.due(one, booktest.Due)
			b.exec(`UPDATE queue SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute' WHERE delivery_id = $1`, claimed)
			id := b.pause(c.scope, c.of)
			before := booktest.Due.Add(-30 * time.Second)
			want := map[bool][]int64{false: {soon}, true: {soon, beside}}[c.both]
			if c.scope == licence.Everything {
				want = nil
			}
			for range 2 {
				if n, err := pause.HoldDue(t.Context(), b.db, before); err != nil || n != 0 {
					t.Fatalf("%d are held, %v", n, err)
				}
				if diff := cmp.Diff(want, b.aside()); diff != "" {
					t.Errorf("aside (-want +got):\n%s", diff)
				}
			}
			again := b.pause(licence.OneChannel, fmt.Sprint(one)) // may be the same one
			b.lift(id, before)
			if left := b.aside(); left != nil {
				t.Errorf("%v stand aside after the pause", left)
			}
			if again != id {
				if _, err := pause.HoldDue(t.Context(), b.db, before); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]int64{soon}, b.aside()); diff != "" {
					t.Errorf("aside for the other pause (-want +got):\n%s", diff)
				}
				if _, err := pause.HoldDue(t.Context(), b.db, booktest.Due); err != nil {
					t.Fatal(err)
				}
				b.want("what stood aside and fell due", soon, "held: overdue")
			}
			for what, d := range map[string]int64{"beside it": beside, "later": later} {
				b.want(what, d, "scheduled")
			}
		})
	}
}
