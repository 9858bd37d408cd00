package intake

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// Place is a delivery that is out, for which somebody can enter counts.
type Place struct {
	Delivery int64     `db:"id"`
	Message  string    `db:"message"`
	Language string    `db:"language"`
	Name     string    `db:"name"`
	Handle   string    `db:"handle"`
	Platform string    `db:"platform"`
	URL      string    `db:"url"`
	DueAt    time.Time `db:"due_at"`
	Edition  int64     `db:"edition_id"`
	Channel  int64     `db:"channel_id"`
	Counted  bool      `db:"counted"`
}

const place = `
SELECT d.id, p.message, d.language, d.channel_id, c.name, c.handle, c.platform, coalesce(k.url, '') AS url, d.due_at, coalesce(p.edition_id, 0) AS edition_id,
  l.delivery_id IS NOT NULL AS counted
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
JOIN channels c ON c.id = d.channel_id
LEFT JOIN copies k ON k.delivery_id = d.id AND k.part = 1
LEFT JOIN latest_counts l ON l.delivery_id = d.id`

const (
	sqlPlaces = place + `
WHERE p.edition_id = $1
  AND (c.platform = 'byhand' OR l.delivery_id IS NULL)
ORDER BY d.due_at, d.id
LIMIT 100`

	sqlPlace = place + `
WHERE d.id = $1`
)

// Places returns what is out of an edition and told of by no network, the earliest first.
func Places(ctx context.Context, q postgres.Querier, edition int64) ([]Place, error) {
	var list []Place
	if err := q.SelectContext(ctx, &list, sqlPlaces, edition); err != nil {
		return nil, fmt.Errorf("read what nobody tells counts of in edition %d: %w", edition, err)
	}
	return list, nil
}

// PlaceOf returns a delivery that is out.
func PlaceOf(ctx context.Context, q postgres.Querier, delivery int64) (Place, error) {
	var list []Place
	if err := q.SelectContext(ctx, &list, sqlPlace, delivery); err != nil {
		return Place{}, fmt.Errorf("read delivery %d: %w", delivery, err)
	}
	if len(list) == 0 {
		return Place{}, fault.New(fault.NotFound, "There is no such post that is out.")
	}
	return list[0], nil
}
