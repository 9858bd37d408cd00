package punctual_test

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/punctual"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

type bench struct {
	t     *testing.T
	db    *postgres.DB
	owner *postgres.DB
	*booktest.Book
	channel int64
}

func setup(t *testing.T) *bench {
	t.Helper()
	dbs := postgrestest.NewBoth(t, migrations.FS)
	b := &bench{t: t, db: dbs.App, owner: dbs.Owner}
	b.Book = booktest.New(t, b.db)
	b.channel = b.Channel(booktest.Channel{Name: "London"})
	return b
}

// out publishes a delivery so late.
func (b *bench) out(message string, late time.Duration) int64 {
	b.t.Helper()
	id := b.Deliver(booktest.Delivery{Post: b.Post(message), Channel: b.channel})
	b.Publish(id, booktest.Due.Add(late))
	return id
}

// exec runs a statement as the owner of the tables: what it writes is dated as a test needs it.
func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.owner.ExecContext(b.t.Context(), query, args...); err != nil {
		b.t.Fatalf("%v\n%s", err, query)
	}
}

// earlier writes an earlier try of a delivery.
func (b *bench) earlier(delivery int64, outcome string) {
	b.t.Helper()
	b.exec(`ALTER TABLE attempts DISABLE TRIGGER USER`)
	b.exec(`UPDATE attempts SET no = no + 1 WHERE delivery_id = $1`, delivery)
	b.exec(`INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at, ended_at, outcome, finding)
SELECT delivery_id, 1, 1, 'earlier', request, request_sha256, $2, $2, $3, CASE WHEN $3 IN ('unknown', 'lost') THEN 'absent' END
FROM attempts WHERE delivery_id = $1`, delivery, booktest.Due, outcome)
	b.exec(`ALTER TABLE attempts ENABLE TRIGGER USER`)
}

func (b *bench) read(of punctual.Of) punctual.Report {
	b.t.Helper()
	if of.From.IsZero() {
		of.From, of.To = booktest.Due.AddDate(0, 0, -1), booktest.Due.AddDate(0, 0, 1)
	}
	r, err := punctual.Read(b.t.Context(), b.db, of, booktest.Due.Add(time.Hour))
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) same(what string, want, got any) {
	b.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestFiguresAreOfWhatWentOutByDayChannelAndEdition(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 99 {
		b.out(fmt.Sprintf("on-time-%d", i), time.Duration(i)*time.Millisecond)
	}
	late := b.out("late", 90*time.Second)
	paris := b.Channel(booktest.Channel{Name: "Paris"})
	tomorrow := b.Deliver(booktest.Delivery{Post: b.Post("tomorrow"), Channel: paris, Due: booktest.Due.AddDate(0, 0, 1).Add(-time.Hour)})
	b.Publish(tomorrow, booktest.Due.AddDate(0, 0, 1).Add(-time.Hour))
	b.Miss(b.Deliver(booktest.Delivery{Post: b.Post("missed"), Channel: b.channel}))
	b.Deliver(booktest.Delivery{Post: b.Post("held"), Channel: b.channel})
	r := b.read(punctual.Of{})
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	total := punctual.Figures{
		Posts: 101, Late: 1, P50: ms(49), P99: ms(98), Max: 90 * time.Second, NetworkP50: ms(49), NetworkP99: ms(98), NetworkLatest: 90 * time.Second,
	}
	b.same("total", total, r.Total)
	if len(r.ByDay) != 2 || r.ByDay[0].Key != "2027-07-30" || r.ByDay[0].Posts != 100 || len(r.ByChannel) != 2 || r.ByChannel[0].Label != "London" ||
		len(r.ByEdition) != 1 || r.ByEdition[0].Label != "World Day Against Trafficking in Persons 2027" || r.ByEdition[0].Posts != 101 {
		t.Errorf("%+v %+v %+v", r.ByDay, r.ByChannel, r.ByEdition)
	}
	if len(r.Latest) != 1 || r.Latest[0].ID != late || r.Latest[0].By() != 90*time.Second || r.Latest[0].Channel != "London" {
		t.Errorf("%+v", r.Latest)
	}
	b.same("not out", []int{1, 0, 0, 1}, []int{r.Missed, r.Failed, r.Unknown, r.Due})
	b.same("of one channel", 1, b.read(punctual.Of{Channel: paris}).Total.Posts)
	b.same("of another edition", punctual.Figures{}, b.read(punctual.Of{Edition: b.Edition + 1}).Total)
	b.same("of another day", 0, b.read(punctual.Of{From: booktest.Due.AddDate(0, 0, 2), To: booktest.Due.AddDate(0, 0, 3)}).Total.Posts)
}

func TestTheReasonOfLatenessIsNamed(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*bench, int64){
		punctual.Turn:     func(*bench, int64) {},
		punctual.Proof:    func(b *bench, d int64) { b.earlier(d, "lost") },
		punctual.Limited:  func(b *bench, d int64) { b.earlier(d, "limited") },
		punctual.Network:  func(b *bench, d int64) { b.earlier(d, "again") },
		punctual.Approval: func(b *bench, _ int64) { b.exec(`UPDATE clearances SET at = $1`, booktest.Due.Add(time.Second)) },
		punctual.Paused: func(b *bench, _ int64) {
			b.exec(`INSERT INTO pauses (scope, cause, reason, at, lifted_at, person_id) VALUES ('everything', 'person', 'Wait.', $1, $2, $3)`, booktest.Due.Add(-time.Hour), booktest.Due.Add(time.Second), b.Author)
		},
		punctual.Down: func(b *bench, _ int64) {
			b.exec(`INSERT INTO daemons (worker, began_at, seen_at) VALUES (gen_random_uuid(), $1, $2), (gen_random_uuid(), $3, $4)`,
				booktest.Due.AddDate(0, 0, -2), booktest.Due.Add(-time.Minute), booktest.Due.Add(2*time.Second), booktest.Due.Add(time.Hour))
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			d := b.out("late", 3*time.Second)
			change(b, d)
			r := b.read(punctual.Of{})
			b.same("reasons", map[string]int{want: 1}, r.Reasons)
			if len(r.Latest) != 1 || r.Latest[0].Reason != want {
				t.Errorf("%+v", r.Latest)
			}
		})
	}
	for name, change := range map[string]func(*bench){
		"a daemon ran": func(b *bench) {
			b.exec(`INSERT INTO daemons (worker, began_at, seen_at) VALUES (gen_random_uuid(), $1, $2)`, booktest.Due.AddDate(0, 0, -2), booktest.Due.Add(-10*time.Second))
		},
		"a pause of another channel": func(b *bench) {
			b.exec(`INSERT INTO pauses (scope, scope_id, cause, reason, at, person_id) VALUES ('channel', '4711', 'person', 'Wait.', $1, $2)`, booktest.Due.Add(-time.Hour), b.Author)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.out("late", 3*time.Second)
			change(b)
			b.same("reasons", map[string]int{punctual.Turn: 1}, b.read(punctual.Of{}).Reasons)
		})
	}
}

func TestADaemonSaysThatItRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	worker := uuid.New().String()
	for range 2 {
		if err := punctual.Beat(t.Context(), b.db, worker); err != nil {
			t.Fatal(err)
		}
	}
	s, err := punctual.Take(t.Context(), b.db, booktest.Due)
	if err != nil || s.Daemons != 1 {
		t.Errorf("%d daemons, %v", s.Daemons, err)
	}
	b.exec(`UPDATE daemons SET began_at = began_at - interval '2 years', seen_at = seen_at - interval '2 years'`)
	if err := punctual.Forget(t.Context(), b.db); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := b.db.GetContext(t.Context(), &left, `SELECT count(*) FROM daemons`); err != nil || left != 0 {
		t.Errorf("%d left, %v", left, err)
	}
}

func TestASnapshotCountsWhatWaitsAndWhatTheLastDayBrought(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.out("on-time", 0)
	b.out("late", 2*time.Second)
	deliver := func(message string) int64 {
		return b.Deliver(booktest.Delivery{Post: b.Post(message), Channel: b.channel})
	}
	deliver("held")
	b.Schedule(deliver("scheduled"))
	b.Send(deliver("sending"), booktest.Due)
	b.Lose(deliver("unknown"), booktest.Due.Add(time.Second))
	b.Refuse(deliver("failed"), booktest.Due, "Too long.")
	b.Miss(deliver("missed"))
	s, err := punctual.Take(t.Context(), b.db, booktest.Due.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	b.same("states", map[string]int{"scheduled": 1, "sending": 1, "unknown": 1}, s.States)
	b.same("held", map[string]int{"approval": 1, "edited": 0, "paused": 0, "overdue": 0, "decision": 0}, s.Held)
	b.same("ended", map[string]int{"published": 2, "removed": 0, "missed": 1, "failed": 1}, s.Ended)
	b.same("attempts", map[string]int{"published": 2, "refused": 1, "lost": 0, "open": 1, "again": 0, "limited": 0, "unauthorised": 0, "unknown": 1}, s.Attempts)
	if s.Depth != 1 || s.Oldest != time.Minute || s.Lateness.Posts != 2 || s.Lateness.Late != 1 || s.Reasons[punctual.Turn]+s.Reasons[punctual.Proof] != 1 {
		t.Errorf("%+v", s)
	}
	far, err := punctual.Take(t.Context(), b.db, booktest.Due.AddDate(0, 0, 2))
	if err != nil || far.Ended["published"] != 0 || far.Lateness.Posts != 0 || far.States["scheduled"] != 1 {
		t.Errorf("two days later: %+v, %v", far, err)
	}
}
