package waiting

import (
	"context"
	"fmt"

	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Those whose approval counts: the role, the language, no hand in the words, and every account within their limits.
const sqlAble = `
SELECT p.name
FROM submissions s
JOIN people p ON p.role IN ('admin', 'reviewer', 'safeguarding')
  AND p.id <> $2
  AND is_active(p.id)
  AND (s.language = ANY (p.languages) OR NOT s.reader)
WHERE s.id = $1
  AND NOT has_written(p.id, s.post_id)
  AND NOT beyond_limits(p.id, s.id)
ORDER BY lower(p.name), p.id`

// Able returns the names of the others who can approve a submission.
func Able(ctx context.Context, q postgres.Querier, submission int64, but people.Person) ([]string, error) {
	var names []string
	if err := q.SelectContext(ctx, &names, sqlAble, submission, but.ID); err != nil {
		return nil, fmt.Errorf("look who can approve submission %d: %w", submission, err)
	}
	return names, nil
}
