package glance

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Draft is a post that somebody has to go on with.
type Draft struct {
	Post     int64     `db:"post"`
	Message  string    `db:"message"`
	Kind     string    `db:"kind"`
	Language string    `db:"language"` // empty when it is about all of them
	First    time.Time `db:"first"`    // when the first of its places is due
	Standing
}

// What goes out as soon as it is approved is due already: it counts while its window is open.
const sqlOwn = mine + `,
own AS MATERIALIZED (
  SELECT p.id, p.message, p.current_revision, r.body
  FROM posts p
  JOIN revisions r ON r.id = p.current_revision
  WHERE r.author_id = $2
    AND p.id IN (SELECT post_id FROM deliveries WHERE state = 'held' AND not_after > $4)
)
SELECT o.id AS post, o.message, coalesce(convert_from(o.body, 'UTF8')::jsonb->>'kind', '') AS kind, min(w.language) AS language, min(w.due_at) AS first,
  'held' AS state, min(w.hold) AS hold,
  CASE WHEN bool_or(w.changes) THEN 'changes' WHEN bool_and(w.asked) THEN 'review' ELSE '' END AS review
FROM own o
CROSS JOIN LATERAL (
  SELECT d.language, d.due_at, d.hold, s.id IS NOT NULL AS asked,
    EXISTS (
      SELECT 1
      FROM verdicts v
      WHERE v.submission_id = s.id
        AND v.verdict = 'changes'
        AND NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = s.id AND n.person_id = v.person_id AND n.id > v.id)) AS changes
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  LEFT JOIN LATERAL (
    SELECT max(m.id) AS id
    FROM submissions m
    WHERE m.post_id = d.post_id
      AND m.revision_id = o.current_revision
      AND m.language = d.language
  ) s ON true
  WHERE d.post_id = o.id
    AND d.state = 'held'
    AND d.hold IN ('approval', 'edited')
    AND (d.due_at > $4 OR d.prompt AND d.not_after > $4)
    AND ` + within + `
) w
GROUP BY o.id, o.message, o.body
ORDER BY bool_or(w.changes) DESC, bool_and(w.asked), min(w.due_at), o.id
LIMIT $5`

// Own returns up to n posts of which the person wrote the current version and that wait: those in which changes are asked for first,
// then drafts, then what reviewers have.
func Own(ctx context.Context, q postgres.Querier, of Of, n int) ([]Draft, error) {
	var all []Draft
	if err := q.SelectContext(ctx, &all, sqlOwn, of.limits(of.Now, n)...); err != nil {
		return nil, fmt.Errorf("list the person's own drafts: %w", err)
	}
	return all, nil
}

// Changed is a draft in which a reviewer asked for changes.
type Changed struct {
	Post    int64  `db:"post"`
	Message string `db:"message"`
	Kind    string `db:"kind"`
	Handle  string `db:"handle"` // the first account it is for
}

// lastly is how many of the newest requests for changes are looked at.
const lastly = 200

const sqlChanged = mine + `,
latest AS MATERIALIZED (
  SELECT v.submission_id, v.person_id, v.id
  FROM verdicts v
  WHERE v.verdict = 'changes'
  ORDER BY v.id DESC
  LIMIT $6
),
open AS (
  SELECT DISTINCT ON (s.id) s.id, s.post_id, p.message, p.current_revision, c.handle, d.due_at
  FROM latest v
  JOIN submissions s ON s.id = v.submission_id
  JOIN posts p ON p.id = s.post_id
    AND p.current_revision = s.revision_id
  JOIN releases l ON l.submission_id = s.id
  JOIN deliveries d ON d.id = l.delivery_id
    AND d.state = 'held'
    AND d.hold IN ('approval', 'edited')
    AND d.not_after > $4
  JOIN channels c ON c.id = d.channel_id
  WHERE NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = v.submission_id AND n.person_id = v.person_id AND n.id > v.id)
    AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id)
    AND ` + within + `
  ORDER BY s.id, d.due_at, d.id
)
SELECT o.post_id AS post, o.message, coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, o.handle
FROM (SELECT * FROM open ORDER BY due_at, id LIMIT $5) o
JOIN revisions r ON r.id = o.current_revision
ORDER BY o.due_at, o.id`

// ChangesAskedFor returns up to n drafts in which changes are asked for and can still be made, those due soonest first.
func ChangesAskedFor(ctx context.Context, q postgres.Querier, of Of, n int) ([]Changed, error) {
	var all []Changed
	if err := q.SelectContext(ctx, &all, sqlChanged, of.limits(of.Now, n, lastly)...); err != nil {
		return nil, fmt.Errorf("read where changes are asked for: %w", err)
	}
	return all, nil
}

// Verdict is what a person said about a draft.
type Verdict struct {
	Submission int64     `db:"submission"`
	Message    string    `db:"message"`
	Kind       string    `db:"kind"`
	Language   string    `db:"language"`
	Verdict    string    `db:"verdict"` // approve, changes, withdraw or hold
	At         time.Time `db:"at"`      // real time
}

