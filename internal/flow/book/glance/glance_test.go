package glance_test

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/glance"
	"daymark/internal/flow/booktest"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

// morning is an hour before everything is due.
var morning = booktest.Due.Add(-time.Hour)

type desk struct {
	*testing.T
	db    *postgres.DB
	owner *postgres.DB
	*booktest.Book
	leeds, york int64
}

func setup(t *testing.T) *desk {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	d := &desk{T: t, db: both.App, owner: both.Owner}
	d.Book = booktest.New(t, d.db)
	d.leeds, d.york = d.Book.Channel(booktest.Channel{Handle: "@leeds@127.0.0.1"}), d.Book.Channel(booktest.Channel{Handle: "@york@127.0.0.1", Languages: []string{"en", "fr"}})
	d.exec(`UPDATE channels SET labels = ARRAY[CASE id WHEN $1 THEN 'leeds' ELSE 'york' END]`, d.leeds)
	return d
}

func (d *desk) exec(query string, args ...any) {
	d.Helper()
	if _, err := d.owner.ExecContext(d.Context(), query, args...); err != nil {
		d.Fatalf("%v\n%s", err, query)
	}
}

// as returns somebody who looks at an instant: a person of the book, with limits as they are in the database.
func (d *desk) as(id int64, now time.Time) glance.Of {
	d.Helper()
	p, err := people.ByID(d.Context(), d.db, id)
	d.must(err)
	return glance.Of{Person: p, Now: now}
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// limit keeps the author to what has a label.
func (d *desk) limit(label string) {
	d.exec(`UPDATE people SET labels = ARRAY[$2] WHERE id = $1`, d.Author, label)
}

// post makes a post with places on both accounts, due so long after everything else.
func (d *desk) post(message string, after time.Duration) (id int64, leeds, york int64) {
	id = d.Book.Post(message)
	return id, d.Deliver(booktest.Delivery{Post: id, Channel: d.leeds, Due: booktest.Due.Add(after)}),
		d.Deliver(booktest.Delivery{Post: id, Channel: d.york, Due: booktest.Due.Add(after)})
}

func (d *desk) same(what string, want, got any) {
	d.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAnEditionIsCountedByWhereItsPlacesStand(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.post("draft", 0)
	_, asked, more := d.post("asked", time.Hour)
	d.Submit(asked, more)
	_, refused, _ := d.post("changes", time.Hour)
	s := d.Submit(refused)
	d.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict, comment) VALUES ($1, $2, 'reviewer', 'changes', 'Say it more gently.')`, s, d.Reviewers[0])
	_, ready, sending := d.post("ready", time.Hour)
	d.Schedule(ready)
	d.Send(sending, booktest.Due.Add(time.Hour))
	_, out, gone := d.post("out", -2*time.Hour)
	d.Publish(out, morning.Add(-time.Hour))
	d.exec(`UPDATE deliveries SET state = 'cancelled', hold = NULL WHERE id = $1`, gone)

	e, err := glance.ReadEdition(t.Context(), d.db, d.as(d.Author, morning), d.Edition)
	d.must(err)
	got := map[string]int{}
	for _, one := range e.Tallies {
		got[fmt.Sprintf("%s %s %s", one.State, one.Hold, one.Review)] = one.Places
	}
	d.same("places", map[string]int{
		"held approval ": 2, "held approval review": 2, "held approval changes": 2, "scheduled  ": 1, "sending  ": 1, "published  ": 1,
	}, got)
	d.same("posts and drafts", []int{5, 1}, []int{e.Posts, e.Drafts})

	d.limit("york")
	e, err = glance.ReadEdition(t.Context(), d.db, d.as(d.Author, morning), d.Edition)
	d.must(err)
	d.same("posts and drafts that go to York", []int{4, 1}, []int{e.Posts, e.Drafts})
}

func TestPlacesAreThoseOfTheFirstPostsToComeAndTheLastThatWentOut(t *testing.T) {
	t.Parallel()
	d := setup(t)
	for i := range 4 {
		d.post(fmt.Sprintf("coming-%d", i), time.Duration(i)*time.Hour)
		_, a, b := d.post(fmt.Sprintf("sent-%d", i), time.Duration(-24-i)*time.Hour)
		for _, place := range []int64{a, b} {
			d.Publish(place, booktest.Due.Add(time.Duration(-24-i)*time.Hour))
		}
	}
	read := func(who glance.Of) (got []string) {
		coming, err := glance.Coming(t.Context(), d.db, who, morning.AddDate(0, 1, 0), 2)
		d.must(err)
		lately, err := glance.Lately(t.Context(), d.db, who, morning.AddDate(0, -1, 0), 3)
		d.must(err)
		for _, p := range append(coming, lately...) {
			got = append(got, p.Message+" "+p.Handle+" "+p.Text)
		}
		return got
	}
	d.same("of everybody", []string{
		"coming-0 @leeds@127.0.0.1 Text of coming-0", "coming-0 @york@127.0.0.1 ", "coming-1 @leeds@127.0.0.1 Text of coming-1", "coming-1 @york@127.0.0.1 ",
		"sent-2 @leeds@127.0.0.1 Text of sent-2", "sent-2 @york@127.0.0.1 ", "sent-1 @leeds@127.0.0.1 Text of sent-1", "sent-1 @york@127.0.0.1 ",
		"sent-0 @leeds@127.0.0.1 Text of sent-0", "sent-0 @york@127.0.0.1 ",
	}, read(d.as(d.Reviewers[0], morning)))
	d.limit("york")
	if got := read(d.as(d.Author, morning)); len(got) != 5 || got[0] != "coming-0 @york@127.0.0.1 Text of coming-0" {
		t.Errorf("for somebody who works on York: %q", got)
	}
}

// Both are asked about every state that a delivery can have: a page that counts and one that lists must not differ.
func TestAPlaceStandsAsTheBookSays(t *testing.T) {
	t.Parallel()
	d := setup(t)
	one := func(message string) int64 {
		return d.Deliver(booktest.Delivery{Post: d.Book.Post(message), Channel: d.leeds})
	}
	one("held")
	d.Submit(one("asked"))
	d.Schedule(one("scheduled"))
	d.Send(one("sending"), booktest.Due)
	d.Lose(one("unknown"), booktest.Due.Add(time.Second))
	d.Refuse(one("failed"), booktest.Due, "Too long.")
	d.Miss(one("missed"))
	d.Publish(one("published"), booktest.Due)
	removed := one("removed")
	d.Publish(removed, booktest.Due)
	d.TakeDown(removed, booktest.Due.Add(time.Minute))
	got, err := glance.Due(t.Context(), d.db, d.as(d.Author, morning), booktest.Due, booktest.Due.Add(time.Minute))
	d.must(err)
	entries, err := book.Entries(t.Context(), d.db, book.EntryFilter{})
	d.must(err)
	if len(got) != len(entries) || len(got) != 9 {
		t.Fatalf("%d places, %d entries", len(got), len(entries))
	}
	for i, p := range got {
		d.same("the place "+p.Message, entries[i], p.Entry)
		want := glance.NotAsked
		if p.Message == "asked" {
			want = glance.Asked
		}
		d.same("the review of "+p.Message, want, p.Review)
	}
	day, err := glance.CountDay(t.Context(), d.db, d.as(d.Author, morning), booktest.Due, booktest.Due.Add(time.Minute))
	d.must(err)
	if day.Places != 9 || day.Out != 2 || day.Next == nil || !day.Next.Equal(booktest.Due) {
		t.Errorf("%+v", day)
	}
	troubles, err := glance.Troubles(t.Context(), d.db, d.as(d.Author, morning), morning, 10)
	d.must(err)
	var states []post.State
	for _, one := range troubles {
		states = append(states, one.State)
	}
	d.same("troubles", []post.State{"failed", "missed", "unknown"}, states)
	n, err := glance.Decisions(t.Context(), d.db, d.as(d.Author, morning))
	d.must(err)
	d.same("decisions", 2, n)
	d.limit("york")
	n, err = glance.Decisions(t.Context(), d.db, d.as(d.Author, morning))
	d.must(err)
	d.same("decisions about York", 0, n)
	last, first, err := glance.Neighbours(t.Context(), d.db, d.as(d.Reviewers[0], morning), booktest.Due, booktest.Due.Add(-time.Hour))
	d.must(err)
	if last != nil || first == nil || !first.Equal(booktest.Due) {
		t.Errorf("beside: %v, %v", last, first)
	}
}

func TestOnesOwnDraftsComeWithThoseToMendFirst(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.post("draft", 0)
	_, asked, more := d.post("asked", time.Hour)
	d.Submit(asked, more)
	_, refused, _ := d.post("changes", 2*time.Hour)
	s := d.Submit(refused)
	d.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict, comment) VALUES ($1, $2, 'reviewer', 'changes', 'Say it more gently.')`, s, d.Reviewers[0])
	d.post("too-late", -3*time.Hour)
	own, err := glance.Own(t.Context(), d.db, d.as(d.Author, morning), 10)
	d.must(err)
	var got []string
	for _, o := range own {
		got = append(got, fmt.Sprintf("%s %s", o.Message, o.Review))
	}
	d.same("own", []string{"changes changes", "draft ", "asked review"}, got)
	changed, err := glance.ChangesAskedFor(t.Context(), d.db, d.as(d.Author, morning), 5)
	d.must(err)
	if len(changed) != 1 || changed[0].Message != "changes" || changed[0].Handle != "@leeds@127.0.0.1" {
		t.Errorf("%+v", changed)
	}
	decided, err := glance.Decided(t.Context(), d.db, d.as(d.Reviewers[0], morning), 5)
	d.must(err)
	if len(decided) != 1 || decided[0].Verdict != "changes" || decided[0].Submission != s {
		t.Errorf("%+v", decided)
	}
	if others, err := glance.Own(t.Context(), d.db, d.as(d.Reviewers[0], morning), 10); err != nil || len(others) != 0 {
		t.Errorf("somebody else's: %+v, %v", others, err)
	}
}

