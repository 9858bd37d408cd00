// Package takedown removes what is out: a post, an edition, every post that shows a helpline or a picture, or that a consent does not cover
// any more, network by network.
//
// [Begin] writes down what is to go and holds what waits, of other posts too where they have the same words or picture, in one
// transaction. [Run] asks the networks to remove, copy by copy, and writes each result; it may be killed at any moment and run
// anywhere again, because a post that is gone already counts as removed. What a network does not let us remove, a person removes
// there, and says so ([ByHand]). Numbers are kept. The package does not publish anything and does not correct what was said.
package takedown

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/flow/dispatch/takedown/scope"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Scope is what is taken down: exactly one of its fields is set.
type Scope = scope.Scope

// How long a reason is: the table's rule, and what still reads as one.
const (
	minReason = 10
	maxReason = 500
)

// What a delivery that is not out says of itself: of the scope, or of another post with the same words or picture.
const (
	heldBecause = "What is out of this is being taken down. Look at the words before any of it goes out again. The reason: "
	heldAlike   = "It has the same words or the same picture as a post that is being taken down. Look at it before it goes out. The reason: "
)

// target is one part of a delivery that is in a scope: out, or on its way.
type target struct {
	Post     int64 `db:"post_id"`
	Delivery int64 `db:"delivery_id"`
	Part     int   `db:"part"`
	Out      bool  `db:"out"`
}

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

// sqlTargets lists the live copies of a scope; the part that may come out yet of what is on its way or unknown, there and of what is
// alike, which cannot be held any more; and the part of which a person has not said yet whether it is out.
const sqlTargets = `
SELECT c.post_id, c.delivery_id, c.part, true AS out
FROM copies c
WHERE c.delivery_id = ANY($1)
  AND c.removed_at IS NULL
UNION ALL
SELECT d.post_id, d.id, 1 + (SELECT count(*) FROM copies c WHERE c.delivery_id = d.id), false
FROM deliveries d
LEFT JOIN queue q ON q.delivery_id = d.id
WHERE d.id = ANY($2)
  AND (d.state = 'unknown' OR q.sending_at IS NOT NULL)
UNION ALL
SELECT d.post_id, d.id, a.part, false
FROM deliveries d
JOIN LATERAL (SELECT l.part, l.outcome, l.finding FROM attempts l WHERE l.delivery_id = d.id ORDER BY l.id DESC LIMIT 1) a ON true
WHERE d.id = ANY($1)
  AND d.state IN ('held', 'missed')
  AND a.outcome IN ('unknown', 'lost')
  AND a.finding IS NULL
  AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = d.id AND c.part = a.part)
ORDER BY 2, 3`

const sqlGiveBack = `
UPDATE deliveries d
SET state = 'held', hold = 'decision', problem = $2, release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE d.id = ANY($1)
  AND d.state = 'scheduled'
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.sending_at IS NOT NULL)
RETURNING d.id`

// What was held before stays held, and says why nobody should let it go without a look.
const sqlMark = `
UPDATE deliveries
SET problem = $2
WHERE id = ANY($1)
  AND state = 'held'
RETURNING id`

const (
	sqlBegin = `
INSERT INTO takedowns (scope, post_id, edition_id, helpline_id, picture, reason, person_id, at, held, done_at, consent_id)
VALUES ($1, NULLIF($2::bigint, 0), NULLIF($3::bigint, 0), NULLIF($4, ''), decode(NULLIF($5, ''), 'hex'), $6, $7, $8, $9, $10, NULLIF($11::bigint, 0))
RETURNING id`

	sqlAddHeld = `
INSERT INTO takedown_held (takedown_id, delivery_id, why)
SELECT $1, t.delivery, t.why
FROM unnest($2::bigint[], $3::text[]) AS t (delivery, why)`

	sqlAddCopies = `
INSERT INTO takedown_copies (takedown_id, delivery_id, part)
SELECT $1, t.delivery, t.part
FROM unnest($2::bigint[], $3::int[]) AS t (delivery, part)`
)

