package engagement_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daymark/internal/core/clock"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// network keeps the counts of posts by remote id and fails where it is told to.
type network struct {
	mu      sync.Mutex
	counts  map[string]platform.Counts
	broken  map[int64]error
	price   int64
	asked   map[string]int
	calls   map[int64]int
	measure func() // called within Measure, when set
}

func newNetwork() *network {
	return &network{counts: map[string]platform.Counts{}, broken: map[int64]error{}, asked: map[string]int{}, calls: map[int64]int{}}
}

func (n *network) Measure(_ context.Context, channel int64, refs []platform.Ref) (map[string]platform.Counts, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls[channel]++
	if n.measure != nil {
		n.measure()
	}
	out := map[string]platform.Counts{}
	for _, ref := range refs {
		n.asked[ref.ID]++
		if c, ok := n.counts[ref.ID]; ok {
			out[ref.ID] = c
		}
	}
	return out, n.broken[channel]
}

func (n *network) ReadCost(context.Context, int64) (int64, error) { return n.price, nil }

func (n *network) set(remote string, c platform.Counts) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts[remote] = c
}

// bundle is a collector over a fresh book.
type bundle struct {
	t       *testing.T
	db      *postgres.DB
	book    *booktest.Book
	clock   *clock.Fake
	network *network
	*engagement.Collector
}

func setup(t *testing.T) *bundle {
	t.Helper()
	db := postgrestest.New(t, migrations.FS)
	b := &bundle{t: t, db: db, book: booktest.New(t, db), clock: clock.NewFake(booktest.Due), network: newNetwork()}
	b.Collector = b.replica()
	return b
}

func (b *bundle) replica() *engagement.Collector {
	return &engagement.Collector{DB: b.db, Networks: b.network, Clock: b.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// publish makes a published delivery of its own post on a channel, with counts at the network.
func (b *bundle) publish(channel int64, message string, c platform.Counts) booktest.Copy {
	b.t.Helper()
	out := b.book.Publish(b.book.Deliver(booktest.Delivery{Post: b.book.Post(message), Channel: channel}), booktest.Due)
	b.network.set(out.RemoteID, c)
	return out
}

func (b *bundle) tick() engagement.Collected {
	b.t.Helper()
	did, err := b.Tick(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return did
}

// row is a row of latest_counts or snapshots.
type row struct {
	TakenAt     time.Time `db:"taken_at"`
	Favourites  *int64    `db:"favourites"`
	Boosts      *int64    `db:"boosts"`
	Replies     *int64    `db:"replies"`
	Quotes      *int64    `db:"quotes"`
	Impressions *int64    `db:"impressions"`
	Clicks      *int64    `db:"clicks"`
	Gone        bool      `db:"gone"`
}

func (b *bundle) latest(delivery int64) row {
	b.t.Helper()
	var r row
	if err := b.db.GetContext(b.t.Context(), &r, `
SELECT taken_at, favourites, boosts, replies, quotes, impressions, clicks, gone FROM latest_counts WHERE delivery_id = $1`, delivery); err != nil {
		b.t.Fatal(err)
	}
	r.TakenAt = r.TakenAt.UTC()
	return r
}

func (b *bundle) snapshots(delivery int64) []row {
	b.t.Helper()
	var list []row
	if err := b.db.SelectContext(b.t.Context(), &list, `
SELECT taken_at, favourites, boosts, replies, quotes, impressions, clicks, gone FROM snapshots WHERE delivery_id = $1 ORDER BY taken_at`, delivery); err != nil {
		b.t.Fatal(err)
	}
	for i := range list {
		list[i].TakenAt = list[i].TakenAt.UTC()
	}
	return list
}

type poll struct {
	Ended   bool   `db:"ended"`
	Minutes int    `db:"minutes"` // from the publication to the next question
	Done    int    `db:"done"`
	Fails   int    `db:"fails"`
	Problem string `db:"problem"`
}

func (b *bundle) poll(delivery int64) poll {
	b.t.Helper()
	var p poll
	if err := b.db.GetContext(b.t.Context(), &p, `
SELECT next_at = 'infinity' AS ended,
  CASE WHEN next_at = 'infinity' THEN 0 ELSE floor(extract(epoch FROM next_at - $2) / 60)::int END AS minutes, done, fails, problem
FROM polls WHERE delivery_id = $1`, delivery, booktest.Due); err != nil {
		b.t.Fatal(err)
	}
	return p
}

func n(v int64) *int64 { return &v }

func TestPublishedDeliveriesAreAskedAboutOnSchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := b.book.Channel(booktest.Channel{})
	out := b.publish(channel, "one", platform.Counts{Favourites: n(1), Boosts: n(0)})
	b.book.Deliver(booktest.Delivery{Post: b.book.Post("held"), Channel: channel})

	if got, want := b.tick(), (engagement.Collected{New: 1}); got != want {
		t.Fatalf("at publication: %+v, want %+v", got, want)
	}
	if at, ok, err := b.NextDue(t.Context()); err != nil || !ok || at.Sub(booktest.Due) < 5*time.Minute || at.Sub(booktest.Due) > 5*time.Minute+30*time.Second {
		t.Fatalf("the first question is due at %v (%v, %v)", at, ok, err)
	}
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 1, Changed: 1}); got != want {
		t.Fatalf("after 6 minutes: %+v, want %+v", got, want)
	}
	want := row{TakenAt: booktest.Due.Add(6 * time.Minute), Favourites: n(1), Boosts: n(0)}
	if diff := cmp.Diff(want, b.latest(out.Delivery)); diff != "" {
		t.Errorf("latest counts (-want +got):\n%s", diff)
	}
	if got := b.tick(); got != (engagement.Collected{}) {
		t.Errorf("at the same instant again: %+v, want nothing done", got)
	}
	b.clock.Set(booktest.Due.Add(17 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 1, Unchanged: 1}); got != want {
		t.Fatalf("after 17 minutes: %+v, want %+v", got, want)
	}
	if got := b.latest(out.Delivery).TakenAt; !got.Equal(booktest.Due.Add(17 * time.Minute)) {
		t.Errorf("an unchanged answer leaves taken_at at %v", got)
	}
	if got := b.snapshots(out.Delivery); len(got) != 1 {
		t.Errorf("an unchanged answer made a row: %d snapshots, want 1", len(got))
	}
}

func TestCatchingUpAsksEachDeliveryOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := b.book.Channel(booktest.Channel{})
	one, two := b.publish(channel, "one", platform.Counts{Boosts: n(1)}), b.publish(channel, "two", platform.Counts{Boosts: n(2)})
	b.tick()
	b.clock.Set(booktest.Due.Add(10*24*time.Hour + 3*time.Hour))
	if got, want := b.tick(), (engagement.Collected{Asked: 2, Changed: 2}); got != want {
		t.Fatalf("after ten silent days: %+v, want %+v", got, want)
	}
	if b.network.asked[one.RemoteID] != 1 || b.network.asked[two.RemoteID] != 1 {
		t.Errorf("the network was asked %v, want each post once", b.network.asked)
	}
	if b.network.calls[channel] != 1 {
		t.Errorf("the channel was called %d times, want one call for both", b.network.calls[channel])
	}
	const elevenDays = 11 * 24 * 60
	if p := b.poll(one.Delivery); p.Minutes < elevenDays || p.Minutes > elevenDays+144 {
		t.Errorf("the next question comes %d minutes after publication, want day 11", p.Minutes)
	}
}

func TestAFailingChannelDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bad, good := b.book.Channel(booktest.Channel{}), b.book.Channel(booktest.Channel{})
	lost, fine := b.publish(bad, "one", platform.Counts{Boosts: n(1)}), b.publish(good, "two", platform.Counts{Boosts: n(2)})
	read := b.publish(bad, "three", platform.Counts{Boosts: n(3)})
	b.network.mu.Lock()
	delete(b.network.counts, lost.RemoteID) // the error came before this one was read
	b.network.broken[bad] = &platform.AuthExpired{Say: "The account has to be connected again.", Err: errors.New("401")}
	b.network.mu.Unlock()
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 3, Changed: 2, Failed: 1}); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if *b.latest(fine.Delivery).Boosts != 2 || *b.latest(read.Delivery).Boosts != 3 {
		t.Error("what was read was not kept")
	}
	p := b.poll(lost.Delivery)
	if p.Fails != 1 || p.Problem != "The account has to be connected again." || p.Minutes < 11 || p.Minutes > 12 {
		t.Errorf("poll after a failure: %+v, want asked again five minutes later, with the sentence", p)
	}
	b.clock.Set(booktest.Due.Add(13 * time.Minute))
	b.tick()
	if p := b.poll(lost.Delivery); p.Fails != 2 || p.Minutes < 23 || p.Minutes > 25 {
		t.Errorf("poll after a second failure: %+v, want ten minutes later", p)
	}
	b.network.mu.Lock()
	delete(b.network.broken, bad)
	b.network.counts[lost.RemoteID] = platform.Counts{Boosts: n(1)}
	b.network.mu.Unlock()
	b.clock.Set(booktest.Due.Add(26 * time.Minute))
	b.tick()
	if p := b.poll(lost.Delivery); p.Fails != 0 || p.Problem != "" || p.Done != 2 {
		t.Errorf("poll after the recovery: %+v, want no failures and question 2 next", p)
	}
}