func TestALanguageIsWantingWhereAnAccountSpeaksItAndAPostDoesNot(t *testing.T) {
	t.Parallel()
	d := setup(t)
	both, _, _ := d.post("both", 0)
	d.Deliver(booktest.Delivery{Post: both, Channel: d.york, Language: "fr"})
	lacking, _, _ := d.post("lacking", time.Hour)
	got, err := glance.WantingIn(t.Context(), d.db, d.as(d.Author, morning), []string{"ar", "fr"}, morning.AddDate(0, 1, 0))
	d.must(err)
	due := booktest.Due.Add(time.Hour)
	if len(got) != 1 || got[0].First == nil || !got[0].First.Equal(due) {
		t.Fatalf("%+v", got)
	}
	got[0].First = nil
	d.same("French", glance.Wanting{Language: "fr", Missing: 1, Drafts: 1, Post: lacking, Message: "lacking", Lacks: true}, got[0])
}

func TestWhatPostsStateAndAskForIsFoundInTheirSource(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.exec(`UPDATE channels SET country = 'GB'`)
	id, _, _ := d.post("asks", time.Hour)
	d.Revise(id, "If you need help: {{helpline}} {{fact:F02}}")
	d.post("plain", 0)
	until := morning.AddDate(0, 1, 0)
	stating, err := glance.StatingOf(t.Context(), d.db, d.as(d.Author, morning), []string{"F02", "F99"}, until)
	d.must(err)
	if len(stating) != 1 || stating[0].Post != id || stating[0].Day.String() != "2027-07-30" {
		t.Errorf("%+v", stating)
	}
	asking, err := glance.AskingFor(t.Context(), d.db, d.as(d.Author, morning), until)
	d.must(err)
	if len(asking) != 1 || asking[0].Country != "GB" || !asking[0].First.Equal(booktest.Due.Add(time.Hour)) {
		t.Errorf("%+v", asking)
	}
}
