package picture

import (
	"context"
	"fmt"

	"daymark/internal/core/post"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// The filters by use.
const (
	Used   = "used"   // a post shows it
	Unused = "unused" // no post does
)

// Filter narrows a list. A zero field does not narrow.
type Filter struct {
	Words    string // in what is said of it, by the library or by a post, in any language
	Tag      string
	Campaign string // the id of one whose posts show it
	Use      string // [Used] or [Unused]
	Uploader int64
	Logos    bool // official logos only
	From     int  // how many to leave out
	Limit    int  // how many at most; 24 when zero
}

// page is how many pictures a list has unless it asks for another number.
const page = 24

// The filters come before the sums, so that only what is shown is counted.
const sqlList = `
WITH seen AS (
  SELECT p.sha256, p.uploaded_at
  FROM pictures p
  WHERE p.gone_at IS NULL
    AND ($1::bigint = 0 OR p.uploaded_by = $1 OR EXISTS (
      SELECT 1 FROM revision_pictures x JOIN posts o ON o.current_revision = x.revision_id WHERE x.sha256 = p.sha256 AND may_see_post($1, o.id)))
    AND ($2 = '' OR EXISTS (SELECT 1 FROM jsonb_each_text(p.alt) a WHERE position(plain_words($2) IN plain_words(a.value)) > 0) OR EXISTS (
      SELECT 1
      FROM revision_pictures x
      JOIN posts o ON o.current_revision = x.revision_id
      JOIN revisions r ON r.id = x.revision_id
      CROSS JOIN LATERAL jsonb_path_query(convert_from(r.body, 'UTF8')::jsonb, '$.parts[*].pictures[*]') AS shown
      CROSS JOIN LATERAL jsonb_each_text(shown -> 'alt') AS a
      WHERE x.sha256 = p.sha256
        AND shown ->> 'sha256' = encode(p.sha256, 'hex')
        AND position(plain_words($2) IN plain_words(a.value)) > 0
        AND ($1::bigint = 0 OR may_see_post($1, o.id))))
    AND ($3 = '' OR $3 = ANY (p.tags))
    AND ($4 = '' OR EXISTS (
      SELECT 1
      FROM revision_pictures x
      JOIN posts o ON o.current_revision = x.revision_id
      JOIN editions e ON e.id = o.edition_id
      WHERE x.sha256 = p.sha256
        AND e.campaign_id = $4
        AND ($1::bigint = 0 OR may_see_post($1, o.id))))
    AND ($5 = '' OR ($5 = 'used') = EXISTS (SELECT 1 FROM revision_pictures x JOIN posts o ON o.current_revision = x.revision_id WHERE x.sha256 = p.sha256))
    AND ($6::bigint = 0 OR p.uploaded_by = $6)
    AND (NOT $7 OR p.logo)
), shown AS (
  SELECT sha256
  FROM seen
  ORDER BY uploaded_at DESC, sha256
  OFFSET $8
  LIMIT $9
)
SELECT (SELECT count(*) FROM seen) AS found, p.sha256, b.mime, b.width, b.height, octet_length(b.bytes) AS size, p.animated,
  coalesce(p.uploaded_by, 0) AS uploaded_by, coalesce(u.name, '') AS uploader, p.uploaded_at, p.tags, p.alt, p.focus_x, p.focus_y,
  p.shows_person, p.logo, p.terms, '' AS terms_by, p.terms_at, p.version, false AS gone,
  (SELECT count(DISTINCT o.id) FROM revision_pictures x JOIN posts o ON o.current_revision = x.revision_id
    WHERE x.sha256 = p.sha256 AND ($1::bigint = 0 OR may_see_post($1, o.id))) AS posts
FROM shown s
JOIN pictures p ON p.sha256 = s.sha256
JOIN blobs b ON b.sha256 = p.sha256
LEFT JOIN people u ON u.id = p.uploaded_by
ORDER BY p.uploaded_at DESC, p.sha256`

// List returns the pictures of the library that a person sees and that pass the filter, the latest first, and how many there are in all.
func List(ctx context.Context, q postgres.Querier, f Filter, by people.Person) ([]Picture, int, error) {
	var rows []struct {
		row
		Found int `db:"found"`
	}
	limit := f.Limit
	if limit == 0 {
		limit = page
	}
	if err := q.SelectContext(ctx, &rows, sqlList, limitOf(by), f.Words, f.Tag, f.Campaign, f.Use, f.Uploader, f.Logos, f.From, limit); err != nil {
		return nil, 0, fmt.Errorf("list pictures: %w", err)
	}
	list, found := make([]Picture, len(rows)), 0
	for i, r := range rows {
		var err error
		if list[i], err = r.picture(); err != nil {
			return nil, 0, err
		}
		found = r.Found
	}
	return list, found, nil
}

// Offered returns the latest pictures that a person sees, as a post takes them.
func Offered(ctx context.Context, q postgres.Querier, by people.Person, most int) ([]post.SourcePicture, error) {
	list, _, err := List(ctx, q, Filter{Limit: most}, by)
	if err != nil {
		return nil, err
	}
	offered := make([]post.SourcePicture, len(list))
	for i, p := range list {
		offered[i] = p.Source()
	}
	return offered, nil
}

// Source returns a picture as a post takes it, with what the library says of it.
func (p Picture) Source() post.SourcePicture {
	s := post.SourcePicture{SHA256: p.SHA256, Alt: map[string]string{}, Focus: p.Focus}
	for language, alt := range p.Alt {
		if alt != "" {
			s.Alt[language] = alt
		}
	}
	return s
}

const sqlTags = `
SELECT DISTINCT tag
FROM pictures p, unnest(p.tags) AS tag
WHERE p.gone_at IS NULL
ORDER BY tag
LIMIT 200`

const sqlUploaders = `
SELECT DISTINCT u.id, u.name
FROM pictures p
JOIN people u ON u.id = p.uploaded_by
WHERE p.gone_at IS NULL
ORDER BY u.name, u.id`

// Uploader is somebody who uploaded pictures.
type Uploader struct {
	ID   int64  `db:"id"`
	Name string `db:"name"`
}

// Choices returns the tags that pictures have and who uploaded some.
func Choices(ctx context.Context, q postgres.Querier) (tags []string, uploaders []Uploader, err error) {
	if err := q.SelectContext(ctx, &tags, sqlTags); err != nil {
		return nil, nil, fmt.Errorf("list the tags of pictures: %w", err)
	}
	if err := q.SelectContext(ctx, &uploaders, sqlUploaders); err != nil {
		return nil, nil, fmt.Errorf("list who uploaded pictures: %w", err)
	}
	return tags, uploaders, nil
}

const sqlLogos = `
SELECT encode(sha256, 'hex')
FROM pictures
WHERE logo`

// Logos returns the hashes of the official logos.
func Logos(ctx context.Context, q postgres.Querier) (map[string]bool, error) {
	var sums []string
	if err := q.SelectContext(ctx, &sums, sqlLogos); err != nil {
		return nil, fmt.Errorf("list logos: %w", err)
	}
	all := make(map[string]bool, len(sums))
	for _, sum := range sums {
		all[sum] = true
	}
	return all, nil
}

const sqlGone = `
SELECT encode(sha256, 'hex')
FROM pictures
WHERE gone_at IS NOT NULL
  AND encode(sha256, 'hex') = ANY($1)`

// Gone returns those of some hashes that were taken out of the library, so that they are not offered again.
func Gone(ctx context.Context, q postgres.Querier, sums []string) ([]string, error) {
	var gone []string
	if err := q.SelectContext(ctx, &gone, sqlGone, pq.Array(sums)); err != nil {
		return nil, fmt.Errorf("look which pictures are gone: %w", err)
	}
	return gone, nil
}
