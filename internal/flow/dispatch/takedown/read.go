package takedown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/dispatch/takedown/scope"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// What can become of a copy. Waiting and failed ones are still tried.
const (
	Waiting = "waiting" // nobody has tried yet, or its answer is awaited
	Removed = "removed"
	Gone    = "gone"   // it was not there (any more)
	Cannot  = "cannot" // the network does not let us: a person removes it there, see [ByHand]
	Failed  = "failed" // it is tried again
)

// Why a take-down names a delivery that is not out.
const (
	InScope = "scope"  // it waited, and is of what is taken down
	Alike   = "same"   // it waited, and has the same words or the same picture
	Marked  = "marked" // it was held already
)

// Takedown is one take-down with the result per copy.
type Takedown struct {
	ID       int64      `db:"id"`
	Scope    string     `db:"scope"` // "post", "edition", "helpline", "picture" or "consent"
	Post     int64      `db:"post_id"`
	Edition  int64      `db:"edition_id"`
	Helpline string     `db:"helpline_id"`
	Picture  string     `db:"picture"`
	Consent  int64      `db:"consent_id"`
	Reason   string     `db:"reason"`
	Person   string     `db:"person"`
	At       time.Time  `db:"at"`
	Held     int        `db:"held"` // deliveries that waited and were held with it
	DoneAt   *time.Time `db:"done_at"`
	Copies   []Copy
	Kept     []Kept // what is not out, and does not go out now
}

// Done reports whether every copy has its result.
func (t Takedown) Done() bool { return t.DoneAt != nil }

// Copy is one part of a delivery that is out, or was.
type Copy struct {
	Delivery int64  `db:"delivery_id"`
	Post     int64  `db:"post_id"`
	Message  string `db:"message"`
	Part     int    `db:"part"`
	Language string `db:"language"`
	Platform string `db:"platform"`
	Channel  string `db:"channel"`
	Handle   string `db:"handle"`
	URL      string `db:"url"`
	State    string `db:"state"` // one of the words above; empty before a take-down
	Problem  string `db:"problem"`
	Tries    int    `db:"tries"`

	HandBy string     `db:"hand_by"` // who removed it by hand, after the network did not let us
	HandAt *time.Time `db:"hand_at"`
}

// Kept is a delivery that was held with a take-down.
type Kept struct {
	Delivery int64  `db:"delivery_id"`
	Post     int64  `db:"post_id"`
	Message  string `db:"message"`
	Language string `db:"language"`
	Platform string `db:"platform"`
	Channel  string `db:"channel"`
	Handle   string `db:"handle"`
	Why      string `db:"why"`   // one of [InScope], [Alike] and [Marked]
	State    string `db:"state"` // as it is now
}

const (
	sqlFind = `
SELECT t.id, t.scope, coalesce(t.post_id, 0) AS post_id, coalesce(t.edition_id, 0) AS edition_id, coalesce(t.helpline_id, '') AS helpline_id,
  coalesce(encode(t.picture, 'hex'), '') AS picture, coalesce(t.consent_id, 0) AS consent_id, t.reason, p.name AS person, t.at, t.held, t.done_at
FROM takedowns t
JOIN people p ON p.id = t.person_id
WHERE t.id = $1`

	sqlCopies = `
SELECT k.delivery_id, d.post_id, p.message, k.part, d.language, c.platform, c.name AS channel, c.handle, coalesce(o.url, '') AS url,
  k.state, k.problem, k.tries, coalesce(h.name, '') AS hand_by, k.hand_at
FROM takedown_copies k
JOIN deliveries d ON d.id = k.delivery_id
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
LEFT JOIN copies o ON o.delivery_id = k.delivery_id AND o.part = k.part
LEFT JOIN people h ON h.id = k.hand_by
WHERE k.takedown_id = $1
ORDER BY p.id, c.name, d.language, k.delivery_id, k.part`

	sqlKept = `
SELECT k.delivery_id, d.post_id, p.message, d.language, c.platform, c.name AS channel, c.handle, k.why, d.state
FROM takedown_held k
JOIN deliveries d ON d.id = k.delivery_id
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
WHERE k.takedown_id = $1
ORDER BY k.why, p.id, c.name, d.language, k.delivery_id`
)

// Find returns a take-down with what became of each copy so far.
func Find(ctx context.Context, q postgres.Querier, id int64) (Takedown, error) {
	var t Takedown
	err := q.GetContext(ctx, &t, sqlFind, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Takedown{}, fault.New(fault.NotFound, "There is no take-down with the number %d.", id)
	}
	if err != nil {
		return Takedown{}, fmt.Errorf("read take-down %d: %w", id, err)
	}
	if err := q.SelectContext(ctx, &t.Copies, sqlCopies, id); err != nil {
		return Takedown{}, fmt.Errorf("read the copies of take-down %d: %w", id, err)
	}
	if err := q.SelectContext(ctx, &t.Kept, sqlKept, id); err != nil {
		return Takedown{}, fmt.Errorf("read what take-down %d holds: %w", id, err)
	}
	return t, nil
}

const sqlLive = `
SELECT o.delivery_id, o.post_id, p.message, o.part, o.language, c.platform, c.name AS channel, c.handle, o.url,
  '' AS state, '' AS problem, 0 AS tries, '' AS hand_by, NULL::timestamptz AS hand_at
FROM copies o
JOIN deliveries d ON d.id = o.delivery_id
JOIN posts p ON p.id = o.post_id
JOIN channels c ON c.id = o.channel_id
WHERE o.delivery_id = ANY($1)
  AND o.removed_at IS NULL
ORDER BY p.id, c.name, o.language, o.delivery_id, o.part`

// Live returns what of a scope is out, and would be taken down.
func Live(ctx context.Context, q postgres.Querier, what Scope) ([]Copy, error) {
	in, err := scope.In(ctx, q, what)
	if err != nil {
		return nil, err
	}
	var list []Copy
	if err := q.SelectContext(ctx, &list, sqlLive, pq.Array(in)); err != nil {
		return nil, fmt.Errorf("list what is out: %w", err)
	}
	return list, nil
}
