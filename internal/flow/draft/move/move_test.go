package move_test

import (
	"fmt"
	"slices"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/draft/move"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// scene is a book with two accounts.
type scene struct {
	*booktest.Book
	t             testing.TB
	db            *postgres.DB
	ed            people.Person
	london, tokyo int64
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{t: t, db: postgrestest.New(t, migrations.FS)}
	s.Book = booktest.New(t, s.db)
	s.ed = people.Person{ID: s.Author, Name: "Wren Writer", Role: people.RoleEditor}
	s.london = s.Channel(booktest.Channel{Zone: "Europe/London"})
	s.tokyo = s.Channel(booktest.Channel{Zone: "Asia/Tokyo"})
	return s
}

// whole makes a post that goes to both accounts.
func (s *scene) whole(message string) (id, london, tokyo int64) {
	id = s.Post(message)
	return id, s.Deliver(booktest.Delivery{Post: id, Channel: s.london}), s.Deliver(booktest.Delivery{Post: id, Channel: s.tokyo})
}

func (s *scene) version(id int64) (n int) {
	s.t.Helper()
	s.get(&n, `SELECT version FROM posts WHERE id = $1`, id)
	return n
}

func (s *scene) get(dest any, query string, args ...any) {
	s.t.Helper()
	if err := s.db.GetContext(s.t.Context(), dest, query, args...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) move(id int64, c move.Change) error {
	return s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error {
		_, err := move.Post(s.t.Context(), tx, id, s.version(id), c, s.ed, spring)
		return err
	})
}

func (s *scene) place(id, delivery int64, c move.Change) error {
	return s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error {
		_, err := move.Place(s.t.Context(), tx, delivery, s.version(id), c, s.ed, spring)
		return err
	})
}

// stand says how each place of a post stands.
func (s *scene) stand(id int64) (list []string) {
	s.t.Helper()
	entries, err := book.Entries(s.t.Context(), s.db, book.EntryFilter{Post: id})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, fmt.Sprintf("%s %s %s %s", e.State, e.Hold, e.DueAt.UTC().Format("01-02 15:04"), e.Problem))
	}
	slices.Sort(list)
	return list
}

func TestAMovedPostThatWasApprovedWaitsForANewApproval(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id, london, tokyo := s.whole("fact")
	s.Schedule(london, tokyo)
	before := s.version(id)
	if err := s.move(id, move.By(1, 60)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"held edited 07-31 10:00 It has a new time. Send it for review again.", "held edited 07-31 10:00 It has a new time. Send it for review again."}, s.stand(id)); diff != "" {
		t.Errorf("how it stands (-want +got):\n%s", diff)
	}
	var queued int
	s.get(&queued, `SELECT count(*) FROM queue`)
	if queued != 0 {
		t.Errorf("%d are in the queue", queued)
	}
	p, err := book.FindPost(t.Context(), s.db, id)
	if err != nil {
		t.Fatal(err)
	}
	if p.Version != before+1 || p.Source.Parts[0].Texts["en"] != "Text of fact" {
		t.Errorf("version %d says %q", p.Version, p.Source.Parts[0].Texts["en"])
	}
	var wrote bool
	s.get(&wrote, `SELECT EXISTS (SELECT 1 FROM revisions WHERE post_id = $1 AND no = 2 AND author_id = $2)`, id, s.ed.ID)
	if wrote {
		t.Error("who moved it counts as somebody who wrote it")
	}
	logged, err := audit.List(t.Context(), s.db, audit.Filter{Kind: "post", ID: id, Limit: 5})
	if err != nil || logged[0].Action != "post.moved" || logged[0].Detail["approved"] != float64(2) {
		t.Errorf("the log: %+v, %v", logged, err)
	}
}

func TestOfASinglePlaceTheOthersStayApproved(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id, london, tokyo := s.whole("fact")
	s.Schedule(london, tokyo)
	before := s.version(id)
	if err := s.place(id, tokyo, move.At(date("2027-08-01"), clock("09:00"), "")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"held edited 08-01 00:00 It has a new time. Send it for review again.", "scheduled  07-30 09:00 "}, s.stand(id)); diff != "" {
		t.Errorf("how it stands (-want +got):\n%s", diff)
	}
	if s.version(id) != before {
		t.Error("the post has another version though its words and its own time stay")
	}
}

func TestWhatIsOutOrOnItsWayOrMissedStays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id, london, _ := s.whole("out")
	s.Publish(london, booktest.Due)
	if err := s.move(id, move.By(1, 0)); err != nil {
		t.Fatal(err)
	}
	if got := s.stand(id); got[1] != "published  07-30 09:00 " {
		t.Errorf("what is out: %v", got)
	}
	sending, on, _ := s.whole("sending")
	s.Schedule(on)
	s.Send(on, booktest.Due)
	if err := s.move(sending, move.By(1, 0)); !fault.Is(err, fault.Conflict) {
		t.Errorf("what is being sent: %v", err)
	}
	if err := s.place(id, london, move.By(1, 0)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a place that is out: %v", err)
	}
	missed, late, _ := s.whole("missed")
	s.Miss(late)
	if err := s.place(missed, late, move.By(1, 0)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a place that was missed: %v", err)
	}
}

