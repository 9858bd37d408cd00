// Package policy says how many people must approve a post, who among them, in what language and until when.
//
// The charity has one policy for posts in general and one for sensitive posts; a campaign may ask for more, and so may a message of a
// campaign file. What is asked for is only ever added up, never taken away. A submission keeps what its policy asked for when it
// was made, and the database counts by that; the package gives no verdicts.
package policy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Bounds of what a policy can ask for.
const (
	MostApprovals = 20
	MostHours     = 720 // thirty days
)

// Rest is how long words must have lain before reviewers until their author may approve them, where the policy allows that.
const Rest = 15 * time.Minute

// Policy is what a kind of post asks for before it may go out.
type Policy struct {
	Campaign    string   // empty is the charity's own
	Sensitive   bool     // for posts that are marked as sensitive; else for all others
	Approvals   int      // of how many people who did not write it
	Roles       []string // each is a role that somebody who approves has; an admin stands in for any
	Own         bool     // its author may approve it, [Rest] after it was submitted; never where Sensitive
	HoursBefore int      // by how long before its first instant it should be approved
	UpdatedBy   string
	UpdatedAt   time.Time
}

// Roles returns the roles that a policy can ask for.
func Roles() []string {
	return []string{string(people.RoleReviewer), string(people.RoleSafeguarding), string(people.RoleAdmin)}
}

const sqlAll = `
SELECT coalesce(o.campaign_id, '') AS campaign, o.sensitive, o.approvals, o.roles, o.own, o.hours_before, coalesce(p.name, '') AS updated_by, o.updated_at
FROM policies o
LEFT JOIN people p ON p.id = o.updated_by
ORDER BY o.campaign_id NULLS FIRST, o.sensitive`

type row struct {
	Campaign    string         `db:"campaign"`
	Sensitive   bool           `db:"sensitive"`
	Approvals   int            `db:"approvals"`
	Roles       pq.StringArray `db:"roles"`
	Own         bool           `db:"own"`
	HoursBefore int            `db:"hours_before"`
	UpdatedBy   string         `db:"updated_by"`
	UpdatedAt   time.Time      `db:"updated_at"`
}

// All returns every policy, the charity's own first.
func All(ctx context.Context, q postgres.Querier) ([]Policy, error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, sqlAll); err != nil {
		return nil, fmt.Errorf("list review policies: %w", err)
	}
	list := make([]Policy, len(rows))
	for i, r := range rows {
		list[i] = Policy{
			Campaign: r.Campaign, Sensitive: r.Sensitive, Approvals: r.Approvals, Roles: r.Roles, Own: r.Own,
			HoursBefore: r.HoursBefore, UpdatedBy: r.UpdatedBy, UpdatedAt: r.UpdatedAt.UTC(),
		}
	}
	return list, nil
}

const sqlCampaign = `
SELECT campaign_id
FROM editions
WHERE id = $1`

// For returns what a post asks for: the charity's policy with what its campaign and the post itself add. The edition is 0 for a
// post that stands alone.
func For(ctx context.Context, q postgres.Querier, edition int64, source post.Source) (Policy, error) {
	campaign := ""
	if edition != 0 {
		if err := q.GetContext(ctx, &campaign, sqlCampaign, edition); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return Policy{}, fmt.Errorf("read the campaign of edition %d: %w", edition, err)
		}
	}
	all, err := All(ctx, q)
	if err != nil {
		return Policy{}, err
	}
	p := Policy{Sensitive: source.Sensitive, Approvals: 1, Own: !source.Sensitive}
	for _, one := range all {
		if one.Sensitive == source.Sensitive && (one.Campaign == "" || one.Campaign == campaign) {
			p = p.and(one)
		}
	}
	var known []string
	for _, r := range source.Roles {
		if slices.Contains(Roles(), r) {
			known = append(known, r)
		}
	}
	// Where a campaign asks for more people or for certain ones, nobody clears their own words.
	own := source.Approvals <= 1 && len(known) == 0
	return p.and(Policy{Approvals: source.Approvals, Roles: known, Own: own}), nil
}

