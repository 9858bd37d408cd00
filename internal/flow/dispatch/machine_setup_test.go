package dispatch_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/flow/pause"
	sending "daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// machine is a bench with several posts on two networks, people who do things to them, up to two dispatchers, and the world that
// all of it is judged by.
type machine struct {
	*bench
	world   *world
	reach   *reach
	keeper  *sending.Keeper
	workers [2]*dispatch.Dispatcher
	admin   *postgres.DB
	home    string // the name of the database

	author, ana, omar, ada people.Person

	posts  []int64 // in the order in which they were made
	places []int64 // deliveries
	nonce  int
	diary  []string   // what was done, and when
	first  *sync.Once // for the report of the first failure

	editions map[string]int64

	backup                  string // the name of the copy of the database
	saved                   ledger // the ledger at the time of the copy
	savedPosts, savedPlaces []int64
	heard                   map[int64]int    // how many events each delivery had then
	scheduled               map[int64]string // what waited, or was being asked about, when the copy was made: texts by delivery
}

// settlingOfMachine is how long a network's "not there" proves nothing.
const settlingOfMachine = 30 * time.Millisecond

// newMachine makes three posts at two networks each, of two campaigns, due within the next minutes.
func newMachine(t testing.TB) *machine {
	t.Helper()
	b := setup(t)
	b.timeout, b.networks.settling = 200*time.Millisecond, settlingOfMachine
	b.clock.Set(booktest.Due.Add(-5 * time.Minute))
	m := &machine{bench: b, world: newWorld(b.clock, settlingOfMachine), keeper: sending.NewKeeper(t.TempDir(), "", rand.Reader)}
	sky := blueskySide(t, b.clock)
	second := b.book.Channel(booktest.Channel{Platform: "bluesky", Handle: sky.account.Handle})
	m.reach = &reach{networks: b.networks, world: m.world, during: map[string]func(){}, sides: map[int64]*side{b.channel: b.mastodonSide(), second: sky}}
	for channel, s := range m.reach.sides {
		m.own(`UPDATE channels SET address = $2, remote_id = CASE WHEN $3 = '' THEN remote_id ELSE $3 END WHERE id = $1`, channel, s.account.Address, s.account.RemoteID)
	}
	m.own(`DELETE FROM licence`)
	m.own(witness)
	m.tx(func(ctx context.Context, tx *postgres.Tx) error { return sending.Take(ctx, tx, m.keeper, 0) })
	m.own(`INSERT INTO people (email, name, role) VALUES ('ada@example.org', 'Ada Admin', 'admin')`)
	for email, p := range map[string]*people.Person{"writer": &m.author, "ana": &m.ana, "omar": &m.omar, "ada": &m.ada} {
		var id int64
		b.get(&id, `SELECT id FROM people WHERE email = $1`, email+"@example.org")
		var err error
		if *p, err = people.ByID(t.Context(), b.db, id); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	m.home = regexp.MustCompile(`dbname=(\S+)`).FindStringSubmatch(b.dsn)[1]
	dsn := strings.Replace(strings.Replace(b.dsn, "user="+postgres.AppRole, "user=daymark_owner", 1), "dbname="+m.home, "dbname=postgres", 1)
	if m.admin, err = postgres.Open(t.Context(), dsn, postgres.Options{MaxConns: 1, Name: "machine"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if m.backup != "" {
			_, _ = m.admin.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+m.backup+" WITH (FORCE)")
		}
		_ = m.admin.Close()
	})
	m.found()
	return m
}

// found makes the second campaign, and three posts, of which one has a short window and one is of that campaign.
func (m *machine) found() {
	m.exec(`
INSERT INTO campaigns (id, observance, title, body, sha256, loaded_by, loaded_at)
SELECT 'other-day', observance, title, body, sha256, loaded_by, loaded_at
FROM campaigns`)
	m.editions = map[string]int64{"july-30": m.book.Edition}
	var other int64
	m.get(&other, `
INSERT INTO editions (campaign_id, year, first_day, last_day)
VALUES ('other-day', 2027, '2027-07-30', '2027-07-30')
RETURNING id`)
	m.editions["other-day"] = other
	m.write("july-30", booktest.Due.Add(-2*time.Minute), 72*time.Hour)
	m.write("july-30", booktest.Due, 15*time.Minute)
	m.write("other-day", booktest.Due.Add(2*time.Minute), 72*time.Hour)
}

