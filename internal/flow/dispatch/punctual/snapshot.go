package punctual

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

// Window is how far back a snapshot looks at what went out.
const Window = 24 * time.Hour

// Snapshot is how dispatch stands at one instant.
type Snapshot struct {
	States   map[string]int // of what is still to come: scheduled, sending, unknown
	Held     map[string]int // by why
	Ended    map[string]int // published, removed, missed, failed: of what was due in the window
	Attempts map[string]int // by outcome, "open" for none yet: of what was due in the window
	Reasons  map[string]int // of what was late in the window
	Lateness Figures        // of the window
	Depth    int            // due, and not on its way
	Oldest   time.Duration  // how long the first of them is due
	Risks    int            // deliveries at risk
	Pauses   int
	Daemons  int // that run
}

const (
	sqlWaiting = `
SELECT 'held' AS what, d.hold AS name, count(*) AS posts
FROM deliveries d
WHERE d.state = 'held'
GROUP BY d.hold
UNION ALL
SELECT 'state', 'unknown', count(*)
FROM deliveries
WHERE state = 'unknown'
UNION ALL
SELECT 'state', CASE WHEN sending_at IS NULL THEN 'scheduled' ELSE 'sending' END, count(*)
FROM queue
GROUP BY sending_at IS NULL
UNION ALL
SELECT 'ended', d.state, count(*)
FROM deliveries d
WHERE d.due_at > $1
  AND d.due_at <= $2
  AND d.state IN ('published', 'removed', 'missed', 'failed')
GROUP BY d.state
UNION ALL
SELECT 'attempt', coalesce(a.outcome, 'open'), count(*)
FROM deliveries d
JOIN attempts a ON a.delivery_id = d.id
WHERE d.due_at > $1
  AND d.due_at <= $2
GROUP BY a.outcome`

	sqlNow = `
SELECT
  (SELECT count(*) FROM queue WHERE sending_at IS NULL AND next_attempt_at <= $1) AS depth,
  coalesce((SELECT extract(epoch FROM $1::timestamptz - min(ready_at)) FROM queue WHERE sending_at IS NULL AND next_attempt_at <= $1), 0)::double precision AS oldest,
  (SELECT count(DISTINCT delivery_id) FROM delivery_risks) AS risks,
  (SELECT count(*) FROM pauses WHERE lifted_at IS NULL) AS pauses,
  (SELECT count(*) FROM daemons WHERE seen_at > clock_timestamp() - $2 * interval '1 second') AS daemons`
)

// Take takes a snapshot. now is product time.
func Take(ctx context.Context, q postgres.Querier, now time.Time) (Snapshot, error) {
	s := Snapshot{
		States: map[string]int{"scheduled": 0, "sending": 0, "unknown": 0}, Ended: map[string]int{"published": 0, "removed": 0, "missed": 0, "failed": 0},
		Held:     map[string]int{"approval": 0, "edited": 0, "paused": 0, "overdue": 0, "decision": 0},
		Attempts: map[string]int{"published": 0, "refused": 0, "again": 0, "limited": 0, "unauthorised": 0, "unknown": 0, "lost": 0, "open": 0},
		Reasons:  map[string]int{Approval: 0, Paused: 0, Down: 0, Proof: 0, Limited: 0, Network: 0, Turn: 0},
	}
	var rows []struct {
		What  string `db:"what"`
		Name  string `db:"name"`
		Posts int    `db:"posts"`
	}
	if err := q.SelectContext(ctx, &rows, sqlWaiting, now.Add(-Window), now); err != nil {
		return s, fmt.Errorf("count deliveries: %w", err)
	}
	for _, r := range rows {
		map[string]map[string]int{"held": s.Held, "state": s.States, "ended": s.Ended, "attempt": s.Attempts}[r.What][r.Name] = r.Posts
	}
	var row struct {
		Depth   int     `db:"depth"`
		Oldest  float64 `db:"oldest"`
		Risks   int     `db:"risks"`
		Pauses  int     `db:"pauses"`
		Daemons int     `db:"daemons"`
	}
	if err := q.GetContext(ctx, &row, sqlNow, now, missing.Seconds()); err != nil {
		return s, fmt.Errorf("look at the queue: %w", err)
	}
	s.Depth, s.Oldest, s.Risks, s.Pauses, s.Daemons = row.Depth, time.Duration(row.Oldest*float64(time.Second)), row.Risks, row.Pauses, row.Daemons
	r := Report{Reasons: s.Reasons}
	of := Of{From: now.Add(-Window), To: now.Add(time.Microsecond)}
	if err := r.figures(ctx, q, of); err != nil {
		return s, err
	}
	if s.Lateness = r.Total; r.Total.Late > 0 {
		return s, r.late(ctx, q, of)
	}
	return s, nil
}
