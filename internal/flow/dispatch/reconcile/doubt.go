package reconcile

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/settle"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

const sqlDoubted = `
UPDATE queue q
SET lease_owner = $2::uuid, lease_until = clock_timestamp(), fence = q.fence + 1, sending_at = clock_timestamp()
FROM releases r
WHERE r.id = q.release_id
  AND q.sending_at IS NULL
  AND q.due_at <= $1
RETURNING q.delivery_id, q.fence, q.due_at, r.body,
  1 + (SELECT count(*) FROM copies c WHERE c.delivery_id = q.delivery_id) AS part,
  (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id
    AND a.part = 1 + (SELECT count(*) FROM copies c WHERE c.delivery_id = q.delivery_id)) AS tried`

const sqlDoubtedAttempt = `
INSERT INTO attempts (delivery_id, part, no, fence, key, request, request_sha256, started_at)
VALUES ($1, $7, $2, $3, $4, $5, sha256($5), $6)
RETURNING id`

const sqlDoubtedUnknown = `
UPDATE deliveries
SET state = 'unknown', problem = $2, ask_at = clock_timestamp(), absent = 0
WHERE id = $1
  AND state = 'scheduled'`

// Doubt makes every scheduled delivery that was due by now unknown, so that its network is asked before anything is sent.
// It is what taking the sending licence over needs: whoever held it before may have sent them. It returns how many there are.
func Doubt(ctx context.Context, tx *postgres.Tx, now time.Time, worker uuid.UUID) (int, error) {
	var rows []struct {
		Delivery int64     `db:"delivery_id"`
		Fence    int64     `db:"fence"`
		DueAt    time.Time `db:"due_at"`
		Body     []byte    `db:"body"`
		Part     int       `db:"part"`
		Tried    int       `db:"tried"`
	}
	if err := tx.SelectContext(ctx, &rows, sqlDoubted, now, worker.String()); err != nil {
		return 0, fmt.Errorf("find what may have gone out: %w", err)
	}
	const say = "Another holder of the sending licence may have sent it; the network is being asked."
	for _, r := range rows {
		final, err := post.ReadFinal(r.Body)
		if err != nil {
			return 0, fmt.Errorf("delivery %d: %w", r.Delivery, err)
		}
		content, err := book.Content(ctx, tx, final)
		if err != nil {
			return 0, err
		}
		request, err := attempt.Freeze(content, sha256.Sum256(r.Body))
		if err != nil {
			return 0, err
		}
		var id int64
		if err := tx.GetContext(ctx, &id, sqlDoubtedAttempt, r.Delivery, r.Tried+1, r.Fence, "unknown-holder", request, r.DueAt, r.Part); err != nil {
			return 0, fmt.Errorf("delivery %d: %w", r.Delivery, err)
		}
		if _, err := settle.End(ctx, tx, id, "lost", say); err != nil {
			return 0, err
		}
		if _, err := settle.Change(ctx, tx, r.Delivery, "delivery.unknown", say, sqlDoubtedUnknown, r.Delivery, say); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
