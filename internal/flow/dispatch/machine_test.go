package dispatch_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/mischief"

	"pgregory.net/rapid"
)

// drawn is a test of one run of the machine: what fails in it fails the run, so that rapid can look for a shorter one.
type drawn struct {
	testing.TB
	run *rapid.T
}

func (d drawn) Helper()                      {}
func (d drawn) Error(args ...any)            { d.run.Error(args...) }
func (d drawn) Errorf(s string, args ...any) { d.run.Errorf(s, args...) }
func (d drawn) Fatal(args ...any)            { d.run.Fatal(args...) }
func (d drawn) Fatalf(s string, args ...any) { d.run.Fatalf(s, args...) }
func (d drawn) Log(args ...any)              { d.run.Log(args...) }
func (d drawn) Logf(s string, args ...any)   { d.run.Logf(s, args...) }
func (d drawn) Fail()                        { d.run.Fail() }
func (d drawn) FailNow()                     { d.run.FailNow() }
func (d drawn) Failed() bool                 { return d.run.Failed() }
func (d drawn) Cleanup(f func())             { d.run.Cleanup(f) }
func (d drawn) Context() context.Context     { return d.run.Context() }

// runs is how many runs there are unless -rapid.checks says otherwise: what fits into the tests of every day.
const runs = 10

// few sets the number of runs where the command line does not.
var few = sync.OnceFunc(func() {
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "rapid.checks" })
	if !set {
		_ = flag.Set("rapid.checks", fmt.Sprint(runs))
	}
})

func TestWhateverPeopleAndAccidentsDoTheInvariantsHold(t *testing.T) {
	t.Parallel()
	few()
	var first sync.Once
	rapid.Check(t, func(run *rapid.T) {
		m := newMachine(drawn{t, run})
		m.first = &first
		m.approve()
		actions := m.actions()
		for name, do := range actions {
			actions[name] = func(run *rapid.T) {
				if name != "" {
					m.diary = append(m.diary, fmt.Sprintf("%s %s", m.clock.Now().Format("15:04:05"), name))
				}
				do(run)
			}
		}
		run.Repeat(actions)
		m.drain()
		m.verdictOf(run)
	})
}

// verdictOf fails a run in which a rule was broken.
func (m *machine) verdictOf(run *rapid.T) {
	if list := m.judge(); len(list) > 0 {
		m.first.Do(func() { m.report(list) })
		for _, b := range list {
			run.Errorf("%s\n\t%s", b.rule, b.say)
		}
		run.FailNow()
	}
}

// report tells of the first failure whatever becomes of it: what depends on the scheduler may not happen a second time.
func (m *machine) report(list []breach) {
	var b strings.Builder
	for _, br := range list {
		fmt.Fprintf(&b, "%s\n\t%s\n", br.rule, br.say)
	}
	fmt.Fprintf(&b, "after: %s\n", strings.Join(m.diary, "; "))
	for _, id := range slices.Sorted(maps.Keys(m.world.events)) {
		for _, e := range m.world.events[id] {
			fmt.Fprintf(&b, "delivery %d: %s %q at %s to %s: %v, %v\n", id, e.what, e.text, e.at.Format("05.000"), e.end.Format("05.000"), e.outcome, e.found)
		}
	}
	var attempts, moved []string
	m.rows(&attempts, `
SELECT format('attempt %s of delivery %s: started %s, %s %s %s', no, delivery_id, started_at, outcome, finding, problem)
FROM attempts
ORDER BY id`)
	m.rows(&moved, `
SELECT format('delivery %s: %s', delivery, string_agg(was || ' to ' || now, ', ' ORDER BY id))
FROM witnessed
GROUP BY delivery
ORDER BY delivery`)
	m.t.(drawn).TB.Log(b.String() + strings.Join(append(attempts, moved...), "\n"))
}

