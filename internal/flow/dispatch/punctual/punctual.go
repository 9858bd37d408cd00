// Package punctual says how late posts went out, and why.
//
// Lateness is the instant at which the attempt that put a delivery out began, less the instant from which it was to go out. All figures
// are made of what the database has, so that every replica shows the same. The package writes one thing: that a daemon runs
// ([Beat]), by which an instant at which none ran can be told.
package punctual

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

// Late is the lateness from which a reason is looked for.
const Late = time.Second

// The reasons of lateness.
const (
	Approval = "approval" // it was approved after its time
	Paused   = "paused"   // sending was stopped by a pause
	Down     = "down"     // no daemon ran
	Proof    = "proof"    // an earlier try was lost, and the network had to prove that the post is not there
	Limited  = "limited"  // the network took no more calls
	Network  = "network"  // earlier tries failed
	Turn     = "turn"     // it waited for its turn
)

// Of says which deliveries to look at, by the instant they were due; From is inside, To outside. A zero edition or channel does not narrow.
type Of struct {
	From, To         time.Time
	Edition, Channel int64
}

// Figures are how late deliveries went out.
type Figures struct {
	Posts                                 int           // deliveries that went out
	Late                                  int           // of them, by [Late] or more
	P50, P99, Max                         time.Duration // by our clock, when the call began
	NetworkP50, NetworkP99, NetworkLatest time.Duration // by the network's own word, which may be in whole seconds
}

// Row is the figures of one day, channel or edition.
type Row struct {
	Key   string // the day, or the id
	Label string
	Figures
}

// Delivery is one that went out late.
type Delivery struct {
	ID       int64     `db:"id"`
	Post     int64     `db:"post_id"`
	Message  string    `db:"message"`
	Kind     string    `db:"kind"`
	Language string    `db:"language"`
	Channel  string    `db:"channel"`
	Handle   string    `db:"handle"`
	DueAt    time.Time `db:"due_at"`
	Micros   int64     `db:"micros"`
	Reason   string    `db:"reason"`
}

// By is how late it went out.
func (d Delivery) By() time.Duration { return time.Duration(d.Micros) * time.Microsecond }

// Report is how punctual deliveries were.
type Report struct {
	Total                        Figures
	ByDay, ByChannel, ByEdition  []Row
	Reasons                      map[string]int // of those that were late
	Latest                       []Delivery     // the latest first, up to [Most]
	Missed, Failed, Unknown, Due int            // of those that did not go out; Due waits although its time has come
}

// Most is how many late deliveries a report names.
const Most = 50

// What went out, with how late it was in microseconds.
const outOf = `
WITH gone AS MATERIALIZED (
  SELECT d.id, d.post_id, d.channel_id, coalesce(p.edition_id, 0) AS edition_id, d.language, d.due_date, d.due_at, d.release_id, p.message,
    greatest(d.due_at, d.ready_at) AS ready_at, a.started_at, a.no,
    (extract(epoch FROM a.started_at - greatest(d.due_at, d.ready_at)) * 1000000)::bigint AS micros,
    (extract(epoch FROM k.published_at - greatest(d.due_at, d.ready_at)) * 1000000)::bigint AS network
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  JOIN attempts a ON a.delivery_id = d.id AND a.part = 1 AND (a.outcome = 'published' OR a.finding = 'found')
  LEFT JOIN copies k ON k.delivery_id = d.id AND k.part = 1
  WHERE d.due_at >= $1
    AND d.due_at < $2
    AND ($3::bigint = 0 OR p.edition_id = $3)
    AND ($4::bigint = 0 OR d.channel_id = $4)
    AND d.state IN ('published', 'removed')
)`

