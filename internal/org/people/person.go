// Package people is who works with Daymark: persons, their roles and what these may do, passwords, sessions.
//
// A person is added, may be disabled, and is never removed, because the audit log and old verdicts name them. Daymark itself is
// a person too (role system), so that the posts it plans have an author. The rooms below it invite people, change what they may
// do, say what lies within their limits, give new passwords and slow down who guesses them.
package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Person is somebody who works with Daymark.
type Person struct {
	ID        int64
	Email     string
	Name      string
	Role      Role
	Languages []string // BCP 47 tags of the languages the person can judge
	Labels    []string // limited to channels that have one of these; empty is all, but for a chapter lead none
	Campaigns []string // limited to these campaigns; empty is all
	Interface string   // the language of the pages; empty is as the browser asks
	Disabled  bool     // or past the end of their access
	// Stamp changes with the password. A session keeps the stamp it began with; when the two differ, the session is over.
	Stamp string
}

// Limited reports whether the person sees only some channels or campaigns.
func (p Person) Limited() bool {
	return len(p.Labels) > 0 || len(p.Campaigns) > 0 || p.Role == RoleChapter
}

type personRow struct {
	ID        int64          `db:"id"`
	Email     string         `db:"email"`
	Name      string         `db:"name"`
	Role      Role           `db:"role"`
	Languages pq.StringArray `db:"languages"`
	Labels    pq.StringArray `db:"labels"`
	Campaigns pq.StringArray `db:"campaigns"`
	Interface string         `db:"interface"`
	Disabled  bool           `db:"disabled"`
	Stamp     string         `db:"stamp"`
}

func (r personRow) person() Person {
	p := Person{ID: r.ID, Email: r.Email, Name: r.Name, Role: r.Role, Interface: r.Interface, Disabled: r.Disabled, Stamp: r.Stamp}
	if len(r.Languages) > 0 {
		p.Languages = r.Languages
	}
	if len(r.Labels) > 0 {
		p.Labels = r.Labels
	}
	if len(r.Campaigns) > 0 {
		p.Campaigns = r.Campaigns
	}
	return p
}

const sqlByID = `
SELECT id, email, name, role, languages, labels, campaigns, COALESCE(interface, '') AS interface, NOT is_active(id) AS disabled,
       left(encode(sha256(convert_to(COALESCE(password_hash, ''), 'UTF8')), 'hex'), 16) AS stamp
FROM people
WHERE id = $1`

// ByID returns a person, disabled ones too.
func ByID(ctx context.Context, q postgres.Querier, id int64) (Person, error) {
	return one(ctx, q, fmt.Sprintf("There is no person with the number %d", id), sqlByID, id)
}

const sqlByEmail = `
SELECT id, email, name, role, languages, labels, campaigns, COALESCE(interface, '') AS interface, NOT is_active(id) AS disabled,
       left(encode(sha256(convert_to(COALESCE(password_hash, ''), 'UTF8')), 'hex'), 16) AS stamp
FROM people
WHERE email = $1`

// ByEmail returns the person with an address, disabled ones too.
func ByEmail(ctx context.Context, q postgres.Querier, email string) (Person, error) {
	return one(ctx, q, fmt.Sprintf("There is no person with the address %q", email), sqlByEmail, normalise(email))
}

const sqlSystem = `
SELECT id, email, name, role, languages, labels, campaigns, COALESCE(interface, '') AS interface, NOT is_active(id) AS disabled, '' AS stamp
FROM people
WHERE role = 'system'`

// System returns Daymark itself: the author of what the planner writes.
func System(ctx context.Context, q postgres.Querier) (Person, error) {
	return one(ctx, q, "The database has no person for Daymark itself; its migrations have not run", sqlSystem)
}

func one(ctx context.Context, q postgres.Querier, none, query string, args ...any) (Person, error) {
	var row personRow
	err := q.GetContext(ctx, &row, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return Person{}, fault.New(fault.NotFound, "%s", none)
	}
	if err != nil {
		return Person{}, fmt.Errorf("read a person: %w", err)
	}
	return row.person(), nil
}