// actions are what people, accidents and time do. Those that make things go on have more names than one, so that they come often.
func (m *machine) actions() map[string]func(*rapid.T) {
	person := rapid.SampledFrom([]string{"author", "ana", "omar", "ada"})
	index := rapid.IntRange(0, 11)
	turn := func(run *rapid.T) { m.turns(rapid.IntRange(0, 1).Draw(run, "worker")) }
	approve := func(run *rapid.T) {
		if papers := slices.Sorted(maps.Keys(m.world.papers)); len(papers) > 0 {
			n := max(0, len(papers)-1-rapid.IntRange(0, 2).Draw(run, "how long ago"))
			m.say(papers[n], m.person(person.Draw(run, "who")), "approve")
		}
	}
	submit := func(run *rapid.T) {
		id := m.posts[index.Draw(run, "post")%len(m.posts)]
		m.submit(id, rapid.IntRange(1, 2).Draw(run, "approvals"))
		m.sign()
	}
	return map[string]func(*rapid.T){
		"turn": turn, "two dispatchers turn": func(*rapid.T) { m.turns(0, 1) },
		"trouble": m.trouble, "more trouble": m.trouble, "trouble again": m.trouble, "trouble without end": m.trouble,
		"time passes":  m.pass,
		"another post": func(*rapid.T) { m.another() },
		"edit": func(run *rapid.T) {
			m.edit(m.posts[index.Draw(run, "post")%len(m.posts)], m.person(rapid.SampledFrom([]string{"author", "author", "ana"}).Draw(run, "who")))
		},
		"submit": submit, "submit what waits": submit,
		"approve": approve,
		"say no": func(run *rapid.T) {
			if papers := slices.Sorted(maps.Keys(m.world.papers)); len(papers) > 0 {
				n := max(0, len(papers)-1-rapid.IntRange(0, 2).Draw(run, "how long ago"))
				m.say(papers[n], m.person(person.Draw(run, "who")), rapid.SampledFrom([]string{"changes", "withdraw"}).Draw(run, "word"))
			}
		},
		"move": func(run *rapid.T) {
			due := m.clock.Now().Add(time.Duration(rapid.IntRange(-2, 10).Draw(run, "minutes")) * time.Minute)
			m.move(m.places[index.Draw(run, "delivery")%len(m.places)], due, rapid.SampledFrom([]time.Duration{5 * time.Minute, 3 * time.Hour, 72 * time.Hour}).Draw(run, "window"))
		},
		"pause":  func(run *rapid.T) { m.act("pause", index.Draw(run, "which"))() },
		"resume": func(*rapid.T) { m.resumeAll() },
		"take down": func(run *rapid.T) {
			m.takeDown(m.posts[index.Draw(run, "post")%len(m.posts)])
		},
		"a take-down goes on": func(*rapid.T) { m.remove() },
		"a person decides": func(run *rapid.T) {
			m.decideAbout(index.Draw(run, "which"), rapid.IntRange(0, 2).Draw(run, "how"))
		},
		"attack": func(run *rapid.T) {
			m.attack(index.Draw(run, "which"), rapid.IntRange(0, len(attacks)-1).Draw(run, "attack"))
		},
		"back up": func(run *rapid.T) {
			if rapid.IntRange(0, 2).Draw(run, "really") == 0 && m.world.muted == "" {
				m.copyDatabase()
			}
		},
		"restore": func(run *rapid.T) {
			if rapid.IntRange(0, 2).Draw(run, "really") == 0 {
				m.restore()
			}
		},
		"a copy wakes":     func(*rapid.T) { m.wake() },
		"take the licence": func(*rapid.T) { m.take() },
		"":                 m.verdictOf,
	}
}

