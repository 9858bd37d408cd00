package digest

import (
	"context"
	"fmt"

	"daymark/internal/core/civil"
	"daymark/internal/flow/reach"
	"daymark/internal/postgres"
)

// Line is what posts of one edition did, or those of none.
type Line struct {
	Edition int64  // 0 is none
	Title   string // in English; empty where there is no edition
	Posts   int
	Counts  reach.Counts
}

// Days are those at the place of each channel.
const sqlLines = `
SELECT coalesce(p.edition_id, 0) AS edition_id, coalesce(min(c.title->>'en') || ' ' || min(e.year), min(c.id) || ' ' || min(e.year), '') AS title,
  count(d.id) AS posts, sum(l.favourites)::bigint AS favourites, sum(l.boosts)::bigint AS boosts, sum(l.replies)::bigint AS replies,
  sum(l.quotes)::bigint AS quotes, sum(l.impressions)::bigint AS impressions, sum(l.clicks)::bigint AS clicks
FROM deliveries d
JOIN posts p ON p.id = d.post_id AND NOT p.rehearsal
LEFT JOIN editions e ON e.id = p.edition_id
LEFT JOIN campaigns c ON c.id = e.campaign_id
LEFT JOIN latest_counts l ON l.delivery_id = d.id
WHERE d.state IN ('published', 'removed')
  AND d.due_date BETWEEN $1::date AND $2::date
GROUP BY p.edition_id
ORDER BY p.edition_id NULLS LAST`

// Lines adds up the posts that fell due on some days, by edition. A figure that nobody told is nil.
func Lines(ctx context.Context, q postgres.Querier, from, to civil.Date) ([]Line, error) {
	var rows []struct {
		Edition     int64  `db:"edition_id"`
		Title       string `db:"title"`
		Posts       int    `db:"posts"`
		Favourites  *int64 `db:"favourites"`
		Boosts      *int64 `db:"boosts"`
		Replies     *int64 `db:"replies"`
		Quotes      *int64 `db:"quotes"`
		Impressions *int64 `db:"impressions"`
		Clicks      *int64 `db:"clicks"`
	}
	if err := q.SelectContext(ctx, &rows, sqlLines, from.String(), to.String()); err != nil {
		return nil, fmt.Errorf("add up the posts from %s to %s: %w", from, to, err)
	}
	var list []Line
	for _, r := range rows {
		c := reach.Counts{Favourites: r.Favourites, Boosts: r.Boosts, Replies: r.Replies, Quotes: r.Quotes, Impressions: r.Impressions, Clicks: r.Clicks}
		for _, n := range []*int64{c.Favourites, c.Boosts, c.Replies, c.Quotes, c.Clicks} {
			switch {
			case n == nil:
			case c.Engagements == nil:
				c.Engagements = new(*n)
			default:
				*c.Engagements += *n
			}
		}
		list = append(list, Line{Edition: r.Edition, Title: r.Title, Posts: r.Posts, Counts: c})
	}
	return list, nil
}
