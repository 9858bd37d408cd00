package swap_test

import (
	"runtime"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/draft/swap"
	"daymark/internal/org/people"
	"daymark/internal/org/picture"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

type scene struct {
	*booktest.Book
	t    *testing.T
	db   *postgres.DB
	wren people.Person
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, db: postgrestest.New(t, migrations.FS)}
	s.Book = booktest.New(t, s.db)
	s.wren = people.Person{ID: s.Author, Name: "Wren Writer", Role: people.RoleEditor}
	return s
}

// show lets a post show a picture, in a transaction of the caller.
func (s *scene) show(tx *postgres.Tx, id int64, sum string) error {
	locked, err := book.Lock(s.t.Context(), tx, id)
	if err != nil {
		return err
	}
	source := locked.Source
	source.Parts = []post.SourcePart{{Texts: source.Parts[0].Texts, Pictures: []post.SourcePicture{{SHA256: sum, Alt: map[string]string{"en": "A light."}}}}}
	_, err = book.Revise(s.t.Context(), tx, id, locked.Version, source, s.wren.ID)
	return err
}

func (s *scene) inTx(work func(*postgres.Tx) error) error { return s.db.InTx(s.t.Context(), work) }

func (s *scene) shown(id int64) []post.SourcePicture {
	s.t.Helper()
	p, err := book.FindPost(s.t.Context(), s.db, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return p.Source.Parts[0].Pictures
}

func TestOnlyWhatWaitsGetsTheOtherPicture(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	channel := s.Channel(booktest.Channel{})
	old, fresh := s.Picture("old"), s.Picture("fresh")
	waiting, alone := s.Post("waiting"), s.Post("alone")
	s.Deliver(booktest.Delivery{Post: waiting, Channel: channel})
	for _, id := range []int64{waiting, alone} { // the other one goes nowhere
		if err := s.inTx(func(tx *postgres.Tx) error { return s.show(tx, id, old) }); err != nil {
			t.Fatal(err)
		}
	}
	uses, err := swap.Uses(t.Context(), s.db, old, s.wren)
	if err != nil || len(uses) != 2 || !uses[0].Waits() || uses[0].Post != waiting || uses[1].Waits() || !uses[1].Seen {
		t.Fatalf("uses: %+v, %v", uses, err)
	}
	if _, err := swap.Replace(t.Context(), s.db, old, fresh, false, people.Person{ID: s.Reviewers[0], Role: people.RoleReviewer}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer replaces it: %v", err)
	}
	done, err := swap.Replace(t.Context(), s.db, old, fresh, false, s.wren)
	if err != nil || len(done.Posts) != 1 || done.Posts[0] != waiting || len(done.Again) != 0 {
		t.Fatalf("done: %+v, %v", done, err)
	}
	if got := s.shown(waiting); len(got) != 1 || got[0].SHA256 != fresh || got[0].Alt["en"] != "" {
		t.Errorf("the post that waits shows %+v", got)
	}
	if got := s.shown(alone); len(got) != 1 || got[0].SHA256 != old {
		t.Errorf("the other shows %+v", got)
	}
	if again, err := swap.Replace(t.Context(), s.db, old, fresh, false, s.wren); err != nil || len(again.Posts) != 0 {
		t.Errorf("once more: %+v, %v", again, err)
	}
	var named string
	if err := s.db.GetContext(t.Context(), &named, `SELECT coalesce(max(alt->>'en'), '') FROM pictures WHERE encode(sha256, 'hex') = $1`, old); err != nil || named != "A light." {
		t.Errorf("the library says %q of what a post described, %v", named, err)
	}
}

func TestAPictureThatSomebodyPutsIntoAPostJustNowStays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	sum, id := s.Picture("wanted"), s.Post("later")
	removed := make(chan error, 1)
	err := s.inTx(func(tx *postgres.Tx) error {
		if err := s.show(tx, id, sum); err != nil {
			return err
		}
		go func() {
			removed <- s.inTx(func(tx *postgres.Tx) error {
				_, err := picture.Remove(t.Context(), tx, sum, s.wren)
				return err
			})
		}()
		for { // until the removal waits for this transaction
			var waits bool
			if err := s.db.GetContext(t.Context(), &waits, `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`); err != nil || waits {
				return err
			}
			runtime.Gosched()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-removed; !fault.Is(err, fault.Conflict) {
		t.Errorf("removed while it was put into a post: %v", err)
	}
	if one, err := picture.Find(t.Context(), s.db, sum, s.wren); err != nil || one.Gone || one.Posts != 1 {
		t.Errorf("the picture: %+v, %v", one, err)
	}
}

func TestAVersionWithAPictureThatIsNotThereIsRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	sum, id := s.Picture("gone"), s.Post("later")
	if err := s.inTx(func(tx *postgres.Tx) error {
		out, err := picture.Remove(t.Context(), tx, sum, s.wren)
		if out.Kept {
			t.Error("the bytes of a picture that nothing shows are kept")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.inTx(func(tx *postgres.Tx) error { return s.show(tx, id, sum) }); !fault.Is(err, fault.Conflict) {
		t.Errorf("a post shows a picture that is gone: %v", err)
	}
}