// act returns something that can be done while a dispatcher is at work: it takes permission away and gives none.
func (m *machine) act(what string, n int) func() {
	return func() {
		switch what {
		case "edit":
			m.edit(m.posts[n%len(m.posts)], m.author)
		case "withdraw":
			if papers := slices.Sorted(maps.Keys(m.world.papers)); len(papers) > 0 {
				m.say(papers[max(0, len(papers)-1-n%3)], m.omar, "withdraw")
			}
		case "pause":
			at := m.world.places[m.places[n%len(m.places)]]
			s := [][2]string{{"everything", ""}, {"network", at.network}, {"channel", fmt.Sprint(at.channel)}, {"campaign", at.campaign}}[n%4]
			m.stop(s[0], s[1])
		case "take down":
			m.takeDown(m.posts[n%len(m.posts)])
		}
	}
}

// attacks are statements that nobody may run with the daemon's role, or that the database must refuse.
var attacks = []string{
	`UPDATE deliveries SET due_at = due_at + interval '1 minute' WHERE id = $1 AND state = 'scheduled'`,
	`UPDATE deliveries SET state = 'published' WHERE id = $1 AND state IN ('held', 'scheduled', 'missed')`,
	`UPDATE deliveries SET state = 'scheduled', hold = NULL WHERE id = $1 AND state IN ('published', 'missed', 'cancelled', 'removed')`,
	`UPDATE releases SET body = body WHERE delivery_id = $1`,
	`UPDATE queue SET guard_submission = NULL WHERE delivery_id = $1 AND sending_at IS NULL`,
	`DELETE FROM attempts WHERE delivery_id = $1`,
	`UPDATE attempts SET outcome = 'again' WHERE delivery_id = $1 AND outcome IN ('published', 'unknown')`,
	`DELETE FROM copies WHERE delivery_id = $1`,
	`INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at) VALUES ($1, 99, 1, 'x', '{}', sha256('{}'), now())`,
}

// attack runs a statement against the rules, as the daemon's role. That it is refused is seen by what follows from it.
func (m *machine) attack(n, which int) {
	m.try(func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.ExecContext(ctx, attacks[which], m.places[n%len(m.places)])
		return err
	})
}

// person returns somebody by name.
func (m *machine) person(name string) people.Person {
	return map[string]people.Person{"author": m.author, "ana": m.ana, "omar": m.omar, "ada": m.ada}[name]
}

// trouble lets something fall due and, while it is sent, answers be lost, people change their minds and dispatchers die.
func (m *machine) trouble(run *rapid.T) {
	if rapid.IntRange(0, 3).Draw(run, "due") > 0 {
		m.next()
	}
	for range rapid.IntRange(0, 2).Draw(run, "faults") {
		m.mischief(run)
	}
	moment := rapid.SampledFrom([]string{"", "", "preparing", "calling", "answered"}).Draw(run, "moment")
	if moment != "" {
		what := rapid.SampledFrom([]string{"edit", "withdraw", "pause", "take down"}).Draw(run, "what")
		m.reach.plan(moment, m.act(what, rapid.IntRange(0, 11).Draw(run, "which")))
	}
	switch rapid.SampledFrom([]string{"one", "two", "one dies"}).Draw(run, "dispatchers") {
	case "one":
		m.turns(rapid.IntRange(0, 1).Draw(run, "worker"))
	case "two":
		m.turns(0, 1)
	case "one dies":
		m.crash(rapid.IntRange(0, 1).Draw(run, "worker"), rapid.IntRange(1, 12).Draw(run, "moments"))
	}
	m.reach.plan(moment, nil)
}

// next moves the clock to what is due next.
func (m *machine) next() {
	var next *time.Time
	m.get(&next, `SELECT min(next_attempt_at) FROM queue`)
	if next != nil && next.After(m.clock.Now()) {
		m.clock.Set(*next)
	}
}

// most is how many posts a run has at most.
const most = 12

// another writes another post, due in a minute or two, and lets it be approved.
func (m *machine) another() {
	if len(m.posts) < most {
		m.write("july-30", m.clock.Now().Truncate(time.Minute).Add(2*time.Minute), 72*time.Hour)
		m.submit(m.posts[len(m.posts)-1], 2)
		m.sign()
	}
}

