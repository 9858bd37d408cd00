// Package risk is what is at risk of what goes out soon: one reason for one delivery each, with what to do about it, as the last look
// found it.
//
// It looks at nothing itself: the room above it does. A delivery at no risk has no row.
package risk

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// What can be at risk. They are stored.
const (
	Approval = "approval" // nobody has approved it
	Account  = "account"  // the account cannot be used
	Server   = "server"   // its server does not answer
	Taken    = "limits"   // the server does not take the words
	Picture  = "picture"
	Alt      = "alt"
	Link     = "link"
	Helpline = "helpline" // its check will not hold
	Fact     = "fact"     // likewise
	Budget   = "budget"   // the month's is used up by then
)

// Risk is why a delivery may not go out as planned, and what to do about it.
type Risk struct {
	Delivery int64  `db:"delivery_id"`
	Matter   string `db:"matter"`  // one of the words above
	Subject  string `db:"subject"` // which link, helpline or fact
	Say      string `db:"say"`
	Mend     string `db:"mend"`
}

const sqlRisks = `
SELECT r.delivery_id, r.matter, r.subject, r.say, r.mend
FROM delivery_risks r
JOIN deliveries d ON d.id = r.delivery_id
JOIN posts p ON p.id = d.post_id
WHERE d.state IN ('held', 'scheduled')
  AND ($1::bigint = 0 OR d.post_id = $1)
  AND ($2::bigint = 0 OR p.edition_id = $2)
ORDER BY d.due_at, r.delivery_id, r.matter, r.subject`

// Of says which deliveries to look at; a zero field does not narrow.
type Of struct {
	Post, Edition int64
}

// List returns what is at risk, by delivery, as it was found last.
func List(ctx context.Context, q postgres.Querier, of Of) (map[int64][]Risk, error) {
	var list []Risk
	if err := q.SelectContext(ctx, &list, sqlRisks, of.Post, of.Edition); err != nil {
		return nil, fmt.Errorf("read what is at risk: %w", err)
	}
	all := map[int64][]Risk{}
	for _, r := range list {
		all[r.Delivery] = append(all[r.Delivery], r)
	}
	return all, nil
}

const (
	// What was found before and is not any more. With no ids it is looked for everywhere.
	sqlForget = `
DELETE FROM delivery_risks r
WHERE r.matter = ANY($1)
  AND ($2::bigint[] IS NULL OR r.delivery_id = ANY($2))
  AND NOT EXISTS (
    SELECT 1
    FROM unnest($3::bigint[], $4::text[], $5::text[]) AS f(delivery, matter, subject)
    WHERE f.delivery = r.delivery_id AND f.matter = r.matter AND f.subject = r.subject)`

	sqlKeep = `
INSERT INTO delivery_risks AS r (delivery_id, matter, subject, say, mend, found_at)
SELECT DISTINCT ON (f.delivery, f.matter, f.subject) f.delivery, f.matter, f.subject, f.say, f.mend, $6::timestamptz
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) AS f(delivery, matter, subject, say, mend)
ORDER BY f.delivery, f.matter, f.subject
ON CONFLICT (delivery_id, matter, subject) DO UPDATE
SET say = excluded.say, mend = excluded.mend, found_at = excluded.found_at
WHERE (r.say, r.mend) IS DISTINCT FROM (excluded.say, excluded.mend)`
)

// Replace writes what a look found in place of what the one before it found, of some matters and of some deliveries, nil for all.
// Nothing is written where nothing changed.
func Replace(ctx context.Context, tx *postgres.Tx, matters []string, deliveries []int64, found []Risk, now time.Time) error {
	var ids []int64
	var matter, subject, say, mend []string
	for _, r := range found {
		ids, matter, subject, say, mend = append(ids, r.Delivery), append(matter, r.Matter), append(subject, r.Subject), append(say, r.Say), append(mend, r.Mend)
	}
	if _, err := tx.ExecContext(ctx, sqlForget, pq.Array(matters), pq.Array(deliveries), pq.Array(ids), pq.Array(matter), pq.Array(subject)); err != nil {
		return fmt.Errorf("forget what is at risk no more: %w", err)
	}
	if len(found) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, sqlKeep, pq.Array(ids), pq.Array(matter), pq.Array(subject), pq.Array(say), pq.Array(mend), now)
	if err != nil {
		return fmt.Errorf("keep what is at risk: %w", err)
	}
	return nil
}