func TestARateLimitPutsTheNextQuestionOffButNotForEver(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		until   time.Duration // after publication
		minutes int
	}{
		"until the instant named":                       {2 * time.Hour, 120},
		"by a day when the instant is by another clock": {1000 * 24 * time.Hour, 6 + 24*60},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			channel := b.book.Channel(booktest.Channel{})
			out := b.publish(channel, "one", platform.Counts{})
			b.tick()
			b.network.mu.Lock()
			delete(b.network.counts, out.RemoteID)
			b.network.broken[channel] = &platform.RateLimited{Until: booktest.Due.Add(tt.until), Say: "Too many calls."}
			b.network.mu.Unlock()
			b.clock.Set(booktest.Due.Add(6 * time.Minute))
			b.tick()
			if p := b.poll(out.Delivery); p.Minutes != tt.minutes {
				t.Errorf("asked again %d minutes after publication, want %d", p.Minutes, tt.minutes)
			}
		})
	}
}

func TestAPostThatIsGoneKeepsItsCountsAndIsAskedAboutOnceMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.publish(b.book.Channel(booktest.Channel{}), "one", platform.Counts{Favourites: n(7)})
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	b.tick()
	b.network.set(out.RemoteID, platform.Counts{Gone: true})
	b.clock.Set(booktest.Due.Add(17 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 1, Changed: 1, Gone: 1}); got != want {
		t.Fatalf("gone for the first time: %+v, want %+v", got, want)
	}
	if got := b.latest(out.Delivery); !got.Gone || got.Favourites == nil || *got.Favourites != 7 {
		t.Errorf("latest counts of a gone post: %+v, want the counts it was last seen with, marked", got)
	}
	if b.poll(out.Delivery).Ended {
		t.Error("one answer ended the questions")
	}
	b.clock.Set(booktest.Due.Add(35 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 1, Unchanged: 1, Gone: 1, Ended: 1}); got != want {
		t.Fatalf("gone for the second time: %+v, want %+v", got, want)
	}
	if _, ok, err := b.NextDue(t.Context()); ok || err != nil {
		t.Errorf("something is due although nothing is followed any more (%v)", err)
	}
	b.clock.Set(booktest.Due.Add(40 * 24 * time.Hour))
	if got := b.tick(); got != (engagement.Collected{}) {
		t.Errorf("later: %+v, want nothing", got)
	}
}

func TestWhatWasTakenDownIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.publish(b.book.Channel(booktest.Channel{}), "one", platform.Counts{})
	b.tick()
	b.book.TakeDown(out.Delivery, booktest.Due.Add(time.Minute))
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Ended: 1}); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if b.network.asked[out.RemoteID] != 0 {
		t.Error("the network was asked about a post that we took down")
	}
}

func TestTheYearEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.publish(b.book.Channel(booktest.Channel{}), "one", platform.Counts{Boosts: n(0)})
	for d := range 400 {
		b.clock.Set(booktest.Due.AddDate(0, 0, d))
		b.tick()
	}
	if p := b.poll(out.Delivery); !p.Ended {
		t.Errorf("after 400 days: %+v, want ended", p)
	}
	if asked := b.network.asked[out.RemoteID]; asked < 78 || asked > 80 {
		t.Errorf("a daily look asked %d times in a year, want about 30 daily and 48 weekly questions", asked)
	}
}

func TestCountsOfAThreadAreTheSumOfItsParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.publish(b.book.Channel(booktest.Channel{}), "one", platform.Counts{Favourites: n(3), Boosts: n(1)})
	second := b.book.AddPart(out.Delivery, 2, booktest.Due)
	b.network.set(second.RemoteID, platform.Counts{Favourites: n(4), Quotes: n(2)})
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	b.tick()
	want := row{TakenAt: b.clock.Now(), Favourites: n(7), Boosts: n(1), Quotes: n(2)}
	if diff := cmp.Diff(want, b.latest(out.Delivery)); diff != "" {
		t.Errorf("latest counts (-want +got):\n%s", diff)
	}
	b.network.mu.Lock()
	delete(b.network.counts, second.RemoteID)
	b.network.mu.Unlock()
	b.clock.Set(booktest.Due.Add(17 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 1, Failed: 1}); got != want {
		t.Fatalf("with a part that could not be read: %+v, want %+v", got, want)
	}
	if got := b.snapshots(out.Delivery); len(got) != 1 {
		t.Errorf("half an answer was kept: %d snapshots, want 1", len(got))
	}
}

func TestReplicasShareTheWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channels := []int64{b.book.Channel(booktest.Channel{}), b.book.Channel(booktest.Channel{})}
	const posts = 130 // more than one batch
	for i := range posts {
		b.publish(channels[i%2], "message-"+string(rune('a'+i%26))+string(rune('a'+i/26)), platform.Counts{Boosts: n(int64(i))})
	}
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	var wg sync.WaitGroup
	var mu sync.Mutex
	asked := 0
	for range 3 {
		replica := b.replica()
		wg.Go(func() {
			did, err := replica.Tick(t.Context())
			mu.Lock()
			defer mu.Unlock()
			asked += did.Asked
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if asked != posts {
		t.Errorf("three replicas asked %d times about %d deliveries", asked, posts)
	}
	for id, times := range b.network.asked {
		if times != 1 {
			t.Errorf("%s was asked about %d times", id, times)
		}
	}
}

func TestAStoppedTickKeepsWhatWasReadAndGivesTheRestBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := b.book.Channel(booktest.Channel{})
	read, unread := b.publish(channel, "one", platform.Counts{Boosts: n(1)}), b.publish(channel, "two", platform.Counts{})
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	ctx, cancel := context.WithCancel(t.Context())
	b.network.mu.Lock()
	delete(b.network.counts, unread.RemoteID)
	b.network.broken[channel] = context.Canceled
	b.network.measure = cancel
	b.network.mu.Unlock()
	did, err := b.Tick(ctx)
	if err != nil || did.Failed != 0 || did.Changed != 1 {
		t.Fatalf("stopped in the middle: %+v, %v", did, err)
	}
	if *b.latest(read.Delivery).Boosts != 1 {
		t.Error("what was read before the stop is lost")
	}
	if p := b.poll(unread.Delivery); p.Fails != 0 || p.Minutes != 6 {
		t.Errorf("what was not read: %+v, want due at once and no failure", p)
	}
}

// held at an instant that has passed, taken by another, answered late: the late answer must not move the other's poll.
func TestALateAnswerDoesNotDisturbTheReplicaThatTookOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.publish(b.book.Channel(booktest.Channel{}), "one", platform.Counts{Boosts: n(1)})
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	other := b.replica()
	second := newNetwork()
	second.set(out.RemoteID, platform.Counts{Boosts: n(2)})
	other.Networks = second
	b.network.measure = func() {
		b.network.measure = nil
		b.clock.Set(booktest.Due.Add(20 * time.Minute)) // longer than a poll is held
		if did, err := other.Tick(t.Context()); err != nil || did.Changed != 1 {
			t.Errorf("the other replica did %+v, %v", did, err)
		}
	}
	b.tick()
	if got := b.latest(out.Delivery); *got.Boosts != 2 {
		t.Errorf("boosts %d, want those of the answer that came first at that instant", *got.Boosts)
	}
	if p := b.poll(out.Delivery); p.Done != 2 || p.Minutes < 30 {
		t.Errorf("poll: %+v, want question 2 after half an hour", p)
	}
}