// and returns what two policies ask for together.
func (p Policy) and(o Policy) Policy {
	p.Approvals = max(p.Approvals, o.Approvals)
	p.HoursBefore = max(p.HoursBefore, o.HoursBefore)
	p.Own = p.Own && o.Own
	p.Roles = slices.Clone(p.Roles)
	for _, r := range o.Roles {
		if !slices.Contains(p.Roles, r) {
			p.Roles = append(p.Roles, r)
		}
	}
	slices.Sort(p.Roles)
	return p
}

const sqlSave = `
INSERT INTO policies (campaign_id, sensitive, approvals, roles, own, hours_before, updated_by, updated_at)
VALUES (nullif($1, ''), $2, $3, $4, $5, $6, $7, clock_timestamp())
ON CONFLICT (coalesce(campaign_id, ''), sensitive) DO UPDATE
SET approvals = excluded.approvals, roles = excluded.roles, own = excluded.own, hours_before = excluded.hours_before,
  updated_by = excluded.updated_by, updated_at = excluded.updated_at`

// Save writes a policy. What is before reviewers already keeps what it was submitted under.
func Save(ctx context.Context, tx *postgres.Tx, p Policy, by people.Person) error {
	if !by.May(people.PolicyManage) {
		return fault.New(fault.Forbidden, "Only an admin changes how posts are reviewed.")
	}
	if err := p.check(); err != nil {
		return err
	}
	if p.Roles == nil {
		p.Roles = []string{}
	}
	_, err := tx.ExecContext(ctx, sqlSave, p.Campaign, p.Sensitive, p.Approvals, pq.Array(p.Roles), p.Own, p.HoursBefore, by.ID)
	if postgres.Constraint(err) == "policies_campaign_id_fkey" {
		return fault.BadField("campaign", "there is no campaign %q", p.Campaign)
	}
	if err != nil {
		return fmt.Errorf("save a review policy: %w", err)
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "policy.saved", Kind: "policy", Detail: p.detail()})
}

const sqlRemove = `
DELETE FROM policies
WHERE campaign_id = $1
  AND sensitive = $2`

// Remove takes away what a campaign asks for beyond the charity's own policy.
func Remove(ctx context.Context, tx *postgres.Tx, campaign string, sensitive bool, by people.Person) error {
	if !by.May(people.PolicyManage) {
		return fault.New(fault.Forbidden, "Only an admin changes how posts are reviewed.")
	}
	res, err := tx.ExecContext(ctx, sqlRemove, campaign, sensitive)
	if err != nil {
		return fmt.Errorf("remove a review policy: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.NotFound, "That campaign has no policy of its own.")
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "policy.removed", Kind: "policy", Detail: Policy{Campaign: campaign, Sensitive: sensitive}.detail()})
}

func (p Policy) check() error {
	switch {
	case p.Approvals < 1 || p.Approvals > MostApprovals:
		return fault.BadField("approvals", "must be from 1 to %d", MostApprovals)
	case p.HoursBefore < 0 || p.HoursBefore > MostHours:
		return fault.BadField("hours", "must be from 0 to %d", MostHours)
	case p.Sensitive && p.Own:
		return fault.BadField("own", "the author of a sensitive post never approves it")
	}
	for _, r := range p.Roles {
		if !slices.Contains(Roles(), r) {
			return fault.BadField("roles", "%q is not a role whose approval can be asked for", r)
		}
	}
	return nil
}

func (p Policy) detail() map[string]any {
	return map[string]any{
		"campaign": p.Campaign, "sensitive": p.Sensitive, "approvals": p.Approvals, "roles": p.Roles, "own": p.Own, "hours_before": p.HoursBefore,
	}
}
