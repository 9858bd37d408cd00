package preflight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Did says what a [Sweep] did.
type Did struct {
	Looked int // deliveries whose content was held against their networks
	Told   int // matters that are new to the team
}

// What was found of words that are not those in the queue any more is out of date.
const sqlOutOfDate = `
DELETE FROM delivery_risks r
WHERE r.matter = ANY($1)
  AND NOT EXISTS (
    SELECT 1
    FROM queue q
    JOIN preflights p ON p.delivery_id = q.delivery_id AND p.release_id = q.release_id AND p.due_at = q.due_at
    WHERE q.delivery_id = r.delivery_id
      AND q.sending_at IS NULL)`

const sqlForgetLooks = `
DELETE FROM preflights
WHERE due_at < $1`

// Sweep looks at all that goes out within a day: at what the database tells each time, and at what networks have to be asked for a day
// and an hour ahead and when the words change. It tells the team once of each matter that is new. One replica runs it at a time.
func Sweep(ctx context.Context, db *postgres.DB, networks Networks, now time.Time) (Did, error) {
	var did Did
	for {
		var list []queued
		if err := db.SelectContext(ctx, &list, sqlToLookAt, now, now.Add(Ahead), now.Add(soon), soon.Seconds(), batch); err != nil {
			return did, fmt.Errorf("look for what is due within a day: %w", err)
		}
		if err := inspected(ctx, db, networks, list, now, false); err != nil {
			return did, err
		}
		if did.Looked += len(list); len(list) < batch {
			break
		}
	}
	if err := refresh(ctx, db, networks, nil, now); err != nil {
		return did, err
	}
	if _, err := db.ExecContext(ctx, sqlForgetLooks, now.AddDate(0, 0, -1)); err != nil {
		return did, fmt.Errorf("forget what went out: %w", err)
	}
	var err error
	did.Told, err = tell(ctx, db, now)
	return did, err
}

// inspected looks at deliveries and writes down what was found.
func inspected(ctx context.Context, db *postgres.DB, networks Networks, list []queued, now time.Time, waits bool) error {
	if len(list) == 0 {
		return nil
	}
	found, err := inspect(ctx, db, networks, list, waits)
	if err != nil {
		return err
	}
	return looked(ctx, db, list, found, now)
}

// refresh finds anew what the database tells.
func refresh(ctx context.Context, db *postgres.DB, networks Networks, posts []int64, now time.Time) error {
	found, err := look(ctx, db, networks, posts, now)
	if err != nil {
		return err
	}
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlOutOfDate, pq.Array(asked)); err != nil {
			return fmt.Errorf("forget what is out of date: %w", err)
		}
		return risk.Replace(ctx, tx, known, nil, found, now)
	})
}

const sqlPostsOf = `
SELECT id
FROM posts
WHERE id = $1 OR ($2::bigint <> 0 AND edition_id = $2)`

// Ask looks at a post, or at all posts of an edition, because somebody wants to know now: however far ahead they are due, and also at
// what was looked at lately. It returns how many deliveries are at risk.
func Ask(ctx context.Context, db *postgres.DB, networks Networks, of risk.Of, by people.Person, now time.Time) (int, error) {
	if !by.May(people.PostSubmit) {
		return 0, fault.New(fault.Forbidden, "Your role does not allow asking the networks.")
	}
	var posts []int64
	if err := db.SelectContext(ctx, &posts, sqlPostsOf, of.Post, of.Edition); err != nil {
		return 0, fmt.Errorf("find the posts to look at: %w", err)
	}
	if len(posts) == 0 {
		return 0, fault.New(fault.NotFound, "There is nothing to look at.")
	}
	var list []queued
	if err := db.SelectContext(ctx, &list, sqlNamed, pq.Array(posts), now, batch); err != nil {
		return 0, fmt.Errorf("look for what is scheduled: %w", err)
	}
	for chunk := range slices.Chunk(list, batch) {
		if err := inspected(ctx, db, networks, chunk, now, true); err != nil {
			return 0, err
		}
	}
	if err := refresh(ctx, db, networks, posts, now); err != nil {
		return 0, err
	}
	found, err := risk.List(ctx, db, of)
	return len(found), err
}
