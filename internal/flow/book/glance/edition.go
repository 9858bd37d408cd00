package glance

import (
	"context"
	"fmt"

	"daymark/internal/core/post"
	"daymark/internal/postgres"
)

// Review is what the review knows about words that wait.
type Review string

// What the review can know.
const (
	NotAsked Review = ""
	Asked    Review = "review"
	Changes  Review = "changes" // somebody's latest word is a request for changes
)

// Standing is where deliveries stand.
type Standing struct {
	State  post.State `db:"state"`
	Hold   post.Hold  `db:"hold"`
	Review Review     `db:"review"` // of what waits for approval
}

// Tally is how many places and posts have a standing.
type Tally struct {
	Standing
	Places int `db:"places"`
}

// Edition is how far an edition is.
type Edition struct {
	Posts   int // that go anywhere
	Drafts  int // that can be sent for review
	Tallies []Tally
}

// A delivery is counted as its queue row says, and words that wait by their newest submission. Places are gathered first, so that what
// the review says is asked once for each post and language, by its index: a join of what was gathered is guessed to be small and is not.
const sqlEdition = mine + `,
laid AS MATERIALIZED (
  SELECT d.post_id, d.language, d.state, d.hold, p.current_revision AS revision_id, q.sending_at IS NOT NULL AS sending,
    count(*) AS places, bool_or(d.due_at > $5 OR d.prompt AND d.not_after > $5) AS coming
  FROM posts p
  JOIN deliveries d ON d.post_id = p.id
  LEFT JOIN queue q ON q.delivery_id = d.id
    AND q.sending_at IS NOT NULL
  WHERE p.edition_id = $4
    AND d.state <> 'cancelled'
    AND ` + within + `
  GROUP BY 1, 2, 3, 4, 5, 6
),
asked AS MATERIALIZED (
  SELECT l.post_id, l.places, l.coming, coalesce(l.hold, '') AS hold,
    CASE WHEN l.state = 'scheduled' AND l.sending THEN 'sending' ELSE l.state END AS state,
    CASE WHEN l.state = 'held' AND l.hold IN ('approval', 'edited') THEN (
      SELECT max(w.id)
      FROM submissions w
      WHERE w.post_id = l.post_id
        AND w.revision_id = l.revision_id
        AND w.language = l.language) END AS submission_id
  FROM laid l
),
stands AS (
  SELECT a.*,
    CASE
      WHEN a.submission_id IS NULL THEN ''
      WHEN EXISTS (
        SELECT 1
        FROM verdicts v
        WHERE v.submission_id = a.submission_id
          AND v.verdict = 'changes'
          AND NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = v.submission_id AND n.person_id = v.person_id AND n.id > v.id)) THEN 'changes'
      ELSE 'review' END AS review
  FROM asked a
)
SELECT grouping(state) = 1 AS whole, coalesce(state, '') AS state, coalesce(hold, '') AS hold, coalesce(review, '') AS review, coalesce(sum(places), 0)::bigint AS places,
  count(DISTINCT post_id) AS posts,
  count(DISTINCT post_id) FILTER (WHERE coming AND state = 'held' AND hold IN ('approval', 'edited') AND review = '') AS drafts
FROM stands
GROUP BY GROUPING SETS ((state, hold, review), ())`

// ReadEdition counts where an edition stands. What was left out is not counted.
func ReadEdition(ctx context.Context, q postgres.Querier, of Of, edition int64) (Edition, error) {
	var rows []struct {
		Whole bool `db:"whole"`
		Tally
		Posts  int `db:"posts"`
		Drafts int `db:"drafts"`
	}
	var e Edition
	if err := q.SelectContext(ctx, &rows, sqlEdition, of.limits(edition, of.Now)...); err != nil {
		return e, fmt.Errorf("count where edition %d stands: %w", edition, err)
	}
	for _, r := range rows {
		if r.Whole {
			e.Posts, e.Drafts = r.Posts, r.Drafts
			continue
		}
		e.Tallies = append(e.Tallies, r.Tally)
	}
	return e, nil
}