// write makes a post that is to go to every network.
func (m *machine) write(campaign string, due time.Time, window time.Duration) {
	m.nonce++
	m.book.Edition = m.editions[campaign]
	id := m.book.Post(fmt.Sprintf("message-%d", m.nonce))
	m.posts = append(m.posts, id)
	for _, channel := range slices.Sorted(maps.Keys(m.reach.sides)) {
		d := m.book.Deliver(booktest.Delivery{Post: id, Channel: channel, Due: due, Window: window})
		m.places = append(m.places, d)
		m.world.places[d] = &place{
			id: d, post: id, channel: channel, campaign: campaign, network: m.reach.sides[channel].network, due: due, until: due.Add(window),
		}
	}
	m.world.posts[id] = &penned{authors: map[int64]bool{m.author.ID: true}}
	m.edit(id, m.author)
}

// own runs a statement as the owner of the tables.
func (m *machine) own(query string, args ...any) {
	m.t.Helper()
	if _, err := m.owner.ExecContext(m.t.Context(), query, args...); err != nil {
		m.t.Fatalf("%v\n%s", err, query)
	}
}

// try runs a transaction and reports whether the product, or the database, took it. What nobody foresaw fails the test.
func (m *machine) try(do func(ctx context.Context, tx *postgres.Tx) error) bool {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	err := m.db.InTx(ctx, func(tx *postgres.Tx) error { return do(ctx, tx) })
	if err != nil && !foreseen(err) {
		m.t.Fatal(err)
	}
	return err == nil
}

// tx runs a transaction that must be taken.
func (m *machine) tx(do func(ctx context.Context, tx *postgres.Tx) error) {
	m.t.Helper()
	if !m.try(do) {
		m.t.Fatal("a transaction was refused that must not be")
	}
}

// dispatcher returns a dispatcher as in a process of its own, on a database.
func (m *machine) process(dsn string, keeper *sending.Keeper) *dispatch.Dispatcher {
	m.t.Helper()
	db, err := postgres.Open(m.t.Context(), dsn, postgres.Options{MaxConns: 12, Name: "dispatcher"})
	if err != nil {
		m.t.Fatal(err)
	}
	d := dispatch.New(dispatch.Options{
		DB: db, Networks: m.reach, Licence: keeper, Clock: m.clock, Log: m.log, Worker: uuid.New(),
		Timeout: m.timeout, Ahead: m.ahead, Sweep: 20 * time.Millisecond,
	})
	d.Glance(time.Millisecond)
	m.t.Cleanup(func() {
		_ = d.End(context.Background())
		_ = db.Close()
	})
	return d
}

// worker returns the first or the second dispatcher, and starts it where there is none.
func (m *machine) worker(i int) *dispatch.Dispatcher {
	if m.workers[i] == nil {
		m.workers[i] = m.process(m.dsn, m.keeper)
	}
	return m.workers[i]
}

// turns lets dispatchers do one round at the same time. What is unknown is asked about at once.
func (m *machine) turns(workers ...int) {
	m.t.Helper()
	m.exec(`UPDATE deliveries SET ask_at = clock_timestamp() WHERE state = 'unknown'`)
	if _, err := pause.HoldDue(m.t.Context(), m.db, m.clock.Now()); err != nil { // a regular job of the daemon
		m.t.Fatal(err)
	}
	m.world.turnBegins()
	var work sync.WaitGroup
	errs := make([]error, len(workers))
	for i, n := range workers {
		d := m.worker(n)
		work.Go(func() { errs[i] = d.Turn(m.t.Context()) })
	}
	work.Wait()
	for _, err := range errs {
		if err != nil {
			m.t.Fatal(err)
		}
	}
}

// crash lets a dispatcher do one round and die when it has passed so many moments.
func (m *machine) crash(worker, after int) {
	m.t.Helper()
	d := m.worker(worker)
	var passed atomic.Int64
	d.At(func(string) {
		if passed.Add(1) >= int64(after) {
			runtime.Goexit()
		}
	})
	m.exec(`UPDATE deliveries SET ask_at = clock_timestamp() WHERE state = 'unknown'`)
	m.world.turnBegins()
	var work sync.WaitGroup
	work.Go(func() { _ = d.Begin(m.t.Context()) })
	work.Wait()
	d.Finish()
	m.kill(worker)
}

