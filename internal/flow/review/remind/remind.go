// Package remind tells people what reviewing waits for: a draft that has to be approved soon, one that nobody approved in time, a
// post that was missed, an approval that no longer counts because the words changed, and what somebody said by link.
//
// Each matter is told once, to those whom it concerns. The package gives no verdicts and changes no delivery.
package remind

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/locale"
	"daymark/internal/org/notice"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

const (
	// Ahead is how long before a draft should be approved its reviewers are reminded.
	Ahead = 24 * time.Hour
	// lookBack bounds what is still worth telling after the daemon was down.
	lookBack = 7 * 24 * time.Hour
)

// Look tells what is to be told at an instant, in product time, and returns how many matters are new.
func Look(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	told := 0
	for _, look := range []func(context.Context, *postgres.DB, time.Time) (int, error){waiting, missed, voided, outside} {
		n, err := look(ctx, db, now)
		told += n
		if err != nil {
			return told, err
		}
	}
	return told, nil
}

// Who can approve a submission, and who can see to it that somebody does.
const sqlWaiting = `
SELECT s.id, p.message, s.post_id, s.language, s.approve_by, s.approvals_needed AS needed,
  (SELECT count(*) FROM counted_approvals(s.id)) AS got,
  roles_missing(s.id) AS lacking,
  (SELECT min(l.due_at) FROM releases l WHERE l.submission_id = s.id) AS first_due,
  ARRAY(SELECT r.id FROM people r
    WHERE r.role IN ('reviewer', 'safeguarding', 'admin')
      AND s.language = ANY (r.languages)
      AND is_active(r.id)
      AND NOT has_written(r.id, s.post_id)
      AND NOT beyond_limits(r.id, s.id)
    ORDER BY r.id) AS reviewers,
  ARRAY(SELECT r.id FROM people r
    WHERE (r.role = 'admin' OR r.id = s.submitted_by OR (s.sensitive AND r.role = 'safeguarding'))
      AND r.role <> 'system'
      AND is_active(r.id)
    ORDER BY r.id) AS owners
FROM submissions s
JOIN posts p ON p.id = s.post_id
  AND p.current_revision = s.revision_id
WHERE s.approve_by <= $1
  AND s.approve_by > $2
  AND NOT EXISTS (SELECT 1 FROM clearances k WHERE k.submission_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id)
  AND EXISTS (SELECT 1 FROM releases l JOIN deliveries d ON d.id = l.delivery_id
    WHERE l.submission_id = s.id AND d.state = 'held' AND d.due_at = l.due_at)
ORDER BY s.approve_by, s.id`

