package dispatch

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
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
  (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id) AS tried`

const sqlDoubtedAttempt = `
INSERT INTO attempts (delivery_id, part, no, fence, key, request, request_sha256, started_at)
VALUES ($1, 1, $2, $3, $4, $5, sha256($5), $6)
RETURNING id`

// Doubt makes every scheduled delivery that was due by now unknown, so that its network is asked before anything is sent.
// It is what taking the sending licence over needs: whoever held it before may have sent them. It returns how many there are.
func Doubt(ctx context.Context, tx *postgres.Tx, now time.Time, worker uuid.UUID) (int, error) {
	var rows []struct {
		Delivery int64     `db:"delivery_id"`
		Fence    int64     `db:"fence"`
		DueAt    time.Time `db:"due_at"`
		Body     []byte    `db:"body"`
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
		request, _, err := post.Canonical(frozen{Content: content})
		if err != nil {
			return 0, err
		}
		var attempt int64
		if err := tx.GetContext(ctx, &attempt, sqlDoubtedAttempt, r.Delivery, r.Tried+1, r.Fence, "unknown-holder", request, r.DueAt); err != nil {
			return 0, fmt.Errorf("delivery %d: %w", r.Delivery, err)
		}
		if _, err := tx.ExecContext(ctx, sqlEndAttempt, attempt, "lost", say); err != nil {
			return 0, fmt.Errorf("delivery %d: %w", r.Delivery, err)
		}
		if _, err := tx.ExecContext(ctx, sqlUnknown, r.Delivery, say); err != nil {
			return 0, fmt.Errorf("delivery %d: %w", r.Delivery, err)
		}
		if err := audit.Write(ctx, tx, audit.Entry{Action: "delivery.unknown", Kind: "delivery", ID: r.Delivery, Detail: map[string]any{"say": say}}); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