// kill ends a dispatcher's process.
func (m *machine) kill(worker int) {
	d := m.workers[worker]
	if d == nil {
		return
	}
	m.workers[worker] = nil
	d.CutLife()
	m.gone(d)
	_ = d.DB.Close()
}

// edit writes a new version of a post.
func (m *machine) edit(id int64, by people.Person) {
	m.nonce++
	text := fmt.Sprintf("Version %d of post %d.", m.nonce, id)
	var revision int64
	m.world.mu.Lock()
	m.world.texts[text] = id
	m.world.mu.Unlock()
	if !m.try(func(ctx context.Context, tx *postgres.Tx) (err error) {
		locked, err := book.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		source := post.Source{Message: locked.Source.Message, Parts: []post.SourcePart{{Texts: map[string]string{"en": text}}}}
		revision, err = book.Revise(ctx, tx, id, locked.Version, source, by.ID)
		return err
	}) {
		return
	}
	m.world.change(func() {
		m.astray(id)
		p := m.world.posts[id]
		p.revision, p.text, p.authors[by.ID] = revision, text, true
	})
}

// submit puts a post before reviewers, as it would go out at each of its places.
func (m *machine) submit(id int64, needed int) {
	p := m.world.posts[id]
	made := &paper{post: id, revision: p.revision, needed: needed, bodies: map[int64]shown{}}
	finals := map[int64]post.Final{}
	for _, at := range m.world.places {
		if at.post != id {
			continue
		}
		made.bodies[at.id] = shown{p.text, at.due, at.until}
		finals[at.id] = post.Final{
			Post: id, Channel: at.channel, Platform: at.network, Account: m.reach.sides[at.channel].account.Handle, Language: "en",
			DueDate: at.due.Format(time.DateOnly), DueClock: at.due.Format("15:04"), Zone: "Etc/UTC", DueAt: at.due, NotAfter: at.until,
			Visibility: "public", Parts: []post.FinalPart{{Text: p.text}},
		}
	}
	var paper int64
	if !m.try(func(ctx context.Context, tx *postgres.Tx) (err error) {
		paper, err = book.AddSubmission(ctx, tx, book.Submission{Post: id, Revision: p.revision, Language: "en", Approvals: needed, By: m.author.ID}, finals)
		return err
	}) {
		return
	}
	m.world.change(func() { m.world.papers[paper] = made })
}

// say lets a person say something of a submission, and tries to clear and schedule it, whether there are enough approvals or not.
// The database decides.
func (m *machine) say(id int64, by people.Person, word string) {
	if !m.try(func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO verdicts (submission_id, person_id, role, verdict, comment) VALUES ($1, $2, '', $3, 'A word.')`, id, by.ID, word)
		return err
	}) {
		return
	}
	m.world.change(func() {
		p := m.world.papers[id]
		m.astray(p.post)
		p.verdicts = append(p.verdicts, verdict{by.ID, word, m.world.next()})
	})
	if word != "approve" {
		return
	}
	m.try(func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO clearances (submission_id) VALUES ($1) ON CONFLICT DO NOTHING`, id); err != nil {
			return err
		}
		_, err := book.Schedule(ctx, tx, id, m.clock.Now(), book.Grace)
		return err
	})
}

// sign lets two people approve the latest submission.
func (m *machine) sign() {
	latest := slices.Max(slices.Collect(maps.Keys(m.world.papers)))
	m.say(latest, m.ana, "approve")
	m.say(latest, m.omar, "approve")
}

// approve submits every post and lets two people approve it.
func (m *machine) approve() {
	for _, id := range m.posts {
		m.submit(id, 2)
		m.sign()
	}
}

// move gives a delivery that waits another instant, as planning does.
func (m *machine) move(id int64, due time.Time, window time.Duration) {
	due = due.Truncate(time.Minute)
	until, moved := due.Add(window), false
	m.try(func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := book.Lock(ctx, tx, m.world.places[id].post); err != nil {
			return err
		}
		list, err := replan.MoveAll(ctx, tx, []replan.Move{{
			ID: id, Date: civil.DateOf(due), Clock: civil.Clock{Hour: due.Hour(), Minute: due.Minute()}, Zone: "Etc/UTC", DueAt: due, NotAfter: until, Why: "It has a new time.",
		}})
		moved = len(list) == 1
		return err
	})
	if moved {
		m.world.change(func() {
			m.astray(m.world.places[id].post)
			m.world.places[id].due, m.world.places[id].until = due, until
		})
	}
}