// waiting reminds reviewers of drafts that have to be approved within a day, and tells those who can mend it what is over time.
func waiting(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	var list []struct {
		ID        int64          `db:"id"`
		Message   string         `db:"message"`
		Post      int64          `db:"post_id"`
		Language  string         `db:"language"`
		ApproveBy time.Time      `db:"approve_by"`
		Needed    int            `db:"needed"`
		Got       int            `db:"got"`
		Lacking   pq.StringArray `db:"lacking"`
		FirstDue  time.Time      `db:"first_due"`
		Reviewers pq.Int64Array  `db:"reviewers"`
		Owners    pq.Int64Array  `db:"owners"`
	}
	if err := db.SelectContext(ctx, &list, sqlWaiting, now.Add(Ahead), now.Add(-lookBack)); err != nil {
		return 0, fmt.Errorf("look for drafts that wait for approval: %w", err)
	}
	told := 0
	for _, s := range list {
		has := fmt.Sprintf("It has %d of %d approvals", s.Got, s.Needed)
		if len(s.Lacking) > 0 {
			has += " and lacks that of: " + strings.Join(s.Lacking, ", ")
		}
		n := notice.New{
			Key: fmt.Sprintf("approve-soon:%d", s.ID), Level: notice.Warning, Kind: "submission", ID: fmt.Sprint(s.ID), At: now, For: s.Reviewers,
			Say: fmt.Sprintf("%s, %s, has to be approved by %s. %s.", s.Message, locale.Name(s.Language), moment(s.ApproveBy), has),
		}
		if !now.Before(s.ApproveBy) {
			n.Key, n.Level, n.For = fmt.Sprintf("approve-late:%d", s.ID), notice.Error, s.Owners
			n.Say = fmt.Sprintf("%s, %s, is not approved and goes out first on %s. %s. Ask a reviewer, or give it another time.",
				s.Message, locale.Name(s.Language), moment(s.FirstDue), has)
		}
		if len(n.For) == 0 {
			n.Say += " Nobody who reads " + locale.Name(s.Language) + " can review it: an admin can say who does."
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

// What was to go out as soon as it was approved is told by internal/flow/draft/prompt.
const sqlMissed = `
SELECT d.post_id, p.message, d.problem, count(*) AS places, min(d.due_at) AS first_due, max(d.due_at) AS last_due
FROM deliveries d
JOIN posts p ON p.id = d.post_id
WHERE d.state = 'missed'
  AND NOT d.prompt
  AND d.not_after > $1
GROUP BY d.post_id, p.message, d.problem
ORDER BY min(d.due_at), d.post_id`

// missed tells the team what did not go out, and why.
func missed(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	var list []struct {
		Post     int64     `db:"post_id"`
		Message  string    `db:"message"`
		Problem  string    `db:"problem"`
		Places   int       `db:"places"`
		FirstDue time.Time `db:"first_due"`
		LastDue  time.Time `db:"last_due"`
	}
	if err := db.SelectContext(ctx, &list, sqlMissed, now.Add(-lookBack)); err != nil {
		return 0, fmt.Errorf("look for missed posts: %w", err)
	}
	told := 0
	for _, m := range list {
		places := "1 account"
		if m.Places > 1 {
			places = fmt.Sprintf("%d accounts", m.Places)
		}
		fresh, err := notice.Tell(ctx, db, notice.New{
			Key: fmt.Sprintf("missed:%d:%d", m.Post, m.LastDue.Unix()), Level: notice.Error, Kind: "post", ID: fmt.Sprint(m.Post), At: now,
			Say: fmt.Sprintf("%s was missed on %s, due from %s on. %s Give it a new time, or leave it out.", m.Message, places, moment(m.FirstDue), m.Problem),
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

// An approval is void when the words that it was given for are not the newest any more, and something of them is still to go out.
const sqlVoided = `
SELECT s.id, v.person_id, p.message, s.post_id, s.language, a.name AS author, s.revision_id <> p.current_revision AS edited
FROM submissions s
JOIN posts p ON p.id = s.post_id
JOIN revisions c ON c.id = p.current_revision
JOIN people a ON a.id = c.author_id
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (w.person_id) w.person_id, w.verdict
  FROM verdicts w
  WHERE w.submission_id = s.id
  ORDER BY w.person_id, w.id DESC
) v
WHERE s.at > clock_timestamp() - $1 * interval '1 second'
  AND v.verdict = 'approve'
  AND (s.revision_id <> p.current_revision
    OR EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id))
  AND EXISTS (SELECT 1 FROM releases l JOIN deliveries d ON d.id = l.delivery_id WHERE l.submission_id = s.id AND d.state IN ('held', 'scheduled'))
  AND NOT EXISTS (SELECT 1 FROM notices t WHERE t.key = 'void:' || s.id || ':' || v.person_id)
ORDER BY s.id, v.person_id`

// keptFor is how old an approval may be, in real time, for its end to be told.
const keptFor = 90 * 24 * time.Hour

// voided tells reviewers that their approval no longer counts. The card of the new words shows them word by word beside the old.
func voided(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	var list []struct {
		ID       int64  `db:"id"`
		Person   int64  `db:"person_id"`
		Message  string `db:"message"`
		Post     int64  `db:"post_id"`
		Language string `db:"language"`
		Author   string `db:"author"`
		Edited   bool   `db:"edited"`
	}
	if err := db.SelectContext(ctx, &list, sqlVoided, keptFor.Seconds()); err != nil {
		return 0, fmt.Errorf("look for approvals that no longer count: %w", err)
	}
	told := 0
	for _, v := range list {
		why := "a value in it, such as the theme or a number, changed"
		if v.Edited {
			why = v.Author + " changed the words"
		}
		fresh, err := notice.Tell(ctx, db, notice.New{
			Key: fmt.Sprintf("void:%d:%d", v.ID, v.Person), Level: notice.Warning, Kind: "post", ID: fmt.Sprint(v.Post), At: now, For: []int64{v.Person},
			Say: fmt.Sprintf("Your approval of %s, %s, no longer counts: %s. The new card marks every word that is different.", v.Message, locale.Name(v.Language), why),
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

// moment writes an instant for a sentence that people in several zones read.
func moment(t time.Time) string { return t.UTC().Format("2 January 15:04 UTC") }
