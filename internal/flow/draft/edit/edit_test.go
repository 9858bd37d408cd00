package edit_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/edit/kept"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

// scene is a charity with an account in London and one in Bogotá, an author and another editor; it is two days before everything of its
// edition falls due.
type scene struct {
	*booktest.Book
	t              testing.TB
	db             *postgres.DB
	london, bogota int64
	wren, boss     people.Person
	now            time.Time
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{t: t, db: postgrestest.New(t, migrations.FS), now: booktest.Due.Add(-48 * time.Hour)}
	s.Book = booktest.New(t, s.db)
	s.london = s.Channel(booktest.Channel{Zone: "Europe/London", Languages: []string{"en"}})
	s.bogota = s.Channel(booktest.Channel{Zone: "America/Bogota", Languages: []string{"en", "es"}})
	s.wren = people.Person{ID: s.Author, Name: "Wren Writer", Role: people.RoleEditor}
	s.boss = people.Person{Name: "Boss", Role: people.RoleAdmin}
	s.get(&s.boss.ID, `INSERT INTO people (email, name, role) VALUES ('boss@example.org', 'Boss', 'admin') RETURNING id`)
	return s
}

func (s *scene) get(dest any, query string, args ...any) {
	s.t.Helper()
	if err := s.db.GetContext(s.t.Context(), dest, query, args...); err != nil {
		s.t.Fatalf("%v\n%s", err, query)
	}
}

func (s *scene) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatalf("%v\n%s", err, query)
	}
}

// written writes a stand-alone post for London and Bogotá, in English and Spanish.
func (s *scene) written(by people.Person) int64 {
	s.t.Helper()
	out, err := s.create(0, s.fresh(), by)
	if err != nil {
		s.t.Fatal(err)
	}
	return out.Post
}

func (s *scene) fresh() edit.Change {
	return edit.Change{
		Source: post.Source{
			Parts: []post.SourcePart{{Texts: map[string]string{"en": "Tomorrow is the day we talk.", "es": "Mañana es el día."}}},
			When:  post.When{Date: booktest.Due.Format(time.DateOnly), Clock: "09:00"},
		},
		Places: []edit.Place{{Channel: s.london, Language: "en"}, {Channel: s.bogota, Language: "es"}},
	}
}

func (s *scene) create(edition int64, c edit.Change, by people.Person) (out edit.Saved, err error) {
	err = s.db.InTx(s.t.Context(), func(tx *postgres.Tx) (err error) {
		out, err = edit.Create(s.t.Context(), tx, edition, c, by, s.now)
		return err
	})
	return out, err
}

func (s *scene) save(id int64, c edit.Change, by people.Person) (out edit.Saved, err error) {
	err = s.db.InTx(s.t.Context(), func(tx *postgres.Tx) (err error) {
		out, err = edit.Save(s.t.Context(), tx, id, c, by, s.now)
		return err
	})
	return out, err
}

// begun returns what a post is now.
func (s *scene) begun(id int64) edit.Change {
	s.t.Helper()
	channels, err := edit.Reachable(s.t.Context(), s.db, s.boss)
	if err != nil {
		s.t.Fatal(err)
	}
	return edit.Begun(s.post(id), channels)
}

