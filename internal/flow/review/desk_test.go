package review_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/waiting"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// now is the product instant of the tests: two days before everything is due.
var now = booktest.Due.Add(-48 * time.Hour)

// tb is what a test and a case of rapid have in common.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
}

// networks answers Check with a function; nil takes everything.
type networks func(platform.Content) []platform.Issue

func (n networks) Check(_ context.Context, _ int64, c platform.Content) ([]platform.Issue, error) {
	if n == nil {
		return nil, nil
	}
	return n(c), nil
}

// checksOf returns checks with rules, and a network that takes everything.
func checksOf(t testing.TB, rules ...lint.Rule) review.Checks {
	t.Helper()
	set, err := lint.New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return review.Checks{Networks: networks(nil), Rules: set}
}

// desk is a database with a profile, channels and people of every role.
type desk struct {
	*booktest.Book
	ctx         context.Context
	db          *postgres.DB
	checks      review.Checks // without a rule, and a network that takes everything
	accra, lima int64         // channels that speak English and French
	wren        people.Person
	ana, zoe    people.Person // reviewers who read English and French
	omar        people.Person // a safeguarding lead who reads both
	boss        people.Person // an admin who reads both
	manager     people.Person
	posts       int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	db := postgrestest.New(t, migrations.FS)
	d := &desk{Book: booktest.New(t, db), ctx: t.Context(), db: db, checks: checksOf(t)}
	both := []string{"en", "fr"}
	d.accra = d.Channel(booktest.Channel{Zone: "Africa/Accra", Languages: both})
	d.lima = d.Channel(booktest.Channel{Zone: "America/Lima", Languages: both})
	d.wren = people.Person{ID: d.Author, Name: "Wren Writer", Role: people.RoleEditor, Languages: both}
	d.ana = people.Person{ID: d.Reviewers[0], Name: "Ana Approver", Role: people.RoleReviewer, Languages: both}
	d.omar = people.Person{ID: d.Reviewers[1], Name: "Omar Approver", Role: people.RoleSafeguarding, Languages: both}
	d.zoe = d.person(t, "Zoe", people.RoleReviewer)
	d.boss = d.person(t, "Boss", people.RoleAdmin)
	d.manager = d.person(t, "Manager", people.RoleManager)
	d.inTx(t, func(tx *postgres.Tx) error {
		return profile.Save(d.ctx, tx, profile.Profile{Name: "Open Doors", Link: "https://charity.example", Zone: "Europe/London"}, d.boss.ID)
	})
	t.Cleanup(func() { d.counted(t) })
	return d
}

// counted compares, for everybody and however a test left the desk, the number on each page with the list that it stands for.
func (d *desk) counted(t *testing.T) {
	t.Helper()
	ctx := context.Background() // t's has ended by now
	var ids []int64
	if err := d.db.SelectContext(ctx, &ids, `SELECT id FROM people WHERE role <> 'system'`); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		p, err := people.ByID(ctx, d.db, id)
		if err != nil {
			t.Fatal(err)
		}
		drafts, err := waiting.Drafts(ctx, d.db, p)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, one := range drafts {
			if p.May(people.PostApprove) && one.For(p) {
				want++
			}
		}
		if n, err := waiting.Count(ctx, d.db, p); err != nil || n != want {
			t.Errorf("%d of %d drafts wait for %s, and %d are counted, %v", want, len(drafts), p.Name, n, err)
		}
	}
}

func (d *desk) person(t tb, name string, role people.Role) people.Person {
	t.Helper()
	p := people.Person{Name: name, Role: role, Languages: []string{"en", "fr"}}
	d.get(t, &p.ID, `INSERT INTO people (email, name, role, languages) VALUES (lower($1), $1, $2, '{en,fr}') RETURNING id`, name, string(role))
	return p
}

func (d *desk) inTx(t tb, work func(tx *postgres.Tx) error) {
	t.Helper()
	if err := d.db.InTx(d.ctx, work); err != nil {
		t.Fatalf("transaction: %v", err)
	}
}

