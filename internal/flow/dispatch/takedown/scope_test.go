package takedown_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// place makes a delivery of a post on a channel of its own, with a picture where its hash is given.
func (b *bench) place(post int64, picture string) int64 {
	b.t.Helper()
	return b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{}), Picture: picture})
}

func (b *bench) problem(delivery int64) string {
	b.t.Helper()
	var s string
	if err := b.db.GetContext(b.t.Context(), &s, `SELECT problem FROM deliveries WHERE id = $1`, delivery); err != nil {
		b.t.Fatal(err)
	}
	return s
}

// elsewhere runs work on another edition, where the same message can be made again.
func (b *bench) elsewhere(work func()) {
	b.t.Helper()
	first := b.Edition
	defer func() { b.Edition = first }()
	if err := b.db.GetContext(b.t.Context(), &b.Edition, `
INSERT INTO editions (campaign_id, year, first_day, last_day)
VALUES ('july-30', 2028, '2028-07-30', '2028-07-30')
RETURNING id`); err != nil {
		b.t.Fatal(err)
	}
	work()
}

func (b *bench) kept(id int64) map[int64]string {
	b.t.Helper()
	found, err := takedown.Find(b.t.Context(), b.db, id)
	if err != nil {
		b.t.Fatal(err)
	}
	list := map[int64]string{}
	for _, k := range found.Kept {
		list[k.Delivery] = k.Why
	}
	return list
}

func TestEveryPostThatShowsAPictureIsTakenDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	face, heart := b.Picture("face"), b.Picture("heart")
	out, other := b.place(b.Post("one"), face), b.place(b.Post("two"), heart)
	waits, plain := b.place(b.Post("three"), face), b.place(b.Post("four"), "")
	b.Publish(out, booktest.Due)
	b.Publish(other, booktest.Due)
	b.Schedule(waits)
	b.Schedule(plain)
	asked := b.place(b.Post("five"), face) // before reviewers, and not approved
	b.Submit(asked)
	id := b.begin(takedown.Scope{Picture: face})
	b.run()
	b.same("the results", []string{fmt.Sprintf("%d.1 removed", out)}, b.states(id))
	b.same("what is held", map[int64]string{waits: takedown.InScope, asked: takedown.Marked}, b.kept(id))
	for delivery, want := range map[int64]string{other: "published", plain: "scheduled", waits: "held: decision", asked: "held: approval"} {
		b.same(fmt.Sprintf("delivery %d", delivery), want, b.delivery(delivery))
	}
	if b.problem(asked) == "" {
		t.Error("what was held before says nothing of the take-down")
	}
	for _, wrong := range []string{"nothing", face[:63], face + "0", fmt.Sprintf("%064d", 0)} {
		if _, err := b.try(takedown.Scope{Picture: wrong}, reason, b.by); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
			t.Errorf("the picture %q: %v", wrong, err)
		}
	}
}

func TestWhatWaitsWithTheSameWordsOrPictureIsHeld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	face := b.Picture("face")
	wrong := b.Post("wrong")
	out := b.place(wrong, face)
	b.Publish(out, booktest.Due)
	var words, pictures, sending, unknown, published, plain int64
	b.elsewhere(func() {
		words = b.place(b.Post("wrong"), "") // the same text in another edition
		b.Schedule(words)
	})
	pictures, sending, unknown, published = b.place(b.Post("a"), face), b.place(b.Post("b"), face), b.place(b.Post("c"), face), b.place(b.Post("d"), face)
	plain = b.place(b.Post("e"), b.Picture("heart"))
	b.Schedule(pictures)
	b.Schedule(plain)
	b.Send(sending, booktest.Due)
	b.Lose(unknown, booktest.Due)
	b.Publish(published, booktest.Due)
	id := b.begin(takedown.Scope{Post: wrong})
	b.same("what is held", map[int64]string{words: takedown.Alike, pictures: takedown.Alike}, b.kept(id))
	// What is on its way cannot be held: it goes when it is out. What was out with the same picture is another decision.
	b.same("what is to go", []string{fmt.Sprintf("%d.1 waiting", out), fmt.Sprintf("%d.1 waiting", sending), fmt.Sprintf("%d.1 waiting", unknown)}, b.states(id))
	for delivery, want := range map[int64]string{words: "held: decision", pictures: "held: decision", plain: "scheduled", published: "published"} {
		b.same(fmt.Sprintf("delivery %d", delivery), want, b.delivery(delivery))
	}
}

