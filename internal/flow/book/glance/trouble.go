package glance

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Trouble is a place that somebody has to look at.
type Trouble struct {
	Post    int64      `db:"post"`
	Message string     `db:"message"`
	Kind    string     `db:"kind"`
	Handle  string     `db:"handle"`
	State   post.State `db:"state"`
	Hold    post.Hold  `db:"hold"`
	Problem string     `db:"problem"`
	DueAt   time.Time  `db:"due_at"`
}

const sqlTroubles = mine + `
SELECT d.post_id AS post, p.message, coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, c.handle, d.state,
  coalesce(d.hold, '') AS hold, d.problem, d.due_at
FROM (
  SELECT *
  FROM deliveries
  WHERE state IN ('missed', 'failed') OR hold IN ('decision', 'overdue')
  UNION ALL
  SELECT *
  FROM deliveries
  WHERE state = 'unknown'
) d
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
LEFT JOIN revisions r ON r.id = p.current_revision
WHERE d.due_at > $4
  AND ` + within + `
ORDER BY CASE d.state WHEN 'failed' THEN 0 WHEN 'missed' THEN 1 WHEN 'unknown' THEN 2 ELSE 3 END, d.due_at, d.id
LIMIT $5`

// Troubles returns up to n places that did not go out as planned, or of which nobody knows, of those due since an instant: the gravest first.
func Troubles(ctx context.Context, q postgres.Querier, of Of, since time.Time, n int) ([]Trouble, error) {
	var all []Trouble
	if err := q.SelectContext(ctx, &all, sqlTroubles, of.limits(since, n)...); err != nil {
		return nil, fmt.Errorf("list what needs a look: %w", err)
	}
	return all, nil
}

// AtRisk is a post of which something may not go out as planned.
type AtRisk struct {
	Post    int64  `db:"post"`
	Message string `db:"message"`
	Kind    string `db:"kind"`
	Handle  string `db:"handle"` // of the first such place
	Say     string `db:"say"`
}

const sqlAtRisk = mine + `,
first AS (
  SELECT DISTINCT ON (d.post_id) d.post_id, d.channel_id, d.due_at, x.say
  FROM delivery_risks x
  JOIN deliveries d ON d.id = x.delivery_id
  JOIN posts p ON p.id = d.post_id
  WHERE d.state IN ('held', 'scheduled')
    AND ` + within + `
  ORDER BY d.post_id, d.due_at, d.id, x.matter, x.subject
)
SELECT f.post_id AS post, p.message, coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, c.handle, f.say
FROM (SELECT * FROM first ORDER BY due_at, post_id LIMIT $4) f
JOIN posts p ON p.id = f.post_id
JOIN channels c ON c.id = f.channel_id
LEFT JOIN revisions r ON r.id = p.current_revision
ORDER BY f.due_at, f.post_id`

// AtRisks returns up to n posts at risk, each with what was found first, those due soonest first.
func AtRisks(ctx context.Context, q postgres.Querier, of Of, n int) ([]AtRisk, error) {
	var all []AtRisk
	if err := q.SelectContext(ctx, &all, sqlAtRisk, of.limits(n)...); err != nil {
		return nil, fmt.Errorf("list what is at risk: %w", err)
	}
	return all, nil
}

const sqlRisksOf = `
SELECT DISTINCT ON (delivery_id) delivery_id, say
FROM delivery_risks
WHERE delivery_id = ANY ($1::bigint[])
ORDER BY delivery_id, matter, subject`

// RisksOf returns what may keep some places from going out as planned, by delivery: of each what was found first.
func RisksOf(ctx context.Context, q postgres.Querier, list []Place) (map[int64]string, error) {
	var found []struct {
		Delivery int64  `db:"delivery_id"`
		Say      string `db:"say"`
	}
	ids := make([]int64, len(list))
	for i, p := range list {
		ids[i] = p.Delivery
	}
	if err := q.SelectContext(ctx, &found, sqlRisksOf, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("read what is at risk: %w", err)
	}
	all := make(map[int64]string, len(found))
	for _, r := range found {
		all[r.Delivery] = r.Say
	}
	return all, nil
}

// Stating is a post to come that states facts in a language.
type Stating struct {
	Post     int64      `db:"post"`
	Language string     `db:"language"`
	Day      civil.Date `db:"day"` // the first on which it goes out
	Body     []byte     `db:"body"`
}

const sqlStating = mine + `,
soon AS MATERIALIZED (
  SELECT d.post_id, p.current_revision, d.language, min(d.due_date) AS day
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  WHERE d.due_at > $5
    AND d.due_at <= $6
    AND d.state IN ('held', 'scheduled')
    AND NOT p.rehearsal
    AND ` + within + `
  GROUP BY 1, 2, 3
)
SELECT s.post_id AS post, s.language, s.day, r.body
FROM soon s
JOIN revisions r ON r.id = s.current_revision
WHERE r.body LIKE ANY ($4::bytea[])
ORDER BY s.day, s.post_id, s.language`

// StatingOf returns the posts due until an instant in whose source one of some words stands, as ids of facts do. It may return a few others.
func StatingOf(ctx context.Context, q postgres.Querier, of Of, words []string, until time.Time) ([]Stating, error) {
	if len(words) == 0 {
		return nil, nil
	}
	patterns := make([][]byte, len(words))
	for i, w := range words {
		patterns[i] = []byte("%" + w + "%") // what it finds too much, the caller sees in the source
	}
	var all []Stating
	if err := q.SelectContext(ctx, &all, sqlStating, of.limits(pq.ByteaArray(patterns), of.Now, until)...); err != nil {
		return nil, fmt.Errorf("look which posts say %v: %w", words, err)
	}
	return all, nil
}

// Asking is a country, and a language, in which posts to come ask for a helpline.
type Asking struct {
	Country  string    `db:"country"`
	Language string    `db:"language"`
	Sandbox  bool      `db:"sandbox"`
	First    time.Time `db:"first"`
}

const sqlAsking = mine + `,
soon AS MATERIALIZED (
  SELECT d.post_id, p.current_revision, c.country, c.sandbox, d.language, min(d.due_at) AS first
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  JOIN channels c ON c.id = d.channel_id
  WHERE d.due_at > $4
    AND d.due_at <= $5
    AND d.state = 'held'
    AND d.release_id IS NULL
    AND NOT p.rehearsal
    AND c.country <> ''
    AND ` + within + `
  GROUP BY 1, 2, 3, 4, 5
),
asks AS MATERIALIZED (
  SELECT r.id
  FROM revisions r
  WHERE r.id IN (SELECT current_revision FROM soon)
    AND position(convert_to('{{helpline}}', 'UTF8') IN r.body) > 0
)
SELECT s.country, s.language, s.sandbox, min(s.first) AS first
FROM soon s
WHERE s.current_revision IN (SELECT id FROM asks)
GROUP BY 1, 2, 3
ORDER BY 4, 1, 2`

// AskingFor returns where the posts due until an instant ask for a helpline that they have not been given yet, the first first.
func AskingFor(ctx context.Context, q postgres.Querier, of Of, until time.Time) ([]Asking, error) {
	var all []Asking
	if err := q.SelectContext(ctx, &all, sqlAsking, of.limits(of.Now, until)...); err != nil {
		return nil, fmt.Errorf("look which posts ask for a helpline: %w", err)
	}
	return all, nil
}
