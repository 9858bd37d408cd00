package inbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify/inbox"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var now = time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC)

type office struct {
	*testing.T
	db    *postgres.DB
	owner *postgres.DB
	ed    int64
	ana   int64
	omar  int64
}

func setup(t *testing.T) *office {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	o := &office{T: t, db: both.App, owner: both.Owner}
	for name, id := range map[string]*int64{"Ed": &o.ed, "Ana": &o.ana, "Omar": &o.omar} {
		*id = o.id(`INSERT INTO people (email, name, role, languages) VALUES (lower($1) || '@example.org', $1, 'editor', '{en}') RETURNING id`, name)
	}
	return o
}

// id runs a statement of the owner that returns an id.
func (o *office) id(query string, args ...any) (id int64) {
	o.Helper()
	if err := o.owner.GetContext(o.Context(), &id, query, args...); err != nil {
		o.Fatalf("%v\n%s", err, query)
	}
	return id
}

func (o *office) tell(key string, level notice.Level, subject string, id any, people ...int64) {
	o.Helper()
	_, err := notice.Tell(o.Context(), o.db, notice.New{Key: key, Level: level, Say: "About " + key + ".", Kind: subject, ID: fmt.Sprint(id), At: now, For: people})
	o.must(err)
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) person(id int64) people.Person {
	o.Helper()
	p, err := people.ByID(o.Context(), o.db, id)
	o.must(err)
	return p
}

func (o *office) list(id int64, f inbox.Filter) inbox.Page {
	o.Helper()
	p, err := inbox.List(o.Context(), o.db, o.person(id), f)
	o.must(err)
	return p
}

func said(p inbox.Page) string {
	var all []string
	for _, i := range p.Items {
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(i.Say, "About "), "."))
	}
	return strings.Join(all, " ")
}

func (o *office) act(do func(tx *postgres.Tx) error) error {
	return o.db.InTx(o.Context(), do)
}

func TestMattersAreListedByKindAndByWhetherTheyAreDone(t *testing.T) {
	t.Parallel()
	o := setup(t)
	ana := o.ana
	o.tell("missed:1", notice.Error, "post", 999)
	o.tell("task:1", notice.Note, "edition", 1)
	o.tell("review-waits:1:1", notice.Note, "review", 1, ana)
	o.tell("helpline-lapsed:1", notice.Warning, "helpline", "gb-x")
	o.tell("check:other", notice.Note, "fact", "F02", o.ed)

	p := o.list(ana, inbox.Filter{})
	if got := said(p); got != "missed:1 helpline-lapsed:1 review-waits:1:1 task:1" {
		t.Errorf("open: %s", got)
	}
	if p.Total != 4 || p.New != 4 || p.Kinds[matter.Missed] != 1 || p.Kinds[matter.Check] != 1 || !p.Items[0].New || p.Items[0].Of != matter.Missed {
		t.Errorf("%+v", p)
	}
	if got := said(o.list(ana, inbox.Filter{Kind: matter.Check})); got != "helpline-lapsed:1" {
		t.Errorf("checks: %s", got)
	}
	o.must(o.act(func(tx *postgres.Tx) error { return inbox.Done(t.Context(), tx, p.Items[0].ID, o.person(ana), now) }))
	if got := said(o.list(ana, inbox.Filter{Done: true})); got != "missed:1" {
		t.Errorf("done: %s", got)
	}
	if done := o.list(ana, inbox.Filter{Done: true}); done.Items[0].DoneBy != "Ana" || done.Items[0].New {
		t.Errorf("done: %+v", done.Items)
	}
	theirs := o.list(o.ed, inbox.Filter{Kind: matter.Check}).Items
	err := o.act(func(tx *postgres.Tx) error {
		return inbox.Done(t.Context(), tx, theirs[len(theirs)-1].ID, o.person(ana), now)
	})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else's matter was closed: %v", err)
	}
}

func TestWhatIsReadIsEachPersonsOwn(t *testing.T) {
	t.Parallel()
	o := setup(t)
	ana, omar := o.ana, o.omar
	o.tell("missed:1", notice.Error, "post", 999)
	fresh := func(id int64) int {
		n, err := inbox.New(t.Context(), o.db, o.person(id))
		o.must(err)
		return n
	}
	read := func(id, last int64) {
		o.must(o.act(func(tx *postgres.Tx) error { return inbox.ReadUpTo(t.Context(), tx, o.person(id), last) }))
	}
	last := o.list(ana, inbox.Filter{}).Last
	read(ana, last)
	read(ana, 0) // what was read stays read
	if fresh(ana) != 0 || fresh(omar) != 1 {
		t.Errorf("new for Ana %d, for Omar %d", fresh(ana), fresh(omar))
	}
	read(omar, 1<<60) // nobody has read what is not told yet
	o.tell("missed:2", notice.Error, "post", 999)
	if fresh(ana) != 1 || fresh(omar) != 1 {
		t.Errorf("after another: new for Ana %d, for Omar %d", fresh(ana), fresh(omar))
	}
}

func TestPagesHaveTwentyFive(t *testing.T) {
	t.Parallel()
	o := setup(t)
	for i := range 28 {
		o.tell(fmt.Sprintf("task:%d", i), notice.Note, "edition", 1)
	}
	for page, want := range map[int]int{0: 25, 1: 25, 2: 3, 99: 0} {
		if p := o.list(o.ed, inbox.Filter{Page: page}); len(p.Items) != want || p.Total != 28 {
			t.Errorf("page %d: %d of %d", page, len(p.Items), p.Total)
		}
	}
}

func TestLimitsHold(t *testing.T) {
	t.Parallel()
	o := setup(t)
	account := func(name string) int64 {
		return o.id(`
INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, labels, sandbox, sealed, key_id)
VALUES ('mastodon', 'http://127.0.0.1:1', $1, $1, $1, 'Etc/UTC', '{en}', ARRAY[$1], true, '\x00', 'test')
RETURNING id`, name)
	}
	account("leeds")
	york := account("york")
	post := o.id(`INSERT INTO posts (message) VALUES ('theirs') RETURNING id`)
	o.id(`INSERT INTO revisions (post_id, no, author_id, body, sha256) VALUES ($1, 1, $2, '{}', sha256('{}')) RETURNING id`, post, o.ana)
	place := o.id(`
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after)
VALUES ($1, $2, 'en', '2027-07-30', '09:00', 'Etc/UTC', '2027-07-30 09:00Z', '2027-07-31 09:00Z')
RETURNING id`, post, york)
	sub := o.id(`
INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
SELECT id, current_revision, 'en', 1, $2 FROM posts WHERE id = $1
RETURNING id`, post, o.ana)
	o.tell("missed:1", notice.Error, "post", post)
	o.tell("approve-late:1", notice.Warning, "submission", sub)
	o.tell("by-hand:1", notice.Warning, "byhand", place)
	o.tell("channel-ends:1", notice.Warning, "channel", york)
	o.tell("helpline-lapsed:1", notice.Warning, "helpline", "gb-x")
	for label, want := range map[string]int{"leeds": 1, "york": 5} {
		_, err := o.owner.ExecContext(t.Context(), `UPDATE people SET labels = ARRAY[$2] WHERE id = $1`, o.ed, label)
		o.must(err)
		n, err := inbox.New(t.Context(), o.db, o.person(o.ed))
		o.must(err)
		if p := o.list(o.ed, inbox.Filter{}); p.Total != want || n != want {
			t.Errorf("somebody who works on %s was told of %q, %d new", label, said(p), n)
		}
	}
}
