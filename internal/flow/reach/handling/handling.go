// Package handling says how an edition was worked: how long approvals took, how punctual posts were, whether they had what house rules
// ask for, and which channels took part.
//
// It reads what Daymark has noted itself and asks no network. Whoever works on some accounts only gets the figures of those: callers
// give the accounts, nil for all. docs/metrics.md says what each figure means.
package handling

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"daymark/internal/postgres"
)

// Punctual is how long after its time a post may begin to go out and still count as on time.
const Punctual = 5 * time.Minute

// Part is how many of some there are.
type Part struct{ Is, Of int }

// Handling is how an edition was worked.
type Handling struct {
	Half, Most, Slowest time.Duration // how late half, 99 of 100 and the last of the posts began to go out; nothing where none did

	Approval time.Duration // half of the approvals took at most this long, from being sent for review to the last yes needed
	Cleared  int           // how many approvals that is the middle of

	OnTime   Part // posts that went out within [Punctual] of their time, of those whose time has come
	Channels Part // channels that something went out on, of those that something was planned for

	Complete  Part // posts that have all of the three below, of those that went out
	Sourced   Part // posts that state a figure of the library, all of them with a source, of those that state any
	Described Part // posts whose pictures are all described, of those with pictures
	Checked   Part // posts whose helplines had all been checked, of those that show any
}

const (
	// The clock of submissions and clearances is real time, in a rehearsal too.
	sqlApproval = `
SELECT count(*) AS cleared,
  coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY (extract(epoch FROM x.at - s.at) * 1000000)::bigint), 0) AS micros
FROM posts p
JOIN submissions s ON s.post_id = p.id
JOIN clearances x ON x.submission_id = s.id
WHERE p.edition_id = $1
  AND ($2::bigint[] IS NULL OR EXISTS (
    SELECT 1
    FROM deliveries d
    WHERE d.post_id = p.id
      AND d.language = s.language
      AND d.channel_id = ANY ($2)))`

	// A post that was to go out as soon as it was approved counts from its approval, as in flow/dispatch/punctual.
	sqlOnTime = `
SELECT count(*) FILTER (WHERE d.state IN ('published', 'removed') AND a.started_at <= greatest(d.due_at, d.ready_at) + $4 * interval '1 second') AS on_time,
  count(*) FILTER (WHERE d.due_at <= $3) AS due,
  count(DISTINCT d.channel_id) FILTER (WHERE d.state IN ('published', 'removed')) AS posted,
  count(DISTINCT d.channel_id) AS planned,
  coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY a.late), 0) AS half, coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY a.late), 0) AS most,
  coalesce(max(a.late), 0) AS slowest
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state <> 'cancelled'
LEFT JOIN LATERAL (
  SELECT min(a.started_at) AS started_at, (extract(epoch FROM min(a.started_at) - greatest(d.due_at, d.ready_at)) * 1000000)::bigint AS late
  FROM attempts a
  WHERE a.delivery_id = d.id
    AND a.part = 1
    AND (a.outcome = 'published' OR a.finding = 'found')
) a ON true
WHERE p.edition_id = $1
  AND ($2::bigint[] IS NULL OR d.channel_id = ANY ($2))`

	// A release names the facts that it states and the helplines that it shows, each at the version that reviewers were shown. A
	// helpline counts as checked when a check that found it working was in force at the time of the post.
	sqlComplete = `
SELECT count(*) AS published,
  count(*) FILTER (WHERE w.facts > 0) AS stating, count(*) FILTER (WHERE w.facts > 0 AND w.facts = w.sourced) AS sourced,
  count(*) FILTER (WHERE w.pictures > 0) AS pictured, count(*) FILTER (WHERE w.pictures > 0 AND w.pictures = w.described) AS described,
  count(*) FILTER (WHERE w.helplines > 0) AS helping, count(*) FILTER (WHERE w.helplines > 0 AND w.helplines = w.checked) AS checked,
  count(*) FILTER (WHERE w.facts = w.sourced AND w.pictures = w.described AND w.helplines = w.checked) AS complete
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
JOIN releases r ON r.id = d.release_id
CROSS JOIN LATERAL (SELECT convert_from(r.body, 'UTF8')::jsonb AS body) b
CROSS JOIN LATERAL (
  SELECT
    (SELECT count(*) FROM jsonb_array_elements_text(coalesce(b.body->'facts', '[]'))) AS facts,
    (SELECT count(*)
      FROM jsonb_array_elements_text(coalesce(b.body->'facts', '[]')) f
      JOIN facts k ON k.id = f.value) AS sourced,
    (SELECT count(*) FROM jsonb_path_query(b.body, '$.parts[*].pictures[*]')) AS pictures,
    (SELECT count(*) FROM jsonb_path_query(b.body, '$.parts[*].pictures[*]') i WHERE i->>'alt' <> '' OR i->>'no_alt' <> '') AS described,
    (SELECT count(*) FROM jsonb_path_query(b.body, '$.helplines[*]')) AS helplines,
    (SELECT count(*)
      FROM jsonb_path_query(b.body, '$.helplines[*]') h
      WHERE EXISTS (
        SELECT 1
        FROM helpline_checks c
        WHERE c.helpline_id = h->>'id'
          AND c.version = (h->>'version')::int
          AND c.result = 'works'
          AND c.at <= d.due_at
          AND c.until > d.due_at)) AS checked
) w
WHERE p.edition_id = $1
  AND ($2::bigint[] IS NULL OR d.channel_id = ANY ($2))`
)

