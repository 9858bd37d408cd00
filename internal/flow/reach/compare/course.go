package compare

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"daymark/internal/core/civil"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/postgres"
)

// Course is what an edition gained, by the number of days from its first day: -1 is the eve. Two editions of a movable day are laid side
// by side in this way; their dates say nothing about each other.
type Course struct {
	First    civil.Date
	ByOffset map[int]reach.Counts
}

// Align lays gains along the days of a campaign.
func Align(days []trend.Day, first civil.Date) Course {
	c := Course{First: first, ByOffset: map[int]reach.Counts{}}
	for _, d := range days {
		at := d.Day.DaysSince(first)
		c.ByOffset[at] = Plus(c.ByOffset[at], reach.Counts(d.Counts))
	}
	return c
}

// Until adds up what was gained by the end of a day, whenever it began.
func (c Course) Until(offset int) reach.Counts {
	var sum reach.Counts
	for at, counts := range c.ByOffset {
		if at <= offset {
			sum = Plus(sum, counts)
		}
	}
	return sum
}

// Change is by how much a figure differs from an earlier one, in hundredths of that one. It is not there without both, or where the
// earlier one is nothing.
func Change(now, before *int64) (hundredths int64, ok bool) {
	if now == nil || before == nil || *before <= 0 {
		return 0, false
	}
	return rounded((*now-*before)*100, *before), true
}

// snapshot is what was told of a delivery at an instant, by the civil day at its channel's place.
type snapshot struct {
	Delivery    int64      `db:"delivery_id"`
	Day         civil.Date `db:"day"`
	Platform    string     `db:"platform"`
	Favourites  *int64     `db:"favourites"`
	Boosts      *int64     `db:"boosts"`
	Replies     *int64     `db:"replies"`
	Quotes      *int64     `db:"quotes"`
	Impressions *int64     `db:"impressions"`
	Clicks      *int64     `db:"clicks"`
}

const sqlSnapshots = `
SELECT s.delivery_id, (s.taken_at AT TIME ZONE d.zone)::date AS day, c.platform, s.favourites, s.boosts, s.replies, s.quotes,
  s.impressions, s.clicks
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
JOIN channels c ON c.id = d.channel_id
JOIN snapshots s ON s.delivery_id = d.id
WHERE p.edition_id = $1
  AND ($2::bigint[] IS NULL OR d.channel_id = ANY ($2))
ORDER BY s.delivery_id, s.taken_at`

// Gains reads what an edition gained day by day on some accounts, from what the networks told each time. It is for those who work on
// some accounts only: over all accounts the kept sums of days say the same, and sooner.
func Gains(ctx context.Context, q postgres.Querier, edition int64, accounts []int64) ([]trend.Day, error) {
	var list []snapshot
	if err := q.SelectContext(ctx, &list, sqlSnapshots, edition, pq.Array(accounts)); err != nil {
		return nil, fmt.Errorf("read what edition %d gained: %w", edition, err)
	}
	return gains(list), nil
}

// gains takes from each what was told before. A figure that a network stops telling falls to nothing, as in the kept sums of days.
func gains(list []snapshot) []trend.Day {
	type key struct {
		day      civil.Date
		platform string
	}
	sum := map[key]reach.Counts{}
	var order []key
	var last reach.Counts
	for i, s := range list {
		if i == 0 || list[i-1].Delivery != s.Delivery {
			last = reach.Counts{}
		}
		told := reach.Counts{Favourites: s.Favourites, Boosts: s.Boosts, Replies: s.Replies, Quotes: s.Quotes, Impressions: s.Impressions, Clicks: s.Clicks}
		var gained reach.Counts
		for f, now := range figures(&told) {
			was := figures(&last)[f]
			if *now == nil && *was == nil {
				continue
			}
			gain := int64(0)
			if *now != nil {
				gain += **now
			}
			if *was != nil {
				gain -= **was
			}
			*figures(&gained)[f], *was = &gain, *now
		}
		k := key{s.Day, s.Platform}
		if _, seen := sum[k]; !seen {
			order = append(order, k)
		}
		sum[k] = Plus(sum[k], gained)
	}
	all := make([]trend.Day, len(order))
	for i, k := range order {
		all[i] = trend.Day{Day: k.day, Platform: k.platform, Counts: trend.Counts(sum[k])}
	}
	return all
}
