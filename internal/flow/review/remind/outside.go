package remind

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/locale"
	"daymark/internal/org/notice"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Who asked somebody from outside for a word, by making the link or by naming them, and whose words it is about. Daymark itself reads
// nothing.
const sqlOutside = `
SELECT v.id, v.submission_id, v.verdict, w.name AS reviewer, p.message, s.language,
  ARRAY(SELECT r.id FROM people r
    WHERE r.id IN (k.made_by, w.named_by, s.submitted_by, c.author_id)
      AND r.role NOT IN ('system', 'outside')
      AND is_active(r.id)
    ORDER BY r.id) AS people
FROM verdicts v
JOIN review_links k ON k.id = v.link_id
JOIN people w ON w.id = v.person_id
JOIN submissions s ON s.id = v.submission_id
JOIN revisions c ON c.id = s.revision_id
JOIN posts p ON p.id = s.post_id
WHERE v.link_id IS NOT NULL
  AND v.at > clock_timestamp() - $1 * interval '1 second'
  AND NOT EXISTS (SELECT 1 FROM notices t WHERE t.key = 'by-link:' || v.id)
ORDER BY v.id`

// outside tells whoever asked somebody from outside, and the authors, what was said by link.
func outside(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	var list []struct {
		ID         int64         `db:"id"`
		Submission int64         `db:"submission_id"`
		Verdict    string        `db:"verdict"`
		Reviewer   string        `db:"reviewer"`
		Message    string        `db:"message"`
		Language   string        `db:"language"`
		People     pq.Int64Array `db:"people"`
	}
	if err := db.SelectContext(ctx, &list, sqlOutside, lookBack.Seconds()); err != nil {
		return 0, fmt.Errorf("look for what was said by link: %w", err)
	}
	told := 0
	for _, v := range list {
		n := notice.New{
			Key: fmt.Sprintf("by-link:%d", v.ID), Level: notice.Warning, Kind: "submission", ID: fmt.Sprint(v.Submission), At: now, For: v.People,
		}
		switch v.Verdict {
		case "approve":
			n.Level, n.Say = notice.Note, fmt.Sprintf("%s, from outside, approved %s, %s.", v.Reviewer, v.Message, locale.Name(v.Language))
		case "changes":
			n.Say = fmt.Sprintf("%s, from outside, asks for changes to %s, %s. The card says which.", v.Reviewer, v.Message, locale.Name(v.Language))
		default:
			n.Say = fmt.Sprintf("%s, from outside, holds %s, %s. The card says why; a safeguarding lead or an admin lifts it.", v.Reviewer, v.Message, locale.Name(v.Language))
		}
		if len(n.For) == 0 {
			continue // nobody of them is there any more; the card tells the team
		}
		fresh, err := notice.Tell(ctx, db, n)
		if err != nil {
			return told, err
		}
		if fresh {
			told++
		}
	}
	return told, nil
}
