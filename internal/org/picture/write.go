package picture

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Bounds of what is said of a picture. They are ours; networks take less of a description.
const (
	MaxAlt   = 2000 // characters of a description
	MaxTags  = 20
	maxTag   = 40
	maxTerms = 500
)

// Upload is a picture as it comes from the door, cleaned.
type Upload struct {
	Bytes    []byte
	MIME     string
	Width    int
	Height   int
	Animated bool
	Small    []byte // a small copy for lists; may be nil
	Terms    string // makes it an official logo: where its owner's terms stand, which the person confirms
}

// Added is what became of an upload.
type Added struct {
	SHA256 string
	There  bool // the library had it already
}

const sqlBlob = `
INSERT INTO blobs (sha256, mime, width, height, bytes)
VALUES (sha256($1), $2, $3, $4, $1)
ON CONFLICT (sha256) DO NOTHING`

// The entry was made by the database with the bytes. Whoever uploads what a campaign brought does not become its uploader.
const (
	sqlEntry = `
SELECT gone_at IS NULL AND uploaded_by IS NOT NULL AS there, logo
FROM pictures
WHERE sha256 = sha256($1)
FOR UPDATE`

	sqlEnter = `
UPDATE pictures
SET animated = $2, small = $5, uploaded_by = coalesce(uploaded_by, $3), gone_at = NULL, gone_by = NULL, logo = logo OR $4 <> '',
  terms = CASE WHEN $4 = '' THEN terms ELSE $4 END,
  terms_by = CASE WHEN $4 = '' THEN terms_by ELSE $3 END,
  terms_at = CASE WHEN $4 = '' THEN terms_at ELSE clock_timestamp() END,
  focus_x = CASE WHEN $4 = '' THEN focus_x END, focus_y = CASE WHEN $4 = '' THEN focus_y END, version = version + 1
WHERE sha256 = sha256($1)`
)

// Add puts a picture into the library. The same picture once more changes nothing, except that one that was taken out comes back.
func Add(ctx context.Context, tx *postgres.Tx, u Upload, by people.Person) (Added, error) {
	if !by.May(people.PostEdit) {
		return Added{}, forbidden()
	}
	terms := strings.Join(strings.Fields(u.Terms), " ")
	if utf8.RuneCountInString(terms) > maxTerms {
		return Added{}, fault.BadField("terms", "is too long to be kept")
	}
	if _, _, unsafe := text.FirstUnsafe(terms); unsafe {
		return Added{}, fault.BadField("terms", "must be plain text")
	}
	if _, err := tx.ExecContext(ctx, sqlBlob, u.Bytes, u.MIME, u.Width, u.Height); err != nil {
		return Added{}, fmt.Errorf("store a picture: %w", err)
	}
	var was struct {
		There bool `db:"there"`
		Logo  bool `db:"logo"`
	}
	if err := tx.GetContext(ctx, &was, sqlEntry, u.Bytes); err != nil {
		return Added{}, fmt.Errorf("find the place of a picture: %w", err)
	}
	sum := sumOf(u.Bytes)
	if was.There && (terms == "" || was.Logo) {
		return Added{SHA256: sum, There: true}, nil
	}
	if _, err := tx.ExecContext(ctx, sqlEnter, u.Bytes, u.Animated, by.ID, terms, u.Small); err != nil {
		return Added{}, fmt.Errorf("enter a picture: %w", err)
	}
	action := "picture.uploaded"
	if terms != "" {
		action = "logo.uploaded"
	}
	return Added{SHA256: sum}, note(ctx, tx, by, action, sum, map[string]any{"terms": terms})
}

const sqlFocus = `
UPDATE pictures
SET focus_x = $2, focus_y = $3, version = version + 1
WHERE sha256 = $1
  AND version = $4
  AND gone_at IS NULL`

// SetFocus says which point of a picture a crop keeps; nil is no point. An official logo has none.
func SetFocus(ctx context.Context, tx *postgres.Tx, sum string, f *post.Focus, read int, by people.Person) error {
	p, err := changeable(ctx, tx, sum, by)
	if err != nil {
		return err
	}
	if p.Logo {
		return fault.New(fault.Conflict, "This is an official logo. Its owner's terms keep it whole, so that it has no point to crop to.")
	}
	if f != nil && (f.X < 0 || f.X > 100 || f.Y < 0 || f.Y > 100) {
		return fault.BadField("focus", "lies on the picture: both figures are from 0 to 100")
	}
	raw, err := unhex(sum)
	if err != nil {
		return err
	}
	var x, y *int
	detail := map[string]any{}
	if f != nil {
		x, y = &f.X, &f.Y
		detail["x"], detail["y"] = f.X, f.Y
	}
	if err := change(ctx, tx, sqlFocus, raw, x, y, read); err != nil {
		return err
	}
	return note(ctx, tx, by, "picture.focused", sum, detail)
}

// changeable returns a picture that a person sees and may change.
func changeable(ctx context.Context, tx *postgres.Tx, sum string, by people.Person) (Picture, error) {
	if !by.May(people.PostEdit) {
		return Picture{}, forbidden()
	}
	p, err := Find(ctx, tx, sum, by)
	if err != nil {
		return Picture{}, err
	}
	if p.Gone {
		return Picture{}, missing()
	}
	return p, nil
}

// change runs an update that only the version read lets through.
func change(ctx context.Context, tx *postgres.Tx, statement string, args ...any) error {
	res, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("change a picture: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("change a picture: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "Somebody changed what is said of this picture meanwhile. Look at it again, then save.")
	}
	return nil
}

func note(ctx context.Context, tx *postgres.Tx, by people.Person, action, sum string, detail map[string]any) error {
	detail["picture"] = sum
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "picture", Detail: detail})
}

func forbidden() error {
	return fault.New(fault.Forbidden, "Your role does not allow changing pictures.")
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
