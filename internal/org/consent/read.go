package consent

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

type row struct {
	Uses
	ID        int64          `db:"id"`
	No        int            `db:"no"`
	Networks  pq.StringArray `db:"networks"`
	Languages pq.StringArray `db:"languages"`
	Until     civil.Date     `db:"until_date"`
	UntilAt   time.Time      `db:"until_at"`
	How       string         `db:"how"`
	Minor     bool           `db:"minor"`
	By        string         `db:"by_name"`
	At        time.Time      `db:"at"`
	Ended     string         `db:"ended"`
	Why       string         `db:"why"`
	EndedAt   *time.Time     `db:"ended_at"`
	ErasedAt  *time.Time     `db:"erased_at"`
}

func (r row) consent() Consent {
	c := Consent{
		Terms: Terms{Uses: r.Uses, Networks: r.Networks, Languages: r.Languages, Until: r.Until, How: r.How, Minor: r.Minor},
		ID:    r.ID, Version: r.No, Ends: r.UntilAt.UTC(), By: r.By, At: r.At.UTC(), Ended: r.Ended, Why: r.Why,
	}
	if r.EndedAt != nil {
		c.EndedAt = r.EndedAt.UTC()
	}
	if r.ErasedAt != nil {
		c.ErasedAt = r.ErasedAt.UTC()
	}
	return c
}

const sqlConsents = `
SELECT c.id, v.no, v.picture, v.name, v.words, v.networks, v.languages, v.until_date, v.until_at, v.how, v.minor, p.name AS by_name, c.at,
  coalesce(c.ended, '') AS ended, coalesce(c.why, '') AS why, c.ended_at, c.erased_at
FROM consents c
JOIN people p ON p.id = c.person_id
CROSS JOIN LATERAL (
  SELECT n.no, n.picture, n.name, n.words, n.networks, n.languages, n.until_date, n.until_at, n.how, n.minor
  FROM consent_versions n
  WHERE n.consent_id = c.id
  ORDER BY n.no DESC
  LIMIT 1
) v
WHERE $1::bigint[] IS NULL OR c.id = ANY ($1)
ORDER BY c.ended IS NOT NULL, c.id DESC`

// Some returns consents without who gave them, all where ids is nil: what everybody may know who sees their references.
func Some(ctx context.Context, q postgres.Querier, ids []int64) ([]Consent, error) {
	var only any
	if ids != nil {
		only = pq.Array(ids)
	}
	var rows []row
	if err := q.SelectContext(ctx, &rows, sqlConsents, only); err != nil {
		return nil, fmt.Errorf("read the ledger of consents: %w", err)
	}
	list := make([]Consent, len(rows))
	for i, r := range rows {
		list[i] = r.consent()
	}
	return list, nil
}

// Find returns a consent without who gave it. Who may see the reference of a consent may see that.
func Find(ctx context.Context, q postgres.Querier, id int64) (Consent, error) {
	list, err := Some(ctx, q, []int64{id})
	if err != nil {
		return Consent{}, err
	}
	if len(list) == 0 {
		return Consent{}, errNone()
	}
	return list[0], nil
}

// Entry is a line of the ledger: a consent with who gave it; nobody where it is erased.
type Entry struct {
	Consent
	Who Who
}

// List returns the whole ledger, what holds first, and logs that it was read.
func List(ctx context.Context, tx *postgres.Tx, keys seal.Keys, by people.Person) ([]Entry, error) {
	if err := Keeper(by); err != nil {
		return nil, err
	}
	list, err := Some(ctx, tx, nil)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(list))
	for i, c := range list {
		entries[i].Consent = c
		if entries[i].Who, err = open(ctx, tx, keys, c.ID, c.Version); err != nil {
			return nil, err
		}
	}
	return entries, audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "consent.read", Kind: "consent"})
}

