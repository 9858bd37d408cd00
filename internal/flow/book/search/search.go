// Package search finds posts by their words, in any language, and by where they go, when and how they stand.
//
// What is searched are the words of each post's current version, as they are written: in all languages, with hashtags, content notes and
// descriptions of pictures. The database has an index over them (function search_words). Marks over and under letters, and capital letters, do
// not matter; the beginning of a word finds it. The package changes nothing.
package search

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Size is how many posts a page of results has.
const Size = 20

// Most is how many posts that have the words are looked at: the newest of them. Somebody who searches for "the" reads no further.
const Most = 5000

// Query is what somebody searches for; a zero field does not narrow.
type Query struct {
	Words    string // as typed
	Edition  int64
	Channel  int64
	Language string    // in which it goes out
	Standing string    // a state, a reason to be held, or "draft", "review" or "changes" as people see what waits for approval
	From, To time.Time // when it is due; From is inside, To outside
	Page     int       // from 1
}

// Narrowed reports whether anything is searched for.
func (q Query) Narrowed() bool {
	return len(terms(q.Words)) > 0 || q.Edition != 0 || q.Channel != 0 || q.Language != "" || q.Standing != "" || !q.From.IsZero() || !q.To.IsZero()
}

// Found is a post with what of it was searched for.
type Found struct {
	Post    int64     `db:"post"`
	Edition int64     `db:"edition"`
	Title   string    `db:"title"` // the campaign and the year; empty for a post that stands alone
	Message string    `db:"message"`
	First   time.Time `db:"first"`  // when the first of its places is due
	Places  int       `db:"places"` // that pass the filters
	Source  post.Source
}

// Results is a page of what was found.
type Results struct {
	Posts []Found // due latest first
	Total int
	More  bool // so many posts have the words that only the newest were looked at
}

// seen and books are what somebody with limits sees of accounts and editions.
const found = `
WITH seen AS MATERIALIZED (
  SELECT id
  FROM channels
  WHERE $1::boolean
    AND may_see_channel($2::bigint, id)
),
books AS MATERIALIZED (
  SELECT id
  FROM editions
  WHERE $1
    AND may_see_edition($2, id)
),`

const (
	worded = found + `
hits AS MATERIALIZED (
  SELECT p.id
  FROM revisions r
  JOIN posts p ON p.id = r.post_id
    AND p.current_revision = r.id
  WHERE search_words(r.body) @@ to_tsquery('simple', plain_words($4))
  ORDER BY p.id DESC
  LIMIT $13
)`

	unworded = found + `
hits AS NOT MATERIALIZED (
  SELECT id
  FROM posts
  WHERE $4::text = ''
    AND $13::int > 0
)`

	// What waits for approval stands as page.StandingOf says; a test holds both together.
	results = `,
places AS (
  SELECT d.post_id, d.due_at
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  LEFT JOIN queue u ON u.delivery_id = d.id
  WHERE d.post_id IN (SELECT id FROM hits)
    AND d.state <> 'cancelled'
    AND (NOT $1 OR (d.channel_id IN (SELECT id FROM seen) AND coalesce(p.edition_id IN (SELECT id FROM books), $3::boolean)))
    AND ($5::bigint = 0 OR p.edition_id = $5)
    AND ($6::bigint = 0 OR d.channel_id = $6)
    AND ($7::text = '' OR d.language = $7)
    AND ($9::timestamptz IS NULL OR d.due_at >= $9)
    AND ($10::timestamptz IS NULL OR d.due_at < $10)
    AND ($8::text = '' OR $8 = CASE
      WHEN d.state = 'scheduled' AND u.sending_at IS NOT NULL THEN 'sending'
      WHEN d.state <> 'held' THEN d.state
      WHEN d.hold NOT IN ('approval', 'edited') THEN d.hold
      ELSE coalesce((
        SELECT CASE WHEN EXISTS (
          SELECT 1
          FROM verdicts v
          WHERE v.submission_id = max(s.id)
            AND v.verdict = 'changes'
            AND NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = v.submission_id AND n.person_id = v.person_id AND n.id > v.id)
        ) THEN 'changes' ELSE 'review' END
        FROM submissions s
        WHERE s.post_id = d.post_id
          AND s.revision_id = p.current_revision
          AND s.language = d.language
        HAVING max(s.id) IS NOT NULL), CASE d.hold WHEN 'edited' THEN 'edited' ELSE 'draft' END) END)
),
one AS (
  SELECT post_id, min(due_at) AS first, count(*) AS places
  FROM places
  GROUP BY post_id
),
page AS (
  SELECT o.*, count(*) OVER () AS total
  FROM one o
  ORDER BY o.first DESC, o.post_id DESC
  LIMIT $11 OFFSET $12
)
SELECT g.post_id AS post, g.first, g.places, g.total, coalesce(p.edition_id, 0) AS edition, p.message, r.body,
  coalesce(coalesce(c.title->>'en', c.id) || ' ' || e.year, '') AS title, (SELECT count(*) FROM hits) AS hits
FROM page g
JOIN posts p ON p.id = g.post_id
JOIN revisions r ON r.id = p.current_revision
LEFT JOIN editions e ON e.id = p.edition_id
LEFT JOIN campaigns c ON c.id = e.campaign_id
ORDER BY g.first DESC, g.post_id DESC`

	sqlWorded = worded + results
	sqlAny    = unworded + results
)

// Posts returns a page of the posts within somebody's limits that pass a query.
func Posts(ctx context.Context, q postgres.Querier, who people.Person, query Query) (Results, error) {
	words := terms(query.Words)
	statement, search := sqlAny, ""
	if len(words) > 0 {
		statement, search = sqlWorded, lookup(words)
	}
	var rows []struct {
		Found
		Body  []byte `db:"body"`
		Total int    `db:"total"`
		Hits  int    `db:"hits"`
	}
	err := q.SelectContext(ctx, &rows, statement, who.Limited(), who.ID, len(who.Campaigns) == 0, search, query.Edition, query.Channel, query.Language,
		query.Standing, instant(query.From), instant(query.To), Size, (max(query.Page, 1)-1)*Size, Most)
	if err != nil {
		return Results{}, fmt.Errorf("search for posts: %w", err)
	}
	var out Results
	for _, r := range rows {
		if r.Source, err = post.ReadSource(r.Body); err != nil {
			return Results{}, fmt.Errorf("post %d: %w", r.Post, err)
		}
		out.Total, out.More = r.Total, len(words) > 0 && r.Hits == Most
		out.Posts = append(out.Posts, r.Found)
	}
	return out, nil
}

// instant hands an instant to the database, NULL for none.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