// pass lets time go by: a little, to the next instant that something is due, or long.
func (m *machine) pass(run *rapid.T) {
	switch by := rapid.SampledFrom([]string{"due", "due", "1s", "30s", "2m", "6m", "1h", "100h"}).Draw(run, "how long"); by {
	case "due":
		m.next()
	case "1h", "100h":
		if rapid.IntRange(0, 3).Draw(run, "really") > 0 {
			return
		}
		fallthrough
	default:
		d, err := time.ParseDuration(by)
		if err != nil {
			run.Fatal(err)
		}
		m.clock.Add(d)
	}
}

// mischief plans a fault at one of the networks.
func (m *machine) mischief(run *rapid.T) {
	channel := rapid.SampledFrom(slices.Sorted(maps.Keys(m.reach.sides))).Draw(run, "channel")
	s := m.reach.sides[channel]
	f := mischief.Fault{Endpoint: s.posting, Skip: rapid.IntRange(0, 1).Draw(run, "skip"), Kind: rapid.SampledFrom([]mischief.Kind{
		mischief.CommitThenDrop, mischief.CommitLate, mischief.CommitThen504, mischief.Reject500, mischief.RateLimited429, mischief.TruncateBody,
		mischief.HTMLInsteadOfJSON, mischief.DropBeforeRead, mischief.CachedErrorReplayed, mischief.KeyBurnt, mischief.Repeat500, mischief.Slow,
	}).Draw(run, "fault")}
	if s.network != "mastodon" && slices.Contains([]mischief.Kind{mischief.CachedErrorReplayed, mischief.KeyBurnt, mischief.Repeat500}, f.Kind) {
		f.Kind = mischief.Reject500
	}
	switch f.Kind { //nolint:exhaustive // the others need nothing more
	case mischief.CommitLate:
		f.After = s.looking
	case mischief.RateLimited429:
		f.ResetSeconds = 2
	case mischief.Slow:
		f.DelayMS = 20
	}
	if rapid.IntRange(0, 4).Draw(run, "instead") == 0 { // the looking fails
		f = mischief.Fault{Endpoint: s.looking, Kind: mischief.Reject500}
	}
	if err := s.faults.Add(f); err != nil {
		run.Fatal(err)
	}
}

// drain ends all trouble and lets everything come to its end.
func (m *machine) drain() {
	m.t.Helper()
	for _, s := range m.reach.sides {
		s.faults.Clear()
	}
	m.take()
	m.resumeAll()
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		m.turns(0)
		m.remove()
		m.next()
		var open int
		m.get(&open, `SELECT (SELECT count(*) FROM deliveries WHERE state IN ('scheduled', 'unknown')) + (SELECT count(*) FROM takedown_copies WHERE state IN ('waiting', 'failed'))`)
		if open == 0 {
			m.settled()
			return
		}
	}
	m.t.Fatalf("deliveries are still open after %v", patience)
}

// settled looks at how every delivery ended: published is there once, anything else is not there.
func (m *machine) settled() {
	m.look()
	var rows []struct {
		Delivery int64  `db:"id"`
		State    string `db:"state"`
		Hold     string `db:"hold"`
		Doubt    bool   `db:"doubt"`
	}
	m.rows(&rows, `
SELECT d.id, d.state, coalesce(d.hold, '') AS hold,
  EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = d.id AND a.outcome IN ('unknown', 'lost') AND a.finding IS NULL) AS doubt
FROM deliveries d`)
	for _, r := range rows {
		live := 0
		for _, c := range m.world.copies {
			if c.delivery == r.Delivery && c.live {
				live++
			}
		}
		want := 0
		if r.State == "published" {
			want = 1
		}
		if live != want && !waits(r.State, r.Hold, r.Doubt) && !m.world.forgotten[r.Delivery] {
			m.world.breach(onlyOnce, "at the end, delivery %d is %s %s and there %d times", r.Delivery, r.State, r.Hold, live)
		}
	}
}
