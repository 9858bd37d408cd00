// Package preflight looks at what goes out within a day, while there is still time to mend it, and tells the team what is at
// risk.
//
// What the database tells (approvals, accounts, helplines, facts, budgets) is looked at again and again; accounts, servers and links are
// asked a day and an hour ahead, when the words change, and when somebody wants to know ([Sweep], [Ask]). What was found is kept in the room
// risk, where pages read it. The package changes no delivery: a post whose helpline nobody has checked goes out with its other
// text. Each matter is told once.
package preflight

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/org/notice"
	"daymark/internal/postgres"
)

// Ahead is how long before its instant a delivery is looked at.
const Ahead = 24 * time.Hour

// One row for each helpline that will not hold, with the first of the deliveries that show it. The latest check is part of
// what names the matter: after a new one that does not last either, the team is told again.
const sqlLapsing = `
SELECT h.id, coalesce(convert_from(h.body, 'UTF8')::jsonb->>'name', h.id) AS name, count(*) AS posts, min(q.due_at) AS first_due,
  coalesce((SELECT max(c.id) FROM helpline_checks c WHERE c.helpline_id = h.id), 0) AS last_check,
  (SELECT c.until FROM helpline_checks c WHERE c.helpline_id = h.id AND c.result = 'works' ORDER BY c.id DESC LIMIT 1) AS until
FROM queue q
JOIN release_helplines n ON n.release_id = q.release_id
JOIN helplines h ON h.id = n.helpline_id
WHERE q.due_at <= $1
  AND NOT helpline_holds(n.helpline_id, n.version, q.due_at)
GROUP BY h.id
ORDER BY min(q.due_at), h.id`

// Look tells the team about every helpline that approved posts of the next day show and whose check will not hold when they go
// out. It returns how many matters are new.
func Look(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	var lines []struct {
		ID        string     `db:"id"`
		Name      string     `db:"name"`
		Posts     int        `db:"posts"`
		FirstDue  time.Time  `db:"first_due"`
		LastCheck int64      `db:"last_check"`
		Until     *time.Time `db:"until"`
	}
	if err := db.SelectContext(ctx, &lines, sqlLapsing, now.Add(Ahead)); err != nil {
		return 0, fmt.Errorf("look for helplines that run out: %w", err)
	}
	told := 0
	for _, l := range lines {
		since := "nobody has checked it"
		if l.Until != nil {
			since = "its last check holds until " + l.Until.UTC().Format("2 January 15:04 UTC")
		}
		posts := "1 post"
		if l.Posts > 1 {
			posts = fmt.Sprintf("%d posts", l.Posts)
		}
		fresh, err := notice.Tell(ctx, db, notice.New{
			Key: fmt.Sprintf("helpline-lapsing:%s:%d", l.ID, l.LastCheck), Level: notice.Error, Kind: "helpline", ID: l.ID, At: now,
			Say: fmt.Sprintf("%s: %s. %s from %s on will go out with the emergency sentence in its place. Call it, or look at its page, and write the check down.",
				l.Name, since, posts, l.FirstDue.UTC().Format("2 January 15:04 UTC")),
		})
		if err != nil {
			return told, err
		}
		if fresh {
			told++
		}
	}
	return told, nil
}