const sqlDecided = mine + `
SELECT v.submission_id AS submission, p.message, coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, s.language, v.verdict, v.at
FROM (SELECT * FROM verdicts WHERE person_id = $2 ORDER BY id DESC LIMIT $4) v
JOIN submissions s ON s.id = v.submission_id
JOIN posts p ON p.id = s.post_id
JOIN revisions r ON r.id = s.revision_id
WHERE NOT $1
  OR (coalesce(p.edition_id IN (SELECT id FROM books), $3::boolean)
    AND EXISTS (SELECT 1 FROM deliveries d WHERE d.post_id = p.id AND d.channel_id IN (SELECT id FROM seen)))
ORDER BY v.id DESC`

// Decided returns the last n things that the person said about drafts.
func Decided(ctx context.Context, q postgres.Querier, of Of, n int) ([]Verdict, error) {
	var all []Verdict
	if err := q.SelectContext(ctx, &all, sqlDecided, of.limits(n)...); err != nil {
		return nil, fmt.Errorf("list what the person decided: %w", err)
	}
	return all, nil
}

// Wanting is how far posts to come are in one language.
type Wanting struct {
	Language string     `db:"language"`
	Missing  int        `db:"missing"` // posts that do not speak it, though accounts that the edition goes to do
	Drafts   int        `db:"drafts"`  // posts that speak it and wait to be sent for review
	Asked    int        `db:"asked"`   // posts that reviewers have in it
	Post     int64      `db:"post"`    // the first that lacks it, else the first draft; 0 for none
	Message  string     `db:"message"`
	Kind     string     `db:"kind"`
	First    *time.Time `db:"first"` // when that post is due
	Lacks    bool       `db:"lacks"` // that post does not speak it yet
}

// A message is laid in each language that both it and an account speak. So a post without a place in a language, in an edition that goes
// to an account that speaks it, does not speak it.
const sqlWanting = mine + `,
soon AS MATERIALIZED (
  SELECT p.id, p.edition_id, p.message, p.current_revision, d.language, min(d.due_at) AS first,
    bool_or(d.state = 'held' AND d.hold IN ('approval', 'edited')) AS waits
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  WHERE d.due_at > $4
    AND d.due_at < $5
    AND d.state IN ('held', 'scheduled')
    AND ` + within + `
  GROUP BY 1, 2, 3, 4, 5
),
posts_soon AS (
  SELECT id, edition_id, message, current_revision, min(first) AS first
  FROM soon
  GROUP BY 1, 2, 3, 4
),
spoken AS (
  SELECT DISTINCT p.edition_id, l.language
  FROM (SELECT DISTINCT e.edition_id FROM posts_soon e WHERE e.edition_id IS NOT NULL) e
  JOIN posts p ON p.edition_id = e.edition_id
  JOIN deliveries d ON d.post_id = p.id AND d.state <> 'cancelled'
  JOIN channels c ON c.id = d.channel_id AND c.archived_at IS NULL
  CROSS JOIN LATERAL unnest(c.languages) AS l(language)
  WHERE l.language = ANY ($6::text[])
),
one AS (
  SELECT w.language, w.id, w.message, w.current_revision, w.first, false AS lacks, w.waits AND NOT w.asked AS draft, w.waits AND w.asked AS asked
  FROM (
    SELECT n.*, EXISTS (SELECT 1 FROM submissions m WHERE m.post_id = n.id AND m.revision_id = n.current_revision AND m.language = n.language OFFSET 0) AS asked
    FROM soon n
  ) w
  WHERE w.language = ANY ($6)
  UNION ALL
  SELECT s.language, p.id, p.message, p.current_revision, p.first, true, false, false
  FROM posts_soon p
  JOIN spoken s ON s.edition_id = p.edition_id
  WHERE NOT EXISTS (
    SELECT 1
    FROM deliveries d
    WHERE d.post_id = p.id
      AND d.language = s.language
      AND d.state <> 'cancelled')
)
SELECT o.language, o.missing, o.drafts, o.asked, coalesce(f.id, 0) AS post, coalesce(f.message, '') AS message,
  coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, f.first, coalesce(f.lacks, false) AS lacks
FROM (
  SELECT language, count(*) FILTER (WHERE lacks) AS missing, count(*) FILTER (WHERE draft) AS drafts, count(*) FILTER (WHERE asked) AS asked
  FROM one
  GROUP BY language
) o
LEFT JOIN LATERAL (
  SELECT n.*
  FROM one n
  WHERE n.language = o.language
    AND (n.lacks OR n.draft)
  ORDER BY n.lacks DESC, n.first, n.id
  LIMIT 1
) f ON true
LEFT JOIN revisions r ON r.id = f.current_revision
ORDER BY o.language`

// WantingIn says how far the posts due until an instant are in some languages. A language in which nothing is due and nothing lacks is
// left out.
func WantingIn(ctx context.Context, q postgres.Querier, of Of, languages []string, until time.Time) ([]Wanting, error) {
	if len(languages) == 0 {
		return nil, nil
	}
	var all []Wanting
	if err := q.SelectContext(ctx, &all, sqlWanting, of.limits(of.Now, until, pq.Array(languages))...); err != nil {
		return nil, fmt.Errorf("look which languages are wanting: %w", err)
	}
	return all, nil
}
