package plan_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// spring is long before the campaign's days.
var spring = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// site is a database with a campaign of three messages: two days before and on 30 July, and two days after.
type site struct {
	*booktest.Book
	t    *testing.T
	db   *postgres.DB
	by   people.Person
	body campaign.Campaign
	rule observance.Rule // 30 July unless it has a kind
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, db: postgrestest.New(t, migrations.FS)}
	s.Book = booktest.New(t, s.db)
	s.by = people.Person{ID: s.Author, Role: people.RoleEditor}
	both := map[string]string{"en": "Remember", "fr": "Souvenons-nous"}
	s.body = campaign.Campaign{ID: "light", Observance: "july-30", Title: map[string]string{"en": "Light"}, Posts: []campaign.Message{
		{ID: "before", Offset: campaign.Offset{Days: -2}, Mode: campaign.Local, Time: oclock(t, "09:00"), Texts: both},
		{ID: "day", Mode: campaign.Together, Zone: "Europe/London", Time: oclock(t, "12:00"), Texts: both},
		{ID: "after", Offset: campaign.Offset{Days: 2}, Mode: campaign.Local, Time: oclock(t, "09:00"), Texts: map[string]string{"en": "Thank you"}},
	}}
	s.load()
	return s
}

// load takes the campaign into the book and reports whether that changed it.
func (s *site) load() bool {
	s.t.Helper()
	body, _, err := post.Canonical(s.body)
	if err != nil {
		s.t.Fatal(err)
	}
	rule := s.rule
	if rule.Kind == "" {
		rule = observance.Rule{Kind: observance.Fixed, Month: time.July, Day: 30, Since: 2014}
	}
	of, err := json.Marshal(observance.Observance{ID: "july-30", Names: map[string]string{"en": "World Day"}, Rule: rule})
	if err != nil {
		s.t.Fatal(err)
	}
	var changed bool
	s.inTx(func(tx *postgres.Tx) (err error) {
		changed, err = book.SaveCampaign(s.t.Context(), tx, book.Campaign{ID: "light", Observance: of, Title: s.body.Title, Body: body, LoadedAt: spring}, s.Author)
		return err
	})
	return changed
}

func (s *site) inTx(work func(tx *postgres.Tx) error) {
	s.t.Helper()
	if err := s.db.InTx(s.t.Context(), work); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) make(opt plan.Options) plan.Made {
	s.t.Helper()
	opt.By = s.by
	if opt.Now.IsZero() {
		opt.Now = spring
	}
	made, err := plan.Make(s.t.Context(), s.db, "light", 2027, opt)
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

func (s *site) want(got plan.Made, posts, deliveries, kept int, problems ...string) {
	s.t.Helper()
	if diff := cmp.Diff(plan.Made{Edition: got.Edition, Dated: got.Dated, Posts: posts, Deliveries: deliveries, Kept: kept, Problems: problems}, got); diff != "" {
		s.t.Errorf("made (-want +got):\n%s", diff)
	}
}

// rows lists the deliveries of an edition.
func (s *site) rows(edition int64) []string {
	s.t.Helper()
	entries, err := book.Entries(s.t.Context(), s.db, book.EntryFilter{Edition: edition})
	if err != nil {
		s.t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, strings.Join([]string{e.Message, e.ChannelName, e.Language, e.DueDate, e.DueClock, e.Zone, e.DueAt.UTC().Format("02 15:04"), string(e.State), string(e.Hold)}, " "))
	}
	return list
}

