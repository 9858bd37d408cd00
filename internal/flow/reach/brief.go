package reach

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

// Brief is what editions reached in short: what a page can show that is looked at often.
type Brief struct {
	Posts     int // deliveries that went out, taken down since or not
	Totals    Counts
	Lacks     []Lack     // which network does not tell what, and what has not been asked about yet
	LastAsked *time.Time // when a network was last asked; nil when none was
}

// The figures of [sqlBreakdowns] by network alone, without reading what posts say.
const sqlBrief = `
SELECT CASE WHEN grouping(c.platform) = 0 THEN 'network' ELSE 'total' END AS breakdown, coalesce(c.platform, '') AS key,
  count(d.id) AS posts, count(l.delivery_id) AS asked, max(l.taken_at) AS last_asked,
  sum(l.favourites) AS favourites, sum(l.boosts) AS boosts, sum(l.replies) AS replies, sum(l.quotes) AS quotes,
  sum(l.impressions) AS impressions, sum(l.clicks) AS clicks,
  count(l.favourites) AS told_favourites, count(l.boosts) AS told_boosts, count(l.replies) AS told_replies,
  count(l.quotes) AS told_quotes, count(l.impressions) AS told_impressions, count(l.clicks) AS told_clicks
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
JOIN channels c ON c.id = d.channel_id
LEFT JOIN latest_counts l ON l.delivery_id = d.id
WHERE p.edition_id = $1
GROUP BY GROUPING SETS ((c.platform), ())
ORDER BY breakdown, key`

// InBrief adds up what an edition reached by now, in one statement.
func InBrief(ctx context.Context, q postgres.Querier, editionID int64) (Brief, error) {
	var rows []figureRow
	if err := q.SelectContext(ctx, &rows, sqlBrief, editionID); err != nil {
		return Brief{}, fmt.Errorf("add up edition %d in brief: %w", editionID, err)
	}
	var b Brief
	for _, f := range rows {
		if f.Breakdown == "network" {
			b.Lacks = append(b.Lacks, f.lacks()...)
			continue
		}
		b.Posts, b.Totals = f.Posts, f.counts()
		if f.LastAsked != nil {
			b.LastAsked = new(f.LastAsked.UTC())
		}
	}
	return b, nil
}
