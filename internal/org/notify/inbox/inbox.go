// Package inbox is what a person was told, page by page: the open matters and those that are done, by their kind, with which of them the
// person has not read.
//
// Whether a matter is done is the team's, and stands with the notice of internal/org/notice. Up to which one somebody has read is theirs. The
// package tells nobody anything.
package inbox

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Size is how many matters a page has; most is how many of one kind of list are looked at, the newest of those that are done.
const (
	Size = 25
	most = 5000
)

// Filter says what of the matters to list; a zero field does not narrow.
type Filter struct {
	Kind matter.Kind
	Done bool // those that are done, the latest first; else the open ones, the gravest and then the newest first
	Page int  // from 1
}

// Item is a matter as a person finds it.
type Item struct {
	notice.Notice
	Of  matter.Kind
	New bool // the person has not read it
}

// Page is some of the matters.
type Page struct {
	Items []Item
	Total int                 // that pass the filter
	Kinds map[matter.Kind]int // all that are open, or done, by kind
	New   int                 // open ones that the person has not read
	Last  int64               // the newest notice that the page knows of: what has been read once all is read
}

// visible keeps the notices n that concern everybody or the person $1, and that are about something within the person's limits. $2 is whether
// there are limits.
const visible = `(n.people = '{}' OR $1::bigint = ANY (n.people))
  AND (NOT $2::boolean OR n.subject_id !~ '^[0-9]{1,18}$' OR CASE n.subject_kind
    WHEN 'post' THEN may_see_post($1, n.subject_id::bigint)
    WHEN 'edition' THEN may_see_edition($1, n.subject_id::bigint)
    WHEN 'channel' THEN may_see_channel($1, n.subject_id::bigint)
    WHEN 'submission' THEN coalesce((SELECT may_see_post($1, s.post_id) FROM submissions s WHERE s.id = n.subject_id::bigint), false)
    WHEN 'takedown' THEN coalesce((SELECT CASE t.scope WHEN 'post' THEN may_see_post($1, t.post_id) WHEN 'edition' THEN may_see_edition($1, t.edition_id) ELSE false END
      FROM takedowns t WHERE t.id = n.subject_id::bigint), false)
    WHEN 'byhand' THEN coalesce((SELECT may_see_post($1, d.post_id) AND may_see_channel($1, d.channel_id) FROM deliveries d WHERE d.id = n.subject_id::bigint), false)
    WHEN 'delivery' THEN coalesce((SELECT may_see_post($1, d.post_id) AND may_see_channel($1, d.channel_id) FROM deliveries d WHERE d.id = n.subject_id::bigint), false)
    ELSE true END)`

const (
	sqlOpen = `
SELECT n.id, n.key, n.subject_kind
FROM notices n
WHERE n.done_at IS NULL
  AND ` + visible + `
ORDER BY CASE n.level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, n.at DESC, n.id DESC
LIMIT $3`

	sqlDone = `
SELECT n.id, n.key, n.subject_kind
FROM notices n
WHERE n.done_at IS NOT NULL
  AND ` + visible + `
ORDER BY n.done_at DESC, n.id DESC
LIMIT $3`

	sqlItems = `
SELECT n.id, n.level, n.say, n.subject_kind, n.subject_id, n.at, n.done_at, coalesce(p.name, '') AS done_by
FROM unnest($1::bigint[]) WITH ORDINALITY AS o(id, no)
JOIN notices n ON n.id = o.id
LEFT JOIN people p ON p.id = n.done_by
ORDER BY o.no`

	sqlRead = `
SELECT coalesce((SELECT up_to FROM notices_read WHERE person_id = $1), 0)`
)

// named is a notice with what sorts it.
type named struct {
	ID      int64  `db:"id"`
	Key     string `db:"key"`
	Subject string `db:"subject_kind"`
}

// List returns a page of what a person was told.
func List(ctx context.Context, q postgres.Querier, who people.Person, f Filter) (Page, error) {
	var all []named
	statement := sqlOpen
	if f.Done {
		statement = sqlDone
	}
	if err := q.SelectContext(ctx, &all, statement, who.ID, who.Limited(), most); err != nil {
		return Page{}, fmt.Errorf("list what was told: %w", err)
	}
	var read int64
	if err := q.GetContext(ctx, &read, sqlRead, who.ID); err != nil {
		return Page{}, fmt.Errorf("look what was read: %w", err)
	}
	p := Page{Kinds: map[matter.Kind]int{}, Last: read}
	kinds := make(map[int64]matter.Kind, len(all))
	var ids []int64
	for _, n := range all {
		kind := matter.KindOf(n.Key, n.Subject)
		kinds[n.ID] = kind
		p.Kinds[kind]++
		if !f.Done && n.ID > read {
			p.New++
		}
		p.Last = max(p.Last, n.ID)
		if f.Kind == "" || f.Kind == kind {
			ids = append(ids, n.ID)
		}
	}
	p.Total = len(ids)
	from := min((max(f.Page, 1)-1)*Size, len(ids))
	var rows []notice.Notice
	if err := q.SelectContext(ctx, &rows, sqlItems, pq.Array(ids[from:min(from+Size, len(ids))])); err != nil {
		return Page{}, fmt.Errorf("read what was told: %w", err)
	}
	for _, n := range rows {
		n.At = n.At.UTC()
		p.Items = append(p.Items, Item{n, kinds[n.ID], !f.Done && n.ID > read})
	}
	return p, nil
}

const sqlNew = `
SELECT count(*)
FROM notices n
WHERE n.done_at IS NULL
  AND n.id > coalesce((SELECT up_to FROM notices_read WHERE person_id = $1), 0)
  AND ` + visible

// New counts the open matters that a person has not read.
func New(ctx context.Context, q postgres.Querier, who people.Person) (int, error) {
	var n int
	if err := q.GetContext(ctx, &n, sqlNew, who.ID, who.Limited()); err != nil {
		return 0, fmt.Errorf("count what was not read: %w", err)
	}
	return n, nil
}

const sqlReadUpTo = `
INSERT INTO notices_read AS r (person_id, up_to, at)
VALUES ($1, least($2, (SELECT coalesce(max(id), 0) FROM notices)), clock_timestamp())
ON CONFLICT (person_id) DO UPDATE
SET up_to = greatest(r.up_to, excluded.up_to), at = excluded.at`

// ReadUpTo says that a person has read what was told up to a notice. What they read earlier stays read.
func ReadUpTo(ctx context.Context, tx *postgres.Tx, who people.Person, last int64) error {
	if _, err := tx.ExecContext(ctx, sqlReadUpTo, who.ID, last); err != nil {
		return fmt.Errorf("keep what was read: %w", err)
	}
	return nil
}

const sqlMay = `
SELECT EXISTS (
  SELECT 1
  FROM notices n
  WHERE n.id = $3
    AND ` + visible + `)`

// Done says that a matter is seen to, where it is one of the person's.
func Done(ctx context.Context, tx *postgres.Tx, id int64, by people.Person, now time.Time) error {
	var may bool
	if err := tx.GetContext(ctx, &may, sqlMay, by.ID, by.Limited(), id); err != nil {
		return fmt.Errorf("look for notice %d: %w", id, err)
	}
	if !may {
		return fault.New(fault.NotFound, "There is no such matter among what you were told.")
	}
	return notice.Done(ctx, tx, id, by, now)
}