func TestMakingAnEditionWritesEveryMessageForEveryChannel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{Name: "accra", Zone: "Africa/Accra", Languages: []string{"en", "fr"}})
	s.Channel(booktest.Channel{Name: "tokyo", Zone: "Asia/Tokyo"})
	gone := s.Channel(booktest.Channel{Name: "gone"})
	if _, err := s.db.ExecContext(t.Context(), `UPDATE channels SET archived_at = now() WHERE id = $1`, gone); err != nil {
		t.Fatal(err)
	}
	made := s.make(plan.Options{})
	s.want(made, 3, 8, 0)
	if diff := cmp.Diff([]string{
		"before tokyo en 2027-07-28 09:00 Asia/Tokyo 28 00:00 held approval",
		"before accra en 2027-07-28 09:00 Africa/Accra 28 09:00 held approval",
		"before accra fr 2027-07-28 09:00 Africa/Accra 28 09:00 held approval",
		"day accra en 2027-07-30 12:00 Europe/London 30 11:00 held approval",
		"day accra fr 2027-07-30 12:00 Europe/London 30 11:00 held approval",
		"day tokyo en 2027-07-30 12:00 Europe/London 30 11:00 held approval",
		"after tokyo en 2027-08-01 09:00 Asia/Tokyo 01 00:00 held approval",
		"after accra en 2027-08-01 09:00 Africa/Accra 01 09:00 held approval",
	}, s.rows(made.Edition)); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
}

func TestMakingTheSameAgainChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{Languages: []string{"en", "fr"}})
	first := s.make(plan.Options{})
	count := func() (n struct{ Posts, Revisions, Deliveries, Audit int }) {
		t.Helper()
		if err := s.db.GetContext(t.Context(), &n, `
SELECT (SELECT count(*) FROM posts) AS posts, (SELECT count(*) FROM revisions) AS revisions,
  (SELECT count(*) FROM deliveries) AS deliveries, (SELECT count(*) FROM audit) AS audit`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	rows, before := s.rows(first.Edition), count()
	second := s.make(plan.Options{})
	s.want(second, 0, 0, 3)
	if second.Edition != first.Edition {
		t.Error("there are two editions")
	}
	if diff := cmp.Diff(before, count()) + cmp.Diff(rows, s.rows(first.Edition)); diff != "" {
		t.Errorf("the book (-before +after):\n%s", diff)
	}
	if s.load() {
		t.Error("loading the same campaign counts as a change")
	}
}

func TestTwoWhoMakeTheSameEditionAtOnceMakeItOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{Languages: []string{"en", "fr"}})
	type answer struct {
		made plan.Made
		err  error
	}
	answers := make(chan answer, 4)
	for range cap(answers) {
		go func() {
			made, err := plan.Make(t.Context(), s.db, "light", 2027, plan.Options{By: s.by, Now: spring})
			answers <- answer{made, err}
		}()
	}
	posts, deliveries := 0, 0
	for range cap(answers) {
		a := <-answers
		if a.err != nil {
			t.Errorf("one failed: %v", a.err)
		}
		posts, deliveries = posts+a.made.Posts, deliveries+a.made.Deliveries
	}
	if posts != 3 || deliveries != 5 {
		t.Errorf("together they made %d posts and %d deliveries, want 3 and 5", posts, deliveries)
	}
}

func TestWhatAPersonEditedIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	edition := s.make(plan.Options{}).Edition
	entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{Edition: edition})
	if err != nil {
		t.Fatal(err)
	}
	id := entries[1].Post
	s.inTx(func(tx *postgres.Tx) error {
		locked, err := book.Lock(t.Context(), tx, id)
		if err != nil {
			return err
		}
		locked.Source.Parts[0].Texts["en"] = "Words of our own"
		_, err = book.Revise(t.Context(), tx, id, locked.Version, locked.Source, s.Author)
		return err
	})
	s.want(s.make(plan.Options{}), 0, 0, 3)
	if p, err := book.FindPost(t.Context(), s.db, id); err != nil || p.Source.Parts[0].Texts["en"] != "Words of our own" {
		t.Errorf("the post says %+v, %v", p.Source, err)
	}
}

func TestANewChannelGetsItsDeliveriesAndNoOtherChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{Name: "first"})
	edition := s.make(plan.Options{}).Edition
	entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{Edition: edition})
	if err != nil {
		t.Fatal(err)
	}
	s.Schedule(entries[0].Delivery)
	if _, err := s.db.ExecContext(t.Context(), `UPDATE deliveries SET state = 'cancelled', hold = NULL WHERE id = $1`, entries[1].Delivery); err != nil {
		t.Fatal(err)
	}
	before := s.rows(edition)
	s.Channel(booktest.Channel{Name: "second"})
	s.want(s.make(plan.Options{}), 0, 3, 3)
	var old []string
	for _, row := range s.rows(edition) {
		if !strings.Contains(row, " second ") {
			old = append(old, row)
		}
	}
	if diff := cmp.Diff(before, old); diff != "" {
		t.Errorf("the first channel's deliveries (-before +after):\n%s", diff)
	}
	if !strings.Contains(old[0], "scheduled") || !strings.Contains(old[1], "cancelled") {
		t.Errorf("they were %v", old)
	}
}