func TestNobodyMovesWhatSomebodyElseChangedOrWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id, london, _ := s.whole("fact")
	err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		_, err := move.Post(t.Context(), tx, id, 7, move.By(1, 0), s.ed, spring)
		return err
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("another version: %v", err)
	}
	s.ed.Role = people.RoleReviewer
	if err := s.move(id, move.By(1, 0)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer: %v", err)
	}
	s.ed.Role, s.ed.Campaigns = people.RoleEditor, []string{"another"}
	if _, err := s.db.ExecContext(t.Context(), `UPDATE people SET campaigns = '{another}' WHERE id = $1`, s.ed.ID); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"the post": s.move(id, move.By(1, 0)), "the place": s.place(id, london, move.By(1, 0))} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s of another campaign: %v", name, err)
		}
	}
	if _, err := move.PostOf(t.Context(), s.db, 999999); !fault.Is(err, fault.NotFound) {
		t.Errorf("a delivery that is not there: %v", err)
	}
	if _, err := move.Find(t.Context(), s.db, 999999); !fault.Is(err, fault.NotFound) {
		t.Errorf("a post that is not there: %v", err)
	}
}

// Whatever people move, in whatever order: nothing is scheduled that is not cleared for its very instant, and no word is lost.
func TestNothingMovedIsScheduledWithoutItsClearance(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		id, london, tokyo := s.whole(fmt.Sprintf("post-%d", n))
		words := fmt.Sprintf("Text of post-%d", n)
		for range rapid.IntRange(1, 4).Draw(r, "steps") {
			switch rapid.IntRange(0, 3).Draw(r, "step") {
			case 0:
				s.schedule(london, tokyo)
			case 1:
				_ = s.move(id, move.By(rapid.IntRange(-30, 30).Draw(r, "days"), rapid.IntRange(-600, 600).Draw(r, "minutes")))
			case 2:
				_ = s.place(id, rapid.SampledFrom([]int64{london, tokyo}).Draw(r, "place"), move.By(rapid.IntRange(1, 9).Draw(r, "days"), 0))
			case 3:
				_ = s.move(id, move.At(date("2027-08-01").AddDays(rapid.IntRange(0, 60).Draw(r, "day")), clock("10:00"), rapid.SampledFrom([]string{"", "America/New_York"}).Draw(r, "zone")))
			}
			var loose int
			s.get(&loose, `
SELECT count(*)
FROM deliveries d
LEFT JOIN queue q ON q.delivery_id = d.id
LEFT JOIN releases r ON r.id = d.release_id AND r.due_at = d.due_at AND r.not_after = d.not_after
LEFT JOIN clearances c ON c.submission_id = d.submission_id
JOIN posts p ON p.id = d.post_id
WHERE d.post_id = $1
  AND ((d.state = 'scheduled' AND (q.delivery_id IS NULL OR r.id IS NULL OR c.submission_id IS NULL OR d.revision_id <> p.current_revision OR q.due_at <> d.due_at))
    OR (d.state <> 'scheduled' AND q.delivery_id IS NOT NULL))`, id)
			if loose != 0 {
				r.Fatalf("%d places are scheduled for a time that nobody approved", loose)
			}
			var body []byte
			s.get(&body, `SELECT r.body FROM revisions r JOIN posts p ON p.current_revision = r.id WHERE p.id = $1`, id)
			source, err := post.ReadSource(body)
			if err != nil || source.Parts[0].Texts["en"] != words {
				r.Fatalf("it says %+v, %v", source, err)
			}
		}
	})
}

// schedule approves what is held, as far as it is.
func (s *scene) schedule(list ...int64) {
	s.t.Helper()
	var held []int64
	for _, d := range list {
		var is bool
		s.get(&is, `SELECT state = 'held' FROM deliveries WHERE id = $1`, d)
		if is {
			held = append(held, d)
		}
	}
	if len(held) > 0 {
		s.Schedule(held...)
	}
}

func TestTwoWhoMoveAtOnceDoSoOneAfterTheOther(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id, _, _ := s.whole("fact")
	read := s.version(id)
	done := make(chan error, 2)
	for range 2 {
		go func() {
			done <- s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
				_, err := move.Post(t.Context(), tx, id, read, move.By(1, 0), s.ed, spring)
				return err
			})
		}()
	}
	failed := 0
	for range 2 {
		if err := <-done; err != nil {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("the second: %v", err)
			}
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d of two were refused, want one", failed)
	}
	if got := s.stand(id)[0]; got != "held approval 07-31 09:00 " && got != "held edited 07-31 09:00 " {
		t.Errorf("it is %q", got)
	}
}
