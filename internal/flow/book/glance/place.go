package glance

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/flow/book"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Place is a delivery as a list shows it. Of those of one post in one language at one instant only the first bears Text and Kind.
type Place struct {
	book.Entry
	Review Review `db:"review"`
}

// places reads deliveries narrowly: a body is read once for each post, language and instant.
const places = `
SELECT d.id AS delivery, d.post_id AS post, coalesce(p.edition_id, 0) AS edition, p.message, p.rehearsal,
  CASE WHEN d.first = 1 THEN coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') ELSE '' END AS kind,
  CASE WHEN d.first = 1 THEN coalesce(convert_from(f.body, 'UTF8')::jsonb#>>'{parts,0,text}',
    convert_from(r.body, 'UTF8')::jsonb#>>ARRAY['parts', '0', 'texts', d.language], '') ELSE '' END AS text,
  d.language, d.channel_id AS channel, c.name AS channel_name, c.handle, c.platform, d.zone, d.due_at,
  to_char(d.due_date, 'YYYY-MM-DD') AS due_date, to_char(d.due_clock, 'HH24:MI') AS due_clock, d.not_after,
  CASE WHEN d.state = 'scheduled' AND u.sending_at IS NOT NULL THEN 'sending' ELSE d.state END AS state,
  coalesce(d.hold, '') AS hold, d.problem, coalesce(k.url, '') AS url, k.published_at, greatest(d.ready_at, d.due_at) AS ready_at, d.prompt,
  CASE
    WHEN s.id IS NULL THEN ''
    WHEN EXISTS (
      SELECT 1
      FROM verdicts v
      WHERE v.submission_id = s.id
        AND v.verdict = 'changes'
        AND NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = s.id AND n.person_id = v.person_id AND n.id > v.id)) THEN 'changes'
    ELSE 'review' END AS review
FROM chosen d
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
LEFT JOIN revisions r ON r.id = p.current_revision
LEFT JOIN releases f ON f.id = d.release_id
LEFT JOIN queue u ON u.delivery_id = d.id
LEFT JOIN copies k ON k.delivery_id = d.id AND k.part = 1
LEFT JOIN LATERAL (
  SELECT max(w.id) AS id
  FROM submissions w
  WHERE w.post_id = d.post_id
    AND w.revision_id = p.current_revision
    AND w.language = d.language
) s ON d.state = 'held' AND d.hold IN ('approval', 'edited')
ORDER BY d.due_at, d.post_id, d.channel_id, d.language`

const sqlPlacesDue = mine + `,
chosen AS (
  SELECT d.*, row_number() OVER (PARTITION BY d.post_id, d.language, d.due_at ORDER BY d.channel_id) AS first
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  WHERE d.due_at >= $4
    AND d.due_at < $5
    AND d.state <> 'cancelled'
    AND ` + within + `
)` + places

// Due returns what is due between two instants, in its order, without what was left out.
func Due(ctx context.Context, q postgres.Querier, of Of, from, to time.Time) ([]Place, error) {
	return list(ctx, q, sqlPlacesDue, of.limits(from, to)...)
}

const sqlPlacesOf = mine + `,
chosen AS (
  SELECT d.*, row_number() OVER (PARTITION BY d.post_id, d.language, d.due_at ORDER BY d.channel_id) AS first
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  WHERE d.post_id = ANY ($4::bigint[])
    AND d.due_at >= $5
    AND d.due_at < $6
    AND d.state <> 'cancelled'
    AND ` + within + `
)` + places

func ofPosts(ctx context.Context, q postgres.Querier, of Of, posts []int64, from, to time.Time) ([]Place, error) {
	if len(posts) == 0 {
		return nil, nil
	}
	return list(ctx, q, sqlPlacesOf, of.limits(pq.Array(posts), from, to)...)
}

func list(ctx context.Context, q postgres.Querier, statement string, args ...any) ([]Place, error) {
	var all []Place
	if err := q.SelectContext(ctx, &all, statement, args...); err != nil {
		return nil, fmt.Errorf("read places of posts: %w", err)
	}
	return all, nil
}

// group is one post at one instant.
type group struct {
	Post  int64     `db:"post"`
	DueAt time.Time `db:"due_at"`
}

// enough is how many groups are read to fill a list: a post that follows the sun has one for each zone, of which there are 38.
const enough = 200

const (
	sqlComing = mine + `
SELECT d.post_id AS post, d.due_at
FROM deliveries d
JOIN posts p ON p.id = d.post_id
WHERE d.due_at > $4
  AND d.due_at < $5
  AND d.state IN ('held', 'scheduled')
  AND ` + within + `
GROUP BY d.due_at, d.post_id
ORDER BY d.due_at, d.post_id
LIMIT $6`

	sqlLately = mine + `
SELECT d.post_id AS post, d.due_at
FROM deliveries d
JOIN posts p ON p.id = d.post_id
WHERE d.due_at > $4
  AND d.due_at <= $5
  AND d.state = 'published'
  AND ` + within + `
GROUP BY d.due_at, d.post_id
ORDER BY d.due_at DESC, d.post_id DESC
LIMIT $6`
)

// Coming returns the places of the first n posts that are to go out after now and before an instant.
func Coming(ctx context.Context, q postgres.Querier, of Of, until time.Time, n int) ([]Place, error) {
	posts, _, last, err := groups(ctx, q, sqlComing, of.limits(of.Now, until, enough), n)
	if err != nil {
		return nil, err
	}
	all, err := ofPosts(ctx, q, of, posts, of.Now.Add(time.Microsecond), last.Add(time.Microsecond))
	return only(all, "held", "scheduled", "sending"), err
}

// Lately returns the places of the last n posts that went out since an instant.
func Lately(ctx context.Context, q postgres.Querier, of Of, since time.Time, n int) ([]Place, error) {
	posts, first, last, err := groups(ctx, q, sqlLately, of.limits(since, of.Now, enough), n)
	if err != nil {
		return nil, err
	}
	all, err := ofPosts(ctx, q, of, posts, first, last.Add(time.Microsecond))
	return only(all, "published"), err
}

// groups returns the first n posts of a list, with between which instants they lie in it.
func groups(ctx context.Context, q postgres.Querier, statement string, args []any, n int) (posts []int64, first, last time.Time, err error) {
	var rows []group
	if err := q.SelectContext(ctx, &rows, statement, args...); err != nil {
		return nil, first, last, fmt.Errorf("list posts by when they are due: %w", err)
	}
	seen := map[int64]bool{}
	for _, r := range rows {
		if !seen[r.Post] {
			if len(posts) == n {
				break
			}
			seen[r.Post] = true
			posts = append(posts, r.Post)
		}
		if first.IsZero() || r.DueAt.Before(first) {
			first = r.DueAt
		}
		if r.DueAt.After(last) {
			last = r.DueAt
		}
	}
	return posts, first, last, nil
}

// only keeps the places in some states.
func only(all []Place, states ...string) []Place {
	var kept []Place
	for _, p := range all {
		for _, s := range states {
			if string(p.State) == s {
				kept = append(kept, p)
			}
		}
	}
	return kept
}
