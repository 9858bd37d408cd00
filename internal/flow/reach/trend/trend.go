// Package trend reads what was gained by day, and at which hours of the week a channel does well.
//
// Days come from sums that are kept as counts come (internal/flow/engagement/rollup), so that a year is read as fast as a day. It reads
// and never writes, and knows nothing of who may see what: a filter names one edition or one channel, and whoever asks has looked
// whether the person may see it. docs/metrics.md says what a day is and why a gain can be negative.
package trend

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// Counts are figures of one or many posts; nil is a figure that no network has told. It converts to reach.Counts.
type Counts struct {
	Favourites  *int64 `json:"favourites"`
	Boosts      *int64 `json:"boosts"`
	Replies     *int64 `json:"replies"`
	Quotes      *int64 `json:"quotes"`
	Impressions *int64 `json:"impressions"`
	Clicks      *int64 `json:"clicks"`
	Engagements *int64 `json:"engagements"` // all the others but impressions, as far as they are told
}

// Plus returns the sum of counts; what neither tells stays nil.
func (c Counts) Plus(d Counts) Counts {
	return Counts{
		Favourites: plus(c.Favourites, d.Favourites), Boosts: plus(c.Boosts, d.Boosts), Replies: plus(c.Replies, d.Replies),
		Quotes: plus(c.Quotes, d.Quotes), Impressions: plus(c.Impressions, d.Impressions), Clicks: plus(c.Clicks, d.Clicks),
		Engagements: plus(c.Engagements, d.Engagements),
	}
}

func plus(a, b *int64) *int64 {
	switch {
	case a == nil && b == nil:
		return nil
	case a == nil:
		return new(*b)
	case b == nil:
		return new(*a)
	}
	return new(*a + *b)
}

// figures is what a row has of counts.
type figures struct {
	Favourites  *int64 `db:"favourites"`
	Boosts      *int64 `db:"boosts"`
	Replies     *int64 `db:"replies"`
	Quotes      *int64 `db:"quotes"`
	Impressions *int64 `db:"impressions"`
	Clicks      *int64 `db:"clicks"`
}

func (f figures) counts() Counts {
	c := Counts{Favourites: f.Favourites, Boosts: f.Boosts, Replies: f.Replies, Quotes: f.Quotes, Impressions: f.Impressions, Clicks: f.Clicks}
	for _, n := range []*int64{f.Favourites, f.Boosts, f.Replies, f.Quotes, f.Clicks} {
		c.Engagements = plus(c.Engagements, n)
	}
	return c
}

// NoCampaign as a [Filter]'s edition asks for posts of no campaign.
const NoCampaign = -1

// Filter says which gains are meant. An edition and a channel cannot be named together.
type Filter struct {
	Edition    int64 // 0 is every edition; [NoCampaign]
	Channel    int64 // 0 is every channel
	Platform   string
	Language   string     // with an edition only, or with neither; a channel's gains are not told apart by language
	From, To   civil.Date // both are in it; the zero date is no limit
	Rehearsals bool       // without an edition or a channel: rehearsals instead of what is none
}

// Day is what was gained on a civil day, at the place of each channel, on one network.
type Day struct {
	Day      civil.Date
	Platform string
	Counts   Counts
}

// The languages of an edition are added up, and so are the editions when a language is asked for over all of them. The primary key
// finds the days of one slice.
const sqlDays = `
SELECT r.day, r.platform, sum(r.favourites)::bigint AS favourites, sum(r.boosts)::bigint AS boosts, sum(r.replies)::bigint AS replies,
  sum(r.quotes)::bigint AS quotes, sum(r.impressions)::bigint AS impressions, sum(r.clicks)::bigint AS clicks
FROM reach_days r
WHERE r.edition_id = $1
  AND r.channel_id = $2
  AND r.day BETWEEN $3 AND $4
  AND ($5 = '' OR r.platform = $5)
  AND ($6 = '' OR r.language = $6)
GROUP BY r.day, r.platform
ORDER BY r.day, r.platform`

const sqlDaysOfLanguage = `
SELECT r.day, r.platform, sum(r.favourites)::bigint AS favourites, sum(r.boosts)::bigint AS boosts, sum(r.replies)::bigint AS replies,
  sum(r.quotes)::bigint AS quotes, sum(r.impressions)::bigint AS impressions, sum(r.clicks)::bigint AS clicks
FROM reach_days r
LEFT JOIN editions e ON e.id = r.edition_id
WHERE r.edition_id >= 0
  AND r.day BETWEEN $1 AND $2
  AND ($3 = '' OR r.platform = $3)
  AND r.language = $4
  AND coalesce(e.rehearsal, false) = $5
GROUP BY r.day, r.platform
ORDER BY r.day, r.platform`

// The slices over all editions, as internal/flow/engagement/rollup writes them.
const (
	everything = -1
	rehearsals = -2
)

// Days returns what was gained on each day and network, in this order. Days and networks without any gain are left out.
func Days(ctx context.Context, q postgres.Querier, f Filter) ([]Day, error) {
	if f.Channel != 0 && (f.Edition != 0 || f.Language != "") {
		return nil, fault.New(fault.Internal, "gains are kept by edition and language, or by channel, not by both")
	}
	if f.From.IsZero() {
		f.From = civil.Date{Year: 1, Month: time.January, Day: 1}
	}
	if f.To.IsZero() {
		f.To = civil.Date{Year: 9999, Month: time.December, Day: 31}
	}
	query, args := sqlDays, []any{f.slice(), f.Channel, f.From, f.To, f.Platform, f.Language}
	if f.Edition == 0 && f.Language != "" {
		query, args = sqlDaysOfLanguage, []any{f.From, f.To, f.Platform, f.Language, f.Rehearsals}
	}
	var rows []struct {
		Day      civil.Date `db:"day"`
		Platform string     `db:"platform"`
		figures
	}
	if err := q.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read what was gained by day: %w", err)
	}
	list := make([]Day, len(rows))
	for i, row := range rows {
		list[i] = Day{Day: row.Day, Platform: row.Platform, Counts: row.counts()}
	}
	return list, nil
}

