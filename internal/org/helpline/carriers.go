package helpline

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/postgres"
)

// Carrier is a delivery that shows a helpline: one that waits, or one that is out.
type Carrier struct {
	Delivery int64      `db:"delivery"`
	Post     int64      `db:"post"`
	Message  string     `db:"message"` // the message's id in its campaign
	Channel  int64      `db:"channel"`
	Name     string     `db:"channel_name"`
	Sandbox  bool       `db:"sandbox"`
	Language string     `db:"language"`
	DueAt    time.Time  `db:"due_at"`
	Zone     string     `db:"zone"`
	State    post.State `db:"state"`
	URL      string     `db:"url"`     // where it is out; empty while it is not
	Version  int        `db:"version"` // of the helpline, as the release shows it
}

// Live reports whether the number is out, or may be.
func (c Carrier) Live() bool {
	return c.State == post.Published || c.State == post.Unknown || c.State == post.Sending
}

// A scheduled delivery carries its release. One that is held carries none; what its reviewers were shown last counts, as long as
// nobody has edited the post since. One that went out without the number is no carrier. Begins with release_helplines_line.
const sqlCarriers = `
SELECT d.id AS delivery, p.id AS post, p.message, c.id AS channel, c.name AS channel_name, c.sandbox, d.language, d.due_at, d.zone,
  s.state, coalesce(o.url, '') AS url, n.version
FROM release_helplines n
JOIN releases r ON r.id = n.release_id
JOIN deliveries d ON d.id = r.delivery_id
JOIN delivery_states s ON s.delivery_id = d.id
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
LEFT JOIN copies o ON o.delivery_id = d.id AND o.part = 1
WHERE n.helpline_id = $1
  AND CASE d.state
    WHEN 'scheduled' THEN d.release_id = r.id
    WHEN 'unknown' THEN d.release_id = r.id
    WHEN 'published' THEN d.release_id = r.id AND o.removed_at IS NULL AND EXISTS (
      SELECT 1
      FROM attempts a
      WHERE a.delivery_id = d.id AND NOT a.fallback AND (a.outcome = 'published' OR a.finding = 'found')
    )
    WHEN 'held' THEN r.revision_id = p.current_revision AND r.id = (SELECT max(l.id) FROM releases l WHERE l.delivery_id = d.id)
    ELSE false
  END
ORDER BY d.due_at, d.id`

// Carriers returns every delivery that waits or is out and shows a helpline, by the instant at which it is due.
func Carriers(ctx context.Context, q postgres.Querier, id string) ([]Carrier, error) {
	var list []Carrier
	if err := q.SelectContext(ctx, &list, sqlCarriers, id); err != nil {
		return nil, fmt.Errorf("read what shows helpline %s: %w", id, err)
	}
	for i := range list {
		list[i].DueAt = list[i].DueAt.UTC()
	}
	return list, nil
}
