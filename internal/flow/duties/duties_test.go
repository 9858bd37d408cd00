package duties_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/duties"
	"daymark/internal/org/notice"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// now is four weeks before the day, late in the evening in London.
var now = time.Date(2027, 7, 2, 22, 30, 0, 0, time.UTC)

type desk struct {
	*booktest.Book
	t    *testing.T
	db   *postgres.DB
	zone *time.Location
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	db := postgrestest.New(t, migrations.FS)
	d := &desk{Book: booktest.New(t, db), t: t, db: db, zone: zone}
	d.exec(`UPDATE people SET languages = '{en}' WHERE role <> 'system'`)
	return d
}

func (d *desk) exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.db.ExecContext(d.t.Context(), statement, args...); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) look(at time.Time, want int, facts ...duties.Fact) {
	d.t.Helper()
	for _, want := range []int{want, 0} { // and once only
		n, err := duties.Look(d.t.Context(), d.db, at, d.zone, facts)
		if err != nil || n != want {
			d.t.Fatalf("at %s: told %d, %v; want %d", at.Format(time.RFC3339), n, err, want)
		}
	}
}

// told returns what a person sees, each sentence on a line.
func (d *desk) told(person int64) string {
	d.t.Helper()
	list, err := notice.OpenFor(d.t.Context(), d.db, person, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for _, n := range list {
		all = append(all, string(n.Level)+": "+n.Say)
	}
	return strings.Join(all, "\n")
}

func TestATaskIsToldToThoseItIsForUntilItIsDone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i, task := range []struct{ who, due string }{
		{"safeguarding lead", "2027-07-05"}, {"editors", "2027-07-06"}, {"translators", "2027-07-05"}, {"the board", "2027-07-01"}, {"reviewers", "2027-05-01"},
	} {
		d.exec(`INSERT INTO tasks (edition_id, key, due_date, who, what) VALUES ($1, $2, $3, $4, 'Look at it.')`, d.Edition, fmt.Sprint("t", i), task.due, task.who)
	}
	omar, ana, wren := d.Reviewers[1], d.Reviewers[0], d.Author
	d.look(now, 3) // the editors' is four days off, the last is two months old
	if got := d.told(omar); !strings.Contains(got, "note: World Day Against Trafficking in Persons 2027: Look at it. It is for safeguarding lead, by 5 July 2027.") {
		t.Errorf("Omar sees %q", got)
	}
	for _, person := range []int64{ana, wren} { // nobody is a translator, so that task is everybody's, and so is the board's
		got := d.told(person)
		if strings.Contains(got, "safeguarding") || !strings.Contains(got, "translators") || !strings.Contains(got, "warning: ") || !strings.Contains(got, "nobody has marked it as done") {
			t.Errorf("%d sees %q", person, got)
		}
	}
	d.look(now.Add(45*time.Minute), 1) // 00:15 on 3 July in London, but 23:15 on the 2nd by UTC
	if got := d.told(wren); !strings.Contains(got, "for editors, by 6 July") {
		t.Errorf("Wren sees %q", got)
	}
	d.exec(`UPDATE tasks SET done_at = now(), done_by = $1 WHERE who = 'safeguarding lead'`, omar)
	d.exec(`UPDATE tasks SET due_date = '2027-07-04' WHERE who = 'editors'`)
	d.look(now.Add(45*time.Minute), 1)
	if got := d.told(omar); strings.Contains(got, "safeguarding") {
		t.Errorf("Omar still sees %q", got)
	}
	if got := d.told(wren); strings.Contains(got, "6 July") || !strings.Contains(got, "4 July") {
		t.Errorf("Wren sees %q", got)
	}
}

func TestAFactIsToldWhileAPostStatesItOnADayItDoesNotHold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	day, err := civil.ParseDate("2027-07-10")
	if err != nil {
		t.Fatal(err)
	}
	f := duties.Fact{ID: "unodc-2024", Why: "Nobody has checked the number since 2026.", Day: day}
	d.look(now, 1, f)
	if got := d.told(d.Author); got != "warning: Nobody has checked the number since 2026. A post of 10 July 2027 states it." {
		t.Errorf("Wren sees %q", got)
	}
	d.look(now, 0)
	if got := d.told(d.Author); got != "" {
		t.Errorf("after it was checked Wren sees %q", got)
	}
}

func TestAReviewerIsToldOfAllDraftsThatWaitForTheirWordTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	omar, ana, wren := d.Reviewers[1], d.Reviewers[0], d.Author
	channel := d.Channel(booktest.Channel{})
	submit := func(name string) int64 {
		return d.Submit(d.Deliver(booktest.Delivery{Post: d.Post(name), Channel: channel}))
	}
	first := submit("one")
	submit("two")
	d.exec(`UPDATE people SET languages = '{fr}' WHERE id = $1`, omar)
	d.look(now, 1)
	if got := d.told(ana); got != "note: On 2 July, 2 drafts waited for your word. The first is to go out on 30 July, 10:00 BST." {
		t.Errorf("Ana sees %q", got)
	}
	for _, person := range []int64{wren, omar} {
		if got := d.told(person); got != "" {
			t.Errorf("%d, who wrote it or does not read it, sees %q", person, got)
		}
	}
	third := submit("three")
	d.look(now, 1)
	if got := d.told(ana); !strings.Contains(got, "3 drafts") || strings.Count(got, "\n") != 0 {
		t.Errorf("Ana sees %q", got)
	}
	for _, s := range []int64{first, third} {
		d.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict, comment) VALUES ($1, $2, 'reviewer', 'changes', 'No.')`, s, ana)
	}
	d.look(now, 0)
	if got := d.told(ana); !strings.Contains(got, "3 drafts waited") {
		t.Errorf("one still waits, and Ana sees %q", got)
	}
	d.look(booktest.Due.Add(time.Hour), 0)
	if got := d.told(ana); got != "" {
		t.Errorf("after its time Ana sees %q", got)
	}
}

func TestALimitedReviewerIsNotToldOfOthersDrafts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ana := d.Reviewers[0]
	d.Submit(d.Deliver(booktest.Delivery{Post: d.Post("one"), Channel: d.Channel(booktest.Channel{})}))
	d.exec(`UPDATE people SET labels = '{north}' WHERE id = $1`, ana)
	if _, err := duties.Look(t.Context(), d.db, now, d.zone, nil); err != nil {
		t.Fatal(err)
	}
	if got := d.told(ana); got != "" {
		t.Errorf("Ana sees %q", got)
	}
}
