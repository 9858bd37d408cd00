package readback_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/readback"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

// network shows what it was given, unless it is told otherwise for a post; it keeps what it was asked.
type network struct {
	mu    sync.Mutex
	asked []string
	cost  int64
	blind bool
	posts map[string]platform.Shown // by remote id; a post that is not here is not known yet
	fails error
}

func (n *network) Reads(context.Context, int64) (readback.How, error) {
	if n.blind {
		return readback.How{}, nil
	}
	return readback.How{Cost: n.cost, Expected: func(c platform.Content, part int) platform.Shown { return platform.Shown{Text: c.Parts[part].Text} }}, nil
}

func (n *network) Read(_ context.Context, _ int64, refs []platform.Ref) (map[string]platform.Shown, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range refs {
		n.asked = append(n.asked, r.ID)
	}
	return maps.Clone(n.posts), n.fails
}

type bench struct {
	t  *testing.T
	db *postgres.DB
	*booktest.Book
	*network
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, db: postgrestest.New(t, migrations.FS), network: &network{posts: map[string]platform.Shown{}}}
	b.Book = booktest.New(t, b.db)
	return b
}

// out publishes a post on a channel; the network shows the text given.
func (b *bench) out(message string, channel int64, text string) int64 {
	b.t.Helper()
	id := b.Deliver(booktest.Delivery{Post: b.Post(message), Channel: channel})
	b.posts[b.Publish(id, booktest.Due).RemoteID] = platform.Shown{Text: text}
	return id
}

func (b *bench) options() readback.Options {
	return readback.Options{DB: b.db, Networks: b.network, Now: func() time.Time { return booktest.Due.Add(time.Minute) }, Rate: 1}
}

// run makes every row due for a try, as time does, and runs once.
func (b *bench) run() readback.Did {
	b.t.Helper()
	b.exec(`UPDATE readbacks SET next_at = clock_timestamp() WHERE state = 'waiting'`)
	did, err := readback.Run(b.t.Context(), b.options())
	if err != nil {
		b.t.Fatal(err)
	}
	return did
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.ExecContext(b.t.Context(), query, args...); err != nil {
		b.t.Fatalf("%v\n%s", err, query)
	}
}

func (b *bench) seen(delivery int64) []string {
	b.t.Helper()
	all, err := readback.Of(b.t.Context(), b.db, []int64{delivery})
	if err != nil {
		b.t.Fatal(err)
	}
	var list []string
	for _, s := range all[delivery] {
		list = append(list, fmt.Sprintf("%d %s %d", s.Part, s.State, len(s.Differences)))
	}
	return list
}

func (b *bench) told() (list []string) {
	b.t.Helper()
	open, err := notice.Open(b.t.Context(), b.db, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, n := range open {
		list = append(list, n.Say)
	}
	return list
}

func (b *bench) same(what string, want, got any) {
	b.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestWhatWentOutIsReadBackOnceAndComparedWithWhatWasApproved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	channel, other := b.Channel(booktest.Channel{Name: "London"}), b.Channel(booktest.Channel{Name: "London"}) // either may be the first
	good := b.out("good", channel, "Text of good")
	bad := b.out("bad", channel, "Text of bed")
	also := b.Deliver(booktest.Delivery{Post: b.postOf(bad), Channel: other})
	b.posts[b.Publish(also, booktest.Due).RemoteID] = platform.Shown{Text: "Text of bed"}
	b.same("the first run", readback.Did{Same: 1, Changed: 2}, b.run())
	b.same("good", []string{"1 same 0"}, b.seen(good))
	b.same("bad", []string{"1 changed 1"}, b.seen(bad))
	b.same("told", []string{"bad is not shown on London as it was approved: the text differs. Look at the post, and decide whether it may stay."}, b.told())
	b.same("a second run", readback.Did{}, b.run())
	if len(b.asked) != 3 {
		t.Errorf("asked about %v", b.asked)
	}
	rows, err := audit.List(t.Context(), b.db, audit.Filter{Kind: "delivery", ID: bad})
	if err != nil || !slices.ContainsFunc(rows, func(r audit.Row) bool { return r.Action == "copy.seen_changed" }) {
		t.Errorf("audit: %+v, %v", rows, err)
	}
}

func (b *bench) postOf(delivery int64) (id int64) {
	b.t.Helper()
	if err := b.db.GetContext(b.t.Context(), &id, `SELECT post_id FROM deliveries WHERE id = $1`, delivery); err != nil {
		b.t.Fatal(err)
	}
	return id
}

func TestItWaitsAWhileAndLeavesAloneWhatWentOutLongAgo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.out("good", b.Channel(booktest.Channel{}), "Text of good")
	o := b.options()
	o.Wait = readback.Wait
	if _, err := readback.Run(t.Context(), o); err != nil || len(b.asked) != 0 {
		t.Errorf("asked about %v at once, %v", b.asked, err)
	}
	b.same("enrolled", []string{"1 waiting 0"}, b.seen(d))
	old := setup(t)
	old.out("old", old.Channel(booktest.Channel{}), "Text of old")
	o = old.options()
	o.Now = func() time.Time { return booktest.Due.AddDate(0, 0, 2) }
	if _, err := readback.Run(t.Context(), o); err != nil || len(old.asked) != 0 {
		t.Errorf("asked about %v, %v", old.asked, err)
	}
}

