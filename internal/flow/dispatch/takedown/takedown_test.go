package takedown_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/org/audit"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

const reason = "The picture shows a survivor's face."

// network removes posts unless it is told what to answer; it keeps what it was asked.
type network struct {
	mu     sync.Mutex
	asked  []string
	answer func(channel int64, id string) error
}

func (n *network) Delete(_ context.Context, channel int64, ref platform.Ref) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, ref.ID)
	if n.answer != nil {
		return n.answer(channel, ref.ID)
	}
	return nil
}

type bench struct {
	t  *testing.T
	db *postgres.DB
	*booktest.Book
	by people.Person
	*network
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, db: postgrestest.New(t, migrations.FS), network: &network{}}
	b.Book = booktest.New(t, b.db)
	b.by = people.Person{ID: b.Author, Name: "Edith", Role: people.RoleEditor}
	return b
}

func (b *bench) begin(scope takedown.Scope) int64 {
	b.t.Helper()
	id, err := b.try(scope, reason, b.by)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bench) try(scope takedown.Scope, why string, by people.Person) (id int64, err error) {
	err = b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error {
		id, err = takedown.Begin(b.t.Context(), tx, scope, why, by, booktest.Due)
		return err
	})
	return id, err
}

func (b *bench) run() takedown.Did {
	b.t.Helper()
	did, err := takedown.Run(b.t.Context(), b.db, b.network, func() time.Time { return booktest.Due })
	if err != nil {
		b.t.Fatal(err)
	}
	return did
}

// now makes every row due for a try, as time does.
func (b *bench) now() {
	b.exec(`UPDATE takedown_copies SET next_at = clock_timestamp() WHERE state IN ('waiting', 'failed')`)
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.ExecContext(b.t.Context(), query, args...); err != nil {
		b.t.Fatalf("%v\n%s", err, query)
	}
}

// states returns each copy of a take-down as "delivery.part state".
func (b *bench) states(id int64) []string {
	b.t.Helper()
	found, err := takedown.Find(b.t.Context(), b.db, id)
	if err != nil {
		b.t.Fatal(err)
	}
	var list []string
	for _, c := range found.Copies {
		list = append(list, fmt.Sprintf("%d.%d %s", c.Delivery, c.Part, c.State))
	}
	slices.Sort(list)
	if open := slices.ContainsFunc(found.Copies, func(c takedown.Copy) bool { return c.State == takedown.Waiting || c.State == takedown.Failed }); open == found.Done() {
		b.t.Errorf("copies are open: %t, done: %t", open, found.Done())
	}
	return list
}

func (b *bench) delivery(id int64) string {
	b.t.Helper()
	var s string
	if err := b.db.GetContext(b.t.Context(), &s, `SELECT state || coalesce(': ' || hold, '') FROM deliveries WHERE id = $1`, id); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) same(what string, want, got any) {
	b.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAPostOnThreeChannelsEndsWithTheResultOfEachCopy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	var d []int64
	for range 4 {
		d = append(d, b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})}))
	}
	for _, id := range d[:3] {
		b.Publish(id, booktest.Due)
	}
	b.Schedule(d[3])
	other := b.Deliver(booktest.Delivery{Post: b.Post("right"), Channel: b.Channel(booktest.Channel{})})
	b.Publish(other, booktest.Due)
	first := true
	b.answer = func(_ int64, id string) error {
		switch id {
		case fmt.Sprintf("remote-%d", d[1]):
			return &platform.Permanent{Code: "cannot_delete", Say: "This network does not let Daymark remove posts."}
		case fmt.Sprintf("remote-%d", d[2]):
			if first {
				first = false
				return &platform.Unknown{Say: "No answer came.", Err: context.DeadlineExceeded}
			}
		}
		return nil
	}
	id := b.begin(takedown.Scope{Post: post})
	b.same("what waited", "held: decision", b.delivery(d[3]))
	b.same("the first run", takedown.Did{Removed: 1, Cannot: 1, Failed: 1}, b.run())
	b.same("half way", []string{
		fmt.Sprintf("%d.1 removed", d[0]), fmt.Sprintf("%d.1 cannot", d[1]), fmt.Sprintf("%d.1 failed", d[2]),
	}, b.states(id))
	b.same("before its time", takedown.Did{}, b.run())
	b.now()
	b.same("a new worker", takedown.Did{Removed: 1}, b.run())
	b.same("at the end", []string{
		fmt.Sprintf("%d.1 removed", d[0]), fmt.Sprintf("%d.1 cannot", d[1]), fmt.Sprintf("%d.1 removed", d[2]),
	}, b.states(id))
	for i, want := range []string{"removed", "published", "removed", "held: decision"} {
		b.same(fmt.Sprintf("delivery %d", i), want, b.delivery(d[i]))
	}
	b.same("another post", "published", b.delivery(other))
	rows, err := audit.List(t.Context(), b.db, audit.Filter{Kind: "post", ID: post, Action: "post.taken_down"})
	if err != nil || len(rows) != 1 || rows[0].Person != b.by.ID || rows[0].Detail["reason"] != reason {
		t.Errorf("audit: %v, %v", rows, err)
	}
	for action, want := range map[string]int{"copy.removed": 2, "copy.cannot": 1, "copy.failed": 1, "delivery.held": 1, "takedown.begun": 1} {
		if rows, err = audit.List(t.Context(), b.db, audit.Filter{Action: action}); err != nil || len(rows) != want {
			t.Errorf("%d lines %s, want %d (%v)", len(rows), action, want, err)
		}
	}
}

func TestAThreadIsRemovedLastPartFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("thread")
	d := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})})
	b.Publish(d, booktest.Due)
	b.AddPart(d, 2, booktest.Due)
	b.AddPart(d, 3, booktest.Due)
	b.begin(takedown.Scope{Edition: b.Edition})
	b.same("the run", takedown.Did{Removed: 3}, b.run())
	b.same("the order", []string{fmt.Sprintf("remote-%d-3", d), fmt.Sprintf("remote-%d-2", d), fmt.Sprintf("remote-%d", d)}, b.asked)
	b.same("the delivery", "removed", b.delivery(d))
}

func TestAWorkerThatDiesLosesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	d := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})})
	b.Publish(d, booktest.Due)
	id := b.begin(takedown.Scope{Post: post})
	ctx, kill := context.WithCancel(t.Context())
	b.answer = func(int64, string) error {
		kill() // the network has removed it, and nobody hears of that
		return context.Canceled
	}
	if _, err := takedown.Run(ctx, b.db, b.network, func() time.Time { return booktest.Due }); err == nil {
		t.Error("the worker that was stopped says nothing of it")
	}
	b.same("while its lease lasts", takedown.Did{}, b.run())
	b.answer = nil
	b.now()
	b.same("the next worker", takedown.Did{Removed: 1}, b.run())
	b.same("the result", []string{fmt.Sprintf("%d.1 removed", d)}, b.states(id))
}

func TestTwoTakeDownsOfTheSameCopyRemoveItOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	d := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})})
	b.Publish(d, booktest.Due)
	one := b.begin(takedown.Scope{Post: post})
	b.run()
	if _, err := b.try(takedown.Scope{Post: post}, reason, b.by); !fault.Is(err, fault.Conflict) {
		t.Errorf("what is removed is taken down again: %v", err)
	}
	b.same("the result", []string{fmt.Sprintf("%d.1 removed", d)}, b.states(one))
}

func TestNothingIsScheduledAgainWhileItIsTakenDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	d := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})})
	b.Lose(d, booktest.Due)
	b.begin(takedown.Scope{Post: post})
	err := b.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `UPDATE deliveries SET state = 'scheduled', ask_at = NULL WHERE id = $1`, d); err != nil {
			return err
		}
		_, err := tx.ExecContext(t.Context(), `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id, revision_id, due_at
FROM releases
WHERE delivery_id = $1`, d)
		return err
	})
	if got := postgres.Constraint(err); got != "not_while_taken_down" {
		t.Errorf("got %v (%s)", err, got)
	}
}

func TestWhatIsOnItsWayIsTakenDownWhenItIsOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	sending := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})})
	b.Send(sending, booktest.Due)
	refused := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})})
	b.Send(refused, booktest.Due)
	unknown := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})})
	b.Lose(unknown, booktest.Due)
	id := b.begin(takedown.Scope{Post: post})
	var guarded int
	if err := b.db.GetContext(t.Context(), &guarded, `SELECT count(*) FROM queue WHERE guard_submission IS NOT NULL`); err != nil || guarded != 0 {
		t.Errorf("%d deliveries on their way may be tried again (%v)", guarded, err)
	}
	b.same("while they are on their way", takedown.Did{}, b.run())
	b.exec(`UPDATE attempts SET outcome = 'published', ended_at = now() WHERE delivery_id = $1`, sending)
	b.exec(`INSERT INTO copies (delivery_id, post_id, channel_id, language, remote_id, published_at)
SELECT id, post_id, channel_id, language, 'late', due_at FROM deliveries WHERE id = $1`, sending)
	b.exec(`UPDATE deliveries SET state = 'published' WHERE id = $1`, sending)
	b.exec(`UPDATE deliveries SET state = 'failed', problem = 'no' WHERE id = $1`, refused)
	b.exec(`UPDATE deliveries SET state = 'held', hold = 'decision', ask_at = NULL WHERE id = $1`, unknown)
	b.same("when their answers are there", takedown.Did{Removed: 1, Gone: 1, Cannot: 1}, b.run())
	b.same("the results", []string{
		fmt.Sprintf("%d.1 removed", sending), fmt.Sprintf("%d.1 gone", refused), fmt.Sprintf("%d.1 cannot", unknown),
	}, b.states(id))
}

func TestWhatMayNotBeTakenDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	b.Publish(b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})}), booktest.Due)
	reviewer := people.Person{ID: b.Author, Role: people.RoleReviewer}
	for _, tt := range []struct {
		name  string
		scope takedown.Scope
		why   string
		by    people.Person
		kind  fault.Kind
	}{
		{"by a reviewer", takedown.Scope{Post: post}, reason, reviewer, fault.Forbidden},
		{"without a reason", takedown.Scope{Post: post}, "   short     ", b.by, fault.Invalid},
		{"with a book for a reason", takedown.Scope{Post: post}, strings.Repeat("a", 501), b.by, fault.Invalid},
		{"nothing", takedown.Scope{}, reason, b.by, fault.Invalid},
		{"two things", takedown.Scope{Post: post, Edition: b.Edition}, reason, b.by, fault.Invalid},
		{"a post that is not out", takedown.Scope{Post: b.Post("quiet")}, reason, b.by, fault.Conflict},
		{"a helpline that no post shows", takedown.Scope{Helpline: "nobody"}, reason, b.by, fault.Conflict},
	} {
		if _, err := b.try(tt.scope, tt.why, tt.by); !fault.Is(err, tt.kind) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.kind)
		}
	}
}

func TestTheApplicationCannotForgeATakeDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	d := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{})})
	b.Publish(d, booktest.Due)
	id := b.begin(takedown.Scope{Post: post})
	for _, tt := range []struct{ name, statement, why string }{
		{"a removal that did not happen", `UPDATE takedown_copies SET state = 'removed'`, "is not removed"},
		{"done before it is", `UPDATE takedowns SET done_at = now()`, "or not yet"},
		{"another reason", `UPDATE takedowns SET reason = 'something quite different'`, "permission denied"},
		{"another person", `UPDATE takedowns SET person_id = person_id`, "permission denied"},
		{"forgotten", `DELETE FROM takedowns`, "permission denied"},
		{"a copy left out", `DELETE FROM takedown_copies`, "permission denied"},
		{"all forgotten", `TRUNCATE takedown_copies`, "permission denied"},
		{"a result at the beginning", fmt.Sprintf(`INSERT INTO takedown_copies (takedown_id, delivery_id, part, state) VALUES (%d, %d, 2, 'gone')`, id, d), "before it has a result"},
		{"no reason", fmt.Sprintf(`INSERT INTO takedowns (scope, post_id, reason, person_id, at) VALUES ('post', %d, 'too short', %d, now())`, post, b.Author), "takedowns_reason_check"},
	} {
		if _, err := b.db.ExecContext(t.Context(), tt.statement); err == nil || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.why)
		}
	}
	b.run()
	if _, err := b.db.ExecContext(t.Context(), `UPDATE takedown_copies SET state = 'waiting'`); err == nil {
		t.Error("what was removed waits again")
	}
}

func TestEveryPostThatShowsAHelplineIsTakenDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	editor, err := people.ByID(t.Context(), b.db, b.Author)
	if err != nil {
		t.Fatal(err)
	}
	err = b.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		h := campaign.Helpline{ID: "gb-hope", Country: "GB", Name: "Hope", Phone: "020 7946 0123", For: "everyone", Purpose: campaign.Support, CheckDays: 30}
		if _, err := helpline.Add(t.Context(), tx, h, editor, booktest.Due); err != nil {
			return err
		}
		look := helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "Somebody answered."}
		_, err := helpline.AddCheck(t.Context(), tx, "gb-hope", look, editor, booktest.Due.Add(-time.Hour))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var d []int64
	for i := range 3 {
		id := b.Deliver(booktest.Delivery{Post: b.Post(fmt.Sprintf("message-%d", i)), Channel: b.Channel(booktest.Channel{})})
		b.Schedule(id)
		if i > 0 {
			b.exec(`INSERT INTO release_helplines (release_id, helpline_id, version) SELECT max(id), 'gb-hope', 1 FROM releases WHERE delivery_id = $1`, id)
		}
		if i < 2 {
			b.Publish(id, booktest.Due)
		}
		d = append(d, id)
	}
	id := b.begin(takedown.Scope{Helpline: "gb-hope"})
	b.run()
	b.same("the results", []string{fmt.Sprintf("%d.1 removed", d[1])}, b.states(id))
	for i, want := range []string{"published", "removed", "held: decision"} {
		b.same(fmt.Sprintf("delivery %d", i), want, b.delivery(d[i]))
	}
}