const sqlFigures = outOf + `
SELECT
  CASE
    WHEN grouping(g.due_date) = 0 THEN 'day'
    WHEN grouping(g.channel_id) = 0 THEN 'channel'
    WHEN grouping(g.edition_id) = 0 THEN 'edition'
    ELSE 'total' END AS breakdown,
  coalesce(to_char(g.due_date, 'YYYY-MM-DD'), g.channel_id::text, g.edition_id::text, '') AS key,
  coalesce(CASE WHEN grouping(g.channel_id) = 0 THEN min(c.name) WHEN grouping(g.edition_id) = 0 THEN min(coalesce(m.title->>'en', '') || ' ' || e.year) END, '') AS label,
  count(*) AS posts,
  count(*) FILTER (WHERE g.micros >= $5) AS late,
  coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY g.micros), 0) AS p50,
  coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY g.micros), 0) AS p99,
  coalesce(max(g.micros), 0) AS most,
  coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY g.network), 0) AS network_p50,
  coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY g.network), 0) AS network_p99,
  coalesce(max(g.network), 0) AS network_most
FROM gone g
JOIN channels c ON c.id = g.channel_id
LEFT JOIN editions e ON e.id = g.edition_id
LEFT JOIN campaigns m ON m.id = e.campaign_id
GROUP BY GROUPING SETS ((), (g.due_date), (g.channel_id), (g.edition_id))
ORDER BY 1, 2`

// Why a delivery was late. Approvals, pauses and daemons are dated by real time: with a fast clock, which has another, they are left out.
const lateOf = outOf + `,
late AS MATERIALIZED (
  SELECT g.*,
    CASE
      WHEN NOT fast.runs AND EXISTS (
        SELECT 1
        FROM releases r
        JOIN clearances x ON x.submission_id = r.submission_id
        WHERE r.id = g.release_id AND x.at > g.due_at) AND g.ready_at = g.due_at THEN 'approval'
      WHEN NOT fast.runs AND EXISTS (
        SELECT 1
        FROM pauses s
        WHERE s.at < g.started_at
          AND coalesce(s.lifted_at, 'infinity') > g.ready_at
          AND (s.scope = 'everything'
            OR (s.scope = 'network' AND s.scope_id = (SELECT c.platform FROM channels c WHERE c.id = g.channel_id))
            OR (s.scope = 'channel' AND s.scope_id = g.channel_id::text)
            OR (s.scope = 'campaign' AND s.scope_id = (SELECT e.campaign_id FROM editions e WHERE e.id = g.edition_id)))) THEN 'paused'
      WHEN EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = g.id AND a.part = 1 AND a.no < g.no AND a.outcome IN ('unknown', 'lost')) THEN 'proof'
      WHEN EXISTS (
        SELECT 1
        FROM deliveries o
        JOIN attempts a ON a.delivery_id = o.id
        WHERE o.channel_id = g.channel_id
          AND o.due_at BETWEEN g.ready_at - interval '1 hour' AND g.started_at
          AND a.outcome = 'limited'
          AND a.started_at <= g.started_at) THEN 'limited'
      WHEN EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = g.id AND a.part = 1 AND a.no < g.no) THEN 'network'
      WHEN NOT fast.runs AND g.ready_at > ran.since AND NOT EXISTS (
        SELECT 1
        FROM daemons w
        WHERE w.began_at <= g.ready_at AND w.seen_at >= g.ready_at - $6 * interval '1 second') THEN 'down'
      ELSE 'turn' END AS reason
  FROM gone g, (SELECT EXISTS (SELECT 1 FROM fast_clock) AS runs) fast, (SELECT min(began_at) AS since FROM daemons) ran
  WHERE g.micros >= $5
)`

const sqlReasons = lateOf + `
SELECT reason, count(*) AS posts
FROM late
GROUP BY reason`

const sqlLatest = lateOf + `
SELECT l.id, l.post_id, l.message, coalesce(convert_from(v.body, 'UTF8')::jsonb->>'kind', '') AS kind, l.language, c.name AS channel, c.handle, l.due_at, l.micros, l.reason
FROM late l
JOIN posts p ON p.id = l.post_id
LEFT JOIN revisions v ON v.id = p.current_revision
JOIN channels c ON c.id = l.channel_id
ORDER BY l.micros DESC, l.id
LIMIT $7`

