package decide_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// scene is a book with one channel, an editor who decides, and a product time an hour after everything fell due.
type scene struct {
	*booktest.Book
	t       testing.TB
	db      *postgres.DB
	channel int64
	by      people.Person
	now     time.Time
	posts   int
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{t: t, db: postgrestest.New(t, migrations.FS), now: booktest.Due.Add(time.Hour)}
	s.Book = booktest.New(t, s.db)
	s.channel = s.Channel(booktest.Channel{})
	var err error
	if s.by, err = people.ByID(t.Context(), s.db, s.Author); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatalf("%v\n%s", err, query)
	}
}

func (s *scene) get(dest any, query string, args ...any) {
	s.t.Helper()
	if err := s.db.GetContext(s.t.Context(), dest, query, args...); err != nil {
		s.t.Fatalf("%v\n%s", err, query)
	}
}

// deliver makes a delivery of its own post.
func (s *scene) deliver() int64 {
	s.t.Helper()
	s.posts++
	return s.Deliver(booktest.Delivery{Post: s.Post(fmt.Sprintf("message-%d", s.posts)), Channel: s.channel})
}

const (
	toDecide = `UPDATE deliveries SET state = 'held', hold = 'decision', ask_at = NULL, release_id = NULL, submission_id = NULL,
  revision_id = NULL WHERE id = $1`
	toMissed = `UPDATE deliveries SET state = 'missed', hold = NULL WHERE id = $1`
)

// made makes a delivery that stands as named.
func (s *scene) made(stand string) int64 {
	s.t.Helper()
	d := s.deliver()
	lost := func() { s.Lose(d, booktest.Due); s.exec(toDecide, d) }
	switch stand {
	case "draft":
	case "overdue":
		s.exec(`UPDATE deliveries SET hold = 'overdue' WHERE id = $1`, d)
	case "scheduled":
		s.Schedule(d)
	case "sending":
		s.Send(d, booktest.Due)
	case "unknown":
		s.Lose(d, booktest.Due)
	case "lost":
		lost()
	case "lost and missed":
		lost()
		s.exec(toMissed, d)
	case "logged out":
		s.Send(d, booktest.Due)
		s.exec(`UPDATE attempts SET outcome = 'unauthorised', ended_at = $2 WHERE delivery_id = $1`, d, booktest.Due)
		s.exec(toDecide, d)
	case "answered late":
		lost()
		s.exec(`UPDATE attempts SET finding = 'found' WHERE delivery_id = $1`, d)
		s.exec(`
INSERT INTO copies (delivery_id, post_id, channel_id, language, remote_id, url, published_at)
SELECT id, post_id, channel_id, language, 'late-' || id, 'http://127.0.0.1:1/@charity1/late', due_at FROM deliveries WHERE id = $1`, d)
	case "published":
		s.Publish(d, booktest.Due)
	case "failed":
		s.Refuse(d, booktest.Due, "No.")
	case "missed":
		s.Miss(d)
	case "cancelled":
		s.exec(`UPDATE deliveries SET state = 'cancelled', hold = NULL WHERE id = $1`, d)
	case "removed":
		s.Publish(d, booktest.Due)
		s.TakeDown(d, s.now)
	default:
		s.t.Fatalf("no stand %q", stand)
	}
	return d
}

func (s *scene) stand(delivery int64) string {
	s.t.Helper()
	var got string
	s.get(&got, `
SELECT s.state || coalesce(': ' || d.hold, '')
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
WHERE d.id = $1`, delivery)
	return got
}

// later is a civil time that is still to come.
var later = civil.Date{Year: 2027, Month: time.August, Day: 2}

var ten = civil.Clock{Hour: 10}

func link(delivery int64) string {
	return fmt.Sprintf("http://127.0.0.1:1/@charity1/%d", 1000+delivery)
}

// acts are the four decisions.
func (s *scene) act(name string, delivery int64) error {
	return s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error {
		ctx := s.t.Context()
		switch name {
		case "live":
			return decide.Live(ctx, tx, delivery, link(delivery), s.by, s.now)
		case "again":
			_, err := decide.NotLive(ctx, tx, delivery, s.by, s.now)
			return err
		case "time":
			return decide.NewTime(ctx, tx, delivery, later, ten, s.by, s.now)
		}
		return decide.LeaveOut(ctx, tx, delivery, "The child was found.", s.by, booktest.Due)
	})
}

