// Package timetable reads what calendar feeds show of posts: where and when they go out, how certain that is, and how often it changed.
//
// It changes nothing and decides nothing about who may see what, which its callers do by internal/org/people/scope. Of a text that
// nobody has approved yet it knows nothing, so that none can leave by a feed.
package timetable

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Place is one post in one language on one account.
type Place struct {
	Delivery  int64      `db:"delivery"`
	Post      int64      `db:"post"`
	Edition   int64      `db:"edition"` // 0 for a post that stands alone
	Message   string     `db:"message"`
	Kind      string     `db:"kind"`
	Language  string     `db:"language"`
	Text      string     `db:"text"` // of its first part as it was approved; empty before
	Channel   int64      `db:"channel"`
	Handle    string     `db:"handle"`
	Platform  string     `db:"platform"`
	Zone      string     `db:"zone"`
	DueAt     time.Time  `db:"due_at"`
	State     post.State `db:"state"`
	Rehearsal bool       `db:"rehearsal"`
	Sequence  int        `db:"sequence"`   // of the post: it grows with each new version and each move of any of its places
	ChangedAt time.Time  `db:"changed_at"` // of this place
}

// A release is kept by a delivery only while its words are approved or out, and by one that was taken down.
const sqlPlaces = `
SELECT d.id AS delivery, d.post_id AS post, coalesce(p.edition_id, 0) AS edition, p.message,
  coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, d.language,
  CASE WHEN s.state IN ('scheduled', 'sending', 'unknown', 'published') THEN coalesce(convert_from(f.body, 'UTF8')::jsonb#>>'{parts,0,text}', '') ELSE '' END AS text,
  d.channel_id AS channel, c.handle, c.platform, d.zone, d.due_at, s.state, p.rehearsal,
  p.version - 1 + coalesce(v.times, 0)::int AS sequence,
  greatest(r.at, m.at, d.settled_at, k.at) AS changed_at
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
JOIN revisions r ON r.id = p.current_revision
LEFT JOIN (
  SELECT o.post_id, sum(a.times) AS times
  FROM moves a
  JOIN deliveries o ON o.id = a.delivery_id
  GROUP BY o.post_id
) v ON v.post_id = d.post_id
LEFT JOIN moves m ON m.delivery_id = d.id
LEFT JOIN releases f ON f.id = d.release_id
LEFT JOIN clearances k ON k.submission_id = d.submission_id
WHERE d.due_at >= $1
  AND d.due_at < $2
  AND CASE WHEN $3::bigint = 0 THEN NOT p.rehearsal ELSE p.edition_id = $3 END
ORDER BY d.due_at, d.post_id, d.id
LIMIT $4`

// MaxPlaces is how many places a feed shows at most: more is no calendar any more.
const MaxPlaces = 20_000

// Places returns the places that fall due from one instant to before another: those of an edition, or with 0 all but rehearsals.
func Places(ctx context.Context, q postgres.Querier, from, to time.Time, edition int64) ([]Place, error) {
	var list []Place
	if err := q.SelectContext(ctx, &list, sqlPlaces, from, to, edition, MaxPlaces); err != nil {
		return nil, fmt.Errorf("read the places of a feed: %w", err)
	}
	return list, nil
}

// Draft is a submission that waits for a word.
type Draft struct {
	Submission int64        `db:"submission"`
	Message    string       `db:"message"`
	Kind       string       `db:"kind"`
	Language   string       `db:"language"`
	By         sql.NullTime `db:"approve_by"`
	At         time.Time    `db:"at"`
}

const sqlDrafts = `
SELECT s.id AS submission, p.message, coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, s.language, s.approve_by, s.at
FROM submissions s
JOIN posts p ON p.id = s.post_id
JOIN revisions r ON r.id = s.revision_id
WHERE s.id = ANY ($1)
ORDER BY s.id`

// Drafts returns submissions by their numbers.
func Drafts(ctx context.Context, q postgres.Querier, submissions []int64) ([]Draft, error) {
	var list []Draft
	if err := q.SelectContext(ctx, &list, sqlDrafts, pq.Array(submissions)); err != nil {
		return nil, fmt.Errorf("read the drafts of a feed: %w", err)
	}
	return list, nil
}
