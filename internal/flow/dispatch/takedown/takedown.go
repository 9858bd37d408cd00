// Package takedown removes what is out: a post, an edition, or every post that shows a helpline, network by network.
//
// [Begin] writes down what is to go and holds what waits, in one transaction. [Run] asks the networks to remove, copy by copy,
// and writes each result; it may be killed at any moment and run anywhere again, because a post that is gone already counts as
// removed. Numbers are kept. The package does not publish anything and does not correct what was said.
package takedown

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Scope is what is taken down: exactly one of its fields is set.
type Scope struct {
	Post     int64
	Edition  int64
	Helpline string // the id of one, in lower case
}

// kind returns the scope's word in the table, and which one it is, for the audit log.
func (s Scope) kind() (kind, which string, err error) {
	switch {
	case s.Post != 0 && s.Edition == 0 && s.Helpline == "":
		return "post", fmt.Sprint(s.Post), nil
	case s.Edition != 0 && s.Post == 0 && s.Helpline == "":
		return "edition", fmt.Sprint(s.Edition), nil
	case s.Helpline != "" && s.Post == 0 && s.Edition == 0:
		return "helpline", s.Helpline, nil
	}
	return "", "", fault.New(fault.Invalid, "Say what to take down: one post, one edition or one helpline.")
}

// How long a reason is: the table's rule, and what still reads as one.
const (
	minReason = 10
	maxReason = 500
)

// heldBecause is what a delivery that waited says of itself.
const heldBecause = "What is out of this is being taken down. Look at the words before any of it goes out again. The reason: "

// target is one part of a delivery that is in a scope: out, or on its way.
type target struct {
	Post     int64 `db:"post_id"`
	Delivery int64 `db:"delivery_id"`
	Part     int   `db:"part"`
	Out      bool  `db:"out"`
}

// sqlIn lists the deliveries of a scope. One that is held carries no release: its latest counts, and that of what is out.
const sqlIn = `
SELECT d.id
FROM deliveries d
WHERE d.state <> 'removed'
  AND d.id IN (
    SELECT o.id
    FROM deliveries o
    WHERE o.post_id = $1
    UNION ALL
    SELECT e.id
    FROM deliveries e
    JOIN posts p ON p.id = e.post_id
    WHERE p.edition_id = $2
    UNION ALL
    SELECT r.delivery_id
    FROM release_helplines n
    JOIN releases r ON r.id = n.release_id
    JOIN deliveries s ON s.id = r.delivery_id
    WHERE n.helpline_id = $3
      AND r.id IN (
        coalesce(s.release_id, (SELECT max(l.id) FROM releases l WHERE l.delivery_id = s.id)),
        (SELECT max(c.release_id) FROM copies c WHERE c.delivery_id = s.id)
      )
  )
ORDER BY d.id`

// The rows are locked as an edit locks them: posts, queue, deliveries. Whoever schedules, sends or settles waits, or is waited for.
const (
	sqlLockPosts = `
SELECT id
FROM posts
WHERE id IN (SELECT post_id FROM deliveries WHERE id = ANY($1))
ORDER BY id
FOR UPDATE`

	sqlLockQueue = `
SELECT delivery_id
FROM queue
WHERE delivery_id = ANY($1)
ORDER BY delivery_id
FOR UPDATE`

	sqlLockDeliveries = `
SELECT id
FROM deliveries
WHERE id = ANY($1)
ORDER BY id
FOR UPDATE`
)

// sqlTargets lists the live copies, and of what is on its way or unknown the part that may come out yet.
const sqlTargets = `
SELECT c.post_id, c.delivery_id, c.part, true AS out
FROM copies c
WHERE c.delivery_id = ANY($1)
  AND c.removed_at IS NULL
UNION ALL
SELECT d.post_id, d.id, 1 + (SELECT count(*) FROM copies c WHERE c.delivery_id = d.id), false
FROM deliveries d
LEFT JOIN queue q ON q.delivery_id = d.id
WHERE d.id = ANY($1)
  AND (d.state = 'unknown' OR q.sending_at IS NOT NULL)
ORDER BY 2, 3`

const sqlGiveBack = `
UPDATE deliveries d
SET state = 'held', hold = 'decision', problem = $2, release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE d.id = ANY($1)
  AND d.state = 'scheduled'
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.sending_at IS NOT NULL)
RETURNING d.id`

const (
	sqlBegin = `
INSERT INTO takedowns (scope, post_id, edition_id, helpline_id, reason, person_id, at, held, done_at)
VALUES ($1, NULLIF($2::bigint, 0), NULLIF($3::bigint, 0), NULLIF($4, ''), $5, $6, $7, $8, $9)
RETURNING id`

	sqlAddCopies = `
INSERT INTO takedown_copies (takedown_id, delivery_id, part)
SELECT $1, t.delivery, t.part
FROM unnest($2::bigint[], $3::int[]) AS t (delivery, part)`
)

