package agenda_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/agenda"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/plan/conflict"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	july   = civil.Date{Year: 2027, Month: time.July, Day: 1}
	august = civil.Date{Year: 2027, Month: time.August, Day: 1}
	now    = time.Date(2027, 7, 9, 8, 0, 0, 0, time.UTC)
)

type scene struct {
	*booktest.Book
	t    testing.TB
	db   *postgres.DB
	who  people.Person
	here agenda.Ask
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{t: t, db: postgrestest.New(t, migrations.FS)}
	s.Book = booktest.New(t, s.db)
	s.who = people.Person{ID: s.Author, Role: people.RoleEditor}
	s.here = agenda.Ask{From: july, To: august, Zone: time.UTC, Person: s.who, Now: now}
	return s
}

func (s *scene) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatal(err)
	}
}

// lines writes what an agenda has, one line each.
func (s *scene) lines(change func(*agenda.Ask)) (list []string) {
	s.t.Helper()
	a := s.here
	if change != nil {
		change(&a)
	}
	lines, err := agenda.Lines(s.t.Context(), s.db, a)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range lines {
		list = append(list, fmt.Sprintf("%s %s %s ×%d %v of %d", l.Day, l.Clock, l.Message, l.Places, l.Standings, l.OfDay))
	}
	return list
}

func at(day, hour, minute int) time.Time {
	return time.Date(2027, 7, day, hour, minute, 0, 0, time.UTC)
}

