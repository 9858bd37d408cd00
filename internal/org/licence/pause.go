package licence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Scope is what a pause stops.
type Scope string

// The scopes of a pause. All but Everything go with an id: the network's name, the channel's number, the campaign's id.
const (
	Everything Scope = "everything"
	Network    Scope = "network"
	OneChannel Scope = "channel"
	Campaign   Scope = "campaign"
)

// Cause is why there is a pause.
type Cause string

// The causes of a pause: somebody wanted it, or the sending licence is lost.
const (
	ByPerson  Cause = "person"
	ByLicence Cause = "licence"
)

// Pause is a stop of the sending that is in force.
type Pause struct {
	ID         int64
	Scope      Scope
	ScopeID    string // empty for Everything
	Cause      Cause
	Reason     string
	Person     int64 // 0 is Daymark itself
	PersonName string
	At         time.Time // real time, in UTC
}

type pauseRow struct {
	ID         int64     `db:"id"`
	Scope      Scope     `db:"scope"`
	ScopeID    string    `db:"scope_id"`
	Cause      Cause     `db:"cause"`
	Reason     string    `db:"reason"`
	PersonID   int64     `db:"person_id"`
	PersonName string    `db:"person_name"`
	At         time.Time `db:"at"`
}

func (r pauseRow) pause() Pause {
	return Pause{
		ID: r.ID, Scope: r.Scope, ScopeID: r.ScopeID, Cause: r.Cause, Reason: r.Reason,
		Person: r.PersonID, PersonName: r.PersonName, At: r.At.UTC(),
	}
}

// sqlActive reads the partial index one_pause.
const sqlActive = `
SELECT p.id, p.scope, COALESCE(p.scope_id, '') AS scope_id, p.cause, p.reason,
       COALESCE(p.person_id, 0) AS person_id, COALESCE(w.name, '') AS person_name, p.at
FROM pauses p
LEFT JOIN people w ON w.id = p.person_id
WHERE p.lifted_at IS NULL
ORDER BY p.id`

// Active returns the pauses that are in force, oldest first.
func Active(ctx context.Context, q postgres.Querier) ([]Pause, error) {
	var rows []pauseRow
	if err := q.SelectContext(ctx, &rows, sqlActive); err != nil {
		return nil, fmt.Errorf("list pauses: %w", err)
	}
	list := make([]Pause, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.pause())
	}
	return list, nil
}

// NewPause is what [Raise] needs to know.
type NewPause struct {
	Scope   Scope
	ScopeID string
	Cause   Cause
	Reason  string
	By      int64 // the person; 0 is Daymark itself
}

const maxReason = 500

const sqlRaise = `
INSERT INTO pauses (scope, scope_id, cause, reason, person_id)
VALUES ($1, NULLIF($2, ''), $3, $4, NULLIF($5::bigint, 0))
ON CONFLICT (scope, (COALESCE(scope_id, '')), cause) WHERE lifted_at IS NULL DO NOTHING
RETURNING id`

const sqlSame = `
SELECT p.id, p.scope, COALESCE(p.scope_id, '') AS scope_id, p.cause, p.reason,
       COALESCE(p.person_id, 0) AS person_id, COALESCE(w.name, '') AS person_name, p.at
FROM pauses p
LEFT JOIN people w ON w.id = p.person_id
WHERE p.lifted_at IS NULL AND p.scope = $1 AND COALESCE(p.scope_id, '') = $2 AND p.cause = $3`

