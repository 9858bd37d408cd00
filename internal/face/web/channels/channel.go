package channels

import (
	"fmt"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/draft"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/health"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// channelPage is one account: how it is and what can be set.
type channelPage struct {
	page.Frame
	row
	ID        int64
	Asked     page.Moment
	Ends      page.Moment
	Country   string
	Spent     string
	MayManage bool
	Again     string // where the account is connected again; empty for one out of use
	Seen      *seen  // what a test saw just now
	Set       form.Form
	Tags      form.Form // its labels
	Money     form.Form // of a network that charges
}

// seen is what a test saw.
type seen struct {
	Who      string
	URL      string
	Software string
	Limits   string
	Granted  string
}

// Channel answers with one account.
func (d Desk) Channel(r ask.Request) (ask.Answer, error) {
	p, _, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// page reads the account that the path names.
func (d Desk) page(r ask.Request) (*channelPage, channel.Channel, error) {
	id, err := r.Number("id")
	if err != nil {
		return nil, channel.Channel{}, err
	}
	c, err := channel.Get(r.Context(), d.db, id)
	if err != nil {
		return nil, c, err
	}
	all, err := health.All(r.Context(), d.db, r.Now)
	if err != nil {
		return nil, c, err
	}
	ends, err := d.joins.Ends(r.Context())
	if err != nil {
		return nil, c, err
	}
	t, h := r.Words.T, all[c.ID]
	p := &channelPage{
		Frame: page.Frame{Template: "channel", Title: c.Name, Door: "channels"}, row: rowOf(r, c, h, ends[c.ID]), ID: c.ID,
		Asked: r.Words.Moment(h.AskedAt, r.Zone), Ends: r.Words.Moment(ends[c.ID], r.Zone), Country: c.Country,
		MayManage: r.Person.May(people.ChannelManage) && !c.Archived(),
	}
	if p.MayManage {
		p.Again = "/connect/" + c.Platform
	}
	p.Set = form.Form{ID: "country-form", Action: address(c.ID) + "/country", Button: t("channels.country.button"), Groups: []form.Group{{Controls: []form.Control{
		form.Exact("country", "text", t("channels.form.country"), c.Country).Hinted(t("channels.form.country.hint")),
	}}}}
	p.Tags = form.Form{ID: "labels-form", Action: address(c.ID) + "/labels", Button: t("channels.labels.button"), Groups: []form.Group{{Controls: []form.Control{
		form.Line("labels", t("channels.form.labels"), strings.Join(c.Labels, ", ")).Hinted(t("channels.form.labels.hint") + " " + t("channels.labels.now")),
	}}}}
	if c.Platform == "x" {
		budget := ""
		if h.Budget != nil {
			budget = amount(*h.Budget)
		}
		p.Spent = "$" + amount(h.Spent)
		p.Money = form.Form{ID: "budget-form", Action: address(c.ID) + "/budget", Button: t("channels.budget.button"), Groups: []form.Group{{Controls: []form.Control{
			form.Exact("budget", "text", t("channels.form.budget"), budget).Hinted(t("channels.form.budget.hint")),
		}}}}
	}
	return p, c, nil
}

// amount writes millionths of a dollar.
func amount(n int64) string {
	s := fmt.Sprintf("%d.%06d", n/1_000_000, n%1_000_000)
	s = strings.TrimRight(s, "0")
	for len(s)-strings.Index(s, ".") < 3 {
		s += "0"
	}
	return s
}

// Test asks the account's server how it is and shows what it said. It posts nothing.
func (d Desk) Test(r ask.Request) (ask.Answer, error) {
	_, c, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	saw, err := d.joins.Test(r.Context(), c.ID)
	if err != nil && (fault.KindOf(err) == fault.Internal || r.Context().Err() != nil) {
		return ask.Answer{}, err
	}
	p, _, pageErr := d.page(r)
	if pageErr != nil {
		return ask.Answer{}, pageErr
	}
	if err != nil {
		p.Problem = r.Words.Say(err) // the test was made; what it found is its answer
		return ask.Shown(p), nil
	}
	p.Seen = seenOf(r, saw)
	return ask.Shown(p), nil
}

func seenOf(r ask.Request, s joining.Seen) *seen {
	out := &seen{Who: s.Handle, URL: s.URL, Software: s.Software, Limits: r.Words.T("channels.test.limits", s.Characters, s.Pictures, s.Alt), Granted: strings.Join(s.Granted, ", ")}
	if s.Name != "" {
		out.Who = s.Name + " (" + s.Handle + ")"
	}
	return out
}

// SetCountry says where the account's readers are.
func (d Desk) SetCountry(r ask.Request) (ask.Answer, error) {
	p, c, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	renewed, err := draft.SetCountry(r.Context(), d.db, c.ID, strings.ToUpper(strings.TrimSpace(r.PostForm.Get("country"))), r.Person)
	if fault.Is(err, fault.Invalid) {
		p.Set.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	looks, err := form.Send(r, d.db, d.again, renewed)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: address(c.ID), Said: r.Words.T("channels.kept"), Looks: looks}, nil
}

// SetLabels says which labels the account carries.
func (d Desk) SetLabels(r ask.Request) (ask.Answer, error) {
	p, c, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return channel.SetLabels(r.Context(), tx, c.ID, words(r.PostForm.Get("labels"), ","), r.Person.ID)
	})
	if fault.Is(err, fault.Invalid) {
		p.Tags.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: address(c.ID), Said: r.Words.T("channels.kept")}, nil
}

// SetBudget says what the account may cost in a month.
func (d Desk) SetBudget(r ask.Request) (ask.Answer, error) {
	p, c, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	budget, err := dollars(r.PostForm.Get("budget"))
	if err == nil {
		err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return health.SetBudget(r.Context(), tx, c.ID, budget, r.Person.ID) })
	}
	if fault.Is(err, fault.Invalid) {
		p.Money.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: address(c.ID), Said: r.Words.T("channels.kept")}, nil
}

// Archive takes the account out of use; its history stays.
func (d Desk) Archive(r ask.Request) (ask.Answer, error) {
	_, c, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return channel.Archive(r.Context(), tx, c.ID, r.Person.ID) })
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/channels", Said: r.Words.T("channels.archived.said", c.Name)}, nil
}
