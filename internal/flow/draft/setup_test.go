package draft_test

import (
	"slices"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/org/fact"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// spring is long before the day of the posts.
var spring = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// site is a database with a profile, two facts, and a channel that speaks English and French.
type site struct {
	*booktest.Book
	t         *testing.T
	db        *postgres.DB
	ed, admin people.Person
	rosa      people.Person
	channel   int64
}

// detected returns the fact that tests change.
func detected() campaign.Fact {
	return campaign.Fact{
		ID: "F02", Texts: map[string]string{"en": "38% of detected victims are children.", "fr": "38 % des victimes détectées sont des enfants."},
		Value: "38%", Kind: campaign.Detected, Scope: "world, 2022", Cite: "UNODC, 2024", Cites: map[string]string{"fr": "ONUDC, 2024"},
		Source: observance.Source{Name: "A report", URL: "https://example.org/report"}, Year: 2024, DataYear: 2022,
		Confidence: "A", Status: campaign.Current, ReviewBy: civil.Date{Year: 2027, Month: time.September, Day: 30},
	}
}

// other returns a fact beside it.
func other() campaign.Fact {
	f := detected()
	f.ID, f.Texts = "F99", map[string]string{"en": "A newer one."}
	return f
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, db: postgrestest.New(t, migrations.FS)}
	s.Book = booktest.New(t, s.db)
	s.ed = people.Person{ID: s.Author, Name: "Wren Writer", Role: people.RoleEditor}
	s.admin = people.Person{ID: s.Author, Role: people.RoleAdmin}
	s.rosa = people.Person{ID: s.Reviewers[0], Role: people.RoleReviewer}
	s.channel = s.Channel(booktest.Channel{Languages: []string{"en", "fr"}})
	s.inTx(func(tx *postgres.Tx) error {
		if err := profile.Save(t.Context(), tx, org(), s.Author); err != nil {
			return err
		}
		system, err := people.System(t.Context(), tx)
		if err != nil {
			return err
		}
		_, err = fact.LoadFile(t.Context(), tx, []campaign.Fact{detected(), other()}, system, spring)
		return err
	})
	return s
}

func org() profile.Profile {
	return profile.Profile{
		Name: "Hope Line", Link: "https://hope.example", Zone: "Europe/London", Support: map[string]string{"en": "Talk to us.", "fr": "Parlez-nous."},
	}
}

func (s *site) inTx(work func(tx *postgres.Tx) error) {
	s.t.Helper()
	if err := s.db.InTx(s.t.Context(), work); err != nil {
		s.t.Fatal(err)
	}
}

// write makes a post with the words in each language, and a delivery for each; they come in the order of the languages.
func (s *site) write(message string, words map[string]string, change ...func(*post.Source)) []int64 {
	s.t.Helper()
	source := post.Source{Message: message, Parts: []post.SourcePart{{Texts: words}}, When: post.When{Date: "2027-07-30", Clock: "12:00"}}
	for _, c := range change {
		c(&source)
	}
	var id int64
	s.inTx(func(tx *postgres.Tx) (err error) {
		id, err = book.AddPost(s.t.Context(), tx, book.Draft{Edition: s.Edition, Source: source}, s.Author)
		return err
	})
	var deliveries []int64
	for _, language := range []string{"en", "fr"} {
		if _, ok := words[language]; ok {
			deliveries = append(deliveries, s.Deliver(booktest.Delivery{Post: id, Channel: s.channel, Language: language}))
		}
	}
	return deliveries
}

// entry finds a delivery.
func (s *site) entry(delivery int64) book.Entry {
	s.t.Helper()
	entries, err := book.Entries(s.t.Context(), s.db, book.EntryFilter{})
	if err != nil {
		s.t.Fatal(err)
	}
	at := slices.IndexFunc(entries, func(e book.Entry) bool { return e.Delivery == delivery })
	if at < 0 {
		s.t.Fatalf("there is no delivery %d", delivery)
	}
	return entries[at]
}

// posts returns the posts of deliveries.
func (s *site) posts(deliveries ...int64) []int64 {
	s.t.Helper()
	var ids []int64
	for _, d := range deliveries {
		ids = append(ids, s.entry(d).Post)
	}
	return ids
}

// scheduled fails the test when a delivery is not, or is.
func (s *site) scheduled(want bool, deliveries ...int64) {
	s.t.Helper()
	for _, d := range deliveries {
		if e := s.entry(d); (e.State == post.Scheduled) != want {
			s.t.Errorf("%s in %s is %s (%s)", e.Message, e.Language, e.State, e.Problem)
		}
	}
}

// count counts the rows of a table.
func (s *site) count(table string) int {
	s.t.Helper()
	var n int
	if err := s.db.GetContext(s.t.Context(), &n, "SELECT count(*) FROM "+table); err != nil {
		s.t.Fatal(err)
	}
	return n
}
