package pause

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

const (
	// soon is how far ahead of its instant what is paused stands aside: longer than anybody claims ahead, and than a regular job waits.
	soon = time.Minute
	// asideBatch is how many rows step aside in one statement: a fifth of a second's work, in which nobody can lift the pause.
	asideBatch = 20_000
)

// What comes up soon under a pause. Whoever claims walks over such rows one by one, for as long as they stand in the index of the claim.
// Under a pause of everything nobody walks there. A row that somebody holds a lock on is left for the next time. It runs on queue_due.
const sqlAside = `
WITH stopped AS MATERIALIZED (
  SELECT scope, scope_id
  FROM pauses
  WHERE id = $1
    AND scope <> 'everything'
    AND lifted_at IS NULL
  FOR SHARE
),
due AS MATERIALIZED (
  SELECT q.delivery_id
  FROM queue q
  WHERE q.lease_owner IS NULL
    AND NOT q.aside
    AND q.next_attempt_at <= $2
    AND (q.channel_id IN (
        SELECT c.id
        FROM stopped s
        JOIN channels c ON (s.scope = 'network' AND s.scope_id = c.platform) OR (s.scope = 'channel' AND s.scope_id = c.id::text))
      OR q.post_id IN (
        SELECT p.id
        FROM stopped s
        JOIN editions e ON e.campaign_id = s.scope_id
        JOIN posts p ON p.edition_id = e.id
        WHERE s.scope = 'campaign'))
    AND EXISTS (SELECT 1 FROM stopped)
  LIMIT $3
  FOR NO KEY UPDATE OF q SKIP LOCKED
)
UPDATE queue q
SET aside = true
FROM due
WHERE q.delivery_id = due.delivery_id`

// setAside takes what comes up soon under a pause out of the way of those who claim.
func setAside(ctx context.Context, db *postgres.DB, id int64, now time.Time) error {
	for {
		res, err := db.ExecContext(ctx, sqlAside, id, now.Add(soon), asideBatch)
		if err != nil {
			return fmt.Errorf("set aside what comes up under pause %d: %w", id, err)
		}
		if n, err := res.RowsAffected(); err != nil || n < asideBatch {
			return err
		}
	}
}