// pause stops a part of the licence.
func (m *machine) stop(scope, of string) {
	raised, err := pause.Raise(m.t.Context(), m.db, pause.Part{Scope: sending.Scope(scope), ID: of}, "The machine wants it.", m.author)
	if err != nil {
		m.t.Fatal(err)
	}
	m.world.change(func() { m.world.stops[raised.ID] = [2]string{scope, of} })
}

// resume lifts a pause.
func (m *machine) resume(id int64) {
	now := m.clock.Now()
	var waiting []int64
	m.rows(&waiting, `SELECT delivery_id FROM queue WHERE sending_at IS NULL`)
	m.world.change(func() {
		s := m.world.stops[id]
		delete(m.world.stops, id)
		for _, at := range m.world.places {
			if !at.due.After(now) && at.under(s) && m.world.muted == "" && slices.Contains(waiting, at.id) {
				at.fell = now // meanwhile: it does not leave by itself
			}
		}
	})
	if _, err := pause.Lift(m.t.Context(), m.db, id, m.author, now); err != nil {
		m.t.Fatal(err)
	}
}

// takeDown begins to take a post down.
func (m *machine) takeDown(id int64) {
	m.look()
	var made int64
	if !m.try(func(ctx context.Context, tx *postgres.Tx) (err error) {
		made, err = takedown.Begin(ctx, tx, takedown.Scope{Post: id}, "The machine wants it gone.", m.author, m.clock.Now())
		return err
	}) {
		return
	}
	m.world.change(func() {
		m.astray(id)
		down := m.world.next()
		taken := taking{post: id, live: map[string]int64{}}
		for _, at := range m.world.places {
			if at.post == id {
				at.down = down
			}
		}
		for name, c := range m.world.copies {
			if c.live && m.world.places[c.delivery].post == id {
				taken.live[name] = c.delivery
			}
		}
		m.world.takings[made] = taken
	})
}

// remove goes on with what is being taken down.
func (m *machine) remove() {
	m.exec(`UPDATE takedown_copies SET next_at = clock_timestamp() WHERE state IN ('waiting', 'failed')`)
	if _, err := takedown.Run(m.t.Context(), m.db, m.reach, m.clock.Now); err != nil {
		m.t.Fatal(err)
	}
}

// decideAbout lets a person who looked at the network decide about something that waits for a decision.
func (m *machine) decideAbout(pick, how int) {
	list, err := decide.List(m.t.Context(), m.db, 0)
	if err != nil {
		m.t.Fatal(err)
	}
	if len(list) == 0 {
		return
	}
	m.look()
	w := list[pick%len(list)]
	for _, s := range m.reach.sides {
		if s.faults.Late() > 0 && w.Unknown {
			return // it may come out yet: whoever looks now is wrong
		}
	}
	url := ""
	for _, c := range m.world.copies {
		if c.live && c.delivery == w.Delivery {
			url = c.url
		}
	}
	switch {
	case url != "" || m.world.forgotten[w.Delivery]:
		m.try(func(ctx context.Context, tx *postgres.Tx) error {
			return decide.Live(ctx, tx, w.Delivery, url, m.author, m.clock.Now())
		})
	case how == 0:
		m.world.change(func() { m.world.says(w.Delivery) })
		m.try(func(ctx context.Context, tx *postgres.Tx) error {
			_, err := decide.NotLive(ctx, tx, w.Delivery, m.author, m.clock.Now())
			return err
		})
	case how == 1:
		m.try(func(ctx context.Context, tx *postgres.Tx) error {
			return decide.LeaveOut(ctx, tx, w.Delivery, "The machine says no.", m.author, m.clock.Now())
		})
	default:
		at := m.clock.Now().Add(2 * time.Minute)
		if !m.try(func(ctx context.Context, tx *postgres.Tx) error {
			return decide.NewTime(ctx, tx, w.Delivery, civil.DateOf(at), civil.Clock{Hour: at.Hour(), Minute: at.Minute()}, m.author, m.clock.Now())
		}) {
			return
		}
		var row struct {
			Due   time.Time `db:"due_at"`
			Until time.Time `db:"not_after"`
		}
		m.get(&row, `SELECT due_at, not_after FROM deliveries WHERE id = $1`, w.Delivery)
		m.world.change(func() {
			m.world.places[w.Delivery].due, m.world.places[w.Delivery].until = row.Due.UTC(), row.Until.UTC()
		})
	}
}