func TestWhatEachDecisionDoesInEachState(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	// An empty cell is a refusal that leaves everything as it was.
	for stand, want := range map[string][4]string{
		//                  live         again             time              leave out
		"draft":           {"", "", "", ""},
		"overdue":         {"", "", "held: approval", "cancelled"},
		"scheduled":       {"", "", "", ""},
		"sending":         {"", "", "", ""},
		"unknown":         {"", "", "", ""},
		"lost":            {"published", "scheduled", "", ""},
		"lost and missed": {"published", "missed", "", ""},
		"logged out":      {"", "scheduled", "held: approval", "cancelled"},
		"answered late":   {"published", "", "", ""},
		"published":       {"", "", "", ""},
		"failed":          {"", "", "held: approval", "cancelled"},
		"missed":          {"", "", "held: approval", "cancelled"},
		"cancelled":       {"", "", "", ""},
		"removed":         {"", "", "", ""},
	} {
		for i, act := range []string{"live", "again", "time", "leave out"} {
			d := s.made(stand)
			before, name := s.stand(d), stand+", "+act
			waits, err := decide.List(t.Context(), s.db, 0)
			if err != nil {
				t.Fatal(err)
			}
			offered := false
			for _, w := range waits {
				if w.Delivery == d {
					offered = [4]bool{w.MayBeLive(), w.MayGoAgain(), w.MayMove(), w.MayLeave()}[i]
				}
			}
			if offered != (want[i] != "") {
				t.Errorf("%s: offered is %v", name, offered)
			}
			err = s.act(act, d)
			if want[i] == "" {
				if !fault.Is(err, fault.Conflict) || s.stand(d) != before {
					t.Errorf("%s: %v, and it is %s", name, err, s.stand(d))
				}
				continue
			}
			if err != nil || s.stand(d) != want[i] {
				t.Errorf("%s: %v, and it is %s, want %s", name, err, s.stand(d), want[i])
			}
			var logged int
			s.get(&logged, `SELECT count(*) FROM audit WHERE person_id = $1 AND subject_kind = 'post' AND (detail->>'delivery')::bigint = $2`, s.Author, d)
			if logged != 1 {
				t.Errorf("%s: the log has %d lines", name, logged)
			}
		}
	}
}

func TestALivePostHasItsLinkAndIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	d := s.made("lost")
	if err := s.act("live", d); err != nil {
		t.Fatal(err)
	}
	var got string
	s.get(&got, `SELECT c.remote_id || ' ' || c.url || ' ' || a.finding || ' ' || (c.release_id = d.release_id)::text || ' ' || (c.published_at = a.started_at)::text
FROM copies c JOIN deliveries d ON d.id = c.delivery_id JOIN attempts a ON a.delivery_id = d.id WHERE d.id = $1`, d)
	if want := fmt.Sprintf("%d %s found true true", 1000+d, link(d)); got != want {
		t.Errorf("the copy is %q, want %q", got, want)
	}
	other := s.made("lost")
	err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error { return decide.Live(t.Context(), tx, other, link(d), s.by, s.now) })
	if !fault.Is(err, fault.Invalid) || s.stand(other) != "held: decision" {
		t.Errorf("the same link for another post: %v", err)
	}
}

