package helpline

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/org/helpline/entry"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Loaded says what a file did to the records.
type Loaded struct {
	Added   int
	Changed int // in a record that no person has edited
	Kept    int // a person's record stays as it is, and the file says something else since
}

const sqlFiles = `
SELECT id, file_sha256
FROM helplines
ORDER BY id
FOR UPDATE`

const sqlFileSays = `
UPDATE helplines
SET file_sha256 = $2
WHERE id = $1`

// sqlFollow keeps a retired helpline retired: taking it out of use was a person's doing.
const sqlFollow = `
UPDATE helplines
SET version = $2, body = $3, sha256 = $4, country = $5, purpose = $6, check_days = $7, file_sha256 = $4, updated_by = $8, updated_at = $9
WHERE id = $1`

// LoadFile takes the helplines of a file into the database. They arrive unchecked. What a person edited or took out of use stays
// so, and [Record.FileDiffers] tells that the file says something else; a helpline that is no longer in the file stays too. A
// file that was loaded before changes nothing.
func LoadFile(ctx context.Context, tx *postgres.Tx, list []campaign.Helpline, by people.Person, now time.Time) (Loaded, error) {
	var done Loaded
	if !by.May(people.CampaignLoad) {
		return done, fault.New(fault.Forbidden, "Your role does not allow loading helplines.")
	}
	for _, h := range list {
		if problems := entry.Problems(entry.Clean(h)); len(problems) > 0 || h.Invented {
			return done, fault.Wrap(fault.Invalid, fault.BadFields(problems), "The helpline %q of the file cannot be used", h.ID)
		}
	}
	err := followFile(ctx, tx, list, by, now, &done)
	return done, err
}

// followFile adds what is new and brings the records that no person has edited to what the file says.
func followFile(ctx context.Context, tx *postgres.Tx, list []campaign.Helpline, by people.Person, now time.Time, done *Loaded) error {
	var rows []struct {
		ID   string `db:"id"`
		Says []byte `db:"file_sha256"`
	}
	if err := tx.SelectContext(ctx, &rows, sqlFiles); err != nil {
		return fmt.Errorf("load helplines: %w", err)
	}
	says := map[string][]byte{}
	for _, row := range rows {
		says[row.ID] = row.Says
	}
	for _, h := range list {
		h = entry.Clean(h)
		body, sum, err := post.Canonical(h)
		if err != nil {
			return fmt.Errorf("load helpline %s: %w", h.ID, err)
		}
		if bytes.Equal(says[h.ID], sum[:]) {
			continue
		}
		if err := follow(ctx, tx, h, body, sum[:], by, now, done); err != nil {
			return err
		}
	}
	return nil
}

func follow(ctx context.Context, tx *postgres.Tx, h campaign.Helpline, body, sum []byte, by people.Person, now time.Time, done *Loaded) error {
	made, err := insert(ctx, tx, h, FromFile, by, now)
	if err != nil {
		return err
	}
	if made {
		done.Added++
		return write(ctx, tx, "helpline.loaded", h, 1, by)
	}
	was, err := lock(ctx, tx, h.ID)
	if err != nil || was.Origin == FromFile && reflect.DeepEqual(was.Helpline, h) {
		return err // another daemon loaded it at the same moment
	}
	if was.Origin == FromPerson {
		if _, err := tx.ExecContext(ctx, sqlFileSays, h.ID, sum); err != nil {
			return fmt.Errorf("load helpline %s: %w", h.ID, err)
		}
		done.Kept++
		return nil
	}
	version := was.Version
	if dials(h) != dials(was.Helpline) {
		version++
	}
	if _, err := tx.ExecContext(ctx, sqlFollow, h.ID, version, body, sum, h.Country, h.Purpose, h.CheckDays, by.ID, now); err != nil {
		return fmt.Errorf("load helpline %s: %w", h.ID, err)
	}
	done.Changed++
	return write(ctx, tx, "helpline.loaded", h, version, by)
}
