package preflight

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/org/fact"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// known are the matters that the database tells by itself: they are looked at again and again, and vanish when they are mended.
var known = []string{risk.Approval, risk.Account, risk.Helpline, risk.Fact, risk.Budget}

// The deliveries in question: those due within a day, those named, and those that were at risk when they were looked at last.
const near = `
WITH ids AS (
  SELECT id FROM deliveries WHERE due_at > $1 AND due_at <= $2
  UNION
  SELECT delivery_id FROM delivery_risks
  UNION
  SELECT id FROM deliveries WHERE post_id = ANY($3) AND state <> 'cancelled'
),
near AS MATERIALIZED (
  SELECT d.id, d.post_id, d.channel_id, d.language, d.due_at, d.state, d.hold, q.release_id
  FROM ids
  JOIN deliveries d ON d.id = ids.id
  LEFT JOIN queue q ON q.delivery_id = d.id AND q.sending_at IS NULL
  WHERE d.state IN ('held', 'scheduled')
    AND d.due_at > $1
)`

const sqlKnown = near + `
SELECT n.id AS delivery_id, 'approval' AS matter, '' AS subject,
  CASE
    WHEN s.id IS NULL THEN 'It has not been sent for review.'
    WHEN EXISTS (SELECT 1 FROM verdicts v WHERE v.submission_id = s.id AND v.verdict = 'changes'
      AND NOT EXISTS (SELECT 1 FROM verdicts w WHERE w.submission_id = s.id AND w.person_id = v.person_id AND w.id > v.id)) THEN 'A reviewer asked for changes.'
    ELSE 'It waits for its reviewers.' END AS say,
  CASE
    WHEN s.id IS NULL THEN 'Send it for review now, and let a reviewer know.'
    ELSE 'Ask a reviewer to look at it now.' END AS mend
FROM near n
JOIN posts p ON p.id = n.post_id
LEFT JOIN LATERAL (
  SELECT s.id
  FROM submissions s
  WHERE s.post_id = n.post_id AND s.revision_id = p.current_revision AND s.language = n.language
  ORDER BY s.id DESC
  LIMIT 1) s ON true
WHERE n.state = 'held'
  AND n.hold IN ('approval', 'edited')
UNION ALL
SELECT n.id, 'account', '', 'The account ' || c.name || ' cannot be used: ' || c.problem, 'Open the account, connect it again, and test it.'
FROM near n
JOIN channels c ON c.id = n.channel_id
WHERE c.problem <> ''
UNION ALL
SELECT n.id, 'helpline', l.helpline_id, 'Nobody has checked ' || l.name || ' for long enough: its check ends before this goes out.',
  'Call it, or look at its page, and write the check down. Otherwise the post goes out with the emergency sentence.'
FROM (
  SELECT k.helpline_id, k.version, k.due_at, coalesce(convert_from(h.body, 'UTF8')::jsonb->>'name', h.id) AS name
  FROM (SELECT DISTINCT r.helpline_id, r.version, n.due_at FROM near n JOIN release_helplines r ON r.release_id = n.release_id) k
  JOIN helplines h ON h.id = k.helpline_id
  WHERE NOT helpline_holds(k.helpline_id, k.version, k.due_at)) l
JOIN release_helplines r ON r.helpline_id = l.helpline_id AND r.version = l.version
JOIN near n ON n.release_id = r.release_id AND n.due_at = l.due_at`

const sqlFacts = near + `
SELECT n.id AS delivery_id, 'fact' AS matter, f.id AS subject,
  'It states the fact ' || f.id || ', which is to be checked by ' || f.day || '; without that it does not go out.' AS say,
  'Look at the source of the fact, and write down that you did.' AS mend
FROM near n
JOIN releases r ON r.id = n.release_id
JOIN unnest($4::text[], $5::text[], $6::timestamptz[]) AS f(id, day, until) ON n.due_at >= f.until AND convert_from(r.body, 'UTF8')::jsonb->'facts' ? f.id`

const sqlCharged = near + `
SELECT n.id AS delivery_id, n.channel_id, n.due_at, r.body, c.budget - spent(c.id, n.due_at) AS room
FROM near n
JOIN channels c ON c.id = n.channel_id
JOIN releases r ON r.id = n.release_id
WHERE c.budget IS NOT NULL
ORDER BY n.channel_id, n.due_at, n.id`

