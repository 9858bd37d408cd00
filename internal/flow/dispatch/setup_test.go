package dispatch_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	sandbox "daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/wire"
	"daymark/migrations"

	"github.com/google/uuid"
)

const token = "the licence of the test"

// patience bounds what a test waits for.
const patience = 20 * time.Second

// networks is the real connector before a sandbox, with one account for each channel.
type networks struct {
	platform.Connector
	settling time.Duration
	cost     int64 // of every part

	mu       sync.Mutex
	accounts map[int64]platform.Account
	prepare  func() error // called before each Prepare, when set
	refuse   func() error // called in place of each Publish, when set
}

func (n *networks) account(channel int64) platform.Account {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.accounts[channel]
}

func (n *networks) Prepare(ctx context.Context, channel int64, content platform.Content, part int, prev platform.Handles) (platform.Handles, error) {
	n.mu.Lock()
	prepare := n.prepare
	n.mu.Unlock()
	if prepare != nil {
		if err := prepare(); err != nil {
			return nil, err
		}
	}
	return n.Connector.Prepare(ctx, n.account(channel), content, part, prev)
}

func (n *networks) Publish(ctx context.Context, channel int64, a platform.Attempt) (platform.Receipt, error) {
	if n.refuse != nil {
		return platform.Receipt{}, n.refuse()
	}
	return n.Connector.Publish(ctx, n.account(channel), a)
}

func (n *networks) Find(ctx context.Context, channel int64, a platform.Attempt) (platform.Finding, error) {
	return n.Connector.Find(ctx, n.account(channel), a)
}

func (n *networks) Keyed(context.Context, int64) (bool, error) { return false, nil }

func (n *networks) Cost(context.Context, int64, platform.Content, int) (int64, error) {
	return n.cost, nil
}

func (n *networks) Settling(context.Context, int64) (time.Duration, error) { return n.settling, nil }

// licence is the data folder's side of the sending licence.
type licence struct {
	token string
	seen  atomic.Int64
}

func (l *licence) Token() string { return l.token }

func (l *licence) Seen(attempt int64) error {
	l.seen.Store(max(attempt, l.seen.Load()))
	return nil
}

// bench is a book in a database, a sandbox with one account, and a product clock that stands still at the due instant.
type bench struct {
	t        testing.TB
	db       *postgres.DB
	owner    *postgres.DB
	dsn      string
	book     *booktest.Book
	channel  int64
	clock    *clock.Fake
	server   *sandbox.Server
	networks *networks
	licence  *licence
	log      *slog.Logger
	timeout  time.Duration
	ahead    time.Duration // next to nothing: what is claimed ahead waits until the test moves the clock
	claimant string        // the worker that a test pretends to be
}

