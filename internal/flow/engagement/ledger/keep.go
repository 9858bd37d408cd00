package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/postgres"
)

// Kept says what became of an answer.
type Kept struct {
	Changed bool
	WasGone bool
	Replies int64 // how many more there are than before
}

// Keep stores answers that came at an instant, each delivery at most once, and returns those that were not dropped, and what was gained by
// them. slack is how far answers can overtake each other, see merge. Whoever calls adds the gains to the sums ([rollup.Add]) at the end
// of the transaction, because others wait for the rows of a busy day. tx is a transaction, best one that keeps its statements prepared.
func Keep(ctx context.Context, tx postgres.Querier, at time.Time, slack time.Duration, answers []Answer) (map[int64]Kept, []rollup.Change, error) {
	if len(answers) == 0 {
		return nil, nil, nil
	}
	answers = slices.SortedFunc(slices.Values(answers), func(a, b Answer) int { return int(a.Delivery - b.Delivery) })
	ids := make([]int64, len(answers))
	for i, a := range answers {
		ids[i] = a.Delivery
	}
	had, err := lock(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	if err := begin(ctx, tx, ids, had); err != nil {
		return nil, nil, err
	}
	entries := make([]entry, 0, len(answers))
	out := make(map[int64]Kept, len(answers))
	for _, a := range answers {
		was := had[a.Delivery]
		e, ok := merge(was.state, !was.fresh, a, at, slack)
		if !ok {
			continue
		}
		entries = append(entries, e)
		k := Kept{Changed: e.row, WasGone: e.was.gone}
		if n := e.gain()[rollup.Replies]; n != nil {
			k.Replies = *n
		}
		out[a.Delivery] = k
	}
	gains, err := write(ctx, tx, entries, 0)
	return out, gains, err
}

// row is a row of latest_counts that this transaction has locked; fresh says that it has just been made.
type row struct {
	state
	fresh bool
}

const sqlLock = `
SELECT l.delivery_id, l.taken_at, l.changed_at, l.favourites, l.boosts, l.replies, l.quotes, l.impressions, l.clicks, l.gone, l.held, l.told
FROM latest_counts l
WHERE l.delivery_id = ANY ($1)
ORDER BY l.delivery_id
FOR NO KEY UPDATE`

// lock reads the newest counts of deliveries, which nobody else changes until the transaction ends. Two that lock do so in one order.
func lock(ctx context.Context, tx postgres.Querier, ids []int64) (map[int64]row, error) {
	rows, err := tx.QueryxContext(ctx, sqlLock, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("read the newest counts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	had := make(map[int64]row, len(ids))
	for rows.Next() {
		var id int64
		var s state
		var told []byte
		f := &s.figures
		if err := rows.Scan(&id, &s.takenAt, &s.changedAt, &f[0], &f[1], &f[2], &f[3], &f[4], &f[5], &s.gone, &s.held, &told); err != nil {
			return nil, fmt.Errorf("read the newest counts: %w", err)
		}
		if told != nil {
			s.told = &rollup.Figures{}
			if err := json.Unmarshal(told, s.told); err != nil {
				return nil, fmt.Errorf("read what the network told of delivery %d: %w", id, err)
			}
		}
		had[id] = row{state: s}
	}
	return had, rows.Err()
}

const sqlBegin = `
INSERT INTO latest_counts (delivery_id, taken_at, changed_at)
SELECT i.delivery_id, '-infinity', '-infinity'
FROM unnest($1::bigint[]) AS i (delivery_id)
ORDER BY i.delivery_id
ON CONFLICT (delivery_id) DO NOTHING
RETURNING delivery_id`

// begin makes the rows of deliveries of which nothing is kept yet. Where another makes one at the same time, it waits, and takes what
// the other has left.
func begin(ctx context.Context, tx postgres.Querier, ids []int64, had map[int64]row) error {
	missing := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { _, ok := had[id]; return ok })
	if len(missing) == 0 {
		return nil
	}
	var made []int64
	if err := tx.SelectContext(ctx, &made, sqlBegin, pq.Array(missing)); err != nil {
		return fmt.Errorf("begin to keep counts: %w", err)
	}
	for _, id := range made {
		had[id] = row{fresh: true}
	}
	if len(made) == len(missing) {
		return nil
	}
	late, err := lock(ctx, tx, slices.DeleteFunc(missing, func(id int64) bool { return slices.Contains(made, id) }))
	for id, r := range late {
		had[id] = r
	}
	return err
}

// Most answers are as before: only their time is written.
const sqlAsBefore = `
UPDATE latest_counts l
SET taken_at = i.taken_at
FROM unnest($1::bigint[], $2::timestamptz[]) AS i (delivery_id, taken_at)
WHERE l.delivery_id = i.delivery_id`

const sqlMove = `
UPDATE latest_counts l
SET taken_at = i.taken_at, changed_at = i.changed_at, favourites = i.favourites, boosts = i.boosts, replies = i.replies,
  quotes = i.quotes, impressions = i.impressions, clicks = i.clicks, gone = i.gone, held = i.held, told = i.told
FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
  $10::boolean[], $11::smallint[], $12::jsonb[])
  AS i (delivery_id, taken_at, changed_at, favourites, boosts, replies, quotes, impressions, clicks, gone, held, told)
WHERE l.delivery_id = i.delivery_id`

const sqlSnapshots = `
INSERT INTO snapshots (delivery_id, taken_at, favourites, boosts, replies, quotes, impressions, clicks, gone, entered_by)
SELECT i.delivery_id, i.taken_at, i.favourites, i.boosts, i.replies, i.quotes, i.impressions, i.clicks, i.gone, $10
FROM unnest($1::bigint[], $2::timestamptz[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::boolean[])
  AS i (delivery_id, taken_at, favourites, boosts, replies, quotes, impressions, clicks, gone)`

const sqlOdd = `
INSERT INTO count_oddities (delivery_id, taken_at, kind, figure, was, told)
SELECT i.delivery_id, i.taken_at, i.kind, i.figure, i.was, i.told
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
  AS i (delivery_id, taken_at, kind, figure, was, told)
ON CONFLICT DO NOTHING`

// columns gathers rows as one array for each column.
type columns struct {
	ids      []int64
	taken    []string
	changed  []string
	figures  [6][]*int64
	gone     []bool
	held     []int64
	told     []*string
	kind     []string
	figure   []string
	was, now []*int64
}

// write writes what answers made of the counts of deliveries and returns what was gained; by is who entered them, nobody for a network.
func write(ctx context.Context, tx postgres.Querier, entries []entry, by int64) ([]rollup.Change, error) {
	var same, moved, rows, odd columns
	var changes []rollup.Change
	for _, e := range entries {
		if !e.moved {
			same.at(e)
		} else if err := moved.whole(e); err != nil {
			return nil, err
		}
		if e.row {
			if err := rows.whole(e); err != nil {
				return nil, err
			}
			changes = append(changes, rollup.Change{Delivery: e.delivery, At: e.is.takenAt, Gain: e.gain()})
		}
		for _, o := range e.odd {
			odd.at(e)
			odd.kind, odd.figure = append(odd.kind, o.kind), append(odd.figure, o.figure)
			odd.was, odd.now = append(odd.was, o.was), append(odd.now, o.told)
		}
	}
	person := sql.NullInt64{Int64: by, Valid: by != 0}
	for _, w := range []struct {
		c         columns
		statement string
		args      func(c columns) []any
	}{
		{same, sqlAsBefore, func(c columns) []any { return []any{pq.Array(c.ids), pq.Array(c.taken)} }},
		{moved, sqlMove, func(c columns) []any {
			return slices.Concat([]any{pq.Array(c.ids), pq.Array(c.taken), pq.Array(c.changed)}, c.counts(), []any{pq.Array(c.gone), pq.Array(c.held), pq.Array(c.told)})
		}},
		{rows, sqlSnapshots, func(c columns) []any {
			return slices.Concat([]any{pq.Array(c.ids), pq.Array(c.taken)}, c.counts(), []any{pq.Array(c.gone), person})
		}},
		{odd, sqlOdd, func(c columns) []any {
			return []any{pq.Array(c.ids), pq.Array(c.taken), pq.Array(c.kind), pq.Array(c.figure), pq.Array(c.was), pq.Array(c.now)}
		}},
	} {
		if len(w.c.ids) == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, w.statement, w.args(w.c)...); err != nil {
			return nil, fmt.Errorf("keep counts: %w", err)
		}
	}
	return changes, nil
}

// at adds a delivery and when its answer came.
func (c *columns) at(e entry) {
	c.ids = append(c.ids, e.delivery)
	c.taken = append(c.taken, e.is.takenAt.UTC().Format(time.RFC3339Nano))
}

// whole adds a delivery with its counts.
func (c *columns) whole(e entry) error {
	c.at(e)
	c.changed = append(c.changed, e.is.changedAt.UTC().Format(time.RFC3339Nano))
	for i, n := range e.is.figures {
		c.figures[i] = append(c.figures[i], n)
	}
	c.gone, c.held = append(c.gone, e.is.gone), append(c.held, int64(e.is.held))
	if e.is.told == nil {
		c.told = append(c.told, nil)
		return nil
	}
	told, err := json.Marshal(e.is.told)
	c.told = append(c.told, new(string(told)))
	return err
}

func (c *columns) counts() []any {
	var args []any
	for _, column := range c.figures {
		args = append(args, pq.Array(column))
	}
	return args
}
