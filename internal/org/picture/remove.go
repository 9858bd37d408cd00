package picture

import (
	"context"
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// What posts of now show stays; so does what a campaign shows or still offers, from which a post may come at any time.
const (
	sqlInUse = `
SELECT count(DISTINCT o.id)
FROM revision_pictures x
JOIN posts o ON o.current_revision = x.revision_id
WHERE x.sha256 = $1`

	sqlInCampaign = `
SELECT id
FROM campaigns
WHERE position(convert_to($1, 'UTF8') IN body) > 0
ORDER BY id`

	sqlLock = `
SELECT sha256
FROM pictures
WHERE sha256 = $1
FOR UPDATE`

	sqlLeave = `
UPDATE pictures
SET gone_at = clock_timestamp(), gone_by = $2, version = version + 1
WHERE sha256 = $1
  AND gone_at IS NULL`

	sqlDrop = `SELECT drop_picture($1)`
)

// Removed says what taking a picture out of the library did.
type Removed struct {
	Kept bool // its bytes stay, since earlier versions of posts, or what went out, show it
}

// Remove takes a picture out of the library. One that a post shows, or a campaign, is refused. The bytes go as well, unless something of
// the past shows them.
func Remove(ctx context.Context, tx *postgres.Tx, sum string, by people.Person) (Removed, error) {
	if !by.May(people.PostWrite) {
		return Removed{}, forbidden()
	}
	if _, err := changeable(ctx, tx, sum, by); err != nil {
		return Removed{}, err
	}
	raw, err := unhex(sum)
	if err != nil {
		return Removed{}, err
	}
	var locked []byte
	if err := tx.GetContext(ctx, &locked, sqlLock, raw); err != nil {
		return Removed{}, fmt.Errorf("lock picture %s: %w", sum, err)
	}
	if err := unshown(ctx, tx, sum, raw); err != nil {
		return Removed{}, err
	}
	var campaigns []string
	if err := tx.SelectContext(ctx, &campaigns, sqlInCampaign, sum); err != nil {
		return Removed{}, fmt.Errorf("look which campaigns use picture %s: %w", sum, err)
	}
	if len(campaigns) > 0 {
		return Removed{}, fault.New(fault.Conflict, "The campaign %s uses this picture, so that its posts of the next year show it. Change the campaign first.", campaigns[0])
	}
	if _, err := tx.ExecContext(ctx, sqlLeave, raw, by.ID); err != nil {
		return Removed{}, fmt.Errorf("take picture %s out: %w", sum, err)
	}
	var dropped bool
	if err := tx.GetContext(ctx, &dropped, sqlDrop, raw); err != nil {
		return Removed{}, fmt.Errorf("remove the bytes of picture %s: %w", sum, err)
	}
	if err := unshown(ctx, tx, sum, raw); err != nil { // somebody put it into a post while the bytes were to go
		return Removed{}, err
	}
	return Removed{Kept: !dropped}, note(ctx, tx, by, "picture.removed", sum, map[string]any{"bytes_kept": !dropped})
}

// unshown refuses a picture that a post shows now.
func unshown(ctx context.Context, tx *postgres.Tx, sum string, raw []byte) error {
	var posts int
	if err := tx.GetContext(ctx, &posts, sqlInUse, raw); err != nil {
		return fmt.Errorf("look where picture %s is used: %w", sum, err)
	}
	if posts > 0 {
		return fault.New(fault.Conflict, "Posts show this picture (%d). Give them another one first; they are listed below.", posts)
	}
	return nil
}
