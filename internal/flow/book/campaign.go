package book

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Campaign is a campaign as the database keeps it; Body is its canonical JSON.
type Campaign struct {
	ID         string            `db:"id"`
	Observance []byte            `db:"observance"` // the observance with its date rule, as JSON
	Title      map[string]string `db:"-"`
	Body       []byte            `db:"body"`
	LoadedAt   time.Time         `db:"loaded_at"`
	Shipped    bool              `db:"-"`       // word for word as it comes with Daymark: whoever loads it wrote none of it
	ByHand     bool              `db:"by_hand"` // made or changed in the browser since its file was loaded last
}

const sqlUpsertCampaign = `
INSERT INTO campaigns (id, observance, title, body, sha256, loaded_by, loaded_at, shipped, by_hand)
VALUES ($1, $2, $3, $4, sha256($4), $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE
SET observance = excluded.observance, title = excluded.title, body = excluded.body, sha256 = excluded.sha256,
  loaded_by = excluded.loaded_by, loaded_at = excluded.loaded_at, shipped = excluded.shipped, by_hand = excluded.by_hand
WHERE campaigns.sha256 <> excluded.sha256
  OR campaigns.observance <> excluded.observance`

// SaveCampaign writes a campaign and reports whether it is new or has changed. Saving the same again changes nothing. The database
// writes down which messages are another by now: whoever loads them never approves what is planned from them.
func SaveCampaign(ctx context.Context, tx *postgres.Tx, c Campaign, by int64) (bool, error) {
	title, err := json.Marshal(c.Title)
	if err != nil {
		return false, fmt.Errorf("title of %s: %w", c.ID, err)
	}
	res, err := tx.ExecContext(ctx, sqlUpsertCampaign, c.ID, string(c.Observance), string(title), c.Body, by, c.LoadedAt, c.Shipped, c.ByHand)
	if err != nil {
		return false, fmt.Errorf("save campaign %s: %w", c.ID, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	action := "campaign.loaded"
	if c.ByHand {
		action = "campaign.changed"
	}
	return true, audit.Write(ctx, tx, audit.Entry{Person: by, Action: action, Kind: "campaign", Detail: map[string]any{"campaign": c.ID}})
}

const sqlCampaign = `
SELECT id, observance, body, loaded_at, by_hand
FROM campaigns
WHERE id = $1`

const sqlLockCampaign = sqlCampaign + `
FOR UPDATE`

// FindCampaign returns a campaign by its id.
func FindCampaign(ctx context.Context, q postgres.Querier, id string) (Campaign, error) {
	var c Campaign
	if err := q.GetContext(ctx, &c, sqlCampaign, id); err != nil {
		return Campaign{}, notFound(err, "There is no campaign %q in this database. Load its file first: daymark load %s", id, id)
	}
	return c, nil
}

// LockCampaign returns a campaign that nobody else changes until the transaction ends.
func LockCampaign(ctx context.Context, tx *postgres.Tx, id string) (Campaign, error) {
	var c Campaign
	if err := tx.GetContext(ctx, &c, sqlLockCampaign, id); err != nil {
		return Campaign{}, notFound(err, "There is no campaign %q in this database.", id)
	}
	return c, nil
}

const sqlUpsertEdition = `
INSERT INTO editions (campaign_id, year, rehearsal, first_day, last_day)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (campaign_id, year, rehearsal) DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day
RETURNING id`

// SaveEdition makes an edition of a campaign, or finds the one that is there, and returns its id. Days are YYYY-MM-DD.
func SaveEdition(ctx context.Context, tx *postgres.Tx, e Edition) (int64, error) {
	var id int64
	if err := tx.GetContext(ctx, &id, sqlUpsertEdition, e.Campaign, e.Year, e.Rehearsal, e.FirstDay, e.LastDay); err != nil {
		return 0, fmt.Errorf("save edition %s %d: %w", e.Campaign, e.Year, err)
	}
	return id, nil
}

// Blob is a stored picture.
type Blob struct {
	MIME   string `db:"mime"`
	Width  int    `db:"width"`
	Height int    `db:"height"`
	Bytes  []byte `db:"bytes"`
}

const sqlInsertBlob = `
INSERT INTO blobs (sha256, mime, width, height, bytes)
VALUES (sha256($1), $2, $3, $4, $1)
ON CONFLICT (sha256) DO NOTHING`

const sqlBlob = `
SELECT mime, width, height, bytes
FROM blobs
WHERE sha256 = $1`

// AddBlob stores a picture under the SHA-256 of its bytes; storing it again changes nothing.
func AddBlob(ctx context.Context, tx *postgres.Tx, b Blob) error {
	if _, err := tx.ExecContext(ctx, sqlInsertBlob, b.Bytes, b.MIME, b.Width, b.Height); err != nil {
		return fmt.Errorf("store picture: %w", err)
	}
	return nil
}

// FindBlob returns a stored picture by the SHA-256 of its bytes, in hex.
func FindBlob(ctx context.Context, q postgres.Querier, sum string) (Blob, error) {
	raw, err := unhex(sum)
	if err != nil {
		return Blob{}, err
	}
	var b Blob
	if err := q.GetContext(ctx, &b, sqlBlob, raw); err != nil {
		return Blob{}, notFound(err, "There is no picture with that address.")
	}
	return b, nil
}

// notFound turns an empty answer into a NotFound error with a sentence, and wraps any other error.
func notFound(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, format, args...)
	}
	return fmt.Errorf("read the book: %w", err)
}

// refusedAs reports whether the database refused a write by the named constraint.
func refusedAs(err error, constraint string) bool { return postgres.Constraint(err) == constraint }

// hexOf writes a hash in hex.
func hexOf(sum []byte) string { return hex.EncodeToString(sum) }