// Open returns a consent with who gave it, and logs that it was read.
func Open(ctx context.Context, tx *postgres.Tx, keys seal.Keys, id int64, by people.Person) (Entry, error) {
	if err := Keeper(by); err != nil {
		return Entry{}, err
	}
	c, err := Find(ctx, tx, id)
	if err != nil {
		return Entry{}, err
	}
	who, err := open(ctx, tx, keys, id, c.Version)
	if err != nil {
		return Entry{}, err
	}
	return Entry{c, who}, audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "consent.read", Kind: "consent", ID: id})
}

const (
	sqlSealed = `
SELECT consent_id, no, sealed, key_id
FROM consent_versions
WHERE sealed IS NOT NULL
  AND ($1 = 0 OR consent_id = $1 AND no = $2)
ORDER BY consent_id, no`

	sqlReseal = `
UPDATE consent_versions
SET sealed = $3, key_id = $4
WHERE consent_id = $1
  AND no = $2`

	sqlErase = `
UPDATE consents
SET erased_at = $2, erased_by = $3
WHERE id = $1`

	sqlShred = `
UPDATE consent_versions
SET sealed = NULL, key_id = NULL
WHERE consent_id = $1`
)

type sealed struct {
	ID     int64  `db:"consent_id"`
	No     int    `db:"no"`
	Sealed []byte `db:"sealed"`
	KeyID  string `db:"key_id"`
}

func (s sealed) open(keys seal.Keys) (seal.Secret, error) {
	plain, err := keys.Open("consent "+Ref(s.ID), s.KeyID, s.Sealed, place(s.ID, s.No))
	if err != nil {
		return nil, fault.Wrap(fault.Conflict, err, "Consent %s does not open with the key that this daemon has. Put back the key file of the data folder.", Ref(s.ID))
	}
	return plain, nil
}

// open returns who a version is of; nobody where it is erased.
func open(ctx context.Context, q postgres.Querier, keys seal.Keys, id int64, version int) (Who, error) {
	var list []sealed
	if err := q.SelectContext(ctx, &list, sqlSealed, id, version); err != nil {
		return Who{}, fmt.Errorf("read consent %d: %w", id, err)
	}
	if len(list) == 0 {
		return Who{}, nil
	}
	plain, err := list[0].open(keys)
	if err != nil {
		return Who{}, err
	}
	var who Who
	if json.Unmarshal(plain, &who) != nil {
		return Who{}, fmt.Errorf("consent %d opens and is none", id) // the decoder's error may repeat what is sealed
	}
	return who, nil
}

// Reseal seals every version with the first key, as a new key needs it, and returns how many there are.
func Reseal(ctx context.Context, tx *postgres.Tx, keys seal.Keys) (int, error) {
	var list []sealed
	if err := tx.SelectContext(ctx, &list, sqlSealed, 0, 0); err != nil {
		return 0, fmt.Errorf("list what is sealed of consents: %w", err)
	}
	for _, s := range list {
		plain, err := s.open(keys)
		if err != nil {
			return 0, err
		}
		again, err := keys[0].Seal(nil, plain, place(s.ID, s.No))
		if err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, sqlReseal, s.ID, s.No, again, keys[0].ID()); err != nil {
			return 0, fmt.Errorf("seal consent %d anew: %w", s.ID, err)
		}
	}
	return len(list), nil
}

// Erase takes away who gave a consent, from every version, for ever. It has to have ended before. What was agreed to and when stays,
// with its reference.
func Erase(ctx context.Context, tx *postgres.Tx, id int64, by people.Person, now time.Time) error {
	if err := Keeper(by); err != nil {
		return err
	}
	c, err := Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	switch {
	case c.Ended == "":
		return fault.New(fault.Conflict, "Consent %s holds still. Withdraw it first; then who gave it can be erased.", c.Ref())
	case !c.ErasedAt.IsZero():
		return nil
	}
	for _, s := range []struct {
		statement string
		args      []any
	}{{sqlErase, []any{id, now, by.ID}}, {sqlShred, []any{id}}} {
		if _, err := tx.ExecContext(ctx, s.statement, s.args...); err != nil {
			return fmt.Errorf("erase who gave consent %d: %w", id, err)
		}
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "consent.erased", Kind: "consent", ID: id, Detail: map[string]any{"consent": c.Ref()}})
}
