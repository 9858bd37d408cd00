package linking

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/org/consent"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

const sqlGaps = `
SELECT consent_gaps($1, $2, $3, $4, $5)`

// Gaps returns what keeps a body of a release from going out, as errors with a sentence each: a person without any consent, and each
// consent that does not cover it at its instant.
func Gaps(ctx context.Context, q postgres.Querier, post int64, body []byte, network, language string, due time.Time) ([]error, error) {
	var words pq.StringArray
	if err := q.GetContext(ctx, &words, sqlGaps, post, body, network, language, due); err != nil {
		return nil, fmt.Errorf("look for the consents of post %d: %w", post, err)
	}
	var list []error
	for _, w := range words {
		list = append(list, consent.Gap(w))
	}
	return list, nil
}

// Standing is what everybody may know of the people in a post or a picture.
type Standing struct {
	Marked   bool              // somebody said that it shows, names or quotes a person
	Consents []consent.Consent // linked to it or to its pictures
	Lacking  bool              // a person is there without any consent
}

// Shown reports whether there is anything to say.
func (s Standing) Shown() bool { return s.Marked || s.Lacking || len(s.Consents) > 0 }

const (
	sqlOfPost = `
SELECT DISTINCT l.consent_id
FROM posts p
JOIN revisions r ON r.id = p.current_revision
CROSS JOIN LATERAL consents_of(p.id, r.body) o
JOIN consent_links l ON l.id = o
WHERE p.id = $1`

	sqlMarked = `
SELECT EXISTS (SELECT 1 FROM post_people WHERE post_id = $1 AND ended_at IS NULL)`

	sqlLacking = `
SELECT EXISTS (
  SELECT 1
  FROM posts p
  JOIN revisions r ON r.id = p.current_revision
  CROSS JOIN LATERAL unnest(consent_gaps(p.id, r.body, '', '', '-infinity')) g
  WHERE p.id = $1
    AND (g = 'post' OR g LIKE 'picture:%'))`

	sqlOfPicture = `
SELECT DISTINCT consent_id
FROM consent_links
WHERE sha256 = decode($1, 'hex')
  AND ended_at IS NULL`

	sqlPictureMarked = `
SELECT EXISTS (SELECT 1 FROM pictures WHERE sha256 = decode($1, 'hex') AND shows_person)`
)

// OfPost returns what everybody may know of the people in a post as it is now.
func OfPost(ctx context.Context, q postgres.Querier, post int64) (Standing, error) {
	s, err := standing(ctx, q, sqlMarked, sqlOfPost, post)
	if err == nil {
		err = q.GetContext(ctx, &s.Lacking, sqlLacking, post)
	}
	return s, err
}

// OfPicture returns what everybody may know of the people in a picture.
func OfPicture(ctx context.Context, q postgres.Querier, sum string) (Standing, error) {
	s, err := standing(ctx, q, sqlPictureMarked, sqlOfPicture, sum)
	s.Lacking = s.Marked && len(s.Consents) == 0
	return s, err
}

func standing(ctx context.Context, q postgres.Querier, marked, of string, thing any) (s Standing, err error) {
	if err := q.GetContext(ctx, &s.Marked, marked, thing); err != nil {
		return s, fmt.Errorf("look whether %v shows a person: %w", thing, err)
	}
	ids := []int64{}
	if err := q.SelectContext(ctx, &ids, of, thing); err != nil {
		return s, fmt.Errorf("list the consents of %v: %w", thing, err)
	}
	s.Consents, err = consent.Some(ctx, q, ids)
	return s, err
}

// Lack is something that shows, names or quotes a person, and no consent is linked to it.
type Lack struct {
	Post    int64  `db:"post_id"`
	Message string `db:"message"`
	Picture string `db:"sum"`
}

const sqlLackingAll = `
SELECT m.post_id, p.message, '' AS sum
FROM post_people m
JOIN posts p ON p.id = m.post_id
WHERE m.ended_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM consent_links l WHERE l.post_id = m.post_id AND l.ended_at IS NULL)
UNION ALL
SELECT 0, '', encode(c.sha256, 'hex')
FROM pictures c
WHERE c.shows_person
  AND c.gone_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM consent_links l WHERE l.sha256 = c.sha256 AND l.ended_at IS NULL)
ORDER BY 1, 3
LIMIT 200`

// Lacking returns the posts and pictures that wait for a consent.
func Lacking(ctx context.Context, q postgres.Querier) ([]Lack, error) {
	var list []Lack
	if err := q.SelectContext(ctx, &list, sqlLackingAll); err != nil {
		return nil, fmt.Errorf("list what lacks a consent: %w", err)
	}
	return list, nil
}