func (s *scene) post(id int64) book.Post {
	s.t.Helper()
	p, err := book.FindPost(s.t.Context(), s.db, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// stands lists the places of a post, in the order of their ids: what is said there, when, and how it stands.
func (s *scene) stands(id int64) string {
	s.t.Helper()
	var got string
	s.get(&got, `
SELECT coalesce(string_agg(d.language || ' ' || to_char(d.due_at AT TIME ZONE 'UTC', 'DD HH24:MI') || ' ' || d.state || coalesce(' for ' || d.hold, ''), ', ' ORDER BY d.id), '')
FROM deliveries d
WHERE d.post_id = $1`, id)
	return got
}

func TestANewPostGoesWhereAndWhenItsAuthorSays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.written(s.wren)
	p := s.post(id)
	day := booktest.Due.Format("02")
	if got := s.stands(id); got != "en "+day+" 08:00 held for approval, es "+day+" 14:00 held for approval" {
		t.Errorf("it goes %s", got)
	}
	if p.Message != "Tomorrow is the day we talk." || p.Edition != 0 || p.Author != s.wren.Name && p.Author == "" {
		t.Errorf("it is called %q in edition %d by %s", p.Message, p.Edition, p.Author)
	}
	c := s.fresh()
	c.Source.When.Zone, c.Window = "Europe/London", 2*time.Hour
	c.Source.Message = "Blue heart"
	first, err := s.create(s.Edition, c, s.wren)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.create(s.Edition, c, s.wren)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.stands(first.Post); got != "en "+day+" 08:00 held for approval, es "+day+" 08:00 held for approval" {
		t.Errorf("one moment for all: %s", got)
	}
	if p := s.post(second.Post); p.Message != "Blue heart 2" || p.Edition != s.Edition || p.Entries[0].NotAfter.Sub(p.Entries[0].DueAt) != 2*time.Hour {
		t.Errorf("the second of the name: %q in %d until %s", p.Message, p.Edition, p.Entries[0].NotAfter)
	}
	if got := s.begun(first.Post); got.Window != 2*time.Hour || len(got.Places) != 2 {
		t.Errorf("to be changed: %+v", got)
	}
}

func TestASaveThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.written(s.wren)
	before := s.stands(id)
	out, err := s.save(id, s.begun(id), s.wren)
	if err != nil || out.Any() || s.post(id).Version != s.begun(id).Read || s.stands(id) != before {
		t.Errorf("it changed %+v, %v: %s", out, err, s.stands(id))
	}
	var audited int
	s.get(&audited, `SELECT count(*) FROM audit WHERE subject_kind = 'post' AND subject_id = $1 AND action IN ('post.edited', 'post.placed')`, id)
	if audited != 0 {
		t.Errorf("%d entries in the log", audited)
	}
}

func TestAnApprovedPostThatIsChangedWaitsForApprovalAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.Post("planned")
	place := s.Deliver(booktest.Delivery{Post: id, Channel: s.london})
	s.Schedule(place)
	c := s.begun(id)
	c.Source.Parts[0].Texts["en"] = "Other words."
	out, err := s.save(id, c, s.wren)
	if err != nil || !out.Changed || out.Moved+out.Added+out.Left != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := s.stands(id); !strings.HasSuffix(got, "held for edited") {
		t.Errorf("it stands %s", got)
	}
	var queued int
	s.get(&queued, `SELECT count(*) FROM queue WHERE post_id = $1`, id)
	if queued != 0 {
		t.Errorf("%d rows are still in the queue", queued)
	}
}

func TestTimesMoveAndPlacesComeAndGoWithASave(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.written(s.wren)
	s.exec(`UPDATE deliveries SET planned = true`)
	day := booktest.Due.Format("02")
	c := s.begun(id)
	c.Source.When.Clock = "10:30"
	c.Places = []edit.Place{{Channel: s.bogota, Language: "es"}, {Channel: s.bogota, Language: "en"}}
	out, err := s.save(id, c, s.wren)
	if err != nil || out != (edit.Saved{Post: id, Changed: true, Moved: 1, Added: 1, Left: 1}) {
		t.Fatalf("%+v, %v", out, err)
	}
	want := "en " + day + " 08:00 cancelled, es " + day + " 15:30 held for approval, en " + day + " 15:30 held for approval"
	if got := s.stands(id); got != want {
		t.Errorf("it goes %s, want %s", got, want)
	}
	var planned int
	s.get(&planned, `SELECT count(*) FROM deliveries WHERE planned`)
	if planned != 0 {
		t.Errorf("planning would still move %d of them", planned)
	}
	c = s.begun(id)
	c.Source.When.Date = booktest.Due.AddDate(0, 0, -9).Format(time.DateOnly)
	if _, err := s.save(id, c, s.wren); !fault.Is(err, fault.Invalid) || fault.Problems(err)[0].Field != "date" {
		t.Errorf("a time that has passed: %v", err)
	}
	if got := s.stands(id); got != want {
		t.Errorf("refused, and yet it goes %s", got)
	}
}

func TestWhatIsOutStaysWhenItsPlaceIsLeftOut(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.Post("planned")
	out, waits := s.Deliver(booktest.Delivery{Post: id, Channel: s.london}), s.Deliver(booktest.Delivery{Post: id, Channel: s.bogota})
	s.Schedule(out)
	s.Publish(out, booktest.Due)
	c := s.begun(id)
	c.Places = nil
	saved, err := s.save(id, c, s.wren)
	if err != nil || saved.Left != 1 {
		t.Fatalf("%+v, %v", saved, err)
	}
	var state string
	s.get(&state, `SELECT string_agg(state, ' ' ORDER BY id) FROM deliveries WHERE id IN ($1, $2)`, out, waits)
	if state != "published cancelled" {
		t.Errorf("they are %s", state)
	}
}

func TestTwoEditorsLoseNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.written(s.wren)
	hers, his := s.begun(id), s.begun(id)
	hers.Source.Parts[0].Texts["en"], his.Source.Parts[0].Texts["en"] = "Hers.", "His."
	if _, err := s.save(id, hers, s.wren); err != nil {
		t.Fatal(err)
	}
	if _, err := s.save(id, his, s.boss); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "Nothing of yours is lost") {
		t.Errorf("from an old version: %v", err)
	}
	his.Read = s.post(id).Version
	if _, err := s.save(id, his, s.boss); err != nil {
		t.Fatal(err)
	}
	list, err := edit.Versions(t.Context(), s.db, id)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, v := range list {
		said = append(said, v.Author+": "+v.Source.Parts[0].Texts["en"])
	}
	var wren string
	s.get(&wren, `SELECT name FROM people WHERE id = $1`, s.wren.ID)
	if diff := cmp.Diff([]string{"Boss: His.", wren + ": Hers.", wren + ": Tomorrow is the day we talk."}, said); diff != "" {
		t.Error(diff)
	}
}

func TestAnEarlierVersionComesBackAsANewOne(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.written(s.wren)
	c := s.begun(id)
	c.Source.Parts[0].Texts["en"], c.Source.When.Clock = "Other words.", "11:00"
	if _, err := s.save(id, c, s.wren); err != nil {
		t.Fatal(err)
	}
	back := func(no, read int, by people.Person) error {
		return s.db.InTx(t.Context(), func(tx *postgres.Tx) error { return edit.TakeBack(t.Context(), tx, id, no, read, by) })
	}
	now := s.post(id)
	for name, tt := range map[string]struct {
		no, read int
		by       people.Person
		want     fault.Kind
	}{
		"a version that is not there":  {9, now.Version, s.wren, fault.NotFound},
		"no version":                   {0, now.Version, s.wren, fault.NotFound},
		"what it says already":         {2, now.Version, s.wren, fault.Conflict},
		"by who read an older one":     {1, now.Version - 1, s.wren, fault.Conflict},
		"by somebody who may not edit": {1, now.Version, people.Person{ID: s.wren.ID, Role: people.RoleReviewer}, fault.Forbidden},
	} {
		if err := back(tt.no, tt.read, tt.by); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := back(1, now.Version, s.boss); err != nil {
		t.Fatal(err)
	}
	p := s.post(id)
	if p.Source.Parts[0].Texts["en"] != "Tomorrow is the day we talk." || p.Source.When.Clock != "11:00" || p.Author != "Boss" {
		t.Errorf("it says %q at %s by %s", p.Source.Parts[0].Texts["en"], p.Source.When.Clock, p.Author)
	}
}

func TestWhatIsTypedIsKeptForItsAuthorAlone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.written(s.wren)
	keep := func(c kept.Copy, by people.Person, over bool) (out kept.Copy, err error) {
		err = s.db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
			out, err = kept.Keep(t.Context(), tx, c, by, over)
			return err
		})
		return out, err
	}
	first, err := keep(kept.Copy{Post: id, Base: 2, Body: []byte(`{"a":["1"]}`)}, s.wren, false)
	if err != nil || first.ID == 0 || first.No != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	first.Body = []byte(`{"a":["2"]}`)
	second, err := keep(first, s.wren, false)
	if err != nil || second.No != 2 || second.ID != first.ID {
		t.Fatalf("%+v, %v", second, err)
	}
	for name, stale := range map[string]kept.Copy{"an older window": first, "a new window": {Post: id, Base: 2, Body: []byte(`{}`)}, "somebody else's": {ID: second.ID, No: 2, Base: 1, Body: []byte(`{}`)}} {
		by := s.wren
		if name == "somebody else's" {
			by = s.boss
		}
		if _, err := keep(stale, by, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	over, err := keep(kept.Copy{Post: id, Base: 2, Body: []byte(`{"a":["3"]}`)}, s.wren, true)
	if err != nil || over.ID != first.ID || over.No != 3 {
		t.Errorf("kept all the same: %+v, %v", over, err)
	}
	own, there, err := kept.Own(t.Context(), s.db, s.wren, id, 0)
	if err != nil || !there || string(own.Body) != `{"a":["3"]}` {
		t.Errorf("own: %s, %v, %v", own.Body, there, err)
	}
	if _, there, err := kept.Own(t.Context(), s.db, s.boss, id, own.ID); err != nil || there {
		t.Errorf("somebody else's is there: %v, %v", there, err)
	}
	others, err := kept.Others(t.Context(), s.db, s.boss, id)
	if err != nil || len(others) != 1 || len(others[0].Body) != 0 || others[0].Begun.IsZero() {
		t.Errorf("others see %+v, %v", others, err)
	}
	fresh, err := keep(kept.Copy{Body: []byte(`{"name":["New"]}`)}, s.wren, false)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := kept.New(t.Context(), s.db, s.wren); err != nil || len(list) != 1 || list[0].ID != fresh.ID {
		t.Errorf("new ones: %+v, %v", list, err)
	}
	if _, err := keep(kept.Copy{Post: id, Base: 2, Body: make([]byte, 3<<20)}, s.boss, false); !fault.Is(err, fault.Invalid) {
		t.Errorf("too long a one: %v", err)
	}
	err = s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if err := kept.Drop(t.Context(), tx, s.boss, 0, fresh.ID); err != nil {
			return err
		}
		return kept.Drop(t.Context(), tx, s.wren, id, 0)
	})
	var left int
	s.get(&left, `SELECT count(*) FROM working_copies`)
	if err != nil || left != 1 {
		t.Errorf("%d are left, %v", left, err)
	}
}

