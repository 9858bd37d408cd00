package compare_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/civil"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func n(v int64) *int64 { return &v }

// team is a book with somebody who enters counts.
type team struct {
	*booktest.Book
	t  *testing.T
	db *postgres.DB
}

func newTeam(t *testing.T) team {
	t.Helper()
	db := postgrestest.New(t, migrations.FS)
	return team{booktest.New(t, db), t, db}
}

// another makes a further edition of the campaign and lets the book's next posts be of it.
func (b team) another(year int, day string) int64 {
	b.t.Helper()
	if err := b.db.GetContext(b.t.Context(), &b.Edition, `
INSERT INTO editions (campaign_id, year, first_day, last_day) VALUES ($1, $2, $3, $3) RETURNING id`, b.Campaign, year, day); err != nil {
		b.t.Fatal(err)
	}
	return b.Edition
}

// out publishes a message on a channel at an instant.
func (b team) out(message string, channel int64, at time.Time) int64 {
	b.t.Helper()
	id := b.Deliver(booktest.Delivery{Post: b.Post(message), Channel: channel, Due: at})
	b.Publish(id, at)
	return id
}

// says lets a network tell counts.
func (b team) says(delivery int64, at time.Time, c platform.Counts) {
	b.t.Helper()
	by := people.Person{ID: b.Author, Role: people.RoleEditor}
	if err := b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error {
		return engagement.Enter(b.t.Context(), tx, by, delivery, c, at, "Read on the page.")
	}); err != nil {
		b.t.Fatal(err)
	}
}

func day(s string, hour int) time.Time {
	at, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return at.Add(time.Duration(hour) * time.Hour)
}