func (d *desk) get(t tb, dest any, query string, args ...any) {
	t.Helper()
	if err := d.db.GetContext(d.ctx, dest, query, args...); err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
}

// source makes a source with the given texts, each as "en: Words".
func source(texts ...string) post.Source {
	s := post.Source{Parts: []post.SourcePart{{Texts: map[string]string{}}}, When: post.When{Date: "2027-07-30", Clock: "09:00"}}
	for _, entry := range texts {
		language, words, _ := strings.Cut(entry, ": ")
		s.Parts[0].Texts[language] = words
	}
	return s
}

// write makes a post with one delivery for each channel and each language of its text.
func (d *desk) write(t tb, by people.Person, s post.Source, channels ...int64) int64 {
	t.Helper()
	d.posts++
	s.Message = fmt.Sprintf("message-%d", d.posts)
	var id int64
	d.inTx(t, func(tx *postgres.Tx) (err error) {
		id, err = book.AddPost(d.ctx, tx, book.Draft{Edition: d.Edition, Source: s}, by.ID)
		return err
	})
	for _, channel := range channels {
		for _, language := range []string{"en", "fr"} {
			if _, ok := s.Parts[0].Texts[language]; ok {
				d.Deliver(booktest.Delivery{Post: id, Channel: channel, Language: language})
			}
		}
	}
	return id
}

func (d *desk) edit(t tb, postID int64, by people.Person, s post.Source) {
	t.Helper()
	d.inTx(t, func(tx *postgres.Tx) error {
		locked, err := book.Lock(d.ctx, tx, postID)
		if err != nil {
			return err
		}
		_, err = book.Revise(d.ctx, tx, postID, locked.Version, s, by.ID)
		return err
	})
}

func (d *desk) submit(t tb, postID int64) review.Submitted {
	t.Helper()
	out, err := review.Submit(d.ctx, d.db, d.checks, postID, d.wren, now)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	return out
}

// submitOne submits a post that has one language and returns its submission.
func (d *desk) submitOne(t tb, postID int64) int64 {
	t.Helper()
	out := d.submit(t, postID)
	if len(out.Submissions) != 1 || len(out.Waiting) != 0 {
		t.Fatalf("submitted %+v, want one language and none that waits", out)
	}
	return out.Submissions[0]
}

func (d *desk) say(t tb, submission int64, by people.Person, verdict string) review.Outcome {
	t.Helper()
	out, err := review.Say(d.ctx, d.db, submission, by, verdict, "Because.", now)
	if err != nil {
		t.Fatalf("%s says %s: %v", by.Name, verdict, err)
	}
	return out
}

// refused fails unless the person's verdict is refused with the kind and a sentence that contains the words.
func (d *desk) refused(t *testing.T, submission int64, by people.Person, verdict, comment string, kind fault.Kind, words string) {
	t.Helper()
	_, err := review.Say(d.ctx, d.db, submission, by, verdict, comment, now)
	if !fault.Is(err, kind) || !strings.Contains(fault.Say(err), words) {
		t.Errorf("%s says %s: %v (%s), want %s with %q", by.Name, verdict, err, fault.KindOf(err), kind, words)
	}
}

// standing returns the states of a post's deliveries, such as "scheduled" or "held approval", in the order of channel and
// language.
func (d *desk) standing(t tb, postID int64) string {
	t.Helper()
	entries, err := book.Entries(d.ctx, d.db, book.EntryFilter{Post: postID})
	if err != nil {
		t.Fatalf("entries: %v", err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, strings.TrimSpace(string(e.State)+" "+string(e.Hold)))
	}
	return strings.Join(list, ", ")
}

func (d *desk) card(t tb, submission int64, by people.Person) review.Card {
	t.Helper()
	card, err := review.Find(d.ctx, d.db, submission, by)
	if err != nil {
		t.Fatalf("card: %v", err)
	}
	return card
}