// Begin takes down: it writes which copies are to go, holds at once what waits to go out, and returns the take-down's id. It
// needs nobody's approval. Nothing is removed before the transaction commits and [Run] comes.
func Begin(ctx context.Context, tx *postgres.Tx, scope Scope, reason string, by people.Person, now time.Time) (int64, error) {
	if !by.May(people.TakeDown) {
		return 0, fault.New(fault.Forbidden, "Only editors and admins may take posts down. Ask one of them at once.")
	}
	kind, which, err := scope.kind()
	if err != nil {
		return 0, err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < minReason || n > maxReason {
		return 0, fault.BadField("reason", "Say in %d to %d characters why it is taken down; it is kept with the posts.", minReason, maxReason)
	}
	targets, waited, err := gather(ctx, tx, scope, heldBecause+reason)
	if err != nil {
		return 0, err
	}
	if len(targets) == 0 && len(waited) == 0 {
		return 0, fault.New(fault.Conflict, "Nothing of it is out or about to go out.")
	}
	var done *time.Time
	if len(targets) == 0 {
		done = &now
	}
	var id int64
	if err := tx.GetContext(ctx, &id, sqlBegin, kind, scope.Post, scope.Edition, scope.Helpline, reason, by.ID, now, len(waited), done); err != nil {
		return 0, fmt.Errorf("begin to take down %s %s: %w", kind, which, err)
	}
	var deliveries, parts []int64
	for _, t := range targets {
		deliveries, parts = append(deliveries, t.Delivery), append(parts, int64(t.Part))
	}
	if _, err := tx.ExecContext(ctx, sqlAddCopies, id, pq.Array(deliveries), pq.Array(parts)); err != nil {
		return 0, fmt.Errorf("take down %s %s: %w", kind, which, err)
	}
	detail := map[string]any{"scope": kind, "of": which, "reason": reason, "takedown": id, "copies": len(targets), "held": len(waited)}
	return id, errors.Join(tell(ctx, tx, id, reason, by, now), log(ctx, tx, id, targets, waited, by, detail))
}

// gather locks what a scope has, holds what waits, and returns what is to go.
func gather(ctx context.Context, tx *postgres.Tx, scope Scope, say string) (targets []target, waited []int64, err error) {
	var in []int64
	if err := tx.SelectContext(ctx, &in, sqlIn, scope.Post, scope.Edition, scope.Helpline); err != nil {
		return nil, nil, fmt.Errorf("look for what is out: %w", err)
	}
	for _, lock := range []string{sqlLockPosts, sqlLockQueue, sqlLockDeliveries} {
		var locked []int64
		if err := tx.SelectContext(ctx, &locked, lock, pq.Array(in)); err != nil {
			return nil, nil, fmt.Errorf("lock what is taken down: %w", err)
		}
	}
	if err := tx.SelectContext(ctx, &targets, sqlTargets, pq.Array(in)); err != nil {
		return nil, nil, fmt.Errorf("list what is out: %w", err)
	}
	if err := tx.SelectContext(ctx, &waited, sqlGiveBack, pq.Array(in), say); err != nil {
		return nil, nil, fmt.Errorf("hold what waits: %w", err)
	}
	return targets, waited, nil
}

// tell tells the team at once.
func tell(ctx context.Context, tx *postgres.Tx, id int64, reason string, by people.Person, now time.Time) error {
	_, err := notice.Tell(ctx, tx, notice.New{
		Key: fmt.Sprintf("takedown:%d", id), Level: notice.Error, Kind: "takedown", ID: fmt.Sprint(id), At: now,
		Say: fmt.Sprintf("%s takes posts down: %s", by.Name, reason),
	})
	return err
}

// log writes the take-down, each post it concerns and each delivery it holds into the audit log.
func log(ctx context.Context, tx *postgres.Tx, id int64, targets []target, waited []int64, by people.Person, detail map[string]any) error {
	if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "takedown.begun", Kind: "takedown", ID: id, Detail: detail}); err != nil {
		return err
	}
	told := map[int64]bool{}
	for _, t := range targets {
		if told[t.Post] {
			continue
		}
		told[t.Post] = true
		if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "post.taken_down", Kind: "post", ID: t.Post, Detail: detail}); err != nil {
			return err
		}
	}
	for _, d := range waited {
		if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "delivery.held", Kind: "delivery", ID: d, Detail: map[string]any{"say": heldBecause, "takedown": id}}); err != nil {
			return err
		}
	}
	return nil
}
