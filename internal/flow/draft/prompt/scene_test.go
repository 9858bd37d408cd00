package prompt_test

import (
	"context"
	"testing"
	"time"

	"daymark/internal/core/lint"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// taking is a network that takes every text.
type taking struct{}

func (taking) Check(context.Context, int64, platform.Content) ([]platform.Issue, error) {
	return nil, nil
}

// scene is a charity with two accounts, London's and Bogotá's, an author and two reviewers; it is an hour after everything of its edition
// fell due.
type scene struct {
	*booktest.Book
	t              testing.TB
	db             *postgres.DB
	london, bogota int64
	wren, ana      people.Person
	boss           people.Person
	checks         review.Checks
	now            time.Time
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{t: t, db: postgrestest.New(t, migrations.FS), now: booktest.Due.Add(time.Hour)}
	s.Book = booktest.New(t, s.db)
	s.london = s.Channel(booktest.Channel{Zone: "Europe/London", Languages: []string{"en"}})
	s.bogota = s.Channel(booktest.Channel{Zone: "America/Bogota", Languages: []string{"en", "es"}})
	both := []string{"en", "es"}
	s.exec(`UPDATE people SET languages = '{en,es}'`)
	s.wren = people.Person{ID: s.Author, Name: "Wren Writer", Role: people.RoleEditor, Languages: both}
	s.ana = people.Person{ID: s.Reviewers[0], Name: "Ana Approver", Role: people.RoleReviewer, Languages: both}
	s.boss = people.Person{Name: "Boss", Role: people.RoleAdmin, Languages: both}
	s.get(&s.boss.ID, `INSERT INTO people (email, name, role, languages) VALUES ('boss@example.org', 'Boss', 'admin', '{en,es}') RETURNING id`)
	rules, err := lint.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.checks = review.Checks{Networks: taking{}, Rules: rules}
	s.inTx(func(tx *postgres.Tx) error {
		return profile.Save(t.Context(), tx, profile.Profile{Name: "Open Doors", Link: "https://charity.example", Zone: "Europe/London"}, s.boss.ID)
	})
	return s
}

func (s *scene) inTx(work func(tx *postgres.Tx) error) {
	s.t.Helper()
	if err := s.db.InTx(s.t.Context(), work); err != nil {
		s.t.Fatal(err)
	}
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

// urgent is what an author writes: English for both accounts, Spanish for Bogotá's.
func (s *scene) urgent() prompt.Writing {
	return prompt.Writing{
		Texts:  map[string]string{"en": "A child is missing in Bogotá. Call the police.\r\n", "es": "Una niña ha desaparecido en Bogotá.", "fr": " "},
		Window: prompt.Usual,
		Places: []prompt.Place{{Channel: s.london, Language: "en"}, {Channel: s.bogota, Language: "en"}, {Channel: s.bogota, Language: "es"}},
	}
}

// write writes a post, as somebody.
func (s *scene) write(by people.Person, w prompt.Writing) int64 {
	s.t.Helper()
	var id int64
	s.inTx(func(tx *postgres.Tx) (err error) {
		id, err = prompt.Write(s.t.Context(), tx, w, by, s.now)
		return err
	})
	return id
}

// submit puts a post before reviewers, and fails the test unless each language is.
func (s *scene) submit(id int64, languages int) []int64 {
	s.t.Helper()
	out, err := review.Submit(s.t.Context(), s.db, s.checks, id, s.wren, s.now)
	if err != nil || len(out.Submissions) != languages {
		s.t.Fatalf("submitted %v, waiting %v: %v", out.Submissions, out.Waiting, err)
	}
	return out.Submissions
}

func (s *scene) say(by people.Person, submission int64, verdict string) (review.Outcome, error) {
	return review.Say(s.t.Context(), s.db, submission, by, verdict, "Because.", s.now)
}

// approve approves submissions as Ana.
func (s *scene) approve(submissions ...int64) {
	s.t.Helper()
	for _, id := range submissions {
		if out, err := s.say(s.ana, id, review.Approve); err != nil || !out.Cleared {
			s.t.Fatalf("approve %d: %+v, %v", id, out, err)
		}
	}
}

// post reads a post.
func (s *scene) post(id int64) book.Post {
	s.t.Helper()
	p, err := book.FindPost(s.t.Context(), s.db, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// stands lists how the deliveries of a post stand, in the order of their ids.
func (s *scene) stands(id int64) string {
	s.t.Helper()
	var got string
	s.get(&got, `
SELECT coalesce(string_agg(s.state || coalesce(' for ' || d.hold, ''), ', ' ORDER BY d.id), '')
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
WHERE d.post_id = $1`, id)
	return got
}

// open counts the open notices about submissions, or about posts.
func (s *scene) open(kind string) int {
	s.t.Helper()
	var n int
	s.get(&n, `SELECT count(*) FROM notices WHERE subject_kind = $1 AND done_at IS NULL`, kind)
	return n
}
