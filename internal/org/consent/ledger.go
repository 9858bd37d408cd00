package consent

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

const (
	sqlRecord = `
INSERT INTO consents (at, person_id)
VALUES ($1, $2)
RETURNING id`

	sqlAddVersion = `
INSERT INTO consent_versions (consent_id, no, sealed, key_id, picture, name, words, networks, languages, until_date, until_at, how, minor, person_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

	sqlLock = `
SELECT id
FROM consents
WHERE id = $1
FOR UPDATE`

	sqlEnd = `
UPDATE consents
SET ended = $2, why = NULLIF($3, ''), ended_at = $4, ended_by = $5
WHERE id = $1`
)

// place is what a version is sealed for: it opens nowhere else.
func place(id int64, version int) string { return fmt.Sprintf("consent/%d/%d", id, version) }

// Record writes a new consent and returns its id. zone is the organisation's, in which its last day ends.
func Record(ctx context.Context, tx *postgres.Tx, key seal.Key, who Who, t Terms, by people.Person, now time.Time, zone *time.Location) (int64, error) {
	if err := Keeper(by); err != nil {
		return 0, err
	}
	who, t, err := check(who, t, now, zone)
	if err != nil {
		return 0, err
	}
	var id int64
	if err := tx.GetContext(ctx, &id, sqlRecord, now, by.ID); err != nil {
		return 0, fmt.Errorf("record a consent: %w", err)
	}
	if err := addVersion(ctx, tx, key, id, 1, who, t, by.ID, now, zone); err != nil {
		return 0, err
	}
	return id, written(ctx, tx, "consent.recorded", id, t, by)
}

// Amend writes a new version of a consent. seen is the version that the writer had before their eyes. What no longer is covered is for
// internal/flow/dispatch/consenting to hold and take down.
func Amend(ctx context.Context, tx *postgres.Tx, key seal.Key, id int64, seen int, who Who, t Terms, by people.Person, now time.Time, zone *time.Location) error {
	if err := Keeper(by); err != nil {
		return err
	}
	who, t, err := check(who, t, now, zone)
	if err != nil {
		return err
	}
	c, err := Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	switch {
	case c.Ended != "":
		return fault.New(fault.Conflict, "Consent %s has ended and is not changed any more. Record a new one.", c.Ref())
	case c.Version != seen:
		return fault.New(fault.Conflict, "Somebody changed consent %s meanwhile. Look at it, then change it again.", c.Ref())
	}
	if err := addVersion(ctx, tx, key, id, seen+1, who, t, by.ID, now, zone); err != nil {
		return err
	}
	return written(ctx, tx, "consent.amended", id, t, by)
}

func addVersion(ctx context.Context, tx *postgres.Tx, key seal.Key, id int64, no int, who Who, t Terms, by int64, now time.Time, zone *time.Location) error {
	plain, err := json.Marshal(who)
	if err != nil {
		return fmt.Errorf("write who consent %d is of: %w", id, err)
	}
	sealed, err := key.Seal(nil, plain, place(id, no))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlAddVersion, id, no, sealed, key.ID(), t.Picture, t.Name, t.Words, pq.StringArray(t.Networks), pq.StringArray(t.Languages),
		t.Until, civil.EndOfDay(t.Until, zone), t.How, t.Minor, by, now); err != nil {
		return fmt.Errorf("write version %d of consent %d: %w", no, id, err)
	}
	return nil
}

// written logs the terms, and nothing of the person.
func written(ctx context.Context, tx *postgres.Tx, action string, id int64, t Terms, by people.Person) error {
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "consent", ID: id, Detail: map[string]any{
		"consent": Ref(id), "picture": t.Picture, "name": t.Name, "words": t.Words, "networks": t.Networks, "languages": t.Languages,
		"until": t.Until.String(), "how": t.How, "minor": t.Minor,
	}})
}

// Lock locks a consent until the transaction ends and returns it: no post is submitted under it meanwhile.
func Lock(ctx context.Context, tx *postgres.Tx, id int64) (Consent, error) {
	var locked []int64
	if err := tx.SelectContext(ctx, &locked, sqlLock, id); err != nil {
		return Consent{}, fmt.Errorf("lock consent %d: %w", id, err)
	}
	return Find(ctx, tx, id)
}

// Withdraw ends a consent because the person, or who speaks for them, wants so. note is their own words, which are sealed. What becomes of
// posts is for internal/flow/dispatch/consenting.
func Withdraw(ctx context.Context, tx *postgres.Tx, keys seal.Keys, id int64, why, note string, by people.Person, now time.Time, zone *time.Location) error {
	if err := Keeper(by); err != nil {
		return err
	}
	if !slices.Contains(Whys(), why) {
		return fault.BadField("why", "say why it is withdrawn")
	}
	c, err := Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if c.Ended != "" {
		return fault.New(fault.Conflict, "Consent %s has ended already.", c.Ref())
	}
	if note = strings.TrimSpace(note); note != "" { // without, it ends even where the key is lost
		who, err := open(ctx, tx, keys, id, c.Version)
		if err != nil {
			return err
		}
		who.Ended = note
		if who, _, err = check(who, c.Terms, c.Ends.Add(-time.Second), zone); err != nil {
			return err
		}
		if err := addVersion(ctx, tx, keys[0], id, c.Version+1, who, c.Terms, by.ID, now, zone); err != nil {
			return err
		}
	}
	return end(ctx, tx, id, Withdrawn, why, by, now)
}

// Expire ends a consent whose last day has passed. It reports whether it did: another replica may have been first.
func Expire(ctx context.Context, tx *postgres.Tx, id int64, system people.Person, now time.Time) (bool, error) {
	c, err := Lock(ctx, tx, id)
	if err != nil || c.Ended != "" || now.Before(c.Ends) {
		return false, err
	}
	return true, end(ctx, tx, id, Expired, "", system, now)
}

func end(ctx context.Context, tx *postgres.Tx, id int64, how, why string, by people.Person, now time.Time) error {
	if _, err := tx.ExecContext(ctx, sqlEnd, id, how, why, now, by.ID); err != nil {
		return fmt.Errorf("end consent %d: %w", id, err)
	}
	detail := map[string]any{"consent": Ref(id)}
	if why != "" {
		detail["why"] = why
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "consent." + how, Kind: "consent", ID: id, Detail: detail})
}
