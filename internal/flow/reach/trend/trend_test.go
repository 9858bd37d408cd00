package trend_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement/ledger"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func n(v int64) *int64 { return &v }

// year fills a book: two channels of Mastodon and one of X, with posts in two languages, counted on the day and on the next.
func year(t *testing.T) (db *postgres.DB, book *booktest.Book, north, west int64) {
	t.Helper()
	db = postgrestest.New(t, migrations.FS)
	book = booktest.New(t, db)
	north, south := book.Channel(booktest.Channel{}), book.Channel(booktest.Channel{Zone: "Africa/Dakar"})
	west = book.Channel(booktest.Channel{Platform: "x", Handle: "@west", Zone: "Pacific/Honolulu"})
	for i, d := range []booktest.Delivery{
		{Channel: north}, {Channel: south, Language: "fr"}, {Channel: west}, {Channel: north, Due: booktest.Due.Add(150 * time.Minute)},
	} {
		d.Post = book.Post(fmt.Sprintf("message-%d", i))
		if d.Due.IsZero() {
			d.Due = booktest.Due
		}
		id := book.Deliver(d)
		book.Publish(id, d.Due)
		for j, told := range []rollup.Figures{{n(10), n(2)}, {n(12), n(1), nil, nil, n(500)}} {
			at := booktest.Due.Add(time.Duration(5+24*j) * time.Hour)
			if err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
				_, gains, err := ledger.Keep(t.Context(), tx, at, time.Minute, []ledger.Answer{{Delivery: id, Figures: told}})
				if err != nil {
					return err
				}
				return rollup.Add(t.Context(), tx, gains)
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return db, book, north, west
}

func TestDaysAreWhatWasGainedOnThem(t *testing.T) {
	t.Parallel()
	db, book, north, west := year(t)
	first := civil.Date{Year: 2027, Month: 7, Day: 30}
	day := func(d civil.Date, platform string, c trend.Counts) trend.Day {
		return trend.Day{Day: d, Platform: platform, Counts: c}
	}
	begin := func(posts int64) trend.Counts {
		return trend.Counts{Favourites: n(10 * posts), Boosts: n(2 * posts), Engagements: n(12 * posts)}
	}
	next := func(posts int64) trend.Counts {
		return trend.Counts{Favourites: n(2 * posts), Boosts: n(-posts), Impressions: n(500 * posts), Engagements: n(posts)}
	}
	all := []trend.Day{day(first, "mastodon", begin(3)), day(first, "x", begin(1)), day(first.AddDays(1), "mastodon", next(3)), day(first.AddDays(1), "x", next(1))}
	for name, tt := range map[string]struct {
		filter trend.Filter
		want   []trend.Day
	}{
		"everything":             {trend.Filter{}, all},
		"an edition":             {trend.Filter{Edition: book.Edition}, all},
		"an edition on one day":  {trend.Filter{Edition: book.Edition, From: first.AddDays(1), To: first.AddDays(1)}, all[2:]},
		"until a day":            {trend.Filter{To: first}, all[:2]},
		"a network":              {trend.Filter{Platform: "x"}, []trend.Day{all[1], all[3]}},
		"a language":             {trend.Filter{Language: "fr"}, []trend.Day{day(first, "mastodon", begin(1)), day(first.AddDays(1), "mastodon", next(1))}},
		"an edition's language":  {trend.Filter{Edition: book.Edition, Language: "fr", To: first}, []trend.Day{day(first, "mastodon", begin(1))}},
		"a channel":              {trend.Filter{Channel: north, To: first}, []trend.Day{day(first, "mastodon", begin(2))}},
		"another channel":        {trend.Filter{Channel: west, From: first.AddDays(1)}, []trend.Day{all[3]}},
		"rehearsals":             {trend.Filter{Rehearsals: true}, []trend.Day{}},
		"a rehearsal's language": {trend.Filter{Rehearsals: true, Language: "fr"}, []trend.Day{}},
		"no campaign":            {trend.Filter{Edition: trend.NoCampaign}, []trend.Day{}},
		"a year without posts":   {trend.Filter{From: civil.Date{Year: 2020, Month: 1, Day: 1}, To: civil.Date{Year: 2020, Month: 12, Day: 31}}, []trend.Day{}},
	} {
		got, err := trend.Days(t.Context(), db, tt.filter)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s (-want +got):\n%s%v", name, diff, err)
		}
	}
	if _, err := trend.Days(t.Context(), db, trend.Filter{Edition: book.Edition, Channel: north}); fault.KindOf(err) != fault.Internal || err == nil {
		t.Errorf("an edition's channel: %v", err)
	}
	var total trend.Counts
	for _, d := range all {
		total = total.Plus(d.Counts)
	}
	report, err := reach.Summarise(t.Context(), db, book.Edition)
	if diff := cmp.Diff(report.Totals, reach.Counts(total)); diff != "" || err != nil {
		t.Errorf("all days are not what the report says (-report +days):\n%s%v", diff, err)
	}
}

func TestHoursAreThoseOfTheClocksAtTheChannelsPlace(t *testing.T) {
	t.Parallel()
	db, _, north, west := year(t)
	one := trend.Counts{Favourites: n(12), Boosts: n(1), Impressions: n(500), Engagements: n(13)}
	got, err := trend.Hours(t.Context(), db, north)
	want := []trend.Hour{{Weekday: time.Friday, Hour: 9, Posts: 1, Counts: one}, {Weekday: time.Friday, Hour: 11, Posts: 1, Counts: one}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("in London (-want +got):\n%s%v", diff, err)
	}
	got, err = trend.Hours(t.Context(), db, west)
	want = []trend.Hour{{Weekday: time.Thursday, Hour: 23, Posts: 1, Counts: one}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("in Honolulu (-want +got):\n%s%v", diff, err)
	}
}
