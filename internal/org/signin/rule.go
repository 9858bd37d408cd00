// Package signin says whom Daymark asks for a second step after the password: nobody, admins, or everybody.
//
// The ways to log in lie in the rooms below: codes of an app in totp, passkeys in passkey, an identity provider in oidc. A passkey
// and an identity provider check who somebody is by two things themselves; the rule is about passwords. The package knows no page.
package signin

import (
	"context"
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Rule is whom a second step is asked of.
type Rule string

// The rules.
const (
	Nobody    Rule = "none"
	Admins    Rule = "admins"
	Everybody Rule = "all"
)

// Rules returns the rules, the mildest first.
func Rules() []Rule { return []Rule{Nobody, Admins, Everybody} }

// Asks reports whether the rule asks a second step of somebody.
func (r Rule) Asks(p people.Person) bool {
	return r == Everybody || r == Admins && p.Role == people.RoleAdmin
}

const sqlRule = `
SELECT second_step
FROM signin_rule`

// RuleNow returns the rule of the organisation.
func RuleNow(ctx context.Context, q postgres.Querier) (Rule, error) {
	var r Rule
	if err := q.GetContext(ctx, &r, sqlRule); err != nil {
		return "", fmt.Errorf("read whom a second step is asked of: %w", err)
	}
	return r, nil
}

const sqlSetRule = `
UPDATE signin_rule
SET second_step = $1`

// SetRule changes the rule. It holds from everybody's next log-in on.
func SetRule(ctx context.Context, tx *postgres.Tx, r Rule, by people.Person) error {
	if !by.May(people.PeopleManage) {
		return fault.New(fault.Forbidden, "Your role does not allow saying who needs a second step.")
	}
	if r != Nobody && r != Admins && r != Everybody {
		return fault.BadField("rule", "choose nobody, admins or everybody")
	}
	if _, err := tx.ExecContext(ctx, sqlSetRule, r); err != nil {
		return fmt.Errorf("set whom a second step is asked of: %w", err)
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "signin.rule_changed", Kind: "signin", Detail: map[string]any{"second_step": string(r)}})
}

const sqlHasPassword = `
SELECT coalesce(password_hash, '') <> ''
FROM people
WHERE id = $1`

// HasPassword reports whether a person can log in with a password: who came by an identity provider has none.
func HasPassword(ctx context.Context, q postgres.Querier, person int64) (has bool, err error) {
	if err := q.GetContext(ctx, &has, sqlHasPassword, person); err != nil {
		return false, fmt.Errorf("look whether person %d has a password: %w", person, err)
	}
	return has, nil
}