const sqlList = `
SELECT id, email, name, role, languages, labels, campaigns, COALESCE(interface, '') AS interface, NOT is_active(id) AS disabled,
       left(encode(sha256(convert_to(COALESCE(password_hash, ''), 'UTF8')), 'hex'), 16) AS stamp
FROM people
WHERE role <> 'system'
ORDER BY disabled_at IS NOT NULL, lower(name), id`

// List returns everybody but Daymark itself by name, disabled people last.
func List(ctx context.Context, q postgres.Querier) ([]Person, error) {
	var rows []personRow
	if err := q.SelectContext(ctx, &rows, sqlList); err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	list := make([]Person, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.person())
	}
	return list, nil
}

const sqlCount = `
SELECT count(*)
FROM people
WHERE role <> 'system'`

// Count returns how many people there are, Daymark itself not counted. Zero means that the first run is still to come.
func Count(ctx context.Context, q postgres.Querier) (int, error) {
	var n int
	if err := q.GetContext(ctx, &n, sqlCount); err != nil {
		return 0, fmt.Errorf("count people: %w", err)
	}
	return n, nil
}

// NewPerson is what [Add] needs to know.
type NewPerson struct {
	Email     string
	Name      string
	Role      Role
	Languages []string
	Password  string
	Cost      Cost // zero for [DefaultCost]
}

const sqlAdd = `
INSERT INTO people (email, name, role, languages, password_hash)
VALUES ($1, $2, $3, $4, $5)
RETURNING id`

// Add adds a person with a password; by is who adds, 0 for the first admin and for Daymark itself. What is wrong with the
// input comes back all at once.
func Add(ctx context.Context, tx *postgres.Tx, n NewPerson, by int64) (Person, error) {
	n, err := check(n)
	if err != nil {
		return Person{}, err
	}
	hash, err := hashPassword(ctx, n.Password, n.Cost)
	if err != nil {
		return Person{}, err
	}
	var id int64
	err = tx.GetContext(ctx, &id, sqlAdd, n.Email, n.Name, n.Role, pq.StringArray(n.Languages), hash)
	if postgres.Constraint(err) == "people_email_key" {
		return Person{}, fault.Wrap(fault.Conflict, err, "There is already a person with the address %s", n.Email)
	}
	if err != nil {
		return Person{}, fmt.Errorf("add a person: %w", err)
	}
	if err := audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "person.added", Kind: "person", ID: id,
		Detail: map[string]any{"email": n.Email, "name": n.Name, "role": string(n.Role), "languages": n.Languages},
	}); err != nil {
		return Person{}, err
	}
	return ByID(ctx, tx, id)
}

// sqlLockAdmins makes those who disable admins wait for each other, so that the last two cannot disable one another. An admin whose
// access ends one day is not one that stays.
const sqlLockAdmins = `
SELECT id
FROM people
WHERE role = 'admin' AND disabled_at IS NULL AND access_until IS NULL
ORDER BY id
FOR UPDATE`

// KeepAnAdmin refuses what takes the last admin away whose access does not end, and makes those who take one wait for each other.
// Call it before the change.
func KeepAnAdmin(ctx context.Context, tx *postgres.Tx, without Person) error {
	var admins []int64
	if err := tx.SelectContext(ctx, &admins, sqlLockAdmins); err != nil {
		return fmt.Errorf("look for the admins: %w", err)
	}
	if len(admins) == 1 && admins[0] == without.ID {
		return fault.New(fault.Conflict, "%s is the last admin whose access does not end; make somebody else an admin first", without.Name)
	}
	return nil
}

const sqlDisable = `
UPDATE people
SET disabled_at = clock_timestamp()
WHERE id = $1 AND disabled_at IS NULL AND role <> 'system'`

// Disable ends a person's access; by is who does it. The last admin stays. It is no error when the person is disabled already.
func Disable(ctx context.Context, tx *postgres.Tx, id, by int64) error {
	p, err := ByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if p.Role == RoleSystem {
		return fault.New(fault.Conflict, "Daymark itself cannot be disabled; pause the sending instead")
	}
	if err := KeepAnAdmin(ctx, tx, p); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, sqlDisable, id)
	if err != nil {
		return fmt.Errorf("disable person %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 { // disabled already
		return err
	}
	if err := EndSessions(ctx, tx, id); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by, Action: "person.disabled", Kind: "person", ID: id})
}

func normalise(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