func TestAPostThatIsGoneIsBelievedTheSecondTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.out("lost", b.Channel(booktest.Channel{Name: "London"}), "Text of lost")
	b.posts[fmt.Sprintf("remote-%d", d)] = platform.Shown{Gone: true}
	b.same("once", readback.Did{}, b.run())
	b.same("nobody is told yet", []string(nil), b.told())
	b.same("twice", readback.Did{Gone: 1}, b.run())
	b.same("told", []string{"lost went out on London, and the network says that it is not there any more. Look on the account why."}, b.told())

	back := b.out("back", b.Channel(booktest.Channel{}), "")
	b.posts[fmt.Sprintf("remote-%d", back)] = platform.Shown{Gone: true}
	b.run()
	b.posts[fmt.Sprintf("remote-%d", back)] = platform.Shown{Text: "Text of back"}
	b.same("an answer that lagged behind", readback.Did{Same: 1}, b.run())
}

func TestWhatIsTakenDownIsNoAlarm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.out("wrong", b.Channel(booktest.Channel{}), "Text of wrong")
	b.run()
	gone := b.out("wrong too", b.Channel(booktest.Channel{}), "")
	b.posts[fmt.Sprintf("remote-%d", gone)] = platform.Shown{Gone: true}
	b.run()
	err := b.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		_, err := takedown.Begin(t.Context(), tx, takedown.Scope{Post: b.postOf(gone)}, "It shows a survivor's face.", people.Person{ID: b.Author, Role: people.RoleEditor}, booktest.Due)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(b.told())
	b.same("gone", readback.Did{Gone: 1}, b.run())
	if n := len(b.told()); n != before {
		t.Errorf("told: %v", b.told())
	}
	b.TakeDown(d, booktest.Due.Add(time.Hour))
	b.same("taken down", []string(nil), b.seen(d))
}

func TestANetworkThatDoesNotAnswerIsAskedAFewTimes(t *testing.T) {
	t.Parallel()
	for name, break_ := range map[string]func(*network, string){
		"an error":      func(n *network, _ string) { n.posts, n.fails = nil, &platform.Transient{Say: "The server is away."} },
		"not known yet": func(n *network, id string) { delete(n.posts, id) },
		"too many calls": func(n *network, _ string) {
			n.posts, n.fails = nil, &platform.RateLimited{Until: booktest.Due.Add(time.Hour), Say: "Too many."}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			d := b.out("good", b.Channel(booktest.Channel{}), "Text of good")
			break_(b.network, fmt.Sprintf("remote-%d", d))
			for range 5 {
				b.same("a try", readback.Did{}, b.run())
			}
			b.same("the last try", readback.Did{Cannot: 1}, b.run())
			b.same("no more", readback.Did{}, b.run())
			all, err := readback.Of(t.Context(), b.db, []int64{d})
			if err != nil || len(b.asked) != 6 || all[d][0].Problem == "" || !all[d][0].At.IsZero() {
				t.Errorf("%+v, %v, asked %v", all[d], err, b.asked)
			}
		})
	}
}

func TestReadingThatCostsIsDoneOnlyWithinABudget(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cost = 1000
	channel := b.Channel(booktest.Channel{})
	first := b.out("first", channel, "Text of first")
	b.same("without a budget", readback.Did{Cannot: 1}, b.run())
	all, err := readback.Of(t.Context(), b.db, []int64{first})
	if err != nil || len(b.asked) != 0 || !strings.Contains(all[first][0].Problem, "$0.001") {
		t.Errorf("%+v, %v, asked %v", all[first], err, b.asked)
	}
	b.exec(`UPDATE channels SET budget = 1500 WHERE id = $1`, channel)
	b.out("second", channel, "Text of second")
	b.same("with room", readback.Did{Same: 1}, b.run())
	var spent int64
	if err := b.db.GetContext(t.Context(), &spent, `SELECT spent($1, $2)`, channel, booktest.Due); err != nil || spent != 1000 {
		t.Errorf("spent %d, %v", spent, err)
	}
	b.out("third", channel, "Text of third")
	b.same("without room", readback.Did{Cannot: 1}, b.run())
	if err := b.db.GetContext(t.Context(), &spent, `SELECT spent($1, $2)`, channel, booktest.Due.AddDate(0, 1, 0)); err != nil || spent != 0 {
		t.Errorf("in another month %d, %v", spent, err)
	}
}

func TestANetworkThatCannotBeReadSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.blind = true
	d := b.out("good", b.Channel(booktest.Channel{}), "")
	b.same("at once", readback.Did{Cannot: 1}, b.run())
	b.same("seen", []string{"1 cannot 0"}, b.seen(d))
}

func TestReplicasReadEachCopyOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for c := range 5 {
		channel := b.Channel(booktest.Channel{})
		for i := range 4 {
			name := fmt.Sprintf("m-%d-%d", c, i)
			b.out(name, channel, "Text of "+name)
		}
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := readback.Run(t.Context(), b.options()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	slices.Sort(b.asked)
	if n := len(slices.Compact(slices.Clone(b.asked))); n != 20 || len(b.asked) != 20 {
		t.Errorf("%d questions about %d posts", len(b.asked), n)
	}
}
