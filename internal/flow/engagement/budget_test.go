package engagement_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement"
	"daymark/internal/org/notice"
	"daymark/internal/platform"
)

// spent reads what counts have cost on a channel this month, and everything together.
func (b *bundle) spent(channel int64) (counts, all int64) {
	b.t.Helper()
	if err := b.db.QueryRowxContext(b.t.Context(), `SELECT spent_on_counts($1, $2), spent($1, $2)`, channel, b.clock.Now()).Scan(&counts, &all); err != nil {
		b.t.Fatal(err)
	}
	return counts, all
}

func (b *bundle) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.ExecContext(b.t.Context(), query, args...); err != nil {
		b.t.Fatal(err)
	}
}

func TestPostsBeyondAReadBudgetWait(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.network.price = 1000
	channel, other := b.book.Channel(booktest.Channel{Platform: "x", Handle: "@x"}), b.book.Channel(booktest.Channel{Platform: "x", Handle: "@free"})
	b.exec(`UPDATE channels SET budget = 12000 WHERE id = $1`, channel) // three reads are a quarter of it
	var ids []int64
	for i := range 5 {
		ids = append(ids, b.publish(channel, fmt.Sprintf("message-%d", i), platform.Counts{Boosts: n(1)}).Delivery)
	}
	b.publish(other, "without-a-budget", platform.Counts{Boosts: n(1)})
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 4, Changed: 4, Waiting: 2}); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if counts, all := b.spent(channel); counts != 3000 || all != 3000 {
		t.Errorf("spent %d on counts and %d in all, want 3000 each", counts, all)
	}
	for _, id := range ids[3:] {
		if p := b.poll(id); !strings.Contains(p.Problem, "no room for reading counts") || p.Fails != 0 || p.Minutes < 24*60 || p.Minutes > 27*60 {
			t.Errorf("a post that waits: %+v, want asked about in a day", p)
		}
	}
	b.clock.Set(booktest.Due.Add(17 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 4, Unchanged: 4}); got != want {
		t.Fatalf("again on the same day, which costs nothing: %+v, want %+v", got, want)
	}
	if counts, _ := b.spent(channel); counts != 3000 {
		t.Errorf("spent %d on counts after asking twice in a day, want 3000", counts)
	}
	b.clock.Set(time.Date(2027, 8, 1, 12, 0, 0, 0, time.UTC)) // the budget of another month
	if got := b.tick(); got.Waiting != 2 || got.Asked != 4 {
		t.Errorf("in the next month: %+v, want three of five and the free one asked", got)
	}
	b.exec(`UPDATE channels SET budget = 100000 WHERE id = $1`, channel)
	b.clock.Set(time.Date(2027, 8, 3, 0, 0, 0, 0, time.UTC))
	if got := b.tick(); got.Waiting != 0 {
		t.Errorf("with a higher budget: %+v, want nobody waiting", got)
	}
}

func TestMoneyForPostsThatWereNotReadIsGivenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.network.price = 1000
	channel := b.book.Channel(booktest.Channel{Platform: "x", Handle: "@x"})
	b.publish(channel, "read", platform.Counts{Boosts: n(1)})
	unread := b.publish(channel, "unread", platform.Counts{})
	b.network.mu.Lock()
	delete(b.network.counts, unread.RemoteID)
	b.network.broken[channel] = &platform.AuthExpired{Say: "The account is suspended."}
	b.network.mu.Unlock()
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	if got, want := b.tick(), (engagement.Collected{Asked: 2, Changed: 1, Failed: 1}); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if counts, _ := b.spent(channel); counts != 1000 {
		t.Errorf("spent %d, want 1000 for the one that was read", counts)
	}
}

func TestASuspendedAccountBreaksNoTotal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel := b.book.Channel(booktest.Channel{})
	out := b.publish(channel, "one", platform.Counts{Favourites: n(40)})
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	b.tick()
	b.network.mu.Lock()
	delete(b.network.counts, out.RemoteID)
	b.network.broken[channel] = &platform.AuthExpired{Say: "The account is suspended."}
	b.network.mu.Unlock()
	b.clock.Set(booktest.Due.Add(17 * time.Minute))
	b.tick()
	if got := b.latest(out.Delivery); got.Favourites == nil || *got.Favourites != 40 {
		t.Errorf("counts of a suspended account: %+v", got)
	}
	if p := b.poll(out.Delivery); p.Problem != "The account is suspended." {
		t.Errorf("%+v, want the sentence", p)
	}
	var total int64
	if err := b.db.GetContext(t.Context(), &total, `SELECT sum(favourites) FROM reach_days WHERE channel_id = $1`, channel); err != nil || total != 40 {
		t.Errorf("the days of the channel come to %d (%v), want 40", total, err)
	}
}

func TestModeratorsAreToldOfRepliesWithALinkAndWithoutTheirText(t *testing.T) {
	t.Parallel()
	b := setup(t)
	north, south := b.book.Channel(booktest.Channel{Name: "North"}), b.book.Channel(booktest.Channel{Name: "South"})
	var mona, ned int64
	for name, id := range map[string]*int64{"Mona": &mona, "Ned": &ned} {
		if err := b.db.GetContext(t.Context(), id, `
INSERT INTO people (email, name, role, languages) VALUES (lower($1) || '@example.org', $1, 'moderator', '{en}') RETURNING id`, name); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(`UPDATE channels SET labels = '{north}' WHERE id = $1`, north)
	b.exec(`UPDATE people SET labels = '{north}' WHERE id = $1`, ned) // sees the north only
	one := b.publish(north, "one", platform.Counts{Replies: n(0)})
	two := b.publish(south, "two", platform.Counts{Replies: n(0)})
	b.tick()
	b.clock.Set(booktest.Due.Add(6 * time.Minute))
	b.tick()
	told := func(person int64) []notice.Notice {
		t.Helper()
		list, err := notice.OpenFor(t.Context(), b.db, person, 10)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if list := told(mona); len(list) != 0 {
		t.Fatalf("told before anybody replied: %+v", list)
	}
	b.network.set(one.RemoteID, platform.Counts{Replies: n(3)})
	b.network.set(two.RemoteID, platform.Counts{Replies: n(1)})
	b.clock.Set(booktest.Due.Add(17 * time.Minute))
	b.tick()
	b.network.set(one.RemoteID, platform.Counts{Replies: n(5)})
	b.clock.Set(booktest.Due.Add(35 * time.Minute))
	b.tick()
	if list := told(mona); len(list) != 2 {
		t.Errorf("Mona is told %d times, want once for each post on one day", len(list))
	}
	list := told(ned)
	if len(list) != 1 || !strings.Contains(list[0].Say, "one on North (3 more than before)") || !strings.Contains(list[0].Say, "http://127.0.0.1:1/@charity/"+one.RemoteID) {
		t.Errorf("Ned is told %+v, want the northern post with its link", list)
	}
	if list := told(b.book.Reviewers[0]); len(list) != 0 {
		t.Errorf("a reviewer is told of replies: %+v", list)
	}
	b.network.set(one.RemoteID, platform.Counts{Replies: n(6)})
	b.clock.Set(booktest.Due.Add(30 * time.Hour))
	b.tick()
	if list := told(ned); len(list) != 2 {
		t.Errorf("on the next day Ned is told of %d, want another", len(list))
	}
}

func TestNobodyIsAskedAboutWhatIsPostedByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(b.book.Channel(booktest.Channel{Platform: "byhand", Handle: "newsletter"}), "one", platform.Counts{})
	if got := b.tick(); got != (engagement.Collected{}) {
		t.Errorf("%+v, want nothing to follow", got)
	}
}
