// Package picture is the library of pictures: who uploaded what, how it is described in each language, which point a crop keeps, and
// whether it shows a person or is somebody's official logo.
//
// A picture is known by the SHA-256 of its bytes. Every stored picture has a place here, also one that came with a campaign. The package
// takes bytes as internal/media/intake has cleaned them, and does not look into them. What posts make of a picture, and giving
// them another, is for internal/flow/draft/swap.
package picture

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Picture is a picture of the library.
type Picture struct {
	SHA256      string // in lower-case hexadecimal
	MIME        string
	Width       int
	Height      int
	Size        int // in bytes
	Animated    bool
	UploadedBy  int64 // 0 for what came with a campaign or was drawn
	Uploader    string
	UploadedAt  time.Time
	Tags        []string
	Alt         map[string]string // what it shows, by language
	Focus       *post.Focus       // what a crop keeps; nil while nobody has said
	ShowsPerson bool
	Logo        bool   // an official logo: never cropped or coloured anew
	Terms       string // where its owner's terms stand
	TermsBy     string
	TermsAt     time.Time
	Version     int
	Gone        bool // taken out of the library
	Posts       int  // whose words of now show it, as far as the person who asks sees them
}

type row struct {
	Sum         []byte         `db:"sha256"`
	MIME        string         `db:"mime"`
	Width       int            `db:"width"`
	Height      int            `db:"height"`
	Size        int            `db:"size"`
	Animated    bool           `db:"animated"`
	UploadedBy  int64          `db:"uploaded_by"`
	Uploader    string         `db:"uploader"`
	UploadedAt  time.Time      `db:"uploaded_at"`
	Tags        pq.StringArray `db:"tags"`
	Alt         []byte         `db:"alt"`
	FocusX      *int           `db:"focus_x"`
	FocusY      *int           `db:"focus_y"`
	ShowsPerson bool           `db:"shows_person"`
	Logo        bool           `db:"logo"`
	Terms       string         `db:"terms"`
	TermsBy     string         `db:"terms_by"`
	TermsAt     *time.Time     `db:"terms_at"`
	Version     int            `db:"version"`
	Gone        bool           `db:"gone"`
	Posts       int            `db:"posts"`
}

func (r row) picture() (Picture, error) {
	p := Picture{
		SHA256: hex.EncodeToString(r.Sum), MIME: r.MIME, Width: r.Width, Height: r.Height, Size: r.Size, Animated: r.Animated, UploadedBy: r.UploadedBy,
		Uploader: r.Uploader, UploadedAt: r.UploadedAt.UTC(), Tags: r.Tags, ShowsPerson: r.ShowsPerson, Logo: r.Logo, Terms: r.Terms, TermsBy: r.TermsBy,
		Version: r.Version, Gone: r.Gone, Posts: r.Posts,
	}
	if r.FocusX != nil && r.FocusY != nil {
		p.Focus = &post.Focus{X: *r.FocusX, Y: *r.FocusY}
	}
	if r.TermsAt != nil {
		p.TermsAt = r.TermsAt.UTC()
	}
	if err := json.Unmarshal(r.Alt, &p.Alt); err != nil {
		return Picture{}, fmt.Errorf("read picture %s: %w", p.SHA256, err)
	}
	return p, nil
}

// A person with limits sees what they uploaded and what posts show that they see.
const sqlFind = `
SELECT p.sha256, b.mime, b.width, b.height, octet_length(b.bytes) AS size, p.animated, coalesce(p.uploaded_by, 0) AS uploaded_by,
  coalesce(u.name, '') AS uploader, p.uploaded_at, p.tags, p.alt, p.focus_x, p.focus_y, p.shows_person, p.logo, p.terms,
  coalesce(t.name, '') AS terms_by, p.terms_at, p.version, p.gone_at IS NOT NULL AS gone,
  (SELECT count(DISTINCT o.id) FROM revision_pictures x JOIN posts o ON o.current_revision = x.revision_id
    WHERE x.sha256 = p.sha256 AND ($2::bigint = 0 OR may_see_post($2, o.id))) AS posts
FROM pictures p
JOIN blobs b ON b.sha256 = p.sha256
LEFT JOIN people u ON u.id = p.uploaded_by
LEFT JOIN people t ON t.id = p.terms_by
WHERE p.sha256 = $1
  AND ($2::bigint = 0 OR p.uploaded_by = $2 OR EXISTS (
    SELECT 1
    FROM revision_pictures x
    JOIN posts o ON o.current_revision = x.revision_id
    WHERE x.sha256 = p.sha256
      AND may_see_post($2, o.id)))`

// Find returns a picture that a person sees, by its hash in hexadecimal. One that was taken out of the library is found as well.
func Find(ctx context.Context, q postgres.Querier, sum string, by people.Person) (Picture, error) {
	raw, err := unhex(sum)
	if err != nil {
		return Picture{}, err
	}
	var r row
	switch err := q.GetContext(ctx, &r, sqlFind, raw, limitOf(by)); {
	case errors.Is(err, sql.ErrNoRows):
		return Picture{}, missing()
	case err != nil:
		return Picture{}, fmt.Errorf("read picture %s: %w", sum, err)
	}
	return r.picture()
}

const sqlSmall = `
SELECT coalesce(p.small, b.bytes)
FROM pictures p
JOIN blobs b ON b.sha256 = p.sha256
WHERE p.sha256 = $1`

// Small returns the small copy of a picture, or the picture itself where there is none.
func Small(ctx context.Context, q postgres.Querier, sum string) ([]byte, error) {
	raw, err := unhex(sum)
	if err != nil {
		return nil, err
	}
	var b []byte
	switch err := q.GetContext(ctx, &b, sqlSmall, raw); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, missing()
	case err != nil:
		return nil, fmt.Errorf("read the small copy of picture %s: %w", sum, err)
	}
	return b, nil
}

// limitOf is the person whose limits count; 0 for somebody without any.
func limitOf(by people.Person) int64 {
	if by.Limited() {
		return by.ID
	}
	return 0
}

func unhex(sum string) ([]byte, error) {
	b, err := hex.DecodeString(sum)
	if err != nil || len(b) != 32 || hex.EncodeToString(b) != sum {
		return nil, missing()
	}
	return b, nil
}

func missing() error { return fault.New(fault.NotFound, "There is no picture with that address.") }
