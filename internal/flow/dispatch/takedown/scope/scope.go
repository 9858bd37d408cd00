// Package scope finds out which deliveries a take-down concerns: those of a post, an edition, a helpline, a picture or a
// consent that covers them no longer, and others that are about to say or show the same. It holds and removes nothing.
package scope

import (
	"context"
	"fmt"
	"regexp"

	"daymark/internal/core/fault"
	"daymark/internal/org/consent"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Scope is what is taken down: exactly one of its fields is set.
type Scope struct {
	Post     int64
	Edition  int64
	Helpline string // the id of one, in lower case
	Picture  string // the SHA-256 of a stored picture, in lower-case hexadecimal
	Consent  int64  // what goes out under it, and is not covered by it any more
}

// sum is how a picture is named.
var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Kind returns the scope's word in the table, and which one it is, for the audit log.
func (s Scope) Kind() (kind, which string, err error) {
	var named []string
	for _, one := range []struct {
		kind, which string
		set         bool
	}{
		{"post", fmt.Sprint(s.Post), s.Post != 0},
		{"edition", fmt.Sprint(s.Edition), s.Edition != 0},
		{"helpline", s.Helpline, s.Helpline != ""},
		{"picture", s.Picture, s.Picture != ""},
		{"consent", consent.Ref(s.Consent), s.Consent != 0},
	} {
		if one.set {
			named, kind, which = append(named, one.kind), one.kind, one.which
		}
	}
	switch {
	case len(named) != 1:
		return "", "", fault.New(fault.Invalid, "Say what to take down: one post, one edition, one helpline or one picture.")
	case kind == "picture" && !sum.MatchString(which):
		return "", "", fault.New(fault.Invalid, "A picture is named by its SHA-256: 64 digits and letters from a to f.")
	}
	return kind, which, nil
}

// sqlIn lists the deliveries of a scope. One that is held carries no release: its latest counts, and that of what is out.
const sqlIn = `
SELECT d.id
FROM deliveries d
WHERE d.state <> 'removed'
  AND d.id IN (
    SELECT o.id
    FROM deliveries o
    WHERE o.post_id = $1
    UNION ALL
    SELECT e.id
    FROM deliveries e
    JOIN posts p ON p.id = e.post_id
    WHERE p.edition_id = $2
    UNION ALL
    SELECT r.delivery_id
    FROM release_helplines n
    JOIN releases r ON r.id = n.release_id
    JOIN deliveries s ON s.id = r.delivery_id
    WHERE n.helpline_id = $3
      AND r.id IN (
        coalesce(s.release_id, (SELECT max(l.id) FROM releases l WHERE l.delivery_id = s.id)),
        (SELECT max(c.release_id) FROM copies c WHERE c.delivery_id = s.id)
      )
    UNION ALL
    SELECT r.delivery_id
    FROM releases r
    JOIN deliveries s ON s.id = r.delivery_id
    WHERE $4 <> ''
      AND shown_by(r.body) @> ARRAY['p:' || $4]
      AND r.id IN (
        coalesce(s.release_id, (SELECT max(l.id) FROM releases l WHERE l.delivery_id = s.id)),
        (SELECT max(c.release_id) FROM copies c WHERE c.delivery_id = s.id)
      )
    UNION ALL
    SELECT s.id
    FROM consent_links l
    JOIN release_consents o ON o.link_id = l.id
    JOIN releases r ON r.id = o.release_id
    JOIN deliveries s ON s.id = r.delivery_id
    JOIN channels h ON h.id = s.channel_id
    WHERE l.consent_id = $5
      AND consent_gap(l.id, h.platform, s.language, CASE WHEN s.state = 'published' THEN '-infinity' ELSE s.due_at END) <> ''
      AND r.id IN (
        coalesce(s.release_id, (SELECT max(l.id) FROM releases l WHERE l.delivery_id = s.id)),
        (SELECT max(c.release_id) FROM copies c WHERE c.delivery_id = s.id)
      )
  )
ORDER BY d.id`

// What a scope says and shows, and who else is about to say or show it; both by the index releases_shown.
const (
	sqlShown = `
SELECT DISTINCT unnest(shown_by(r.body))
FROM deliveries d
JOIN releases r ON r.delivery_id = d.id
WHERE d.id = ANY($1)
  AND r.id IN (
    coalesce(d.release_id, (SELECT max(l.id) FROM releases l WHERE l.delivery_id = d.id)),
    (SELECT max(c.release_id) FROM copies c WHERE c.delivery_id = d.id)
  )`

	sqlAlike = `
SELECT d.id
FROM releases r
JOIN deliveries d ON d.release_id = r.id
WHERE shown_by(r.body) && $2
  AND d.state IN ('scheduled', 'unknown')
  AND d.id <> ALL ($1)
ORDER BY d.id`
)

// In returns the deliveries of a scope that are not removed yet.
func In(ctx context.Context, q postgres.Querier, s Scope) ([]int64, error) {
	var in []int64
	if err := q.SelectContext(ctx, &in, sqlIn, s.Post, s.Edition, s.Helpline, s.Picture, s.Consent); err != nil {
		return nil, fmt.Errorf("look for what is out: %w", err)
	}
	return in, nil
}

// Alike returns the other deliveries that wait, or may be out, and have a text or a picture in common with those of a scope.
func Alike(ctx context.Context, q postgres.Querier, in []int64) ([]int64, error) {
	var shown []string
	if err := q.SelectContext(ctx, &shown, sqlShown, pq.Array(in)); err != nil {
		return nil, fmt.Errorf("read what is taken down: %w", err)
	}
	var alike []int64
	if err := q.SelectContext(ctx, &alike, sqlAlike, pq.Array(in), pq.Array(shown)); err != nil {
		return nil, fmt.Errorf("look for the same words and pictures: %w", err)
	}
	return alike, nil
}

const sqlPictures = `
SELECT DISTINCT substr(k.shown, 3) AS sum
FROM (
  SELECT unnest(shown_by(r.body)) AS shown
  FROM deliveries d
  JOIN releases r ON r.delivery_id = d.id
  WHERE d.id = ANY($1)
    AND r.id IN (
      coalesce(d.release_id, (SELECT max(l.id) FROM releases l WHERE l.delivery_id = d.id)),
      (SELECT max(c.release_id) FROM copies c WHERE c.delivery_id = d.id)
    )
) k
WHERE k.shown LIKE 'p:%'
ORDER BY sum`

// Pictures returns the hashes of the pictures that a scope shows.
func Pictures(ctx context.Context, q postgres.Querier, s Scope) ([]string, error) {
	in, err := In(ctx, q, s)
	if err != nil {
		return nil, err
	}
	var sums []string
	if err := q.SelectContext(ctx, &sums, sqlPictures, pq.Array(in)); err != nil {
		return nil, fmt.Errorf("list the pictures of what is taken down: %w", err)
	}
	return sums, nil
}
