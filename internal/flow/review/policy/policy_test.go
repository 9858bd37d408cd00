package policy_test

import (
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review/policy"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// office is a database with a campaign, an edition of it and an admin.
type office struct {
	t       *testing.T
	db      *postgres.DB
	edition int64
	admin   people.Person
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, db: postgrestest.New(t, migrations.FS)}
	b := booktest.New(t, o.db)
	o.edition = b.Edition
	o.admin = people.Person{Name: "Boss", Role: people.RoleAdmin}
	if err := o.db.GetContext(t.Context(), &o.admin.ID, `INSERT INTO people (email, name, role) VALUES ('boss@example.org', 'Boss', 'admin') RETURNING id`); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) save(p policy.Policy, by people.Person) error {
	return o.db.InTx(o.t.Context(), func(tx *postgres.Tx) error { return policy.Save(o.t.Context(), tx, p, by) })
}

func (o *office) campaign() string {
	o.t.Helper()
	var id string
	if err := o.db.GetContext(o.t.Context(), &id, `SELECT campaign_id FROM editions WHERE id = $1`, o.edition); err != nil {
		o.t.Fatal(err)
	}
	return id
}

func (o *office) asks(edition int64, source post.Source) policy.Policy {
	o.t.Helper()
	p, err := policy.For(o.t.Context(), o.db, edition, source)
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

func TestACharityBeginsWithOneApprovalAndTwoForSensitivePosts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, tt := range []struct {
		name   string
		source post.Source
		want   policy.Policy
	}{
		{"a plain post", post.Source{}, policy.Policy{Approvals: 1, HoursBefore: 24}},
		{"a sensitive post", post.Source{Sensitive: true}, policy.Policy{Sensitive: true, Approvals: 2, HoursBefore: 24, Roles: []string{"safeguarding"}}},
		{"a message that asks for more", post.Source{Approvals: 3, Roles: []string{"safeguarding"}}, policy.Policy{Approvals: 3, HoursBefore: 24, Roles: []string{"safeguarding"}}},
		{"a message that asks for fewer", post.Source{Sensitive: true, Approvals: 1}, policy.Policy{Sensitive: true, Approvals: 2, HoursBefore: 24, Roles: []string{"safeguarding"}}},
		{"a role that is none of ours", post.Source{Roles: []string{"trustee"}}, policy.Policy{Approvals: 1, HoursBefore: 24}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := o.asks(o.edition, tt.source)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestACampaignOnlyEverAddsToWhatTheCharityAsks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, p := range []policy.Policy{
		{Approvals: 2, Own: true, HoursBefore: 12},
		{Campaign: o.campaign(), Approvals: 1, Roles: []string{"reviewer"}, HoursBefore: 48, Own: true},
	} {
		if err := o.save(p, o.admin); err != nil {
			t.Fatal(err)
		}
	}
	want := policy.Policy{Approvals: 2, Own: true, HoursBefore: 48, Roles: []string{"reviewer"}}
	if diff := cmp.Diff(want, o.asks(o.edition, post.Source{})); diff != "" {
		t.Errorf("a post of the campaign: -want +got\n%s", diff)
	}
	want = policy.Policy{Approvals: 2, Own: true, HoursBefore: 12}
	if diff := cmp.Diff(want, o.asks(0, post.Source{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("a post that stands alone: -want +got\n%s", diff)
	}
	if o.asks(o.edition, post.Source{Approvals: 2}).Own {
		t.Error("an author may approve a post for which its campaign asks for two people")
	}
	err := o.db.InTx(t.Context(), func(tx *postgres.Tx) error { return policy.Remove(t.Context(), tx, o.campaign(), false, o.admin) })
	if err != nil {
		t.Fatal(err)
	}
	if got := o.asks(o.edition, post.Source{}); got.HoursBefore != 12 {
		t.Errorf("the campaign's policy is still there: %+v", got)
	}
	rows, err := audit.List(t.Context(), o.db, audit.Filter{})
	if err != nil || len(rows) != 3 {
		t.Errorf("%d lines in the log, %v; want 3", len(rows), err)
	}
}

func TestAPolicyThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	good := policy.Policy{Approvals: 1}
	for _, tt := range []struct {
		name   string
		by     people.Person
		change func(*policy.Policy)
		kind   fault.Kind
	}{
		{"an editor", people.Person{ID: o.admin.ID, Role: people.RoleEditor}, func(*policy.Policy) {}, fault.Forbidden},
		{"nobody approves", o.admin, func(p *policy.Policy) { p.Approvals = 0 }, fault.Invalid},
		{"a whole town approves", o.admin, func(p *policy.Policy) { p.Approvals = policy.MostApprovals + 1 }, fault.Invalid},
		{"authors approve what is sensitive", o.admin, func(p *policy.Policy) { p.Sensitive, p.Own = true, true }, fault.Invalid},
		{"a role that approves nothing", o.admin, func(p *policy.Policy) { p.Roles = []string{"manager"} }, fault.Invalid},
		{"before the year began", o.admin, func(p *policy.Policy) { p.HoursBefore = policy.MostHours + 1 }, fault.Invalid},
		{"a campaign that is not there", o.admin, func(p *policy.Policy) { p.Campaign = "no-such" }, fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := good
			tt.change(&p)
			if err := o.save(p, tt.by); !fault.Is(err, tt.kind) {
				t.Errorf("got %v, want %v", err, tt.kind)
			}
		})
	}
	if diff := cmp.Diff(1, o.asks(0, post.Source{}).Approvals); diff != "" {
		t.Error(diff)
	}
}
