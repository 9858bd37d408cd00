// Package members is the desk for who works with Daymark: inviting people, what each may do and until when, and one's own password
// and sessions.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The rules are held by the rooms below
// org/people; the room reads and arranges.
package members

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/session"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/people/invitation"
	"daymark/internal/org/people/membership"
	"daymark/internal/org/profile"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	DB       *postgres.DB
	Sessions session.Sessions
	Keys     seal.Keys        // the first one seals letters
	Public   *url.URL         // where people reach Daymark; without a host, where the request came
	Now      func() time.Time // real time
}

// listPage shows everybody, with what is open of invitations.
type listPage struct {
	page.Frame
	Rows    []personRow
	Open    []invitedRow
	Link    string // of an invitation just made; shown this once
	LinkFor string
	Add     form.Form
}

// personRow is a person on the list.
type personRow struct {
	URL       string // empty where nothing about them is changed here
	Name      string
	Email     string
	Role      string
	Languages string
	Limits    string
	State     string
	Until     string // the last day of access
}

// invitedRow is an invitation that nobody took up yet.
type invitedRow struct {
	Email  string
	Role   string
	By     string
	Over   bool
	Until  page.Moment
	Remove string
}

// List answers with everybody.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	p, err := d.list(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) list(r ask.Request) (*listPage, error) {
	t := r.Words.T
	p := &listPage{Frame: page.Frame{Template: "people", Title: t("people.title"), Door: "people"}}
	all, err := membership.List(r.Context(), d.DB)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		one := personRow{
			URL: fmt.Sprintf("/people/%d", m.ID), Name: m.Name, Email: m.Email, Role: t("role." + string(m.Role)), Languages: r.Words.Tongues(m.Languages),
			Limits: strings.Join(append(append([]string{}, m.Labels...), m.Campaigns...), ", "), State: t("people." + state(m)),
		}
		if day := lastDay(m.Until, r.Zone); day != "" {
			one.Until = r.Words.LongDay(day)
		}
		p.Rows = append(p.Rows, one)
	}
	open, err := invitation.Open(r.Context(), d.DB)
	if err != nil {
		return nil, err
	}
	for _, i := range open {
		p.Open = append(p.Open, invitedRow{
			Email: i.Email, Role: t("role." + string(i.Access.Role)), By: i.By, Over: i.Over, Until: r.Words.Moment(i.Expires, r.Zone), Remove: fmt.Sprintf("/invitations/%d/revoke", i.ID),
		})
	}
	controls, err := d.controls(r, membership.Access{Role: people.RoleReviewer, Languages: []string{"en"}})
	if err != nil {
		return nil, err
	}
	p.Add = form.Form{ID: "invite", Action: "/people/invitations", Button: t("people.invite"), Main: true, Groups: []form.Group{{Controls: append([]form.Control{
		form.Exact("email", "email", t("login.email"), ""),
	}, controls...)}}}
	return p, nil
}

// state says whether a person may come in.
func state(m membership.Member) string {
	switch {
	case m.Disabled:
		return "disabled"
	case m.Over:
		return "over"
	}
	return "active"
}

// controls are the fields of what a person is given.
func (d Desk) controls(r ask.Request, a membership.Access) ([]form.Control, error) {
	t := r.Words.T
	var roles []page.Option
	for _, role := range people.Roles() {
		roles = append(roles, page.Option{Value: string(role), Word: t("role."+string(role)) + ": " + t("people.role."+string(role))})
	}
	channels, err := channel.List(r.Context(), d.DB)
	if err != nil {
		return nil, err
	}
	var labels []string
	for _, c := range channels {
		labels = append(labels, c.Labels...)
	}
	hint := t("people.labels.hint")
	if known := unique(labels); len(known) > 0 {
		hint += " " + t("people.labels.known", strings.Join(known, ", "))
	}
	return []form.Control{
		form.Choice("role", t("people.role"), string(a.Role), roles),
		form.Line("languages", t("people.languages"), strings.Join(a.Languages, ", ")).Hinted(t("people.languages.hint")),
		form.Line("labels", t("people.labels"), strings.Join(a.Labels, ", ")).Hinted(hint),
		form.Line("campaigns", t("people.campaigns"), strings.Join(a.Campaigns, ", ")).Hinted(t("people.campaigns.hint")),
		form.Exact("until", "date", t("people.until"), lastDay(a.Until, r.Zone)).Hinted(t("people.until.hint", r.Zone.String())),
	}, nil
}

// lastDay is the day with which access ends that ends at an instant; empty where it does not.
func lastDay(until time.Time, zone *time.Location) string {
	if until.IsZero() {
		return ""
	}
	return until.In(zone).Add(-time.Nanosecond).Format(time.DateOnly)
}

func unique(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, one := range list {
		if !seen[one] {
			seen[one] = true
			out = append(out, one)
		}
	}
	return out
}

// typed reads what a person is given from a form. Access ends with the day that is named: at the first instant of the next one.
func typed(f url.Values, zone *time.Location) (membership.Access, []fault.Problem) {
	split := func(name string) []string {
		return strings.FieldsFunc(f.Get(name), func(c rune) bool { return c == ',' || c == ';' || c == '،' || c == '、' })
	}
	a := membership.Access{Role: people.Role(f.Get("role")), Labels: split("labels"), Campaigns: split("campaigns")}
	for _, l := range split("languages") {
		if l = strings.TrimSpace(l); l != "" {
			a.Languages = append(a.Languages, l)
		}
	}
	if day := strings.TrimSpace(f.Get("until")); day != "" {
		last, err := time.ParseInLocation(time.DateOnly, day, zone)
		if err != nil || last.Year() > 9000 {
			return a, []fault.Problem{{Field: "until", Message: "is not a day; write it as 2027-07-30"}}
		}
		a.Until = time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, zone)
	}
	return a, nil
}

// Invite makes an invitation and shows its link, this once.
func (d Desk) Invite(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	org, err := profile.Get(r.Context(), d.DB)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return ask.Answer{}, err
	}
	if len(d.Keys) == 0 {
		return ask.Answer{}, fault.New(fault.Unavailable, "There is no key to seal letters with.")
	}
	access, wrong := typed(r.PostForm, r.Zone)
	var link string
	if err = fault.BadFields(wrong); err == nil {
		link, err = invitation.Make(r.Context(), d.DB, d.Keys[0], invitation.New{
			Email: r.PostForm.Get("email"), Access: access, Org: org.Name, Link: d.link(r),
		}, r.Person, d.Now())
	}
	if err != nil && !fault.Is(err, fault.Invalid) {
		return ask.Answer{}, err
	}
	p, again := d.list(r)
	if again != nil {
		return ask.Answer{}, again
	}
	if err != nil {
		p.Add.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	p.Link, p.LinkFor = link, r.PostForm.Get("email")
	return ask.Answer{Page: p, Status: http.StatusCreated}, nil
}

// link returns how the address of an invitation is made.
func (d Desk) link(r ask.Request) func(string) string {
	base := d.Public.String()
	if d.Public.Host == "" {
		base = "http://" + r.Host // a name of this machine: the guard lets no other through
	}
	return func(token string) string { return base + "/invitation/" + token }
}

// Revoke takes an invitation back.
func (d Desk) Revoke(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return invitation.Revoke(r.Context(), tx, id, r.Person) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/people", Said: r.Words.T("people.revoked")}, nil
}