// TestEditionsOfAMovableDayAreLaidAlongTheirDays has a campaign whose day falls on another date each year: the second Tuesday of
// February. What was gained is compared day by day of the campaign, not by dates.
func TestEditionsOfAMovableDayAreLaidAlongTheirDays(t *testing.T) {
	t.Parallel()
	b := newTeam(t)
	channel := b.Channel(booktest.Channel{})
	courses := map[int]compare.Course{}
	for year, first := range map[int]string{2028: "2028-02-08", 2029: "2029-02-13"} {
		more := int64(year - 2027) // 1 in the first year, 2 in the second
		edition := b.another(year, first)
		on, err := civil.ParseDate(first)
		if err != nil {
			t.Fatal(err)
		}
		eve := b.out("eve", channel, day(on.AddDays(-1).String(), 18))
		today := b.out("day", channel, day(first, 9))
		b.says(eve, day(on.AddDays(-1).String(), 20), platform.Counts{Favourites: n(4 * more), Impressions: n(100 * more)})
		b.says(today, day(first, 12), platform.Counts{Favourites: n(10 * more)})
		b.says(today, day(first, 23), platform.Counts{Favourites: n(15 * more), Boosts: n(3 * more)})
		b.says(today, day(on.AddDays(7).String(), 12), platform.Counts{Favourites: n(12 * more), Boosts: n(5 * more)})
		days, err := trend.Days(t.Context(), b.db, trend.Filter{Edition: edition})
		if err != nil {
			t.Fatal(err)
		}
		courses[year] = compare.Align(days, on)
		raw, err := compare.Gains(t.Context(), b.db, edition, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(courses[year], compare.Align(raw, on)); diff != "" {
			t.Errorf("%d: what was told each time says something else than the kept sums (-sums +told):\n%s", year, diff)
		}
	}
	now, was := courses[2029], courses[2028]
	for offset, want := range map[int]reach.Counts{
		-1: {Favourites: n(4), Impressions: n(100), Engagements: n(4)},
		0:  {Favourites: n(15), Boosts: n(3), Engagements: n(18)},
		7:  {Favourites: n(-3), Boosts: n(2), Engagements: n(-1)}, // people took favourites back
	} {
		if diff := cmp.Diff(want, was.ByOffset[offset]); diff != "" {
			t.Errorf("the first year at %d (-want +got):\n%s", offset, diff)
		}
		twice := compare.Plus(want, want)
		if diff := cmp.Diff(twice, now.ByOffset[offset]); diff != "" {
			t.Errorf("the second year at %d (-want +got):\n%s", offset, diff)
		}
	}
	if len(was.ByOffset) != 3 || len(now.ByOffset) != 3 {
		t.Errorf("gains on %d and %d days, want 3", len(was.ByOffset), len(now.ByOffset))
	}
	for until, want := range map[int]int64{-2: 0, -1: 4, 0: 22, 6: 22, 7: 21, 400: 21} {
		got := was.Until(until).Engagements
		if want == 0 && got != nil || want != 0 && (got == nil || *got != want) {
			t.Errorf("until %d: %v, want %d", until, got, want)
		}
		if change, ok := compare.Change(now.Until(until).Engagements, got); ok != (want != 0) || ok && change != 100 {
			t.Errorf("until %d the change is %d, %v; want twice as many", until, change, ok)
		}
	}
}

func TestAnEditionIsAddedUpInEveryBreakdownOverSomeAccountsOrAll(t *testing.T) {
	t.Parallel()
	b := newTeam(t)
	north := b.Channel(booktest.Channel{Name: "North", Handle: "@north@127.0.0.1"})
	south := b.Channel(booktest.Channel{Name: "South", Handle: "@south", Platform: "x", Zone: "Asia/Kathmandu"})
	b.says(b.out("one", north, day("2027-07-30", 9)), day("2027-07-31", 9), platform.Counts{Favourites: n(8), Replies: n(2)})
	b.says(b.out("two", south, day("2027-07-30", 20)), day("2027-07-31", 9), platform.Counts{Favourites: n(3), Impressions: n(200), Clicks: n(1)})
	b.out("three", south, day("2027-07-30", 20)) // nobody was asked
	e, err := compare.Read(t.Context(), b.db, b.Edition, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys := func(rows []compare.Row) (list []string) {
		for _, r := range rows {
			list = append(list, r.Key)
		}
		return list
	}
	for _, tt := range []struct {
		name string
		rows []compare.Row
		want []string
	}{
		{"networks", e.Networks, []string{"mastodon", "x"}},
		{"languages", e.Languages, []string{"en"}},
		{"kinds", e.Kinds, []string{""}},
		{"days", e.Days, []string{"2027-07-30", "2027-07-31"}}, // in Kathmandu it was 01:45 of the next day
		{"weekdays", e.Weekdays, []string{"5", "6"}},
		{"hours", e.Hours, []string{"1", "9"}},
	} {
		if diff := cmp.Diff(tt.want, keys(tt.rows)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		var sum compare.Sums
		for _, r := range tt.rows {
			sum.Add(r.Sums)
		}
		if diff := cmp.Diff(e.Total, sum); diff != "" {
			t.Errorf("%s do not add up to the total (-total +sum):\n%s", tt.name, diff)
		}
	}
	if e.Total.Posts != 3 || e.Total.Asked != 2 || *e.Total.Engagements != 14 {
		t.Errorf("%+v", e.Total)
	}
	if tenths, of, ok := e.Total.Rate(); !ok || tenths != 20 || of != 200 { // 4 of 200: the other post has no impressions
		t.Errorf("rate %d of %d, %v", tenths, of, ok)
	}
	if tenths, posts, ok := e.Total.Each(); !ok || tenths != 70 || posts != 2 {
		t.Errorf("%d a post over %d, %v", tenths, posts, ok)
	}
	want := []reach.Lack{
		{Kind: reach.Never, Network: "mastodon", Figures: []string{"boosts", "quotes", "impressions", "clicks"}},
		{Kind: reach.Unasked, Network: "x", Posts: 1, Of: 2},
		{Kind: reach.Never, Network: "x", Figures: []string{"boosts", "replies", "quotes"}},
	}
	if diff := cmp.Diff(want, compare.Lacks(e.Networks)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	best, weakest := e.Ends(3)
	if len(best) != 1 || best[0].Key != "one" || len(weakest) != 1 || weakest[0].Key != "two" {
		t.Errorf("best %v, weakest %v", best, weakest)
	}
	mine, err := compare.Read(t.Context(), b.db, b.Edition, []int64{north})
	if err != nil {
		t.Fatal(err)
	}
	if mine.Total.Posts != 1 || *mine.Total.Engagements != 10 || mine.Total.Impressions != nil || len(mine.Networks) != 1 {
		t.Errorf("on one account: %+v", mine.Total)
	}
	if none, err := compare.Read(t.Context(), b.db, b.Edition, []int64{}); err != nil || none.Total.Posts != 0 || len(none.Messages) != 0 {
		t.Errorf("on no account: %+v, %v", none.Total, err)
	}
	sums, err := compare.Editions(t.Context(), b.db, []int64{b.Edition, 999}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int64]compare.Sums{b.Edition: e.Total}, sums); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	networks, err := compare.Networks(t.Context(), b.db, []int64{b.Edition}, nil)
	if err != nil || !slices.EqualFunc(networks, e.Networks, func(x, y compare.Row) bool { return cmp.Equal(x, y) }) {
		t.Errorf("%v, %v", networks, err)
	}
}

func TestAFigureThatANetworkStopsTellingFallsToNothing(t *testing.T) {
	t.Parallel()
	b := newTeam(t)
	id := b.out("one", b.Channel(booktest.Channel{}), day("2027-07-30", 9))
	if _, err := b.db.ExecContext(context.WithoutCancel(t.Context()), `
INSERT INTO snapshots (delivery_id, taken_at, favourites, boosts) VALUES
  ($1, '2027-07-30 10:00Z', 5, 1), ($1, '2027-07-31 10:00Z', 7, NULL), ($1, '2027-08-01 10:00Z', 6, 4)`, id); err != nil {
		t.Fatal(err)
	}
	days, err := compare.Gains(t.Context(), b.db, b.Edition, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range days {
		got = append(got, d.Day.String())
	}
	sum := compare.Align(days, civil.Date{Year: 2027, Month: 7, Day: 30}).Until(9)
	if len(got) != 3 || *sum.Favourites != 6 || *sum.Boosts != 4 || *days[1].Counts.Boosts != -1 {
		t.Errorf("%v: %+v", got, days)
	}
}