// Raise puts a pause in force and returns it; where one of the same scope and cause is in force already, it returns that one.
func Raise(ctx context.Context, tx *postgres.Tx, n NewPause) (Pause, error) {
	n.Reason = strings.TrimSpace(n.Reason)
	if err := checkPause(n); err != nil {
		return Pause{}, err
	}
	var id int64
	err := tx.GetContext(ctx, &id, sqlRaise, n.Scope, n.ScopeID, n.Cause, n.Reason, n.By)
	raised := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Pause{}, fmt.Errorf("pause %s: %w", n.Scope, err)
	}
	var row pauseRow
	if err := tx.GetContext(ctx, &row, sqlSame, n.Scope, n.ScopeID, n.Cause); err != nil {
		return Pause{}, fmt.Errorf("pause %s: %w", n.Scope, err)
	}
	if !raised {
		return row.pause(), nil
	}
	return row.pause(), audit.Write(ctx, tx, audit.Entry{
		Person: n.By, Action: "pause.raised", Kind: "pause", ID: id,
		Detail: map[string]any{"scope": string(n.Scope), "scope_id": n.ScopeID, "cause": string(n.Cause), "reason": n.Reason},
	})
}

func checkPause(n NewPause) error {
	var problems []fault.Problem
	switch n.Scope {
	case Everything:
		if n.ScopeID != "" {
			problems = append(problems, fault.Problem{Field: "scope", Message: "everything is paused as a whole; name no part of it"})
		}
	case Network, OneChannel, Campaign:
		if n.ScopeID == "" {
			problems = append(problems, fault.Problem{Field: "scope", Message: fmt.Sprintf("say which %s to pause", n.Scope)})
		}
	default:
		problems = append(problems, fault.Problem{Field: "scope", Message: fmt.Sprintf("%q cannot be paused; use everything, network, channel or campaign", n.Scope)})
	}
	if n.Cause != ByPerson && n.Cause != ByLicence {
		problems = append(problems, fault.Problem{Field: "cause", Message: fmt.Sprintf("%q is not a cause; use person or licence", n.Cause)})
	}
	if n.Reason == "" {
		problems = append(problems, fault.Problem{Field: "reason", Message: "say why, for those who will decide whether to go on"})
	} else if count := utf8.RuneCountInString(n.Reason); count > maxReason {
		problems = append(problems, fault.Problem{Field: "reason", Message: fmt.Sprintf("has %d characters; use at most %d", count, maxReason)})
	}
	return fault.BadFields(problems)
}

const sqlCause = `
SELECT cause
FROM pauses
WHERE id = $1 AND lifted_at IS NULL
FOR UPDATE`

const sqlLift = `
UPDATE pauses
SET lifted_at = clock_timestamp(), lifted_by = NULLIF($2::bigint, 0)
WHERE id = $1`

// Lift ends a pause that a person raised; by is who ends it. The pause for a lost licence ends only by [Take].
func Lift(ctx context.Context, tx *postgres.Tx, id, by int64) error {
	var cause Cause
	err := tx.GetContext(ctx, &cause, sqlCause, id)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "There is no pause with the number %d in force", id)
	}
	if err != nil {
		return fmt.Errorf("lift pause %d: %w", id, err)
	}
	if cause == ByLicence {
		return fault.New(fault.Conflict, "Daymark paused because it may not send from this database; an admin takes the licence, which also ends the pause")
	}
	return lift(ctx, tx, id, by)
}

func lift(ctx context.Context, tx *postgres.Tx, id, by int64) error {
	if _, err := tx.ExecContext(ctx, sqlLift, id, by); err != nil {
		return fmt.Errorf("lift pause %d: %w", id, err)
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by, Action: "pause.lifted", Kind: "pause", ID: id})
}

const sqlLicencePauses = `
SELECT id
FROM pauses
WHERE cause = 'licence' AND lifted_at IS NULL
ORDER BY id
FOR UPDATE`

// liftLicence ends the pauses for a lost licence.
func liftLicence(ctx context.Context, tx *postgres.Tx, by int64) error {
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, sqlLicencePauses); err != nil {
		return fmt.Errorf("lift the pause for the licence: %w", err)
	}
	for _, id := range ids {
		if err := lift(ctx, tx, id, by); err != nil {
			return err
		}
	}
	return nil
}