// look finds what the database tells of deliveries due within a day, and of those of the posts named.
func look(ctx context.Context, q postgres.Querier, networks Networks, posts []int64, now time.Time) ([]risk.Risk, error) {
	args := []any{now, now.Add(Ahead), pq.Array(posts)}
	var found []risk.Risk
	if err := q.SelectContext(ctx, &found, sqlKnown, args...); err != nil {
		return nil, fmt.Errorf("look at what is due within a day: %w", err)
	}
	facts, err := lapsing(ctx, q, now.Add(Ahead), args)
	if err != nil {
		return nil, err
	}
	charged, err := overBudget(ctx, q, networks, args)
	return append(append(found, facts...), charged...), err
}

// lapsing finds what states a fact whose review date passes before it goes out, as draft.ExpireFacts sees it.
func lapsing(ctx context.Context, q postgres.Querier, until time.Time, args []any) ([]risk.Risk, error) {
	all, err := fact.All(ctx, q)
	if err != nil {
		return nil, err
	}
	var ids, days []string
	var ends []time.Time
	for _, f := range all {
		if f.Status == campaign.Current && f.ReviewBy.Before(civil.DateOf(until.UTC())) {
			next := f.ReviewBy.AddDays(1)
			ids, days, ends = append(ids, f.ID), append(days, f.ReviewBy.String()), append(ends, time.Date(next.Year, next.Month, next.Day, 0, 0, 0, 0, time.UTC))
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var found []risk.Risk
	if err := q.SelectContext(ctx, &found, sqlFacts, append(args, pq.Array(ids), pq.Array(days), pq.Array(ends))...); err != nil {
		return nil, fmt.Errorf("look for facts that run out: %w", err)
	}
	return found, nil
}

// overBudget finds what the month's budget of its channel has no room for any more, those due first being paid for first.
func overBudget(ctx context.Context, q postgres.Querier, networks Networks, args []any) ([]risk.Risk, error) {
	var rows []struct {
		Delivery int64     `db:"delivery_id"`
		Channel  int64     `db:"channel_id"`
		DueAt    time.Time `db:"due_at"`
		Body     []byte    `db:"body"`
		Room     int64     `db:"room"` // of the month in which it is due
	}
	if err := q.SelectContext(ctx, &rows, sqlCharged, args...); err != nil {
		return nil, fmt.Errorf("look at budgets: %w", err)
	}
	type purse struct {
		channel int64
		month   string
	}
	limits, taken := map[int64]Limits{}, map[purse]int64{}
	var found []risk.Risk
	for _, r := range rows {
		l, asked := limits[r.Channel]
		if !asked {
			var err error
			if l, err = networks.Limits(ctx, r.Channel); err != nil {
				l = Limits{} // its account is at risk, which says so
			}
			limits[r.Channel] = l
		}
		if l.Cost == nil {
			continue
		}
		final, err := post.ReadFinal(r.Body)
		if err != nil {
			return nil, fmt.Errorf("delivery %d: %w", r.Delivery, err)
		}
		of := purse{r.Channel, r.DueAt.UTC().Format("2006-01")}
		cost := l.Cost(plainContent(final))
		if left := r.Room - taken[of]; cost > left {
			found = append(found, risk.Risk{
				Delivery: r.Delivery, Matter: risk.Budget,
				Say:  fmt.Sprintf("It costs %s, and the account's budget of the month has %s left by then.", platform.Money(cost), platform.Money(max(0, left))),
				Mend: "Raise the budget on the account's page, or leave a post out.",
			})
			continue
		}
		taken[of] += cost
	}
	return found, nil
}

// plainContent is a release without what its pictures are: for prices, which are by words and alt texts.
func plainContent(f post.Final) platform.Content {
	c := platform.Content{ContentNote: f.ContentNote, Sensitive: f.Sensitive, Language: f.Language, Visibility: f.Visibility}
	for _, part := range f.Parts {
		made := platform.Part{Text: part.Text}
		for _, picture := range part.Pictures {
			made.Pictures = append(made.Pictures, platform.Picture{SHA256: picture.SHA256, Alt: picture.Alt})
		}
		c.Parts = append(c.Parts, made)
	}
	return c
}
