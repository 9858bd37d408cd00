package duties

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/org/notice"
	"daymark/internal/postgres"
)

// What goes out as soon as it is approved is told of when it is sent for review, by internal/flow/review.
const sqlDrafts = `
WITH waiting AS (
  SELECT s.id, s.post_id, s.language, w.first_due
  FROM submissions s
  JOIN posts p ON p.id = s.post_id
    AND p.current_revision = s.revision_id
    AND NOT p.rehearsal
  CROSS JOIN LATERAL (
    SELECT min(l.due_at) AS first_due
    FROM releases l
    JOIN deliveries d ON d.id = l.delivery_id
    WHERE l.submission_id = s.id
      AND d.state = 'held'
      AND NOT d.prompt
      AND d.due_at = l.due_at
  ) w
  WHERE w.first_due > $1
    AND NOT EXISTS (SELECT 1 FROM clearances k WHERE k.submission_id = s.id)
    AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id)
)
SELECT r.id AS person, count(*) AS drafts, min(w.first_due) AS first_due,
  greatest(max(w.id), (
    SELECT max(split_part(n.key, ':', 3)::bigint)
    FROM notices n
    WHERE n.done_at IS NULL
      AND starts_with(n.key, 'review-waits:' || r.id || ':'))) AS newest
FROM waiting w
JOIN people r ON r.role IN ('reviewer', 'safeguarding', 'admin')
  AND w.language = ANY (r.languages)
  AND is_active(r.id)
WHERE NOT EXISTS (SELECT 1 FROM written a WHERE a.post_id = w.post_id AND a.person_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.submission_id = w.id AND v.person_id = r.id)
  AND (r.labels = '{}' AND r.campaigns = '{}' OR may_see_post(r.id, w.post_id))
GROUP BY r.id
ORDER BY r.id`

// drafts lists, for each reviewer, how many drafts wait for their word: one matter for all of them, told again when
// another comes, and open until none waits. It says what waited when it was told, because it stays when some of that is done.
func drafts(ctx context.Context, db *postgres.DB, now time.Time, zone *time.Location) ([]notice.New, error) {
	var list []struct {
		Person int64     `db:"person"`
		Drafts int       `db:"drafts"`
		Newest int64     `db:"newest"`
		First  time.Time `db:"first_due"`
	}
	if err := db.SelectContext(ctx, &list, sqlDrafts, now); err != nil {
		return nil, fmt.Errorf("look for drafts that wait for people: %w", err)
	}
	var out []notice.New
	for _, w := range list {
		first, today := w.First.In(zone).Format("2 January, 15:04 MST"), now.In(zone).Format("2 January")
		n := notice.New{
			Key: fmt.Sprintf("review-waits:%d:%d", w.Person, w.Newest), Level: notice.Note, Kind: "review", ID: fmt.Sprint(w.Person), At: now,
			For: []int64{w.Person}, Say: fmt.Sprintf("On %s, %d drafts waited for your word. The first is to go out on %s.", today, w.Drafts, first),
		}
		if w.Drafts == 1 {
			n.Say = fmt.Sprintf("On %s, a draft waited for your word. It is to go out on %s.", today, first)
		}
		out = append(out, n)
	}
	return out, nil
}
