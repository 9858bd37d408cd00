package engagement

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// published is a delivery that is out and has no row in polls yet.
type published struct {
	Delivery int64     `db:"delivery_id"`
	At       time.Time `db:"published_at"`
}

// The range of due_at lets the frequent look read only what may have been published lately (index deliveries_due). Where a person posts
// by hand there is nobody to ask: such figures are entered.
const sqlUnpolled = `
SELECT c.delivery_id, min(c.published_at) AS published_at
FROM deliveries d
JOIN channels h ON h.id = d.channel_id AND h.platform <> $2
JOIN copies c ON c.delivery_id = d.id AND c.removed_at IS NULL
LEFT JOIN polls p ON p.delivery_id = d.id
WHERE d.state = 'published'
  AND d.due_at >= $1
  AND p.delivery_id IS NULL
GROUP BY c.delivery_id
ORDER BY c.delivery_id`

const sqlAddPolls = `
INSERT INTO polls (delivery_id, next_at)
SELECT i.delivery_id, i.next_at
FROM unnest($1::bigint[], $2::timestamptz[]) AS i (delivery_id, next_at)
ON CONFLICT (delivery_id) DO NOTHING`

// addPolls makes the row of each published delivery due since the given instant that has none.
func addPolls(ctx context.Context, q postgres.Querier, since time.Time) (int, error) {
	var list []published
	if err := q.SelectContext(ctx, &list, sqlUnpolled, since, string(platform.ByHand)); err != nil {
		return 0, fmt.Errorf("find published deliveries that nobody asks about: %w", err)
	}
	if len(list) == 0 {
		return 0, nil
	}
	ids, next := make([]int64, len(list)), make([]time.Time, len(list))
	for i, p := range list {
		ids[i] = p.Delivery
		next[i], _ = Schedule(p.Delivery, p.At, 0)
	}
	res, err := q.ExecContext(ctx, sqlAddPolls, pq.Array(ids), instants(next))
	if err != nil {
		return 0, fmt.Errorf("add polls: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// question is a delivery whose poll this process has taken.
type question struct {
	delivery  int64
	channel   int64
	published time.Time
	asked     *time.Time // when its network answered last
	done      int
	fails     int
	refs      []platform.Ref // of the parts that are out; none when all were taken down
}

// The taking moves next_at forward, so that another replica passes by. The new next_at is also the fence of the answer, see
// sqlSettlePolls. The sub-select is materialized because the planner may otherwise run it more than once. It uses the index
// polls_next.
const sqlTake = `
WITH due AS MATERIALIZED (
  SELECT delivery_id
  FROM polls
  WHERE next_at <= $1
  ORDER BY next_at, delivery_id
  LIMIT $2
  FOR NO KEY UPDATE SKIP LOCKED
), taken AS (
  UPDATE polls p
  SET next_at = $3
  FROM due
  WHERE p.delivery_id = due.delivery_id
  RETURNING p.delivery_id, p.done, p.fails
)
SELECT t.delivery_id, t.done, t.fails, d.channel_id, c.published_at, l.taken_at,
  coalesce(c.remote_id, '') AS remote_id, coalesce(c.uri, '') AS uri
FROM taken t
JOIN deliveries d ON d.id = t.delivery_id
LEFT JOIN copies c ON c.delivery_id = t.delivery_id AND c.removed_at IS NULL
LEFT JOIN latest_counts l ON l.delivery_id = t.delivery_id
ORDER BY d.channel_id, t.delivery_id, c.part`

// take takes at most n polls that are due and holds them until the given instant.
func take(ctx context.Context, q postgres.Querier, now, held time.Time, n int) ([]question, error) {
	var rows []struct {
		Delivery  int64      `db:"delivery_id"`
		Channel   int64      `db:"channel_id"`
		Done      int        `db:"done"`
		Fails     int        `db:"fails"`
		Published *time.Time `db:"published_at"`
		Asked     *time.Time `db:"taken_at"`
		RemoteID  string     `db:"remote_id"`
		URI       string     `db:"uri"`
	}
	if err := q.SelectContext(ctx, &rows, sqlTake, now, n, held); err != nil {
		return nil, fmt.Errorf("take due polls: %w", err)
	}
	var list []question
	for _, row := range rows {
		if len(list) == 0 || list[len(list)-1].delivery != row.Delivery {
			list = append(list, question{delivery: row.Delivery, channel: row.Channel, asked: row.Asked, done: row.Done, fails: row.Fails})
		}
		if row.Published == nil {
			continue
		}
		last := &list[len(list)-1]
		if len(last.refs) == 0 || row.Published.Before(last.published) {
			last.published = *row.Published
		}
		last.refs = append(last.refs, platform.Ref{ID: row.RemoteID, URI: row.URI})
	}
	return list, nil
}

// plan says when a delivery is asked about next; a zero next means never again.
type plan struct {
	delivery int64
	next     time.Time
	done     int
	fails    int
	problem  string
}

// The next_at that the taking wrote is the fence: where another replica has taken the poll since, nothing is changed.
const sqlSettlePolls = `
UPDATE polls p
SET next_at = coalesce(i.next_at, 'infinity'), done = i.done, fails = i.fails, problem = i.problem
FROM unnest($1::bigint[], $2::timestamptz[], $3::int[], $4::int[], $5::text[]) AS i (delivery_id, next_at, done, fails, problem)
WHERE p.delivery_id = i.delivery_id
  AND p.next_at = $6`

// settle writes what comes next for polls that were held until the given instant.
func settle(ctx context.Context, q postgres.Querier, held time.Time, plans []plan) error {
	if len(plans) == 0 {
		return nil
	}
	slices.SortFunc(plans, func(a, b plan) int { return cmp.Compare(a.delivery, b.delivery) })
	ids, next := make([]int64, len(plans)), make([]time.Time, len(plans))
	done, fails, problems := make([]int64, len(plans)), make([]int64, len(plans)), make([]string, len(plans))
	for i, p := range plans {
		ids[i], next[i], done[i], fails[i], problems[i] = p.delivery, p.next, int64(p.done), int64(p.fails), p.problem
	}
	_, err := q.ExecContext(ctx, sqlSettlePolls, pq.Array(ids), instants(next), pq.Array(done), pq.Array(fails), pq.Array(problems), held)
	if err != nil {
		return fmt.Errorf("settle polls: %w", err)
	}
	return nil
}

const sqlNextPoll = `
SELECT min(next_at)
FROM polls
WHERE next_at < 'infinity'`

// nextPoll returns when the next poll is due, nil when there is none.
func nextPoll(ctx context.Context, q postgres.Querier) (*time.Time, error) {
	var at *time.Time
	if err := q.GetContext(ctx, &at, sqlNextPoll); err != nil {
		return nil, fmt.Errorf("find the next poll: %w", err)
	}
	return at, nil
}

// instants hands instants to the database, NULL for a zero one.
func instants(list []time.Time) any {
	out := make([]*string, len(list))
	for i, t := range list {
		if !t.IsZero() {
			out[i] = new(t.UTC().Format(time.RFC3339Nano))
		}
	}
	return pq.Array(out)
}
