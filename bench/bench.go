package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daymark/internal/postgres"
	"daymark/internal/postgres/private"
)

// bench is one run: its folder, its database server, the network, and what was measured so far.
type bench struct {
	set      settings
	dir      string
	cluster  *private.Cluster
	admin    *postgres.DB // as the owner, on the database that nobody else uses
	template map[string]bool

	town                *town
	mainAddr, otherAddr string
	children            []*child
	started             int
	overheard           string // said to the database of a daemon before it starts

	table  table
	memory memory        // the most that a daemon had after a burst
	early  int           // statuses that arrived before they were due, in all figures
	by     time.Duration // how early at most
	sent   int           // statuses that were looked at for that
}

// open makes the folder and the database server. Its settings are those of a private database of Daymark.
func open(ctx context.Context, s settings) (_ *bench, err error) {
	b := &bench{set: s, template: map[string]bool{}, mainAddr: "127.0.0.1:0", otherAddr: "127.0.0.1:0"}
	if b.set.binary, err = filepath.Abs(s.binary); err != nil {
		return nil, err
	}
	if s.cpuProfile != "" {
		if b.set.cpuProfile, err = filepath.Abs(s.cpuProfile); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(b.set.binary); err != nil {
		return nil, fmt.Errorf("the daemon to measure is missing (make build): %w", err)
	}
	if b.dir, err = os.MkdirTemp("", "daymark-bench-"); err != nil {
		return nil, err
	}
	if err := os.Chmod(b.dir, 0o711); err != nil { //nolint:gosec // the server of root runs as somebody else, who must be able to enter
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close(context.WithoutCancel(ctx)))
		}
	}()
	if b.cluster, err = private.StartPrivate(ctx, b.path("server"), slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	if b.admin, err = postgres.Open(ctx, b.ownerDSN("postgres"), postgres.Options{MaxConns: 2, Name: "bench"}); err != nil {
		return nil, err
	}
	return b, nil
}

// quiet ends every process that we started, so that the next figure has the machine for itself.
func (b *bench) quiet() {
	for _, c := range b.children {
		c.kill()
	}
	b.children, b.town = nil, nil
}

// close ends every process and removes the folder.
func (b *bench) close(ctx context.Context) error {
	b.quiet()
	var err error
	if b.admin != nil {
		err = b.admin.Close()
	}
	if b.cluster != nil {
		err = errors.Join(err, b.cluster.Stop(ctx))
	}
	if b.set.keep {
		b.say("everything is left in %s", b.dir)
		return err
	}
	if b.cluster != nil {
		err = errors.Join(err, os.RemoveAll(b.cluster.Home()))
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) ownerDSN(database string) string {
	return b.cluster.DSN("daymark_owner", database)
}

func (b *bench) appDSN(database string) string { return b.cluster.DSN("daymark_app", database) }

// say tells who watches how far it is.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// database opens a database as its owner, who is a superuser of this server.
func (b *bench) database(ctx context.Context, name string) (*postgres.DB, error) {
	return postgres.Open(ctx, b.ownerDSN(name), postgres.Options{MaxConns: 2, Name: "bench"})
}

// copy makes a database as another one is. Names are ours: there is nothing to quote.
func (b *bench) copy(ctx context.Context, name, from string) error {
	if _, err := b.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	if _, err := b.admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE "+from+" STRATEGY file_copy"); err != nil {
		return fmt.Errorf("copy database %s: %w", from, err)
	}
	return nil
}

// day is the instant at which the deliveries of all fixtures begin to be due, by the product clock.
var day = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

// daemonRun is a daemon on a copy of a fixture, and the instant at which the first deliveries are due.
type daemonRun struct {
	*child
	b        *bench
	database string
	db       *postgres.DB
	due      time.Time // on this machine's clock
	data     string
}

const sqlSetClock = `
INSERT INTO fast_clock (id, real_start, starts_at, rate, until)
VALUES (1, $1, $2, 1, $3)
ON CONFLICT (id) DO UPDATE
SET real_start = excluded.real_start, starts_at = excluded.starts_at, rate = 1, until = excluded.until`

// replace starts another daemon on the same database, and kills the one that was there: after it is ready, or else before.
func (d *daemonRun) replace(ctx context.Context, ready bool) (from time.Time, err error) {
	old := d.child
	if !ready {
		old.kill()
		from = time.Now()
	}
	if err := d.start(ctx); err != nil {
		return from, err
	}
	if ready {
		from = time.Now()
		old.kill()
	}
	return from, nil
}

// readiness is how long a daemon may take to start. It needs a quarter of a second on a quiet machine.
const readiness = 1500 * time.Millisecond

// daemon copies a fixture, sets the product clock so that its first deliveries are due in a moment, and starts the network and a
// daemon. The clock runs as real time does.
func (b *bench) daemon(ctx context.Context, fixture string, delay, lead time.Duration) (*daemonRun, error) {
	if err := b.fixture(ctx, fixture); err != nil {
		return nil, err
	}
	if err := b.copy(ctx, "run", fixture); err != nil {
		return nil, err
	}
	d, err := b.launch(ctx, "run", delay, readiness+lead)
	if err != nil {
		return nil, err
	}
	if late := time.Since(d.due.Add(-lead)); late > lead/2 {
		return nil, fmt.Errorf("the daemon was ready %s after it should have been: this machine is too busy, or -lead too short", late)
	}
	return d, nil
}