// Begin takes down: it writes which copies are to go, holds at once what waits to go out, and returns the take-down's id. It
// needs nobody's approval. Nothing is removed before the transaction commits and [Run] comes. When a consent expires, Daymark itself does so.
func Begin(ctx context.Context, tx *postgres.Tx, what Scope, reason string, by people.Person, now time.Time) (int64, error) {
	if !by.May(people.TakeDown) && (what.Consent == 0 || by.Role != people.RoleSystem) {
		return 0, fault.New(fault.Forbidden, "Only editors and admins may take posts down. Ask one of them at once.")
	}
	kind, which, err := what.Kind()
	if err != nil {
		return 0, err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < minReason || n > maxReason {
		return 0, fault.BadField("reason", "Say in %d to %d characters why it is taken down; it is kept with the posts.", minReason, maxReason)
	}
	g, err := gather(ctx, tx, what, reason)
	if err != nil {
		return 0, err
	}
	if len(g.targets) == 0 && len(g.waited) == 0 {
		return 0, fault.New(fault.Conflict, "Nothing of it is out or about to go out.")
	}
	var done *time.Time
	if len(g.targets) == 0 {
		done = &now
	}
	var id int64
	held := len(g.waited) + len(g.alike)
	if err := tx.GetContext(ctx, &id, sqlBegin, kind, what.Post, what.Edition, what.Helpline, what.Picture, reason, by.ID, now, held, done, what.Consent); err != nil {
		if postgres.Constraint(err) == "takedowns_picture_fkey" {
			return 0, fault.Wrap(fault.NotFound, err, "Daymark has no such picture.")
		}
		return 0, fmt.Errorf("begin to take down %s %s: %w", kind, which, err)
	}
	if err := g.write(ctx, tx, id); err != nil {
		return 0, fmt.Errorf("take down %s %s: %w", kind, which, err)
	}
	detail := map[string]any{"scope": kind, "of": which, "reason": reason, "takedown": id, "copies": len(g.targets), "held": held}
	return id, errors.Join(tell(ctx, tx, id, reason, by, now), log(ctx, tx, id, g, by, detail))
}

// gathered is what a take-down begins with: what is to go, and the deliveries that it holds or finds held.
type gathered struct {
	targets               []target
	waited, alike, marked []int64
}

// gather locks what a scope has, holds what waits, and returns what is to go.
func gather(ctx context.Context, tx *postgres.Tx, what Scope, reason string) (gathered, error) {
	var g gathered
	in, err := scope.In(ctx, tx, what)
	if err != nil {
		return g, err
	}
	var alike []int64
	if what.Post != 0 || what.Edition != 0 { // the other scopes name all that has the number or the picture
		if alike, err = scope.Alike(ctx, tx, in); err != nil {
			return g, err
		}
	}
	all := slices.Concat(in, alike)
	for _, lock := range []string{sqlLockPosts, sqlLockQueue, sqlLockDeliveries} {
		var locked []int64
		if err := tx.SelectContext(ctx, &locked, lock, pq.Array(all)); err != nil {
			return g, fmt.Errorf("lock what is taken down: %w", err)
		}
	}
	if err := tx.SelectContext(ctx, &g.targets, sqlTargets, pq.Array(in), pq.Array(all)); err != nil {
		return g, fmt.Errorf("list what is out: %w", err)
	}
	for _, one := range []struct {
		list      *[]int64
		statement string
		of        []int64
		say       string
	}{
		{&g.marked, sqlMark, in, heldBecause + reason},
		{&g.waited, sqlGiveBack, in, heldBecause + reason},
		{&g.alike, sqlGiveBack, alike, heldAlike + reason},
	} {
		if err := tx.SelectContext(ctx, one.list, one.statement, pq.Array(one.of), one.say); err != nil {
			return g, fmt.Errorf("hold what waits: %w", err)
		}
	}
	return g, nil
}

// write writes what belongs to a take-down.
func (g gathered) write(ctx context.Context, tx *postgres.Tx, id int64) error {
	var deliveries, parts []int64
	for _, t := range g.targets {
		deliveries, parts = append(deliveries, t.Delivery), append(parts, int64(t.Part))
	}
	if _, err := tx.ExecContext(ctx, sqlAddCopies, id, pq.Array(deliveries), pq.Array(parts)); err != nil {
		return err
	}
	held := slices.Concat(g.waited, g.alike, g.marked)
	why := slices.Concat(slices.Repeat([]string{InScope}, len(g.waited)), slices.Repeat([]string{Alike}, len(g.alike)), slices.Repeat([]string{Marked}, len(g.marked)))
	_, err := tx.ExecContext(ctx, sqlAddHeld, id, pq.Array(held), pq.Array(why))
	return err
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
func log(ctx context.Context, tx *postgres.Tx, id int64, g gathered, by people.Person, detail map[string]any) error {
	if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "takedown.begun", Kind: "takedown", ID: id, Detail: detail}); err != nil {
		return err
	}
	told := map[int64]bool{}
	for _, t := range g.targets {
		if told[t.Post] {
			continue
		}
		told[t.Post] = true
		if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "post.taken_down", Kind: "post", ID: t.Post, Detail: detail}); err != nil {
			return err
		}
	}
	for _, held := range []struct {
		list []int64
		say  string
	}{{g.waited, heldBecause}, {g.alike, heldAlike}} {
		for _, d := range held.list {
			if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "delivery.held", Kind: "delivery", ID: d, Detail: map[string]any{"say": held.say, "takedown": id}}); err != nil {
				return err
			}
		}
	}
	return nil
}
