package waiting

import (
	"context"
	"fmt"

	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// What is counted is what [Draft.For] lets through: every page shows the number, and none of them needs the drafts for it. The tests of
// internal/flow/review hold the two together.
const sqlCount = `
SELECT count(*)
FROM submissions s
JOIN posts p ON p.id = s.post_id
  AND p.current_revision = s.revision_id
WHERE s.language = ANY ($3)
  AND NOT EXISTS (SELECT 1 FROM clearances k WHERE k.submission_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id)
  AND EXISTS (
    SELECT 1
    FROM releases l
    JOIN deliveries d ON d.id = l.delivery_id
      AND d.due_at = l.due_at
    WHERE l.submission_id = s.id
      AND d.state = 'held'
      AND d.hold IN ('approval', 'edited'))
  AND (s.own AND s.at <= clock_timestamp() - interval '15 minutes'
    OR NOT EXISTS (SELECT 1 FROM written w WHERE w.post_id = s.post_id AND w.person_id = $1))
  AND NOT EXISTS (
    SELECT 1
    FROM verdicts v
    WHERE v.submission_id = s.id
      AND CASE v.verdict
        WHEN 'changes' THEN NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = s.id AND n.person_id = v.person_id AND n.id > v.id)
        WHEN 'approve' THEN v.person_id = $1 AND NOT EXISTS (
          SELECT 1
          FROM verdicts n
          WHERE n.submission_id = s.id
            AND n.id > v.id
            AND (n.person_id = v.person_id OR n.verdict IN ('withdraw', 'hold')))
        WHEN 'hold' THEN is_held(s.id)
        ELSE false
      END)
  AND NOT ($2::boolean AND (beyond_limits($1, s.id) OR NOT may_see_post($1, s.post_id)))`

// Count returns how many drafts wait for a person's word.
func Count(ctx context.Context, q postgres.Querier, person people.Person) (int, error) {
	if !person.May(people.PostApprove) {
		return 0, nil
	}
	var n int
	if err := q.GetContext(ctx, &n, sqlCount, person.ID, person.Limited(), pq.Array(person.Languages)); err != nil {
		return 0, fmt.Errorf("count drafts that wait: %w", err)
	}
	return n, nil
}