func TestSentAgainItGoesThroughTheGuardsAndOnlyInItsWindow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *scene, d int64)
		want   string
	}{
		"approved and in time": {func(*scene, int64) {}, "scheduled"},
		"taken down meanwhile": {func(s *scene, d int64) {
			s.exec(`INSERT INTO takedowns (scope, post_id, reason, person_id, at) SELECT 'post', post_id, 'The photograph shows a child.', $2, due_at FROM deliveries WHERE id = $1`, d, s.Author)
		}, "held: overdue"},
		"edited meanwhile": {func(s *scene, d int64) {
			var p int64
			s.get(&p, `SELECT post_id FROM deliveries WHERE id = $1`, d)
			s.Revise(p, "Other words")
		}, "held: overdue"},
		"withdrawn meanwhile": {func(s *scene, d int64) {
			s.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict) SELECT submission_id, $2, '', 'withdraw' FROM releases WHERE delivery_id = $1`, d, s.Reviewers[0])
		}, "held: overdue"},
		"at the end of its window":  {func(s *scene, _ int64) { s.now = booktest.Due.Add(72 * time.Hour) }, "held: overdue"},
		"just before the end of it": {func(s *scene, _ int64) { s.now = booktest.Due.Add(72*time.Hour - time.Second) }, "scheduled"},
		"moved by hand since its time": {func(s *scene, d int64) {
			s.exec(`UPDATE deliveries SET not_after = not_after + interval '1 hour' WHERE id = $1`, d)
		}, "held: overdue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			d := s.made("lost")
			c.change(s, d)
			if err := s.act("again", d); err != nil {
				t.Fatal(err)
			}
			var finding string
			s.get(&finding, `SELECT finding FROM attempts WHERE delivery_id = $1`, d)
			if s.stand(d) != c.want || finding != "absent" {
				t.Errorf("it is %s and %s, want %s", s.stand(d), finding, c.want)
			}
			var queued int
			s.get(&queued, `SELECT count(*) FROM queue WHERE delivery_id = $1 AND next_attempt_at = $2 AND fence = 1 AND guard_submission IS NOT NULL AND guard_revision IS NOT NULL`, d, s.now)
			if (queued == 1) != (c.want == "scheduled") {
				t.Errorf("%d rows are in the queue", queued)
			}
		})
	}
}

func TestWhatWasHeldWithATakeDownIsNotSentWithoutANewApproval(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	d := s.deliver()
	s.Schedule(d)
	s.exec(`INSERT INTO takedowns (scope, edition_id, reason, person_id, at) VALUES ('edition', $1, 'The figure is wrong.', $2, $3)`, s.Edition, s.Author, s.now)
	s.exec(toDecide, d)
	if err := s.act("again", d); !fault.Is(err, fault.Conflict) || s.stand(d) != "held: decision" {
		t.Errorf("sent again: %v, and it is %s", err, s.stand(d))
	}
	if err := s.act("time", d); err != nil || s.stand(d) != "held: approval" {
		t.Errorf("a new time: %v, and it is %s", err, s.stand(d))
	}
}

func TestANewTimeKeepsTheRuleOfItsWindow(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	home := s.Channel(booktest.Channel{Zone: "America/Bogota"})
	for name, c := range map[string]struct {
		window time.Duration
		want   string
	}{
		"to the end of the day at home": {20 * time.Hour, "2027-08-02 15:00 to 2027-08-03 05:00"}, // due 04:00 there: the day ends at 05:00 UTC
		"a window of its own":           {2 * time.Hour, "2027-08-02 15:00 to 2027-08-02 17:00"},
	} {
		d := s.Deliver(booktest.Delivery{Post: s.Post(strings.ReplaceAll(name, " ", "-")), Channel: home, Window: c.window})
		s.Miss(d)
		if err := s.act("time", d); err != nil {
			t.Fatal(err)
		}
		var got string
		s.get(&got, `SELECT to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' to ' || to_char(not_after AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM deliveries WHERE id = $1`, d)
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	d := s.made("missed")
	for name, date := range map[string]civil.Date{"the past": {Year: 2027, Month: 7, Day: 1}, "far ahead": {Year: 2072, Month: 8, Day: 2}} {
		err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			return decide.NewTime(t.Context(), tx, d, date, ten, s.by, s.now)
		})
		if !fault.Is(err, fault.Invalid) || s.stand(d) != "missed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyWhoMayDecideDecides(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	reviewer, err := people.ByID(t.Context(), s.db, s.Reviewers[0])
	if err != nil {
		t.Fatal(err)
	}
	s.by = reviewer
	d := s.made("lost")
	for _, act := range []string{"live", "again", "time", "leave out"} {
		if err := s.act(act, d); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", act, err)
		}
	}
}

func TestAWholePostIsLeftOutAtOnceAndWhatMayBeLiveStays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.Post("whole")
	first := s.Deliver(booktest.Delivery{Post: p, Channel: s.channel})
	second := s.Deliver(booktest.Delivery{Post: p, Channel: s.Channel(booktest.Channel{})})
	third := s.Deliver(booktest.Delivery{Post: p, Channel: s.Channel(booktest.Channel{})})
	s.Miss(first)
	s.exec(`UPDATE deliveries SET hold = 'overdue' WHERE id = $1`, second)
	s.Lose(third, booktest.Due)
	s.exec(toDecide, third)
	var n int
	err := s.db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
		list, err := decide.List(t.Context(), tx, p)
		if err != nil {
			return err
		}
		n, err = decide.Each(list, func(w decide.Waiting) error {
			return decide.LeaveOut(t.Context(), tx, w.Delivery, "Enough.", s.by, booktest.Due)
		})
		return err
	})
	if err != nil || n != 2 || s.stand(first) != "cancelled" || s.stand(second) != "cancelled" || s.stand(third) != "held: decision" {
		t.Errorf("%d were left out, %v: %s, %s, %s", n, err, s.stand(first), s.stand(second), s.stand(third))
	}
	if n, err := decide.Count(t.Context(), s.db); err != nil || n != 1 {
		t.Errorf("%d wait, %v", n, err)
	}
	for _, reason := range []string{" ", strings.Repeat("x", 501), "a\u202eb"} {
		d := s.made("missed")
		err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error { return decide.LeaveOut(t.Context(), tx, d, reason, s.by, booktest.Due) })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("reason %q: %v", reason, err)
		}
	}
}

// What the application's role cannot write, whatever the code does.
func TestTheDatabaseRefusesForgedDecisions(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	const publish = `UPDATE deliveries d SET state = 'published', hold = NULL, release_id = r.id, submission_id = r.submission_id,
  revision_id = r.revision_id FROM releases r WHERE r.delivery_id = d.id AND d.id = $1`
	const forge = `INSERT INTO copies (delivery_id, post_id, channel_id, language, remote_id, published_at, release_id)
SELECT d.id, d.post_id, d.channel_id, d.language, 'forged-' || d.id, d.due_at, r.id FROM deliveries d JOIN releases r ON r.delivery_id = d.id WHERE d.id = $1`
	const cancel = `UPDATE deliveries SET state = 'cancelled', hold = NULL WHERE id = $1`
	for name, c := range map[string]struct {
		stand string
		steps []string
		why   string
	}{
		"published without a copy":             {"lost", []string{publish}, "every_part_is_out"},
		"published with a copy nobody found":   {"lost", []string{forge, publish}, "decided"},
		"published although it was refused":    {"logged out", []string{forge, publish}, "decided"},
		"published although it is overdue":     {"lost", []string{`UPDATE attempts SET finding = 'found' WHERE delivery_id = $1`, forge, `UPDATE deliveries SET hold = 'overdue' WHERE id = $1`, publish}, "decided"},
		"published again after a take-down":    {"lost", []string{`UPDATE attempts SET finding = 'found' WHERE delivery_id = $1`, forge, `UPDATE copies SET removed_at = published_at WHERE delivery_id = $1`, publish}, "decided"},
		"published from missed":                {"lost and missed", []string{forge, publish}, "lawful"},
		"left out while nobody knows":          {"lost", []string{cancel}, "left_out"},
		"left out while nobody knows, missed":  {"lost and missed", []string{cancel}, "left_out"},
		"left out although it is out":          {"answered late", []string{cancel}, "left_out"},
		"found although it was refused":        {"logged out", []string{`UPDATE attempts SET finding = 'found' WHERE delivery_id = $1`}, "attempts_check2"},
		"found after a person said it is not":  {"lost", []string{`UPDATE attempts SET finding = 'absent' WHERE delivery_id = $1`, `UPDATE attempts SET finding = 'found' WHERE delivery_id = $1`}, "already written"},
		"out again after a person left it out": {"cancelled", []string{`UPDATE deliveries SET state = 'held', hold = 'decision' WHERE id = $1`}, "lawful"},
	} {
		d := s.made(c.stand)
		err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			for i, step := range c.steps {
				if _, err := tx.ExecContext(context.WithoutCancel(t.Context()), step, d); err != nil {
					if i < len(c.steps)-1 {
						t.Errorf("%s: step %d: %v", name, i+1, err)
					}
					return err
				}
			}
			return nil
		})
		if err == nil || (postgres.Constraint(err) != c.why && !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%s: %v, want %s", name, err, c.why)
		}
	}
}
