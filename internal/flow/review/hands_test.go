package review_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

// hand is whose words came into a post, and how.
type hand struct {
	Message string `db:"message"`
	Person  string `db:"person"`
	Why     string `db:"why"`
}

const handsThere = `
SELECT p.message, w.name AS person, h.why
FROM hands h
JOIN posts p ON p.id = h.post_id
JOIN people w ON w.id = h.person_id
ORDER BY p.message, w.name, h.why`

// shelf is a database with a book and a way to change rows.
type shelf struct {
	*booktest.Book
	t  *testing.T
	db *postgres.DB
}

func (s shelf) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatalf("%v\n%s", err, query)
	}
}

// planned gives a post words as planning writes them.
func (s shelf) planned(message, text string) int64 {
	s.t.Helper()
	id := s.Post(message)
	s.exec(`
INSERT INTO revisions (post_id, no, author_id, body, sha256, origin)
SELECT $1, 2, p.id, $2, sha256($2), 'plan' FROM people p WHERE p.role = 'system'`, id, []byte(`{"parts":[{"texts":{"en":"`+text+`"}}]}`))
	return id
}

func (s shelf) hands(want []hand) {
	s.t.Helper()
	var got []hand
	if err := s.db.SelectContext(s.t.Context(), &got, handsThere); err != nil {
		s.t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("hands (-want +got):\n%s", diff)
	}
}

const twoMessages = `{"posts": [{"id": "day", "text": {"en": "A"}}, {"id": "series", "text": {"en": "B"}}]}`

func TestTheDatabaseKnowsWhoseWordsStandInAPost(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	s := shelf{booktest.New(t, db), t, db}
	load := `UPDATE campaigns SET body = $1, sha256 = sha256($1), loaded_by = $2`
	s.exec(load, []byte(twoMessages), s.Reviewers[0])
	// Somebody else changes one message, and another the day, which is nobody's words.
	s.exec(load, []byte(`{"posts": [{"id": "day", "text": {"en": "A"}}, {"id": "series", "text": {"en": "B, C"}}]}`), s.Reviewers[1])
	s.exec(`INSERT INTO announced_dates (campaign_id, year, first_day, last_day, entered_by) VALUES ($1, $2, '2027-07-30', '2027-07-30', $3)`, s.Campaign, s.Year, s.Author)
	s.planned("day", "A")
	s.planned("series#3", "B, C")
	s.planned("added", "Not in the file.")
	s.hands([]hand{
		{"day", "Ana Approver", "campaign"},
		{"series#3", "Ana Approver", "campaign"},
		{"series#3", "Omar Approver", "campaign"},
	})
}

// older are the migrations before authors by whatever way were known.
func older(t *testing.T) fs.FS {
	t.Helper()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	list := fstest.MapFS{}
	for _, name := range names {
		if name >= "00023" {
			continue
		}
		body, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		list[name] = &fstest.MapFile{Data: body}
	}
	return list
}

func TestADatabaseOfBeforeLearnsWhoseWordsItHas(t *testing.T) {
	t.Parallel()
	both := postgrestest.NewBoth(t, older(t))
	s := shelf{booktest.New(t, both.App), t, both.App}
	ana, omar := s.Reviewers[0], s.Reviewers[1]
	channel := s.Channel(booktest.Channel{})
	s.exec(`UPDATE campaigns SET body = $1, sha256 = sha256($1), loaded_by = $2`, []byte(twoMessages), ana)
	s.exec(`UPDATE editions SET theme = 'Light'`)
	s.exec(`INSERT INTO audit (person_id, action, subject_kind, subject_id, detail) VALUES ($1, 'edition.themed', 'edition', $2, '{"theme": "Light"}'), ($3, 'edition.themed', 'edition', $2, '{"theme": ""}')`,
		omar, s.Edition, s.Author)
	for i, one := range []struct {
		by   int64
		body string
	}{
		{omar, `{"text": {"en": "One"}, "review_by": "2027-01-01"}`},
		{ana, `{"text": {"en": "One"}, "review_by": "2028-01-01"}`},
		{s.Author, `{"text": {"en": "Two"}, "review_by": "2028-01-01"}`},
	} {
		if i == 0 {
			s.exec(`INSERT INTO facts (id, body, sha256, origin, updated_by, updated_at) VALUES ('F1', $1, sha256($1), 'person', $2, now())`, []byte(one.body), one.by)
		}
		s.exec(`INSERT INTO fact_versions (fact_id, version, body, sha256, updated_by, updated_at) VALUES ('F1', $3, $1, sha256($1), $2, now())`, []byte(one.body), one.by, i+1)
	}
	day := s.planned("day", "{{ theme }} {{fact:F1}}")
	s.planned("series#1", "{{theme}}") // nobody has submitted it
	waiting := s.Submit(s.Deliver(booktest.Delivery{Post: day, Channel: channel}))
	s.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, '', 'approve')`, waiting, ana)
	if err := postgres.Migrate(t.Context(), both.OwnerDSN, migrations.FS); err != nil {
		t.Fatal(err)
	}
	s.hands([]hand{
		{"day", "Ana Approver", "campaign"},
		{"day", "Omar Approver", "fact"},
		{"day", "Omar Approver", "theme"},
		{"day", "Wren Writer", "fact"},
		{"series#1", "Ana Approver", "campaign"},
	})
	// What waited with the approval of its own author waits for somebody else now.
	var counted int
	if err := s.db.GetContext(t.Context(), &counted, `SELECT count(*) FROM counted_approvals($1)`, waiting); err != nil || counted != 0 {
		t.Errorf("%d approvals count, %v", counted, err)
	}
}
