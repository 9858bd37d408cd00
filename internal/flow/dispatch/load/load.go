// Package load reads what claimed rows need before they can be sent, many rows in one question: their releases, what of them is
// out already, what became of earlier tries, and how fast their channels may be called.
//
// It does not read the bytes of pictures, calls no network and changes nothing.
package load

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// A release that shows a number which nobody has checked lately enough goes out with its other text. OFFSET 0 makes the planner look
// for the copy that is answered by its key; it would rather read all copies.
const sqlReleases = `
SELECT r.id, r.body,
  EXISTS (SELECT 1 FROM release_helplines n WHERE n.release_id = r.id AND NOT helpline_holds(n.helpline_id, n.version, w.at)) AS lapsed,
  c.platform || ' ' || c.address AS host,
  coalesce(p.spacing_ms, 0) AS spacing_ms, p.last_begun_at, p.blocked_until,
  d.answers IS NOT NULL AS answers, coalesce(k.remote_id, '') AS answered_id, coalesce(k.uri, '') AS answered_uri
FROM unnest($1::bigint[], $2::timestamptz[]) AS w (release, at)
JOIN releases r ON r.id = w.release
JOIN deliveries d ON d.id = r.delivery_id
JOIN channels c ON c.id = r.channel_id
LEFT JOIN channel_pace p ON p.channel_id = r.channel_id
LEFT JOIN LATERAL (
  SELECT remote_id, uri
  FROM copies
  WHERE delivery_id = d.answers
    AND part = 1
    AND removed_at IS NULL
  OFFSET 0
) k ON true`

const sqlOut = `
SELECT delivery_id, remote_id, uri
FROM copies
WHERE delivery_id = ANY($1)
ORDER BY delivery_id, part`

const sqlPast = `
SELECT delivery_id, part, count(*) AS tried,
  count(*) FILTER (WHERE outcome IN ('refused', 'again', 'limited', 'unauthorised')) AS refused,
  count(*) FILTER (WHERE finding = 'absent') AS absent,
  min(started_at) AS first_at,
  coalesce((array_agg(CASE WHEN outcome IN ('unknown', 'lost') THEN handles::text ELSE '' END ORDER BY no DESC))[1], '') AS handles
FROM attempts
WHERE delivery_id = ANY($1)
GROUP BY delivery_id, part`

type release struct {
	ID          int64      `db:"id"`
	Body        []byte     `db:"body"`
	Lapsed      bool       `db:"lapsed"`
	Host        string     `db:"host"`
	SpacingMS   int64      `db:"spacing_ms"`
	LastBegun   *time.Time `db:"last_begun_at"`
	Blocked     *time.Time `db:"blocked_until"`
	Answers     bool       `db:"answers"`
	AnsweredID  string     `db:"answered_id"`
	AnsweredURI string     `db:"answered_uri"`
}

// copied is a part that is out.
type copied struct {
	Delivery int64  `db:"delivery_id"`
	ID       string `db:"remote_id"`
	URI      string `db:"uri"`
}

// tried is what became of the tries of a part.
type tried struct {
	Delivery int64     `db:"delivery_id"`
	Part     int       `db:"part"`
	Tried    int       `db:"tried"`
	Refused  int       `db:"refused"`
	Absent   int       `db:"absent"`
	First    time.Time `db:"first_at"`
	Handles  string    `db:"handles"`
}

// Read returns what is needed to send the rows, by delivery. A row whose release cannot be read is left out, and named in the
// error with the others read all the same.
func Read(ctx context.Context, db *postgres.DB, rows []attempt.Row, now time.Time) (map[int64]*attempt.Ready, error) {
	ids, releases, at := make([]int64, len(rows)), make([]int64, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		ids[i], releases[i], at[i] = r.Delivery, r.Release, goes(r, now).Format(time.RFC3339Nano)
	}
	var found []release
	var copies []copied
	var tries []tried
	err := db.InKeyTx(ctx, func(tx *postgres.KeyTx) error {
		found, copies, tries = nil, nil, nil
		return errors.Join(
			tx.SelectHot(ctx, &found, sqlReleases, pq.Array(releases), pq.Array(at)),
			tx.SelectHot(ctx, &copies, sqlOut, pq.Array(ids)),
			tx.SelectHot(ctx, &tries, sqlPast, pq.Array(ids)))
	})
	if err != nil {
		return nil, fmt.Errorf("read what is to be sent: %w", err)
	}
	byID := make(map[int64]release, len(found))
	for _, f := range found {
		byID[f.ID] = f
	}
	list := make(map[int64]*attempt.Ready, len(rows))
	var wrong error
	for _, row := range rows {
		r, err := ready(row, byID[row.Release], now)
		if err != nil {
			wrong = fmt.Errorf("release %d of delivery %d: %w", row.Release, row.Delivery, err)
			continue
		}
		list[row.Delivery] = r
	}
	for _, c := range copies {
		if r := list[c.Delivery]; r != nil {
			r.Out = append(r.Out, platform.Ref{ID: c.ID, URI: c.URI})
		}
	}
	for _, t := range tries {
		if r := list[t.Delivery]; r != nil {
			r.Past[t.Part-1] = attempt.Past{Tried: t.Tried, Refused: t.Refused, Absent: t.Absent, First: t.First, Handles: t.Handles}
		}
	}
	return list, wrong
}

// goes is when a row goes out at the earliest.
func goes(r attempt.Row, now time.Time) time.Time {
	if now.After(r.AttemptAt) {
		return now
	}
	return r.AttemptAt
}

func ready(row attempt.Row, f release, now time.Time) (*attempt.Ready, error) {
	r := &attempt.Ready{Row: row, Sum: sha256.Sum256(f.Body), Host: f.Host, Spacing: time.Duration(f.SpacingMS) * time.Millisecond, Past: map[int]attempt.Past{}}
	var err error
	if r.Final, err = post.ReadFinal(f.Body); err != nil {
		return nil, err
	}
	if f.Lapsed {
		r.Fallback = true
		r.Final.Parts = r.Final.Without
	}
	r.Content.At = goes(row, now)
	if f.LastBegun != nil {
		r.Begun = *f.LastBegun
	}
	if f.Blocked != nil {
		r.Blocked = *f.Blocked
	}
	if f.AnsweredID != "" {
		r.Answers = &platform.Ref{ID: f.AnsweredID, URI: f.AnsweredURI}
	}
	r.Astray = f.Answers && r.Answers == nil
	return r, nil
}
