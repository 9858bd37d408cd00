package compare

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"daymark/internal/postgres"
)

const (
	sqlEditions = `
SELECT p.edition_id, ` + summed + `
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
LEFT JOIN latest_counts l ON l.delivery_id = d.id
WHERE p.edition_id = ANY ($1)
  AND ($2::bigint[] IS NULL OR d.channel_id = ANY ($2))
GROUP BY p.edition_id`

	sqlNetworks = `
SELECT c.platform, ` + summed + `
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
JOIN channels c ON c.id = d.channel_id
LEFT JOIN latest_counts l ON l.delivery_id = d.id
WHERE p.edition_id = ANY ($1)
  AND ($2::bigint[] IS NULL OR d.channel_id = ANY ($2))
GROUP BY c.platform
ORDER BY c.platform`
)

// Editions adds up several editions, each for itself, over some accounts or, with nil, all. What has nothing out is not among them.
func Editions(ctx context.Context, q postgres.Querier, editions, accounts []int64) (map[int64]Sums, error) {
	var rows []struct {
		Edition int64 `db:"edition_id"`
		sums
	}
	if err := q.SelectContext(ctx, &rows, sqlEditions, pq.Array(editions), pq.Array(accounts)); err != nil {
		return nil, fmt.Errorf("add up %d editions: %w", len(editions), err)
	}
	all := make(map[int64]Sums, len(rows))
	for _, r := range rows {
		all[r.Edition] = r.as()
	}
	return all, nil
}

// Networks adds up several editions together, by network.
func Networks(ctx context.Context, q postgres.Querier, editions, accounts []int64) ([]Row, error) {
	var rows []struct {
		Platform string `db:"platform"`
		sums
	}
	if err := q.SelectContext(ctx, &rows, sqlNetworks, pq.Array(editions), pq.Array(accounts)); err != nil {
		return nil, fmt.Errorf("add up %d editions by network: %w", len(editions), err)
	}
	var all []Row
	for _, r := range rows {
		all = append(all, Row{Key: r.Platform, Sums: r.as()})
	}
	return all, nil
}
