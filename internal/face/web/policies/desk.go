// Package policies is the desk for how posts are reviewed: how many people, who among them, until when, for the charity and for
// single campaigns.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. What a policy means is said by
// internal/flow/review/policy and held by the database.
package policies

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/review/policy"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db *postgres.DB
}

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// policiesPage shows every policy, with forms for who may change them.
type policiesPage struct {
	page.Frame
	Rows []row
	Add  form.Form // for a campaign that has none of its own
	May  bool
}

// row is one policy in words.
type row struct {
	ID      string
	Name    string
	Asks    []string // sentences
	By      string
	When    page.Moment
	Form    form.Form
	Removal string // where it is taken away; empty for the charity's own
}

// Show answers with how posts are reviewed.
func (d Desk) Show(r ask.Request) (ask.Answer, error) {
	p, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

const sqlCampaigns = `
SELECT id, coalesce(title->>'en', id) AS title
FROM campaigns
ORDER BY 2, 1`

type campaign struct {
	ID    string `db:"id"`
	Title string `db:"title"`
}

func (d Desk) campaigns(ctx context.Context) ([]campaign, error) {
	var list []campaign
	if err := d.db.SelectContext(ctx, &list, sqlCampaigns); err != nil {
		return nil, fmt.Errorf("list campaigns: %w", err)
	}
	return list, nil
}

func (d Desk) page(r ask.Request) (*policiesPage, error) {
	t := r.Words.T
	p := &policiesPage{Frame: page.Frame{Template: "policies", Title: t("policy.title"), Door: "policy"}, May: r.Person.May(people.PolicyManage)}
	all, err := policy.All(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	campaigns, err := d.campaigns(r.Context())
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		p.Rows = append(p.Rows, rowOf(r, one, campaigns))
	}
	options := []page.Option{{Value: "", Word: t("policy.choose")}}
	for _, c := range campaigns {
		options = append(options, page.Option{Value: c.ID, Word: c.Title})
	}
	p.Add = form.Form{ID: "add", Action: "/policy", Button: t("policy.add"), Groups: []form.Group{{Controls: append([]form.Control{
		form.Choice("campaign", t("policy.campaign"), "", options),
		form.Choice("sensitive", t("policy.for"), "no", yesNo(t("policy.sensitive"), t("policy.plain"))),
	}, controls(r, policy.Policy{Approvals: 1, HoursBefore: 24})...)}}}
	return p, nil
}

func yesNo(yes, no string) []page.Option {
	return []page.Option{{Value: "no", Word: no}, {Value: "yes", Word: yes}}
}

// controls are the fields of a policy.
func controls(r ask.Request, p policy.Policy) []form.Control {
	t := r.Words.T
	roles := []page.Option{{Value: "", Word: t("policy.anybody")}}
	for _, role := range policy.Roles() {
		roles = append(roles, page.Option{Value: role, Word: t("role." + role)})
	}
	if len(p.Roles) > 1 { // as a campaign file may ask for
		roles = append(roles, page.Option{Value: strings.Join(p.Roles, " "), Word: words(r, p.Roles)})
	}
	own := "no"
	if p.Own {
		own = "yes"
	}
	list := []form.Control{
		form.Exact("approvals", "number", t("policy.approvals"), strconv.Itoa(p.Approvals)).Hinted(t("policy.approvals.hint")),
		form.Choice("roles", t("policy.roles"), strings.Join(p.Roles, " "), roles).Hinted(t("policy.roles.hint")),
		form.Exact("hours", "number", t("policy.hours"), strconv.Itoa(p.HoursBefore)).Hinted(t("policy.hours.hint")),
	}
	if !p.Sensitive {
		list = append(list, form.Choice("own", t("policy.own"), own, yesNo(t("policy.own.yes"), t("policy.own.no"))).Hinted(t("policy.own.hint")))
	}
	return list
}

func words(r ask.Request, roles []string) string {
	list := make([]string, len(roles))
	for i, role := range roles {
		list[i] = r.Words.T("role." + role)
	}
	return strings.Join(list, ", ")
}

func rowOf(r ask.Request, p policy.Policy, campaigns []campaign) row {
	t := r.Words.T
	kind := "plain"
	if p.Sensitive {
		kind = "sensitive"
	}
	one := row{ID: "policy-" + kind, Name: t("policy." + kind), By: p.UpdatedBy, When: r.Words.Moment(p.UpdatedAt, r.Zone)}
	action := "/policy"
	if p.Campaign != "" {
		one.ID += "-" + p.Campaign
		title := p.Campaign
		if at := slices.IndexFunc(campaigns, func(c campaign) bool { return c.ID == p.Campaign }); at >= 0 {
			title = campaigns[at].Title
		}
		one.Name = title + ": " + t("policy."+kind)
		one.Removal = "/policy/" + url.PathEscape(p.Campaign) + "/" + kind + "/remove"
	}
	one.Asks = append(one.Asks, t("policy.asks", p.Approvals))
	if len(p.Roles) > 0 {
		one.Asks = append(one.Asks, t("policy.asks.roles", words(r, p.Roles)))
	}
	one.Asks = append(one.Asks, t("policy.asks.hours", p.HoursBefore))
	if p.Own {
		one.Asks = append(one.Asks, t("policy.asks.own"))
	}
	one.Form = form.Form{ID: one.ID + "-form", Action: action, Button: t("policy.save"), Groups: []form.Group{{Controls: prefixed(one.ID, controls(r, p))}}}
	one.Form.Seen = p.Campaign + "/" + kind
	return one
}

// prefixed makes the ids of fields their own on a page with several forms.
func prefixed(id string, list []form.Control) []form.Control {
	for i := range list {
		list[i].ID = id + "-" + list[i].ID
	}
	return list
}

// Save keeps a policy.
func (d Desk) Save(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, prefix, err := typed(r.PostForm)
	if err == nil {
		err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return policy.Save(r.Context(), tx, p, r.Person) })
	}
	if err == nil {
		return ask.Answer{To: "/policy", Said: r.Words.T("policy.saved")}, nil
	}
	if !fault.Is(err, fault.Invalid) {
		return ask.Answer{}, err
	}
	shown, again := d.page(r)
	if again != nil {
		return ask.Answer{}, again
	}
	target := &shown.Add
	for i := range shown.Rows {
		if shown.Rows[i].ID == prefix {
			target = &shown.Rows[i].Form
		}
	}
	target.Mend(r.PostForm, r.Words.Problems(err))
	return ask.Again(shown), nil
}

