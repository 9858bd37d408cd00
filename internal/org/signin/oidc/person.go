package oidc

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// role returns the role that somebody's groups give.
func (p *Provider) role(groups []string) (people.Role, bool) {
	for _, m := range p.settings.Roles {
		if slices.Contains(groups, m.Group) {
			return m.Role, true
		}
	}
	return "", false
}

const sqlBySubject = `
SELECT person_id
FROM subjects
WHERE issuer = $1 AND subject = $2`

const sqlAddSubject = `
INSERT INTO subjects (issuer, subject, person_id)
VALUES ($1, $2, $3)`

const sqlIsKnownElsewhere = `
SELECT EXISTS (SELECT 1 FROM subjects WHERE issuer = $1 AND person_id = $2)`

// Person returns the person that the provider speaks of, with the role that the groups give now. At the first log-in an account
// is made, or the one with the same address is taken where the provider has checked the address.
func (p *Provider) Person(ctx context.Context, tx *postgres.Tx, who Identity) (people.Person, error) {
	role, ok := p.role(who.Groups)
	if !ok {
		return people.Person{}, fault.New(fault.Forbidden, "Your account at %s is in no group that has a role here. Nothing was made; ask an admin of your organisation.", p.settings.Label)
	}
	var id int64
	err := tx.GetContext(ctx, &id, sqlBySubject, who.Issuer, who.Subject)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if id, err = p.first(ctx, tx, who, role); err != nil {
			return people.Person{}, err
		}
	case err != nil:
		return people.Person{}, fmt.Errorf("find who %s speaks of: %w", who.Issuer, err)
	}
	person, err := people.ByID(ctx, tx, id)
	if err != nil {
		return people.Person{}, err
	}
	if person.Disabled || person.Role == people.RoleSystem || person.Role == people.RoleOutside {
		return people.Person{}, fault.New(fault.Forbidden, "Your access to Daymark has ended. Ask an admin of your organisation.")
	}
	if person.Role == role {
		return person, nil
	}
	if err := follow(ctx, tx, person, role); err != nil {
		return people.Person{}, err
	}
	return people.ByID(ctx, tx, id)
}

const sqlAddPerson = `
INSERT INTO people (email, name, role, languages)
VALUES ($1, $2, $3, '{}')
RETURNING id`

// first ties the provider's subject to a person, who is made where there is none.
func (p *Provider) first(ctx context.Context, tx *postgres.Tx, who Identity, role people.Role) (int64, error) {
	email := strings.ToLower(strings.TrimSpace(who.Email))
	if !who.Verified || !plausible(email) {
		return 0, fault.New(fault.Forbidden, "%s has not checked your e-mail address, or does not say it. Nothing was made; ask an admin of your organisation.", p.settings.Label)
	}
	person, err := people.ByEmail(ctx, tx, email)
	id := person.ID
	switch {
	case fault.Is(err, fault.NotFound):
		if id, err = add(ctx, tx, email, who.Name, role); err != nil {
			return 0, err
		}
	case err != nil:
		return 0, err
	case person.Disabled || person.Role == people.RoleSystem || person.Role == people.RoleOutside:
		return 0, fault.New(fault.Forbidden, "Your access to Daymark has ended, or is by links only. Ask an admin of your organisation.")
	default:
		var known bool
		if err := tx.GetContext(ctx, &known, sqlIsKnownElsewhere, who.Issuer, id); err != nil {
			return 0, fmt.Errorf("look who person %d is at %s: %w", id, who.Issuer, err)
		}
		if known {
			return 0, fault.New(fault.Forbidden, "The address %s belongs to another account of %s here. Nothing was changed; ask an admin of your organisation.", email, p.settings.Label)
		}
	}
	_, err = tx.ExecContext(ctx, sqlAddSubject, who.Issuer, who.Subject, id)
	if postgres.Constraint(err) == "subjects_pkey" {
		return 0, fault.Wrap(fault.Conflict, err, "You are logging in twice at once. Try once more.")
	}
	if err != nil {
		return 0, fmt.Errorf("tie person %d to %s: %w", id, who.Issuer, err)
	}
	return id, audit.Write(ctx, tx, audit.Entry{Person: id, Action: "person.tied", Kind: "person", ID: id, Detail: map[string]any{"issuer": who.Issuer}})
}

// plausible reports whether an address can be kept; the provider has checked that it is somebody's.
func plausible(email string) bool {
	local, domain, ok := strings.Cut(email, "@")
	return ok && local != "" && domain != "" && len(email) <= 254 && !strings.ContainsFunc(email, func(r rune) bool {
		return r > unicode.MaxASCII || r <= ' ' || r == 0x7f || strings.ContainsRune(`<>",;:\`, r)
	}) && !strings.Contains(domain, "@")
}

func add(ctx context.Context, tx *postgres.Tx, email, name string, role people.Role) (id int64, err error) {
	name = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(name, ""), func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
	if runes := []rune(name); len(runes) > 100 {
		name = string(runes[:100])
	}
	if name == "" {
		name = email
	}
	err = tx.GetContext(ctx, &id, sqlAddPerson, email, name, role)
	if postgres.Constraint(err) == "people_email_key" {
		return 0, fault.Wrap(fault.Conflict, err, "You are logging in twice at once. Try once more.")
	}
	if err != nil {
		return 0, fmt.Errorf("add a person: %w", err)
	}
	return id, audit.Write(ctx, tx, audit.Entry{
		Person: id, Action: "person.added", Kind: "person", ID: id, Detail: map[string]any{"email": email, "name": name, "role": string(role), "by": "identity provider"},
	})
}

// sqlLockAdmins makes those wait for each other who take the role of admin away.
const sqlLockAdmins = `
SELECT id
FROM people
WHERE role = 'admin' AND is_active(id)
ORDER BY id
FOR UPDATE`

const sqlSetRole = `
UPDATE people
SET role = $2
WHERE id = $1`

// follow gives a person the role of their groups. The last admin stays one.
func follow(ctx context.Context, tx *postgres.Tx, person people.Person, role people.Role) error {
	if person.Role == people.RoleAdmin {
		var admins []int64
		if err := tx.SelectContext(ctx, &admins, sqlLockAdmins); err != nil {
			return fmt.Errorf("look for admins: %w", err)
		}
		if len(admins) == 1 {
			return fault.New(fault.Conflict, "Your groups give you the role %s, but you are the last admin here. Make somebody else an admin first; nothing was changed.", role)
		}
	}
	if _, err := tx.ExecContext(ctx, sqlSetRole, person.ID, role); err != nil {
		return fmt.Errorf("give person %d the role %s: %w", person.ID, role, err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: person.ID, Action: "person.role_changed", Kind: "person", ID: person.ID,
		Detail: map[string]any{"from": string(person.Role), "to": string(role), "by": "identity provider"},
	})
}