func TestANewMessageOfTheFileBecomesAPost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	s.make(plan.Options{})
	s.body.Posts = append(s.body.Posts, campaign.Message{ID: "more", Mode: campaign.Local, Time: oclock(t, "18:00"), Texts: map[string]string{"en": "One more"}})
	if !s.load() {
		t.Error("loading a changed campaign counts as no change")
	}
	s.want(s.make(plan.Options{}), 1, 1, 3)
}

func TestWhatIsPastIsNotPlannedAndSaidSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{Name: "accra", Zone: "Africa/Accra", Languages: []string{"en", "fr"}})
	s.Channel(booktest.Channel{Name: "lima", Zone: "America/Lima"})
	// At that instant it is 09:00 in Accra and 04:00 in Lima.
	made := s.make(plan.Options{Now: time.Date(2027, 7, 28, 9, 0, 0, 0, time.UTC)})
	s.want(made, 3, 6, 0, "before (2027-07-28 09:00): its time has passed at 2 places; not planned there.")
	late := s.make(plan.Options{Now: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)})
	s.want(late, 0, 0, 3, "before (2027-07-28 09:00): its time has passed at 2 places; not planned there.")
}

func TestARehearsalIsAnEditionOfItsOwnForSandboxesOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Channel(booktest.Channel{})
	real := s.make(plan.Options{})
	rehearsal := s.make(plan.Options{Rehearsal: true})
	s.want(rehearsal, 3, 3, 0)
	for _, tt := range []struct {
		edition   int64
		rehearsal bool
	}{{real.Edition, false}, {rehearsal.Edition, true}} {
		entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{Edition: tt.edition})
		if err != nil || len(entries) != 3 {
			t.Fatalf("%d deliveries, %v", len(entries), err)
		}
		for _, e := range entries {
			if e.Rehearsal != tt.rehearsal {
				t.Errorf("a delivery of edition %d is a rehearsal: %t", tt.edition, e.Rehearsal)
			}
		}
	}
	if _, err := s.db.ExecContext(t.Context(), `
INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
VALUES ('mastodon', 'https://social.example', '@real', '1', 'real', 'Etc/UTC', '{en}', false, '', 'k')`); err != nil {
		t.Fatal(err)
	}
	s.want(s.make(plan.Options{Rehearsal: true}), 0, 0, 3) // the real channel is left out; the database would refuse it
	s.want(s.make(plan.Options{}), 0, 3, 3)
}

func TestWhatCannotBePlannedSaysWhy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, tt := range map[string]struct {
		campaign string
		year     int
		role     people.Role
		kind     fault.Kind
	}{
		"no such campaign":             {"dark", 2027, people.RoleEditor, fault.NotFound},
		"a year before the observance": {"light", 2013, people.RoleEditor, fault.NotFound},
		"a year beyond the rules":      {"light", 3000, people.RoleEditor, fault.Invalid},
		"a reviewer":                   {"light", 2027, people.RoleReviewer, fault.Forbidden},
		"a manager":                    {"light", 2027, people.RoleManager, fault.Forbidden},
	} {
		made, err := plan.Make(t.Context(), s.db, tt.campaign, tt.year, plan.Options{By: people.Person{ID: s.Author, Role: tt.role}, Now: spring})
		if !fault.Is(err, tt.kind) || fault.Say(err) == "" {
			t.Errorf("%s: %+v, %v (%s), want %s", name, made, err, fault.KindOf(err), tt.kind)
		}
	}
	s.want(s.make(plan.Options{}), 0, 0, 0, "No channel is connected yet, so nothing can go out. Connect one, then plan again.")
}