// typed reads a policy as it was typed, and the id of the row whose form it was; empty for the form that adds one.
func typed(f url.Values) (p policy.Policy, prefix string, err error) {
	p.Campaign, p.Sensitive = strings.TrimSpace(f.Get("campaign")), f.Get("sensitive") == "yes"
	at := ""
	if campaign, kind, ok := strings.Cut(f.Get("seen"), "/"); ok {
		p.Campaign, p.Sensitive = campaign, kind == "sensitive"
		prefix = "policy-" + kind
		if campaign != "" {
			prefix += "-" + campaign
		}
		at = prefix + "-"
	} else if p.Campaign == "" {
		return p, "", fault.BadField("campaign", "choose a campaign")
	}
	if p.Approvals, err = strconv.Atoi(strings.TrimSpace(f.Get(at + "approvals"))); err != nil {
		return p, prefix, fault.BadField("approvals", "must be a number from 1 to %d", policy.MostApprovals)
	}
	if p.HoursBefore, err = strconv.Atoi(strings.TrimSpace(f.Get(at + "hours"))); err != nil {
		return p, prefix, fault.BadField("hours", "must be a number from 0 to %d", policy.MostHours)
	}
	p.Roles, p.Own = strings.Fields(f.Get(at+"roles")), f.Get(at+"own") == "yes"
	return p, prefix, nil
}

// Remove takes away what a campaign asks for by itself.
func (d Desk) Remove(r ask.Request) (ask.Answer, error) {
	err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return policy.Remove(r.Context(), tx, r.PathValue("campaign"), r.PathValue("kind") == "sensitive", r.Person)
	})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/policy", Said: r.Words.T("policy.removed")}, nil
}
