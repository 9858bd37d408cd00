package review

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/judge"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// What a reviewer knows already: the latest earlier words that somebody approved, else the latest that were submitted.
const sqlEarlier = `
SELECT s.id AS submission, e.id AS earlier
FROM submissions s
CROSS JOIN LATERAL (
  SELECT o.id
  FROM submissions o
  WHERE o.post_id = s.post_id
    AND o.language = s.language
    AND o.id < s.id
  ORDER BY EXISTS (SELECT 1 FROM verdicts v WHERE v.submission_id = o.id AND v.verdict = 'approve') DESC, o.id DESC
  LIMIT 1
) e
WHERE s.id = ANY($1)`

// earlierOf returns the submissions to compare submissions with, where there are any.
func earlierOf(ctx context.Context, q postgres.Querier, submissions []int64) (map[int64]int64, error) {
	var rows []struct {
		Submission int64 `db:"submission"`
		Earlier    int64 `db:"earlier"`
	}
	if err := q.SelectContext(ctx, &rows, sqlEarlier, pq.Array(submissions)); err != nil {
		return nil, fmt.Errorf("look for what reviewers were shown before: %w", err)
	}
	list := map[int64]int64{}
	for _, r := range rows {
		list[r.Submission] = r.Earlier
	}
	return list, nil
}

// before puts what earlier releases said beside groups: on the same channel, else on the same network, else anywhere.
func before(groups []Group, earlier []book.Release) {
	if len(earlier) == 0 {
		return
	}
	for i := range groups {
		g := &groups[i]
		at := slices.IndexFunc(earlier, func(r book.Release) bool {
			return slices.ContainsFunc(g.Places, func(p Place) bool { return p.Channel == r.Final.Channel })
		})
		if at < 0 {
			at = slices.IndexFunc(earlier, func(r book.Release) bool { return r.Final.Platform == g.Final.Platform })
		}
		g.Previous = joined(earlier[max(at, 0)].Final.Parts)
	}
}

// joined returns the texts of parts with a blank line between them.
func joined(parts []post.FinalPart) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.Text
	}
	return strings.Join(list, "\n\n")
}

// blocked says which questions have to be answered before anybody can approve, or nothing.
func blocked(questions []judge.Asked) string {
	var open []string
	for _, q := range questions {
		if q.Severity != lint.Error || !q.Open {
			continue
		}
		say := q.Rule + ", “" + q.Question.Question + "”"
		if q.Answer != nil {
			say += " (" + q.Answer.Person + " answered " + q.Answer.Answer + ")"
		}
		if !slices.Contains(open, say) {
			open = append(open, say)
		}
	}
	switch len(open) {
	case 0:
		return ""
	case 1:
		return "A question has to be answered first: " + open[0]
	}
	return fmt.Sprintf("%d questions have to be answered first: %s", len(open), strings.Join(open, "; "))
}