func TestAPostIsOneLineADayHoweverManyPlacesItGoesTo(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	london, tokyo := s.Channel(booktest.Channel{Zone: "Europe/London"}), s.Channel(booktest.Channel{Zone: "Asia/Tokyo"})
	one := s.Post("one")
	s.Deliver(booktest.Delivery{Post: one, Channel: london, Due: at(10, 8, 0)})
	s.Deliver(booktest.Delivery{Post: one, Channel: tokyo, Due: at(10, 0, 0)})
	s.Deliver(booktest.Delivery{Post: s.Post("two"), Channel: tokyo, Due: at(10, 20, 0)})
	for name, tt := range map[string]struct {
		change func(*agenda.Ask)
		want   []string
	}{
		"one zone":              {nil, []string{"2027-07-10 00:00 one ×2 [draft draft] of 2", "2027-07-10 20:00 two ×1 [draft] of 2"}},
		"each place's own":      {func(a *agenda.Ask) { a.Each = true }, []string{"2027-07-10 09:00 one ×2 [draft draft] of 1", "2027-07-11 05:00 two ×1 [draft] of 1"}},
		"another zone":          {func(a *agenda.Ask) { a.Zone, _ = time.LoadLocation("America/New_York") }, []string{"2027-07-09 20:00 one ×1 [draft] of 1", "2027-07-10 04:00 one ×1 [draft] of 2", "2027-07-10 16:00 two ×1 [draft] of 2"}},
		"by hours":              {func(a *agenda.Ask) { a.Fine = true }, []string{"2027-07-10 00:00 one ×1 [draft] of 3", "2027-07-10 08:00 one ×1 [draft] of 3", "2027-07-10 20:00 two ×1 [draft] of 3"}},
		"cut":                   {func(a *agenda.Ask) { a.PerDay = 1 }, []string{"2027-07-10 00:00 one ×2 [draft draft] of 2"}},
		"the second page":       {func(a *agenda.Ask) { a.Skip, a.Most = 1, 1 }, []string{"2027-07-10 20:00 two ×1 [draft] of 2"}},
		"another month":         {func(a *agenda.Ask) { a.From, a.To = august, august.AddDays(31) }, nil},
		"of its edition":        {func(a *agenda.Ask) { a.Editions = []int64{s.Edition}; a.PerDay = 1 }, []string{"2027-07-10 00:00 one ×2 [draft draft] of 2"}},
		"of none":               {func(a *agenda.Ask) { a.Editions = []int64{0} }, nil},
		"another network":       {func(a *agenda.Ask) { a.Networks = []string{"x", "bluesky"} }, nil},
		"this network or that":  {func(a *agenda.Ask) { a.Networks = []string{"x", "mastodon"}; a.PerDay = 1 }, []string{"2027-07-10 00:00 one ×2 [draft draft] of 2"}},
		"another language":      {func(a *agenda.Ask) { a.Languages = []string{"ar"} }, nil},
		"what is not there":     {func(a *agenda.Ask) { a.Standings = []string{"published", "<x>"} }, nil},
		"a label nobody has":    {func(a *agenda.Ask) { a.Labels = []string{"york"} }, nil},
		"outside of the limits": {func(a *agenda.Ask) { a.Person.Campaigns = []string{"elsewhere"} }, nil},
	} {
		s.exec(`UPDATE people SET campaigns = $2 WHERE id = $1`, s.Author, "{}")
		a := s.here
		if tt.change != nil {
			tt.change(&a)
		}
		if len(a.Person.Campaigns) > 0 {
			s.exec(`UPDATE people SET campaigns = '{elsewhere}' WHERE id = $1`, s.Author)
		}
		if diff := cmp.Diff(tt.want, s.lines(tt.change)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhoIsLimitedToALabelSeesItsAccountsOnly(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	leeds, york := s.Channel(booktest.Channel{}), s.Channel(booktest.Channel{})
	s.exec(`UPDATE channels SET labels = '{leeds}' WHERE id = $1`, leeds)
	s.exec(`UPDATE channels SET labels = '{york}' WHERE id = $1`, york)
	both := s.Post("both")
	s.Deliver(booktest.Delivery{Post: both, Channel: leeds, Due: at(10, 8, 0)})
	s.Deliver(booktest.Delivery{Post: both, Channel: york, Due: at(10, 9, 0)})
	s.Deliver(booktest.Delivery{Post: s.Post("theirs"), Channel: york, Due: at(10, 10, 0)})
	s.exec(`UPDATE people SET labels = '{leeds}' WHERE id = $1`, s.Author)
	limited := func(a *agenda.Ask) { a.Person.Labels = []string{"leeds"} }
	if diff := cmp.Diff([]string{"2027-07-10 08:00 both ×1 [draft] of 1"}, s.lines(limited)); diff != "" {
		t.Errorf("what they see (-want +got):\n%s", diff)
	}
	c, err := agenda.Chosen(t.Context(), s.db, true, s.Author)
	if err != nil || !slices.Equal(c.Labels, []string{"leeds"}) || !slices.Equal(c.Networks, []string{"mastodon"}) || !slices.Equal(c.Zones, []string{"Etc/UTC"}) {
		t.Errorf("they choose from %+v, %v", c, err)
	}
}

// What lies too close, or in quiet hours, is what planning says of the same places.
func TestWhatIsOddIsWhatPlanningSays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rehearsals := 0
	rapid.Check(t, func(r *rapid.T) {
		rehearsals++
		day := 1 + rehearsals%28
		channel := s.Channel(booktest.Channel{Zone: rapid.SampledFrom([]string{"Europe/London", "Asia/Kolkata"}).Draw(r, "zone")})
		spacing := rapid.IntRange(0, 40).Draw(r, "spacing")
		s.exec(`UPDATE channels SET spacing_minutes = $2 WHERE id = $1`, channel, spacing)
		if rapid.Bool().Draw(r, "quiet") {
			s.exec(`UPDATE channels SET quiet_from = '22:00', quiet_to = '07:30' WHERE id = $1`, channel)
		}
		posts := map[int64]bool{}
		for i := range rapid.IntRange(1, 5).Draw(r, "posts") {
			id := s.Post(fmt.Sprintf("post-%d-%d", rehearsals, i))
			posts[id] = true
			s.Deliver(booktest.Delivery{Post: id, Channel: channel, Due: at(day, 0, rapid.IntRange(0, 1400).Draw(r, "minute"))})
		}
		looked, err := conflict.Look(t.Context(), s.db, edition(s), now)
		if err != nil {
			r.Fatal(err)
		}
		want := map[int64][2]bool{}
		for _, e := range looked.Entries {
			odd := want[e.Post]
			for _, c := range looked.Conflicts[e.Delivery] {
				odd[0] = odd[0] || c.Kind == conflict.TooClose
				odd[1] = odd[1] || c.Kind == conflict.QuietHours
			}
			want[e.Post] = odd
		}
		a := s.here
		a.Zone = time.UTC
		lines, err := agenda.Lines(t.Context(), s.db, a)
		if err != nil {
			r.Fatal(err)
		}
		for _, l := range lines {
			if got := [2]bool{l.Close, l.Quiet}; posts[l.Post] && got != want[l.Post] {
				r.Fatalf("%s at %s, %d minutes apart: close and quiet are %v, planning says %v", l.Message, l.DueAt, spacing, got, want[l.Post])
			}
		}
	})
}

func edition(s *scene) book.Edition {
	e, err := book.EditionByID(s.t.Context(), s.db, s.Edition)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

func TestTheDaysThatPeopleAnnouncedAreThoseOfTheCampaign(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.exec(`UPDATE campaigns SET observance = '{"id": "giving", "rule": {"type": "announced"}}'`)
	s.exec(`INSERT INTO announced_dates (campaign_id, year, first_day, last_day, entered_by) VALUES ('july-30', 2027, '2027-11-30', '2027-12-01', $1)`, s.Author)
	all, err := agenda.Observances(t.Context(), s.db)
	if err != nil {
		t.Fatal(err)
	}
	days, ok, err := all["july-30"].Rule.On(2027)
	if err != nil || !ok || days.String() != "2027-11-30 to 2027-12-01" {
		t.Errorf("its days are %s, %v, %v", days, ok, err)
	}
}