func TestOnlyWhoMayWriteSaysWhereAPostGoes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.written(s.wren)
	translator := people.Person{ID: s.boss.ID, Name: "Tess", Role: people.RoleTranslator}
	c := s.begun(id)
	c.Source.Parts[0].Texts["es"], c.Places = "Mañana hablamos.", nil
	if out, err := s.save(id, c, translator); err != nil || !out.Changed || out.Left != 0 {
		t.Errorf("a translator: %+v, %v", out, err)
	}
	if _, err := s.create(0, s.fresh(), translator); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a translator begins a post: %v", err)
	}
	if _, err := s.save(id, s.begun(id), people.Person{ID: s.boss.ID, Role: people.RoleReviewer}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer: %v", err)
	}
}

func TestWhatCannotBeKeptIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for field, change := range map[string]func(*edit.Change){
		"text-1-en": func(c *edit.Change) { c.Source.Parts[0].Texts["en"] = strings.Repeat("a", edit.MaxText+1) },
		"text-1-es": func(c *edit.Change) { c.Source.Parts[0].Texts["es"] = "a\u202eb" },
		"own-1-en-x": func(c *edit.Change) {
			c.Source.Variants = []post.Variant{{Part: 1, Language: "en", Network: "x", Text: "\u200fa\u202a"}}
		},
		"note-en":  func(c *edit.Change) { c.Source.ContentNote = map[string]string{"en": strings.Repeat("a", 501)} },
		"hashtags": func(c *edit.Change) { c.Source.Hashtags = []string{"#a b"} },
		"link":     func(c *edit.Change) { c.Source.Link = "javascript:alert(1)" },
		"date":     func(c *edit.Change) { c.Source.When.Date = "tomorrow" },
		"zone":     func(c *edit.Change) { c.Source.When.Zone = "Mars/Olympus" },
		"window":   func(c *edit.Change) { c.Window = time.Minute },
		"places":   func(c *edit.Change) { c.Places = append(c.Places, edit.Place{Channel: s.london, Language: "ar"}) },
		"helpline": func(c *edit.Change) { c.Source.Helpline = "England" },
		"alt-1-000000000000-en": func(c *edit.Change) {
			c.Source.Parts[0].Pictures = []post.SourcePicture{{SHA256: strings.Repeat("0", 64), Alt: map[string]string{"en": strings.Repeat("a", 2001)}}}
		},
	} {
		c := s.fresh()
		change(&c)
		_, err := s.create(0, c, s.wren)
		if list := fault.Problems(err); !fault.Is(err, fault.Invalid) || len(list) != 1 || list[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	empty := s.fresh()
	empty.Source.Parts[0].Texts = map[string]string{}
	if _, err := s.create(0, empty, s.wren); !fault.Is(err, fault.Invalid) {
		t.Errorf("without words: %v", err)
	}
}
