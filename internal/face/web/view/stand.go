package view

import (
	"context"
	"fmt"
	"slices"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/postgres"
)

// Words names the words of a post in one language.
type Words struct {
	Post     int64
	Language string
}

// Asked is what the review knows about the current words of a post in one language.
type Asked struct {
	Submission int64
	Standing   page.Standing
}

// sqlAsked reads the newest submission of the current version of each post in each language, cleared or not.
const sqlAsked = `
SELECT DISTINCT ON (s.post_id, s.language) s.id, s.post_id, s.language,
  EXISTS (
    SELECT 1
    FROM verdicts v
    WHERE v.submission_id = s.id
      AND v.verdict = 'changes'
      AND NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = s.id AND n.person_id = v.person_id AND n.id > v.id)
  ) AS changes
FROM submissions s
JOIN posts p ON p.id = s.post_id AND p.current_revision = s.revision_id
WHERE ($1 = 0 OR s.post_id = $1)
ORDER BY s.post_id, s.language, s.id DESC`

// ReadAsked returns what reviewers have been asked about a post, or with 0 about every post.
func ReadAsked(ctx context.Context, q postgres.Querier, post int64) (map[Words]Asked, error) {
	var rows []struct {
		ID       int64  `db:"id"`
		Post     int64  `db:"post_id"`
		Language string `db:"language"`
		Changes  bool   `db:"changes"`
	}
	if err := q.SelectContext(ctx, &rows, sqlAsked, post); err != nil {
		return nil, fmt.Errorf("read what reviewers were asked: %w", err)
	}
	all := make(map[Words]Asked, len(rows))
	for _, r := range rows {
		standing := page.InReview
		if r.Changes {
			standing = page.Changes
		}
		all[Words{r.Post, r.Language}] = Asked{r.ID, standing}
	}
	return all, nil
}

// Stand is an entry of the book with its standing.
type Stand struct {
	book.Entry
	Standing page.Standing
	Risks    []risk.Risk // what may keep it from going out as planned
}

// ReadStands returns the entries that pass a filter and lie within the viewer's limits, with their standings.
func (v Viewer) ReadStands(ctx context.Context, q postgres.Querier, f book.EntryFilter) ([]Stand, error) {
	entries, err := book.Entries(ctx, q, f)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e book.Entry) bool { return !v.Within.Place(e.Edition, e.Channel) })
	known, err := ReadAsked(ctx, q, f.Post)
	if err != nil {
		return nil, err
	}
	risks, err := risk.List(ctx, q, risk.Of{Post: f.Post, Edition: f.Edition})
	if err != nil {
		return nil, err
	}
	list := make([]Stand, len(entries))
	for i, e := range entries {
		list[i] = Stand{e, page.StandingOf(e.State, e.Hold, known[Words{e.Post, e.Language}].Standing), risks[e.Delivery]}
	}
	return list, nil
}

// Editions returns the editions within the viewer's limits, in the order of the book.
func (v Viewer) Editions(ctx context.Context, q postgres.Querier) ([]book.Edition, error) {
	list, err := book.Editions(ctx, q)
	return slices.DeleteFunc(list, func(e book.Edition) bool { return !v.Within.Edition(e.ID) }), err
}

// Tally counts the standings of entries.
func (v Viewer) Tally(list []Stand) []page.Tally {
	standings := make([]page.Standing, len(list))
	for i, s := range list {
		standings[i] = s.Standing
	}
	return v.Words.TallyUp(standings)
}