func TestACopyThatTheNetworkKeepsIsRemovedByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	d, doubtful := b.place(post, ""), b.place(post, "")
	b.Publish(d, booktest.Due)
	b.Lose(doubtful, booktest.Due)
	b.answer = func(int64, string) error {
		return &platform.Permanent{Code: "cannot_delete", Say: "This network does not let Daymark remove posts."}
	}
	id := b.begin(takedown.Scope{Post: post})
	byHand := func(delivery int64, by people.Person) error {
		return b.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			return takedown.ByHand(t.Context(), tx, id, delivery, 1, by, booktest.Due.Add(time.Hour))
		})
	}
	if err := byHand(d, b.by); !fault.Is(err, fault.Conflict) {
		t.Errorf("before the network was asked: %v", err)
	}
	b.exec(`UPDATE deliveries SET state = 'held', hold = 'decision', ask_at = NULL WHERE id = $1`, doubtful)
	b.run()
	b.same("what the network says", []string{fmt.Sprintf("%d.1 cannot", d), fmt.Sprintf("%d.1 cannot", doubtful)}, b.states(id))
	told, err := notice.Open(t.Context(), b.db, 10)
	if err != nil || len(told) != 2 || told[0].Level != notice.Error || told[1].Level != notice.Error {
		t.Errorf("the team is told %+v (%v)", told, err)
	}
	if err := byHand(d, people.Person{ID: b.Reviewers[0], Role: people.RoleReviewer}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by a reviewer: %v", err)
	}
	if err := byHand(d+100, b.by); !fault.Is(err, fault.NotFound) {
		t.Errorf("of another delivery: %v", err)
	}
	for _, delivery := range []int64{d, doubtful} {
		if err := byHand(delivery, b.by); err != nil {
			t.Fatal(err)
		}
	}
	b.same("the results", []string{fmt.Sprintf("%d.1 removed", d), fmt.Sprintf("%d.1 gone", doubtful)}, b.states(id))
	b.same("the delivery", "removed", b.delivery(d))
	found, err := takedown.Find(t.Context(), b.db, id)
	if err != nil || found.Copies[0].HandBy != "Wren Writer" || found.Copies[0].HandAt == nil {
		t.Errorf("who did it: %+v (%v)", found.Copies, err)
	}
	if err := byHand(d, b.by); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	rows, err := audit.List(t.Context(), b.db, audit.Filter{Action: "copy.removed_by_hand"})
	if err != nil || len(rows) != 2 || rows[0].Person != b.by.ID {
		t.Errorf("audit: %+v (%v)", rows, err)
	}
}

func TestNobodyForgesARemovalByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	d := b.place(post, "")
	b.Publish(d, booktest.Due)
	b.answer = func(int64, string) error { return &platform.Permanent{Code: "cannot_delete", Say: "No."} }
	b.begin(takedown.Scope{Post: post})
	for name, statement := range map[string]string{
		"before the network was asked": `UPDATE takedown_copies SET state = 'gone', hand_by = 1, hand_at = now()`,
	} {
		if _, err := b.db.ExecContext(t.Context(), statement); postgres.Constraint(err) != "stays_down" {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.run()
	for name, statement := range map[string]string{
		"by nobody":              `UPDATE takedown_copies SET state = 'gone'`,
		"of what is still there": `UPDATE takedown_copies SET state = 'removed', hand_by = 1, hand_at = now()`,
		"back to the beginning":  `UPDATE takedown_copies SET state = 'waiting', problem = ''`,
	} {
		if _, err := b.db.ExecContext(t.Context(), statement); postgres.Constraint(err) != "stays_down" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.db.ExecContext(t.Context(), `DELETE FROM takedown_held`); err == nil {
		t.Error("what was held can be forgotten")
	}
}

func TestWhatNobodyHasDecidedAboutIsAmongTheCopiesToRemoveByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	post := b.Post("wrong")
	lost := b.place(post, "")
	task := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{Platform: "byhand", Handle: "hope (Instagram)"})})
	missed := b.place(post, "")
	plain := b.place(post, "") // nothing of it was ever tried
	for _, d := range []int64{lost, task, missed} {
		b.Lose(d, booktest.Due)
		b.exec(`UPDATE deliveries SET state = 'held', hold = 'decision', ask_at = NULL, release_id = NULL, submission_id = NULL, revision_id = NULL WHERE id = $1`, d)
	}
	b.exec(`UPDATE deliveries SET state = 'missed', hold = NULL WHERE id = $1`, missed)
	id := b.begin(takedown.Scope{Post: post})
	b.run()
	b.same("the results", []string{fmt.Sprintf("%d.1 cannot", lost), fmt.Sprintf("%d.1 cannot", task), fmt.Sprintf("%d.1 cannot", missed)}, b.states(id))
	b.same("what is marked", map[int64]string{lost: takedown.Marked, task: takedown.Marked, plain: takedown.Marked}, b.kept(id))
	found, err := takedown.Find(t.Context(), b.db, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, copied := range found.Copies {
		if byHand := copied.Delivery == task; byHand != strings.Contains(copied.Problem, "posted it by hand") {
			t.Errorf("delivery %d says %q", copied.Delivery, copied.Problem)
		}
	}
	if n, err := decide.Remind(t.Context(), b.db, booktest.Due); err != nil || n != 0 {
		t.Errorf("%d posts that are taken down are to be made by hand (%v)", n, err)
	}
}
