package dispatch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// The row is sent only if it is still ours, with the words that were prepared, unpaused, inside its window, and this database
// holds the sending licence. An edit or a withdrawal has taken the row away; then nothing comes back. The lease begins anew.
// A pause that was committed before this statement began is seen by it, whatever was claimed and prepared by then.
const sqlIntent = `
UPDATE queue q
SET sending_at = clock_timestamp(), tries = q.tries + 1, lease_until = clock_timestamp() + $4 * interval '1 millisecond'
WHERE q.delivery_id = $1
  AND q.lease_owner = $2::uuid
  AND q.fence = $3
  AND q.release_id = $7
  AND q.lease_until > clock_timestamp()
  AND q.sending_at IS NULL
  AND q.due_at <= $5
  AND q.not_after > $5
  AND NOT EXISTS (
    SELECT 1
    FROM pauses s
    WHERE s.lifted_at IS NULL
      AND (s.scope = 'everything'
        OR (s.scope = 'network' AND s.scope_id = (SELECT c.platform FROM channels c WHERE c.id = q.channel_id))
        OR (s.scope = 'channel' AND s.scope_id = q.channel_id::text)
        OR (s.scope = 'campaign' AND s.scope_id = (SELECT e.campaign_id FROM posts p JOIN editions e ON e.id = p.edition_id WHERE p.id = q.post_id))))
  AND EXISTS (SELECT 1 FROM licence WHERE token = $6)
RETURNING (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id AND a.part = $8) AS tried,
  (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id AND a.part = $8 AND a.outcome IN ('refused', 'again', 'limited', 'unauthorised')) AS refused,
  (SELECT count(*) FROM attempts a WHERE a.delivery_id = q.delivery_id AND a.part = $8 AND a.finding = 'absent') AS absent,
  (SELECT min(a.started_at) FROM attempts a WHERE a.delivery_id = q.delivery_id AND a.part = $8) AS first_at`

const sqlInsertAttempt = `
INSERT INTO attempts (delivery_id, part, no, fence, key, request, request_sha256, handles, started_at, fallback, cost)
VALUES ($1, $8, $2, $3, $4, $5, sha256($5), $6, $7, $9, $10)
RETURNING id`

// errBudget says that the channel has spent what it may in this month.
var errBudget = errors.New("the channel's budget of this month is used up")

// writeDown commits the attempt at a part: after it, and only after it, the network may be called. It returns nil when the
// delivery may not be sent any more, or not with this text.
func (d *Dispatcher) writeDown(ctx context.Context, r ready, part int) (*attempt.Try, error) {
	request, err := attempt.Freeze(r.content, r.sum)
	if err != nil {
		return nil, err
	}
	cost, err := d.Networks.Cost(ctx, r.Channel, r.content, part)
	if err != nil {
		return nil, fmt.Errorf("ask what it costs: %w", err)
	}
	if len(r.handles) == 0 {
		r.handles = platform.Handles("{}")
	}
	try := &attempt.Try{Row: r.Row, Attempt: platform.Attempt{Part: part, Content: r.content, Handles: r.handles}}
	if part > 0 {
		root, before := r.out[0], r.out[part-1]
		try.Root, try.ReplyTo = &root, &before
	}
	err = d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now := d.Clock.Now()
		var past struct {
			Tried   int        `db:"tried"`
			Refused int        `db:"refused"`
			Absent  int        `db:"absent"`
			FirstAt *time.Time `db:"first_at"`
		}
		err := tx.GetContext(ctx, &past, sqlIntent, r.Delivery, r.Owner, r.Fence, d.Lease.Milliseconds(), now, d.Licence.Token(), r.Release, part+1)
		if err != nil {
			return err
		}
		try.No = past.Tried + 1
		try.Key = attempt.Key(r.Delivery, part, r.sum, attempt.Past{Refused: past.Refused, Absent: past.Absent})
		err = tx.GetContext(ctx, &try.ID, sqlInsertAttempt, r.Delivery, try.No, r.Fence, try.Key, request, string(r.handles), now, part+1, r.fallback, cost)
		if err != nil {
			return err
		}
		try.StartedAt = now
		if past.FirstAt != nil {
			try.StartedAt = *past.FirstAt
		}
		if !r.fallback || part > 0 {
			return nil
		}
		return tellLapsed(ctx, tx, r.Row, now)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if postgres.Constraint(err) == "within_budget" {
		return nil, errBudget
	}
	if postgres.Constraint(err) == "number_checked" {
		// The check ran out, or somebody said that the number is dead, after this was read: it is read again.
		d.Log.WarnContext(ctx, "a helpline's check ran out a moment before sending; its other text is taken", "delivery_id", r.Delivery)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("write the attempt down: %w", err)
	}
	return try, nil
}

const sqlLapsed = `
SELECT p.message, c.name AS channel,
  coalesce((SELECT string_agg(convert_from(h.body, 'UTF8')::jsonb->>'name', ', ' ORDER BY h.id)
    FROM release_helplines n
    JOIN helplines h ON h.id = n.helpline_id
    WHERE n.release_id = $2 AND NOT helpline_holds(n.helpline_id, n.version, $3)), '') AS lines
FROM deliveries d
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
WHERE d.id = $1`

// tellLapsed tells the team that a post goes out without the number that it was approved with.
func tellLapsed(ctx context.Context, tx *postgres.Tx, r attempt.Row, now time.Time) error {
	var about struct {
		Message string `db:"message"`
		Channel string `db:"channel"`
		Lines   string `db:"lines"`
	}
	if err := tx.GetContext(ctx, &about, sqlLapsed, r.Delivery, r.Release, now); err != nil {
		return fmt.Errorf("read whose check ran out: %w", err)
	}
	_, err := notice.Tell(ctx, tx, notice.New{
		Key: fmt.Sprintf("without-helpline:%d:%d", r.Delivery, r.Release), Level: notice.Error, Kind: "post", ID: fmt.Sprint(r.Post), At: now,
		Say: fmt.Sprintf("%s went out on %s with the emergency sentence in place of %s: nobody has checked the number lately enough. Check it before the next post.",
			about.Message, about.Channel, about.Lines),
	})
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{
		Action: "delivery.without_helpline", Kind: "delivery", ID: r.Delivery, Detail: map[string]any{"say": about.Lines},
	})
}
