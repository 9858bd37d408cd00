// Package mark writes attempts down before a network is called: many in one statement, or one where a group does not pass.
//
// An attempt that was committed is the only leave to call. The statement takes a row only when it is still ours, with the words that
// were prepared, unpaused, inside its window, and this database holds the sending licence; it waits for no lock, so that it never
// decides on what was true before it waited. The package calls no network and writes no outcome.
package mark

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Most is how many attempts one statement writes down at most.
const Most = 256

// Marker writes attempts down.
type Marker struct {
	DB      *postgres.DB
	Clock   clock.Clock
	Token   func() string // of the sending licence
	Worker  string
	Lease   time.Duration // begins anew with each attempt
	Ahead   time.Duration // how long before its instant, in product time, an attempt is written down at most
	Guarded bool          // the product clock is the database's own, which refuses what is early by it
	stops   atomic.Uint64 // how often somebody stopped something
}

// Wish is an attempt to be written down.
type Wish struct {
	*attempt.Ready
	Part    int    // from 0
	Request []byte // frozen
	Cost    int64
}

var (
	// ErrBudget says that the channel has spent what it may in this month.
	ErrBudget = errors.New("the channel's budget of this month is used up")
	// ErrGroup says that the guards refused one of a group; each has to be written down by itself.
	ErrGroup = errors.New("not all of the group may be sent")
)

// Runs on the key of the queue, or on that of its owners, row by row. What is paused is looked up once for the whole statement. A row that somebody else holds a lock on is left
// alone.
const sqlMark = `
WITH wanted AS MATERIALIZED (
  SELECT w.*
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::int[], $7::text[], $8::bytea[], $9::text[],
      $10::timestamptz[], $11::boolean[], $12::bigint[], $19::bigint[])
    AS w (delivery, fence, release, channel, part, no, key, request, handles, started, fallback, cost, post)
  CROSS JOIN LATERAL (
    SELECT 1
    FROM queue
    WHERE delivery_id = w.delivery
      AND lease_owner = $13::uuid
      AND fence = w.fence
      AND release_id = w.release
      AND lease_until > clock_timestamp()
      AND sending_at IS NULL
      AND due_at <= w.started
      AND not_after > w.started
      AND due_at <= CASE WHEN $16 THEN (SELECT product_now()) + $17 * interval '1 microsecond' ELSE 'infinity' END
    FOR NO KEY UPDATE SKIP LOCKED
  ) q
  WHERE (SELECT EXISTS (SELECT 1 FROM licence WHERE token = $15)
      AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope = 'everything' AND lifted_at IS NULL))
    AND w.channel NOT IN (
      SELECT c.id
      FROM pauses s
      JOIN channels c ON (s.scope = 'network' AND s.scope_id = c.platform) OR (s.scope = 'channel' AND s.scope_id = c.id::text)
      WHERE s.lifted_at IS NULL)
    AND w.post NOT IN (
      SELECT p.id
      FROM pauses s
      JOIN editions e ON e.campaign_id = s.scope_id
      JOIN posts p ON p.edition_id = e.id
      WHERE s.scope = 'campaign'
        AND s.lifted_at IS NULL)
    AND w.channel NOT IN (SELECT channel_id FROM channel_pace WHERE blocked_until > $18)
),
marked AS (
  UPDATE queue q
  SET sending_at = clock_timestamp(), tries = q.tries + 1, lease_until = clock_timestamp() + $14 * interval '1 millisecond'
  FROM wanted
  WHERE q.delivery_id = wanted.delivery
  RETURNING wanted.*
),
paced AS (
  UPDATE channel_pace p
  SET last_begun_at = marked.started
  FROM marked
  WHERE p.channel_id = marked.channel
    AND p.spacing_ms > 0
)
INSERT INTO attempts (delivery_id, part, no, fence, key, request, request_sha256, handles, started_at, fallback, cost)
SELECT delivery, part, no, fence, key, request, sha256(request), handles::jsonb, started, fallback, cost
FROM marked
RETURNING id, delivery_id`

// Group writes attempts down, all in one transaction, and returns those that may be sent, by delivery. What is missing was edited,
// withdrawn, paused or taken over meanwhile, or is not due by the database's clock. After [ErrGroup] or [ErrBudget] nothing is
// written.
func (m *Marker) Group(ctx context.Context, list []Wish) (map[int64]*attempt.Try, error) {
	tries, args := m.arguments(list)
	var made []struct {
		ID       int64 `db:"id"`
		Delivery int64 `db:"delivery_id"`
	}
	told := list[:0:0]
	for _, w := range list {
		if w.Fallback && w.Part == 0 {
			told = append(told, w)
		}
	}
	err := m.DB.InKeyTx(ctx, func(tx *postgres.KeyTx) error {
		made = nil
		if err := tx.SelectHot(ctx, &made, sqlMark, args...); err != nil {
			return err
		}
		for _, w := range told {
			for _, a := range made {
				if a.Delivery != w.Delivery {
					continue
				}
				if err := tellLapsed(ctx, tx.Tx, w.Row, tries[w.Delivery].StartedAt); err != nil {
					return err
				}
			}
		}
		return nil
	})
	switch constraint := postgres.Constraint(err); {
	case constraint != "" && len(list) > 1:
		return nil, fmt.Errorf("%w: %w", ErrGroup, err)
	case constraint == "within_budget":
		return nil, ErrBudget
	case constraint == "number_checked":
		return nil, nil // the check ran out, or somebody said that the number is dead, after this was read: it is read again
	case constraint == "consented":
		return nil, nil // a consent is over by its day: the job that ends consents holds it within seconds
	case err != nil:
		return nil, fmt.Errorf("write attempts down: %w", err)
	}
	out := make(map[int64]*attempt.Try, len(made))
	for _, a := range made {
		try := tries[a.Delivery]
		try.ID = a.ID
		out[a.Delivery] = try
	}
	return out, nil
}