// Of reads how an edition has been worked by now, over some accounts or, with nil, all.
func Of(ctx context.Context, q postgres.Querier, edition int64, accounts []int64, now time.Time) (Handling, error) {
	var h Handling
	var approval struct {
		Cleared int   `db:"cleared"`
		Micros  int64 `db:"micros"`
	}
	if err := q.GetContext(ctx, &approval, sqlApproval, edition, pq.Array(accounts)); err != nil {
		return h, fmt.Errorf("read how long approvals of edition %d took: %w", edition, err)
	}
	h.Cleared, h.Approval = approval.Cleared, time.Duration(approval.Micros)*time.Microsecond
	var punctual struct {
		OnTime  int `db:"on_time"`
		Due     int `db:"due"`
		Posted  int `db:"posted"`
		Planned int `db:"planned"`

		Half    int64 `db:"half"`
		Most    int64 `db:"most"`
		Slowest int64 `db:"slowest"`
	}
	if err := q.GetContext(ctx, &punctual, sqlOnTime, edition, pq.Array(accounts), now, Punctual.Seconds()); err != nil {
		return h, fmt.Errorf("read how punctual edition %d was: %w", edition, err)
	}
	micros := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	h.Half, h.Most, h.Slowest = micros(punctual.Half), micros(punctual.Most), micros(punctual.Slowest)
	h.OnTime, h.Channels = Part{punctual.OnTime, punctual.Due}, Part{punctual.Posted, punctual.Planned}
	var c struct {
		Published int `db:"published"`
		Stating   int `db:"stating"`
		Sourced   int `db:"sourced"`
		Pictured  int `db:"pictured"`
		Described int `db:"described"`
		Helping   int `db:"helping"`
		Checked   int `db:"checked"`
		Complete  int `db:"complete"`
	}
	if err := q.GetContext(ctx, &c, sqlComplete, edition, pq.Array(accounts)); err != nil {
		return h, fmt.Errorf("read what the posts of edition %d had: %w", edition, err)
	}
	h.Complete, h.Sourced = Part{c.Complete, c.Published}, Part{c.Sourced, c.Stating}
	h.Described, h.Checked = Part{c.Described, c.Pictured}, Part{c.Checked, c.Helping}
	return h, nil
}