func setup(t testing.TB) *bench {
	t.Helper()
	dbs := postgrestest.NewBoth(t, migrations.FS)
	b := &bench{t: t, db: dbs.App, owner: dbs.Owner, dsn: dbs.AppDSN, clock: clock.NewFake(booktest.Due), licence: &licence{token: token}, timeout: 5 * time.Second, ahead: time.Microsecond}
	b.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	if os.Getenv("DISPATCH_TEST_LOG") != "" {
		b.log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	b.exec(`INSERT INTO licence (system_identifier, database_oid, database_name, token) VALUES ('1', 1, 'test', $1)`, token)
	b.book = booktest.New(t, b.db)
	var err error
	b.server, err = sandbox.New(sandbox.Options{Accounts: []sandbox.Account{{Handle: "hope"}}, Clock: b.clock, Quiet: true, Limits: &sandbox.Limits{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.server.Close() })
	var disconnect func()
	b.networks, disconnect = connect(b.server.BaseURL(), b.clock)
	t.Cleanup(disconnect)
	b.channel = b.book.Channel(booktest.Channel{Handle: "@hope@127.0.0.1"})
	b.networks.accounts[b.channel] = account(b.server.BaseURL(), b.server.Token("hope"))
	return b
}

func account(address, secret string) platform.Account {
	return platform.Account{
		Network: platform.Mastodon, Address: address, Handle: "@hope@127.0.0.1",
		Secret: mastodon.Credentials{AccessToken: secret}.Secret(),
	}
}

// connect returns the real connector, which waits for nothing, and what ends its idle connections.
func connect(address string, c clock.Clock) (*networks, func()) {
	client := wire.NewClient(wire.Options{Allow: []string{strings.TrimPrefix(address, "http://")}, Timeout: 10 * time.Second})
	return &networks{accounts: map[int64]platform.Account{}, Connector: mastodon.New(mastodon.Options{
		HTTP: client, Now: c.Now, UserAgent: "Daymark test", Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})}, client.CloseIdleConnections
}

// dispatcher returns a dispatcher with a pool of its own, as in a process of its own.
func (b *bench) dispatcher() *dispatch.Dispatcher {
	b.t.Helper()
	db, err := postgres.Open(b.t.Context(), b.dsn, postgres.Options{MaxConns: 12, Name: "dispatcher"})
	if err != nil {
		b.t.Fatal(err)
	}
	d := dispatch.New(dispatch.Options{
		DB: db, Networks: b.networks, Licence: b.licence, Clock: b.clock, Log: b.log, Worker: uuid.New(),
		Timeout: b.timeout, Ahead: b.ahead, Sweep: 20 * time.Millisecond,
	})
	d.Glance(time.Millisecond)
	b.t.Cleanup(func() {
		_ = d.End(context.Background())
		_ = db.Close()
	})
	return d
}

// schedule makes n scheduled deliveries, each of its own post, due at an instant, and returns their ids.
func (b *bench) schedule(n int, due time.Time) []int64 {
	b.t.Helper()
	var list []int64
	for range n {
		var before int
		b.get(&before, `SELECT count(*) FROM posts`)
		id := b.book.Deliver(booktest.Delivery{Post: b.book.Post(fmt.Sprintf("message-%d", before+1)), Channel: b.channel, Due: due})
		b.book.Schedule(id)
		list = append(list, id)
	}
	return list
}

func (b *bench) get(dest any, query string, args ...any) {
	b.t.Helper()
	if err := b.db.GetContext(b.t.Context(), dest, query, args...); err != nil {
		b.t.Fatalf("%v\n%s", err, query)
	}
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.ExecContext(b.t.Context(), query, args...); err != nil {
		b.t.Fatalf("%v\n%s", err, query)
	}
}

func (b *bench) turn(d *dispatch.Dispatcher) {
	b.t.Helper()
	if err := d.Turn(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) fault(list ...mischief.Fault) {
	b.t.Helper()
	if err := b.server.Faults().Add(list...); err != nil {
		b.t.Fatal(err)
	}
}

// drain lets a dispatcher work until nothing is scheduled, sending or unknown any more. It moves the clock to whatever comes
// next in the queue, and asks about the unknown without waiting.
func (b *bench) drain(d *dispatch.Dispatcher) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		b.turn(d)
		b.exec(`UPDATE deliveries SET ask_at = clock_timestamp() WHERE state = 'unknown'`)
		var next *time.Time
		b.get(&next, `SELECT min(next_attempt_at) FROM queue`)
		if next != nil && next.After(b.clock.Now()) {
			b.clock.Set(*next)
		}
		var open int
		b.get(&open, `SELECT count(*) FROM deliveries WHERE state IN ('scheduled', 'unknown')`)
		if open == 0 {
			return
		}
	}
	b.t.Fatalf("deliveries are still open after %v", patience)
}

// standing is how a delivery stands.
type standing struct {
	State   string
	Hold    string
	Problem string
	Tries   int
}

func (b *bench) look(delivery int64) standing {
	b.t.Helper()
	var s standing
	b.get(&s, `
SELECT s.state, coalesce(d.hold, '') AS hold, d.problem, (SELECT count(*) FROM attempts a WHERE a.delivery_id = d.id) AS tries
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
WHERE d.id = $1`, delivery)
	return s
}

// want fails unless a delivery stands as named, as "published" or "held: edited", and the sandbox shows so many statuses.
func (b *bench) want(delivery int64, state string, statuses int) {
	b.t.Helper()
	s := b.look(delivery)
	got := s.State
	if s.Hold != "" {
		got += ": " + s.Hold
	}
	if got != state {
		b.t.Errorf("delivery %d is %s (%s) after %d tries, want %s", delivery, got, s.Problem, s.Tries, state)
	}
	if got := len(b.server.State().Statuses); got != statuses {
		b.t.Errorf("the network shows %d statuses, want %d", got, statuses)
	}
}

// once fails unless each status text is there once, and as many as named.
func (b *bench) once(n int) {
	b.t.Helper()
	seen := map[string]int{}
	for _, s := range b.server.State().Statuses {
		seen[s.Text]++
	}
	for text, times := range seen {
		if times != 1 {
			b.t.Errorf("%q is out %d times", text, times)
		}
	}
	if len(seen) != n {
		b.t.Errorf("%d different posts are out, want %d", len(seen), n)
	}
}