// slice is the edition by which the table knows what a filter means.
func (f Filter) slice() int64 {
	switch {
	case f.Edition == NoCampaign:
		return 0
	case f.Edition > 0:
		return f.Edition
	case f.Rehearsals && f.Channel == 0:
		return rehearsals
	}
	return everything
}

// Hour is how the posts of a channel did that were due within an hour of the week, by the clocks at its place.
type Hour struct {
	Weekday time.Weekday
	Hour    int // 0 to 23
	Posts   int // that have been counted: with few of them it says little
	Counts  Counts
}

// A channel has some hundreds of posts a year: the index deliveries_channel finds them. Counts are the newest of each post.
const sqlHours = `
SELECT extract(dow FROM d.due_date)::int AS weekday, extract(hour FROM d.due_clock)::int AS hour, count(*)::int AS posts,
  sum(l.favourites)::bigint AS favourites, sum(l.boosts)::bigint AS boosts, sum(l.replies)::bigint AS replies, sum(l.quotes)::bigint AS quotes,
  sum(l.impressions)::bigint AS impressions, sum(l.clicks)::bigint AS clicks
FROM deliveries d
JOIN latest_counts l ON l.delivery_id = d.id
WHERE d.channel_id = $1
GROUP BY 1, 2
ORDER BY 1, 2`

// Hours returns the hours of the week in which counted posts of a channel fell due, from Sunday on.
func Hours(ctx context.Context, q postgres.Querier, channel int64) ([]Hour, error) {
	var rows []struct {
		Weekday int `db:"weekday"`
		Hour    int `db:"hour"`
		Posts   int `db:"posts"`
		figures
	}
	if err := q.SelectContext(ctx, &rows, sqlHours, channel); err != nil {
		return nil, fmt.Errorf("read the hours of channel %d: %w", channel, err)
	}
	list := make([]Hour, len(rows))
	for i, row := range rows {
		list[i] = Hour{Weekday: time.Weekday(row.Weekday), Hour: row.Hour, Posts: row.Posts, Counts: row.counts()}
	}
	return list, nil
}

// Oddity is something that looked odd in what a network said of a post. It has changed no total.
type Oddity struct {
	Delivery int64     `db:"delivery_id"`
	At       time.Time `db:"taken_at"`
	Kind     string    `db:"kind"`   // a constant of internal/flow/engagement/ledger
	Figure   string    `db:"figure"` // empty where it is not about one
	Was      *int64    `db:"was"`
	Told     *int64    `db:"told"`
}

const sqlOddities = `
SELECT o.delivery_id, o.taken_at, o.kind, o.figure, o.was, o.told
FROM count_oddities o
WHERE o.delivery_id = ANY ($1)
ORDER BY o.taken_at, o.delivery_id, o.kind, o.figure`

// Oddities returns what looked odd about deliveries, the oldest first.
func Oddities(ctx context.Context, q postgres.Querier, deliveries ...int64) ([]Oddity, error) {
	var list []Oddity
	if err := q.SelectContext(ctx, &list, sqlOddities, pq.Array(deliveries)); err != nil {
		return nil, fmt.Errorf("list what looked odd: %w", err)
	}
	for i := range list {
		list[i].At = list[i].At.UTC()
	}
	return list, nil
}

// Follow is how many followed a channel on a civil day at its place.
type Follow struct {
	Channel   int64      `db:"channel_id"`
	Day       civil.Date `db:"day"`
	Followers int64      `db:"followers"`
}

const sqlFollowers = `
SELECT f.channel_id, f.day, f.followers
FROM channel_counts f
WHERE f.channel_id = $1
  AND f.day BETWEEN $2 AND $3
ORDER BY f.day`

// Followers returns how many followed a channel from one day to another, in order. Days on which nobody asked are left out.
func Followers(ctx context.Context, q postgres.Querier, channel int64, from, to civil.Date) ([]Follow, error) {
	var list []Follow
	if err := q.SelectContext(ctx, &list, sqlFollowers, channel, from, to); err != nil {
		return nil, fmt.Errorf("read the followers of channel %d: %w", channel, err)
	}
	return list, nil
}

const sqlFollowersAt = `
SELECT DISTINCT ON (f.channel_id) f.channel_id, f.day, f.followers
FROM channel_counts f
WHERE f.channel_id = ANY ($1)
  AND f.day <= $2
ORDER BY f.channel_id, f.day DESC`

// FollowersAt returns how many followed each channel on a day, or on the newest day before it that is known. Channels of which nothing
// is known by then are left out.
func FollowersAt(ctx context.Context, q postgres.Querier, day civil.Date, channels ...int64) ([]Follow, error) {
	var list []Follow
	if err := q.SelectContext(ctx, &list, sqlFollowersAt, pq.Array(channels), day); err != nil {
		return nil, fmt.Errorf("read followers: %w", err)
	}
	return list, nil
}
