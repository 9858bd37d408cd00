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

// What was unknown already is asked about from the beginning: whoever held the licence before may have sent it again since.
const (
	sqlSettleAnew = `
UPDATE attempts a
SET ended_at = clock_timestamp()
FROM deliveries d
WHERE a.delivery_id = d.id
  AND d.state = 'unknown'
  AND a.outcome IN ('unknown', 'lost')
  AND a.finding IS NULL`

	sqlAskAnew = `
UPDATE deliveries
SET ask_at = clock_timestamp(), absent = 0
WHERE state = 'unknown'`
)

// What fell due since the last attempt that this book knows, and is not scheduled in it: a later book may have approved and sent it.
// There is no attempt by which a network could be asked.
const sqlAstray = `
UPDATE deliveries d
SET state = 'held', hold = 'decision', problem = $2, release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE d.due_at <= $1
  AND d.due_at > coalesce((SELECT max(a.started_at) FROM attempts a WHERE a.key <> $3), '-infinity')
  AND (d.state = 'missed' OR (d.state = 'held' AND d.hold <> 'decision'))
  AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = d.id)
RETURNING d.id`

// doubtful is the key of an attempt of which only somebody else could know.
const doubtful = "unknown-holder"

// astray holds for a decision what a later book may have sent and this one does not have scheduled.
func astray(ctx context.Context, tx *postgres.Tx, now time.Time) (int, error) {
	const say = "This book is a copy of an older one, and this may have gone out from the one after it. Look on the account before you give it a new time or leave it out."
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, sqlAstray, now, say, doubtful); err != nil {
		return 0, fmt.Errorf("hold what a later book may have sent: %w", err)
	}
	for _, id := range ids {
		if err := audit.Write(ctx, tx, audit.Entry{Action: "delivery.held", Kind: "delivery", ID: id, Detail: map[string]any{"say": say}}); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// Doubt makes every scheduled delivery that was due by now unknown, so that its network is asked before anything is sent, asks about
// what is unknown already from the beginning, and holds for a decision what fell due and is not scheduled. It is what taking the
// sending licence over needs: whoever held it before may have sent them. Never before it is taken: the attempts that it writes would
// hide that this book is a copy. It returns how many are asked about or held.
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
		if err := tx.GetContext(ctx, &id, sqlDoubtedAttempt, r.Delivery, r.Tried+1, r.Fence, doubtful, request, r.DueAt, r.Part); err != nil {
			return 0, fmt.Errorf("delivery %d: %w", r.Delivery, err)
		}
		if _, err := settle.End(ctx, tx, id, "lost", say); err != nil {
			return 0, err
		}
		if _, err := settle.Change(ctx, tx, r.Delivery, "delivery.unknown", say, sqlDoubtedUnknown, r.Delivery, say); err != nil {
			return 0, err
		}
	}
	if _, err := tx.ExecContext(ctx, sqlSettleAnew); err != nil {
		return 0, fmt.Errorf("ask anew about what is unknown: %w", err)
	}
	res, err := tx.ExecContext(ctx, sqlAskAnew)
	if err != nil {
		return 0, fmt.Errorf("ask anew about what is unknown: %w", err)
	}
	asked, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	held, err := astray(ctx, tx, now)
	return int(asked) + held, err
}
