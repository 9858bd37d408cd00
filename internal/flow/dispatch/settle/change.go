package settle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/org/audit"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

const sqlEnd = `
UPDATE attempts
SET ended_at = clock_timestamp(), outcome = $2, problem = $3
WHERE id = $1
  AND outcome IS NULL`

// End writes the outcome of an attempt. It is false when the attempt has one already: the same outcome, of which the database's
// word was lost, or "lost", by a worker that took this one for dead.
func End(ctx context.Context, tx *postgres.Tx, attempt int64, outcome, say string) (bool, error) {
	res, err := tx.ExecContext(ctx, sqlEnd, attempt, outcome, say)
	if err != nil {
		return false, fmt.Errorf("end attempt %d: %w", attempt, err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

const sqlFind = `
UPDATE attempts
SET finding = $2
WHERE id = $1
  AND finding IS NULL
  AND outcome IN ('unknown', 'lost')`

// Find writes what was found out later about an attempt without an answer: "found" or "absent".
func Find(ctx context.Context, tx *postgres.Tx, attempt int64, finding string) error {
	if _, err := tx.ExecContext(ctx, sqlFind, attempt, finding); err != nil {
		return fmt.Errorf("write that attempt %d is %s: %w", attempt, finding, err)
	}
	return nil
}

const sqlInsertCopy = `
INSERT INTO copies (delivery_id, part, post_id, channel_id, language, remote_id, uri, url, published_at, release_id)
SELECT d.id, $6, d.post_id, d.channel_id, d.language, $2, $3, $4, $5, $7
FROM deliveries d
WHERE d.id = $1
ON CONFLICT (delivery_id, part) DO NOTHING`

const sqlPublished = `
UPDATE deliveries
SET state = 'published', hold = NULL, problem = '', ask_at = NULL, settled_at = $2
WHERE id = $1
  AND state IN ('scheduled', 'unknown')`

// A delivery that was held while its answer was awaited keeps its state, which only a person changes, and says that it is out.
const sqlOutAfterAll = `
UPDATE deliveries
SET hold = 'decision', problem = $2
WHERE id = $1
  AND state = 'held'`

// Part is one part of a delivery's release.
type Part struct {
	Delivery int64
	Release  int64
	No       int // from 1
	Of       int // how many parts the release has
}

// CopyOut writes the network's word that a part is out. With the last part the delivery is published.
func CopyOut(ctx context.Context, tx *postgres.Tx, part Part, receipt platform.Receipt, now time.Time) error {
	at, id := receipt.At, part.Delivery
	if at.IsZero() {
		at = now
	}
	if _, err := tx.ExecContext(ctx, sqlInsertCopy, id, receipt.Ref.ID, receipt.Ref.URI, receipt.URL, at, part.No, part.Release); err != nil {
		return fmt.Errorf("write the copy of part %d of delivery %d: %w", part.No, id, err)
	}
	if part.No < part.Of {
		detail := map[string]any{"say": receipt.URL, "part": part.No}
		return audit.Write(ctx, tx, audit.Entry{Action: "delivery.part_published", Kind: "delivery", ID: id, Detail: detail})
	}
	changed, err := Change(ctx, tx, id, "delivery.published", receipt.URL, sqlPublished, id, now)
	if err != nil || changed {
		return err
	}
	say := "It is out already: " + receipt.URL
	_, err = Change(ctx, tx, id, "delivery.published", say, sqlOutAfterAll, id, say)
	return err
}

const sqlHold = `
UPDATE deliveries
SET state = 'held', hold = $2, problem = $3, ask_at = NULL, release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE id = $1
  AND state IN ('scheduled', 'unknown')`

// Hold hands a scheduled or unknown delivery to a person.
func Hold(ctx context.Context, tx *postgres.Tx, delivery int64, why post.Hold, say string) error {
	_, err := Change(ctx, tx, delivery, "delivery.held", say, sqlHold, delivery, string(why), say)
	return err
}

const sqlRevisedSince = `
SELECT p.current_revision IS DISTINCT FROM r.revision_id
FROM releases r
JOIN posts p ON p.id = r.post_id
WHERE r.id = $1`

// WhyUnguarded says why a release may not go out any more: its text was changed, or its approval ended.
func WhyUnguarded(ctx context.Context, tx *postgres.Tx, release int64) (post.Hold, error) {
	var revised bool
	if err := tx.GetContext(ctx, &revised, sqlRevisedSince, release); err != nil {
		return "", fmt.Errorf("see why release %d lost its approval: %w", release, err)
	}
	if revised {
		return post.ForEdited, nil
	}
	return post.ForApproval, nil
}

// Change runs one statement that changes the state of a delivery and writes its line in the audit log. It is false when the
// statement found the delivery in another state and changed nothing.
func Change(ctx context.Context, tx *postgres.Tx, delivery int64, action, say, statement string, args ...any) (bool, error) {
	res, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return false, fmt.Errorf("%s %d: %w", action, delivery, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	detail := map[string]any{}
	if say != "" {
		detail["say"] = say
	}
	return true, audit.Write(ctx, tx, audit.Entry{Action: action, Kind: "delivery", ID: delivery, Detail: detail})
}

// contradicts reports whether the database refuses what is written, so that writing it again is of no use.
func contradicts(err error) bool {
	return postgres.Constraint(err) != "" || errors.Is(err, errRemoteID)
}
