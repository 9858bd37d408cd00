package decide_test

import (
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/org/notice"
	"daymark/internal/postgres"
)

// task makes a delivery that a person has to post by hand: it fell due, and nobody can tell whether it is out.
func (s *scene) task(message string) int64 {
	s.t.Helper()
	channel := s.Channel(booktest.Channel{Platform: "byhand", Handle: message + " (Instagram)"})
	d := s.Deliver(booktest.Delivery{Post: s.Post(message), Channel: channel})
	s.Lose(d, booktest.Due)
	s.exec(toDecide, d)
	return d
}

// remind tells the team of new tasks and returns how many.
func (s *scene) remind() int {
	s.t.Helper()
	n, err := decide.Remind(s.t.Context(), s.db, booktest.Due)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// open returns how many notices are open.
func (s *scene) open() int {
	s.t.Helper()
	list, err := notice.Open(s.t.Context(), s.db, 10)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

func TestATaskIsToldOnceAndSaysWhatIsToBeDone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	d := s.task("hearts")
	s.made("missed")
	if n := s.remind(); n != 1 {
		t.Errorf("%d tasks are told, want 1", n)
	}
	if n := s.remind(); n != 0 {
		t.Errorf("%d tasks are told again", n)
	}
	list, err := notice.Open(t.Context(), s.db, 10)
	if err != nil || len(list) != 1 || list[0].Kind != "byhand" || list[0].Level != notice.Warning {
		t.Errorf("notices: %+v, %v", list, err)
	}
	task, err := decide.FindTask(t.Context(), s.db, d)
	if err != nil || task.Problem != "Post this by hand now: copy the text, add the pictures, and come back with the link." {
		t.Errorf("the task: %+v, %v", task, err)
	}
	if !task.MayBeLive() || task.MayGoAgain() || !task.MayMove() || !task.MayLeave() {
		t.Error("a person may say that it is live, give it another time or leave it out, and nothing else")
	}
	other := s.made("unknown")
	if _, err := decide.FindTask(t.Context(), s.db, other); !fault.Is(err, fault.NotFound) {
		t.Errorf("a post that Daymark sends: %v", err)
	}
}

func TestAPersonComesBackWithTheLinkOrWithout(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, c := range []struct{ message, link, id, url string }{
		{"picture", "https://www.instagram.example/p/1", "https://www.instagram.example/p/1", "https://www.instagram.example/p/1"},
		{"letter", "", "by hand, attempt ", ""},
	} {
		d := s.task(c.message)
		s.remind()
		if s.open() != 1 {
			t.Errorf("%s: %d notices are open, want 1", c.message, s.open())
		}
		if err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			return decide.Live(t.Context(), tx, d, "ftp://files.example/1", s.by, booktest.Due)
		}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: a link to no page: %v", c.message, err)
		}
		if err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error { return decide.Live(t.Context(), tx, d, c.link, s.by, booktest.Due) }); err != nil {
			t.Fatalf("%s: %v", c.message, err)
		}
		var id, url string
		if err := s.db.QueryRowContext(t.Context(), `SELECT left(remote_id, $2), url FROM copies WHERE delivery_id = $1`, d, len(c.id)).Scan(&id, &url); err != nil || id != c.id || url != c.url {
			t.Errorf("%s: the copy is %q at %q, %v", c.message, id, url, err)
		}
		if got := s.stand(d); got != "published" || s.open() != 0 {
			t.Errorf("%s is %s, and %d notices are open", c.message, got, s.open())
		}
	}
}

func TestWhatNobodyPostedIsLeftOutOrGetsANewTime(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	left, moved := s.task("left"), s.task("moved")
	s.remind()
	if err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		return decide.LeaveOut(t.Context(), tx, left, "Nobody was there.", s.by, booktest.Due)
	}); err != nil {
		t.Fatal(err)
	}
	day := civil.DateOf(booktest.Due.Add(48 * time.Hour))
	if err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		return decide.NewTime(t.Context(), tx, moved, day, civil.Clock{Hour: 9}, s.by, booktest.Due)
	}); err != nil {
		t.Fatal(err)
	}
	if s.stand(left) != "cancelled" || s.stand(moved) != "held: approval" || s.open() != 0 {
		t.Errorf("%s and %s, and %d notices are open", s.stand(left), s.stand(moved), s.open())
	}
}