// launch starts the network and a daemon on a database whose first deliveries are due after a while.
func (b *bench) launch(ctx context.Context, database string, delay, due time.Duration) (_ *daemonRun, err error) {
	d := &daemonRun{b: b, database: database}
	if d.data, err = os.MkdirTemp(b.dir, "data-"); err != nil {
		return nil, err
	}
	if d.db, err = b.database(ctx, database); err != nil {
		return nil, err
	}
	d.due = time.Now().Add(due)
	const earlier = time.Hour
	start := day.Add(-earlier)
	if _, err := b.network(ctx, delay, d.due.Add(-earlier), start); err != nil {
		return nil, err
	}
	if _, err := d.db.ExecContext(ctx, sqlSetClock, d.due.Add(-earlier), start, start.Add(time.Second)); err != nil {
		return nil, fmt.Errorf("set the clock: %w", err)
	}
	if b.overheard != "" && database == "run" {
		if _, err := d.db.ExecContext(ctx, b.overheard); err != nil {
			return nil, err
		}
	}
	return d, d.start(ctx)
}

// start starts the shipped binary, or where its profile is wanted this program as a daemon, and waits until it is ready.
func (d *daemonRun) start(ctx context.Context) (err error) {
	o := daymarkOrders{Data: d.data, Owner: d.b.ownerDSN(d.database), App: d.b.appDSN(d.database), Profile: d.b.set.cpuProfile}
	if o.Profile != "" {
		if d.child, err = d.b.spawn(ctx, "daymark", o); err != nil {
			return err
		}
	} else if d.child, err = d.b.start(ctx, "daymark", o.command(d.b.set.binary)); err != nil {
		return err
	}
	_, err = d.hearLine("Daymark is ready")
	return err
}

// A database that is copied takes the licence anew. Only its owner can let go of it.
const unlicensed = `DELETE FROM licence`

// lookAhead lets a daemon do on a fixture, half an hour before the first deliveries are due, what it does then: it looks whether they
// are at risk. It ends when the daemon has had nothing to do for two seconds.
func (b *bench) lookAhead(ctx context.Context, fixture string) error {
	d, err := b.launch(ctx, fixture, 0, 30*time.Minute)
	if err != nil {
		return err
	}
	for idle, before := 0, d.used(); idle < 4; {
		if !until(ctx, time.Now().Add(500*time.Millisecond)) {
			return ctx.Err()
		}
		used := d.used()
		if idle++; used-before > 50*time.Millisecond {
			idle = 0
		}
		before = used
	}
	if err := d.stop(); err != nil {
		return err
	}
	_, err = d.db.ExecContext(ctx, unlicensed)
	return errors.Join(err, d.end())
}

// end stops the daemon and closes the database.
func (d *daemonRun) end() error {
	return errors.Join(d.stop(), d.db.Close(), os.RemoveAll(d.data))
}

const sqlBusy = `SELECT EXISTS (SELECT 1 FROM queue)`

const sqlPublished = `SELECT count(*) FROM deliveries WHERE state = 'published'`

const sqlStates = `
SELECT string_agg(n || ' ' || state, ', ')
FROM (SELECT state, count(*) AS n FROM delivery_states GROUP BY state) by_state`

// settled waits until nothing is in the queue any more, and returns that instant. It looks every five milliseconds.
func (d *daemonRun) settled(ctx context.Context, patience time.Duration) (time.Time, error) {
	over := time.Now().Add(patience)
	for busy := true; busy; {
		if !until(ctx, time.Now().Add(5*time.Millisecond)) {
			return time.Time{}, ctx.Err()
		}
		if err := d.db.GetContext(ctx, &busy, sqlBusy); err != nil {
			return time.Time{}, err
		}
		if busy && time.Now().After(over) {
			var states string
			_ = d.db.GetContext(ctx, &states, sqlStates)
			return time.Time{}, d.failed(fmt.Errorf("not settled after %s: %s", patience, states))
		}
	}
	return time.Now(), nil
}

// published fails unless so many deliveries are published and the network shows as many statuses.
func (d *daemonRun) published(ctx context.Context, n int) error {
	var got int
	if err := d.db.GetContext(ctx, &got, sqlPublished); err != nil {
		return err
	}
	shown, err := d.b.town.statuses(ctx)
	if err != nil {
		return err
	}
	if got != n || len(shown) != n {
		var states string
		_ = d.db.GetContext(ctx, &states, sqlStates)
		return d.failed(fmt.Errorf("%d are published and the network shows %d, want %d: %s", got, len(shown), n, states))
	}
	return nil
}

// punctual returns by how much each of the statuses that arrived was late, and counts those that were early. What is for the server
// that may hang is not looked at.
func (b *bench) punctual(fixture string, arrivals []arrival, due time.Time) (late []time.Duration) {
	dues := b.dues(fixture)
	for _, a := range arrivals {
		after, known := dues[place{a.Text, a.Account}]
		if !known || a.Account == b.set.channels {
			continue
		}
		by := a.At.Sub(due.Add(after))
		b.sent++
		if by < 0 {
			b.early++
			b.by = max(b.by, -by)
		}
		late = append(late, by)
	}
	return late
}

// summary adds what all figures together say.
func (b *bench) summary() {
	if b.sent > 0 {
		measured := fmt.Sprintf("%d of %s", b.early, thousands(b.sent))
		if b.early > 0 {
			measured += ", by up to " + ms(b.by)
		}
		b.table.add(b.early == 0, "never early: requests that arrived before they were due", measured, "0")
	}
	if b.memory.now > 0 {
		const mb = 1_000_000
		b.table.add(b.memory.now < 120*mb, "memory of the daemon after the bursts (resident set; at its most)",
			fmt.Sprintf("%.0f MB (%.0f MB)", float64(b.memory.now)/mb, float64(b.memory.most)/mb), "under 120 MB")
	}
}

// onLine makes one line of a text.
func onLine(text string) string { return strings.Join(strings.Fields(text), " ") }