const sqlNotOut = `
SELECT count(*) FILTER (WHERE d.state = 'missed') AS missed,
  count(*) FILTER (WHERE d.state = 'failed') AS failed,
  count(*) FILTER (WHERE d.state = 'unknown') AS unknown,
  count(*) FILTER (WHERE d.state IN ('held', 'scheduled') AND d.due_at <= $5) AS due
FROM deliveries d
JOIN posts p ON p.id = d.post_id
WHERE d.due_at >= $1
  AND d.due_at < $2
  AND ($3::bigint = 0 OR p.edition_id = $3)
  AND ($4::bigint = 0 OR d.channel_id = $4)
  AND d.state IN ('missed', 'failed', 'unknown', 'held', 'scheduled')`

// Read makes a report. now is product time.
func Read(ctx context.Context, q postgres.Querier, of Of, now time.Time) (Report, error) {
	r := Report{Reasons: map[string]int{}}
	if err := r.figures(ctx, q, of); err != nil {
		return Report{}, err
	}
	if r.Total.Late > 0 {
		if err := r.late(ctx, q, of); err != nil {
			return Report{}, err
		}
	}
	var not struct {
		Missed  int `db:"missed"`
		Failed  int `db:"failed"`
		Unknown int `db:"unknown"`
		Due     int `db:"due"`
	}
	if err := q.GetContext(ctx, &not, sqlNotOut, of.From, of.To, of.Edition, of.Channel, now); err != nil {
		return Report{}, fmt.Errorf("count what did not go out: %w", err)
	}
	r.Missed, r.Failed, r.Unknown, r.Due = not.Missed, not.Failed, not.Unknown, not.Due
	return r, nil
}

func (r *Report) figures(ctx context.Context, q postgres.Querier, of Of) error {
	var rows []struct {
		Breakdown   string `db:"breakdown"`
		Key         string `db:"key"`
		Label       string `db:"label"`
		Posts       int    `db:"posts"`
		Late        int    `db:"late"`
		P50         int64  `db:"p50"`
		P99         int64  `db:"p99"`
		Most        int64  `db:"most"`
		NetworkP50  int64  `db:"network_p50"`
		NetworkP99  int64  `db:"network_p99"`
		NetworkMost int64  `db:"network_most"`
	}
	if err := q.SelectContext(ctx, &rows, sqlFigures, of.From, of.To, of.Edition, of.Channel, Late.Microseconds()); err != nil {
		return fmt.Errorf("read how late posts went out: %w", err)
	}
	micros := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	for _, row := range rows {
		one := Row{Key: row.Key, Label: row.Label, Figures: Figures{
			Posts: row.Posts, Late: row.Late, P50: micros(row.P50), P99: micros(row.P99), Max: micros(row.Most),
			NetworkP50: micros(row.NetworkP50), NetworkP99: micros(row.NetworkP99), NetworkLatest: micros(row.NetworkMost),
		}}
		switch row.Breakdown {
		case "total":
			r.Total = one.Figures
		case "day":
			r.ByDay = append(r.ByDay, one)
		case "channel":
			r.ByChannel = append(r.ByChannel, one)
		case "edition":
			r.ByEdition = append(r.ByEdition, one)
		}
	}
	return nil
}

func (r *Report) late(ctx context.Context, q postgres.Querier, of Of) error {
	var reasons []struct {
		Reason string `db:"reason"`
		Posts  int    `db:"posts"`
	}
	args := []any{of.From, of.To, of.Edition, of.Channel, Late.Microseconds(), missing.Seconds()}
	if err := q.SelectContext(ctx, &reasons, sqlReasons, args...); err != nil {
		return fmt.Errorf("read why posts were late: %w", err)
	}
	for _, one := range reasons {
		r.Reasons[one.Reason] = one.Posts
	}
	if err := q.SelectContext(ctx, &r.Latest, sqlLatest, append(args, Most)...); err != nil {
		return fmt.Errorf("list what was late: %w", err)
	}
	return nil
}