// arguments puts the wishes into arrays, and returns the attempts that they will be.
func (m *Marker) arguments(list []Wish) (map[int64]*attempt.Try, []any) {
	n := len(list)
	var (
		deliveries, fences, releases, channels = make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
		posts                                  = make([]int64, n)
		parts, numbers, costs                  = make([]int64, n), make([]int64, n), make([]int64, n)
		keys, handles, started                 = make([]string, n), make([]string, n), make([]string, n)
		requests, fallbacks                    = make([][]byte, n), make([]bool, n)
	)
	now := m.Clock.Now()
	tries := make(map[int64]*attempt.Try, n)
	for i, w := range list {
		past, at := w.Past[w.Part], now
		if w.AttemptAt.After(at) {
			at = w.AttemptAt // written down a moment ahead
		}
		try := &attempt.Try{Row: w.Row, Attempt: platform.Attempt{
			Key: attempt.Key(w.Delivery, w.Part, w.Sum, past), No: past.Tried + 1, Part: w.Part, Content: w.Content, Handles: w.Handles, StartedAt: at,
		}}
		if len(try.Handles) == 0 {
			try.Handles = platform.Handles("{}")
		}
		switch {
		case w.Part > 0:
			root, before := w.Out[0], w.Out[w.Part-1]
			if w.Answers != nil {
				root = *w.Answers
			}
			try.Root, try.ReplyTo = &root, &before
		case w.Answers != nil:
			try.Root, try.ReplyTo = w.Answers, w.Answers
		}
		deliveries[i], fences[i], releases[i], channels[i], posts[i] = w.Delivery, w.Fence, w.Release, w.Channel, w.Post
		parts[i], numbers[i], costs[i] = int64(w.Part+1), int64(try.No), w.Cost
		keys[i], handles[i], started[i] = try.Key, string(try.Handles), at.Format(time.RFC3339Nano)
		requests[i], fallbacks[i] = w.Request, w.Fallback
		if !past.First.IsZero() {
			try.StartedAt = past.First
		}
		tries[w.Delivery] = try
	}
	return tries, []any{
		pq.Array(deliveries), pq.Array(fences), pq.Array(releases), pq.Array(channels), pq.Array(parts), pq.Array(numbers), pq.Array(keys),
		pq.Array(requests), pq.Array(handles), pq.Array(started), pq.Array(fallbacks), pq.Array(costs),
		m.Worker, m.Lease.Milliseconds(), m.Token(), m.Guarded, int64(float64(m.Ahead.Microseconds()) * m.Clock.Rate()), now, pq.Array(posts),
	}
}

// As [sqlMark], of what is written down already. The lease says that nobody has taken the worker for dead.
const sqlStill = `
SELECT EXISTS (
  SELECT 1
  FROM queue q
  JOIN attempts a ON a.delivery_id = q.delivery_id AND a.id = $2
  WHERE q.delivery_id = $1
    AND q.lease_owner = $3::uuid
    AND q.fence = $4
    AND q.lease_until > clock_timestamp()
    AND q.guard_submission IS NOT NULL
    AND q.guard_revision IS NOT NULL
    AND a.outcome IS NULL
    AND q.not_after > $6
    AND EXISTS (SELECT 1 FROM licence WHERE token = $5)
    AND NOT EXISTS (
      SELECT 1
      FROM pauses s
      WHERE s.lifted_at IS NULL
        AND (s.scope = 'everything'
          OR (s.scope = 'network' AND s.scope_id = (SELECT c.platform FROM channels c WHERE c.id = q.channel_id))
          OR (s.scope = 'channel' AND s.scope_id = q.channel_id::text)
          OR (s.scope = 'campaign' AND s.scope_id = (SELECT e.campaign_id FROM posts p JOIN editions e ON e.id = p.edition_id WHERE p.id = q.post_id)))))`

// Still reports whether an attempt that was written down a while ago may still be sent.
func (m *Marker) Still(ctx context.Context, try *attempt.Try) (bool, error) {
	var still bool
	err := m.DB.GetHot(ctx, &still, sqlStill, try.Row.Delivery, try.ID, m.Worker, try.Row.Fence, m.Token(), m.Clock.Now())
	return still, err
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
