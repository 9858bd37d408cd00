package prompt

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// A matter is told once for each window of a post that closed.
const sqlMissed = `
SELECT d.post_id AS post, p.message, d.not_after, count(*) AS places
FROM deliveries d
JOIN posts p ON p.id = d.post_id
WHERE d.state = 'missed'
  AND d.prompt
GROUP BY d.post_id, p.message, d.not_after
HAVING NOT EXISTS (SELECT 1 FROM notices n WHERE n.key = 'prompt-missed:' || d.post_id || ':' || floor(extract(epoch FROM d.not_after))::bigint)
ORDER BY d.not_after, d.post_id`

// What asked for an approval asks for nothing any more once no place waits for it.
const sqlStale = `
SELECT n.key
FROM notices n
JOIN submissions s ON s.id = CASE WHEN n.key LIKE 'prompt:%' THEN substr(n.key, 8)::bigint END
WHERE n.done_at IS NULL
  AND n.subject_kind = 'submission'
  AND NOT EXISTS (
    SELECT 1
    FROM releases r
    JOIN deliveries d ON d.id = r.delivery_id AND d.due_at = r.due_at
    WHERE r.submission_id = s.id AND d.state = 'held' AND d.hold IN ('approval', 'edited')
      AND NOT EXISTS (SELECT 1 FROM submissions l WHERE l.post_id = s.post_id AND l.language = s.language AND l.id > s.id))`

// TellMissed tells the team of what was to go out at once and did not, and closes what asked for an approval that no longer helps. It
// returns how many posts it told of; running it again changes nothing.
func TellMissed(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	var missed []struct {
		Post     int64     `db:"post"`
		Message  string    `db:"message"`
		NotAfter time.Time `db:"not_after"`
		Places   int       `db:"places"`
	}
	var stale pq.StringArray
	if err := db.SelectContext(ctx, &missed, sqlMissed); err != nil {
		return 0, fmt.Errorf("look for what missed its window: %w", err)
	}
	if err := db.SelectContext(ctx, &stale, sqlStale); err != nil {
		return 0, fmt.Errorf("look for what needs no approval any more: %w", err)
	}
	if len(missed)+len(stale) == 0 {
		return 0, nil
	}
	told := 0
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		told = 0
		system, err := people.System(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range missed {
			places := "1 place"
			if m.Places > 1 {
				places = fmt.Sprintf("%d places", m.Places)
			}
			fresh, err := notice.Tell(ctx, tx, notice.New{
				Key: fmt.Sprintf("prompt-missed:%d:%d", m.Post, m.NotAfter.Unix()), Level: notice.Error, Kind: "post", ID: fmt.Sprint(m.Post), At: now,
				Say: fmt.Sprintf("“%s” was to go out at once, and did not go out at %s before its window closed at %s UTC. Publish it now, or leave it out.",
					strings.ReplaceAll(m.Message, "-", " "), places, m.NotAfter.UTC().Format("15:04 on 2 January 2006")),
			})
			if err != nil {
				return err
			}
			if fresh {
				told++
			}
		}
		for _, key := range stale {
			if err := notice.Settle(ctx, tx, key, system.ID, now); err != nil {
				return err
			}
		}
		return nil
	})
	return told, err
}