func TestLatestCountsAreTheNewestSnapshot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := b.book.Channel(booktest.Channel{})
	serial := 0
	figure := rapid.OneOf(rapid.Just[*int64](nil), rapid.Ptr(rapid.Int64Range(0, 50), false), rapid.Ptr(rapid.Int64Range(-3, 1<<40), true))
	counts := rapid.Custom(func(t *rapid.T) platform.Counts {
		return platform.Counts{
			Favourites: figure.Draw(t, "favourites"), Boosts: figure.Draw(t, "boosts"), Replies: figure.Draw(t, "replies"),
			Quotes: figure.Draw(t, "quotes"), Impressions: figure.Draw(t, "impressions"), Clicks: figure.Draw(t, "clicks"),
			Gone: rapid.IntRange(0, 9).Draw(t, "gone") == 0,
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		serial++
		b.clock.Set(booktest.Due)
		out := b.publish(channel, "message-"+time.Duration(serial).String(), platform.Counts{})
		b.tick()
		var told [6]*int64 // what is in force: as the network told it last, but for what cannot be
		goneBefore := false
		for _, c := range rapid.SliceOfN(counts, 1, 8).Draw(rt, "sequence") {
			b.network.set(out.RemoteID, c)
			b.clock.Add(27 * time.Hour) // past the next daily mark and its share of an interval
			b.tick()
			if !c.Gone {
				for i, n := range []*int64{c.Favourites, c.Boosts, c.Replies, c.Quotes, c.Impressions, c.Clicks} {
					if able(n) {
						told[i] = n
					}
				}
			}
			newest, latest := b.snapshots(out.Delivery), b.latest(out.Delivery)
			got := newest[len(newest)-1]
			if !latest.TakenAt.Equal(b.clock.Now()) {
				rt.Fatalf("asked at %v, taken_at is %v", b.clock.Now(), latest.TakenAt)
			}
			latest.TakenAt = got.TakenAt
			if diff := cmp.Diff(latest, got); diff != "" {
				rt.Fatalf("the newest snapshot is not the latest counts (-latest +snapshot):\n%s", diff)
			}
			want := row{
				TakenAt: got.TakenAt, Gone: c.Gone, Favourites: told[0], Boosts: told[1], Replies: told[2], Quotes: told[3], Impressions: told[4], Clicks: told[5],
			}
			if diff := cmp.Diff(want, latest); diff != "" {
				rt.Fatalf("latest counts are not what the network told (-want +got):\n%s", diff)
			}
			for i := 1; i < len(newest); i++ {
				a, z := newest[i-1], newest[i]
				a.TakenAt = z.TakenAt
				if cmp.Equal(a, z) {
					rt.Fatalf("snapshots %d and %d are equal", i-1, i)
				}
			}
			if c.Gone && goneBefore {
				return // asked no more
			}
			goneBefore = c.Gone
		}
	})
}

// able reports whether a network can have said so.
func able(v *int64) bool { return v == nil || (*v >= 0 && *v <= 1<<31-1) }

func TestAnswersAreOnlyKeptUnderTheirOwnDelivery(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := b.book.Channel(booktest.Channel{})
	want := map[int64]int64{}
	for i := range 5 {
		out := b.publish(channel, "message-"+string(rune('a'+i)), platform.Counts{Boosts: n(int64(i * i))})
		want[out.Delivery] = int64(i * i)
	}
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	b.tick()
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got := *b.latest(id).Boosts; got != want[id] {
			t.Errorf("delivery %d has %d boosts, want %d", id, got, want[id])
		}
	}
}
