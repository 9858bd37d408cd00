package campaigning

import (
	"strconv"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/campaigning/typed"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/campaign/library"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"

	core "daymark/internal/core/campaign"
)

// campaignPage shows a campaign: its messages, its tasks and its years.
type campaignPage struct {
	page.Frame
	Name      string
	Goal      string
	Day       string // the observance
	Next      string // its next days
	Languages string
	ByHand    bool
	MayChange bool
	BasicsURL string
	AddURL    string
	ExportURL string // empty while there is nothing to export
	Messages  []messageLine
	Tasks     []taskLine
	Editions  []editionLine
	Plan      *form.Form // for whoever may plan, once there is a message
}

type messageLine struct {
	ID    string
	Name  string
	When  string
	Where string
	Text  page.Text
	URL   string
}

type taskLine struct{ When, Who, What string }

type editionLine struct {
	Name      string
	Days      string
	URL       string
	LearntURL string
}

// Show answers with a campaign.
func (d Desk) Show(r ask.Request) (ask.Answer, error) {
	p, err := d.overview(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) overview(r ask.Request) (*campaignPage, error) {
	s, c, err := typed.Kept(r.Context(), d.db, r.Person, r.PathValue("campaign"))
	if err != nil {
		return nil, err
	}
	_, o, err := plan.Loaded(r.Context(), d.db, c.ID)
	if err != nil {
		return nil, err
	}
	name := titleOf(c, r.Words.Lang)
	p := &campaignPage{
		Frame: page.Frame{Template: "campaign", Title: name, Door: "campaigns"}, Name: name, Goal: c.Goal, Day: o.Name(r.Words.Lang),
		Languages: r.Words.Tongues(c.Languages), ByHand: s.ByHand, MayChange: r.Person.May(people.CampaignLoad),
		BasicsURL: typed.Address(c.ID) + "/basics", AddURL: typed.Address(c.ID) + "/add",
	}
	year, days, known := typed.Next(o.Rule, civil.DateOf(r.Now.In(r.Zone)))
	if known {
		p.Next = r.Words.Days(days.Start.String(), days.End.String())
	}
	for _, m := range c.Posts {
		p.Messages = append(p.Messages, lineOf(r.Words, c, m, p.MayChange))
	}
	for _, t := range c.Tasks {
		p.Tasks = append(p.Tasks, taskLine{When: offset(r.Words, t.Offset), Who: t.Who, What: t.What})
	}
	editions, err := r.Viewer.Editions(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	for _, e := range editions {
		if e.Campaign == c.ID && !e.Rehearsal {
			p.Editions = append(p.Editions, editionLine{Name: view.Title(e), Days: r.Words.Days(e.FirstDay, e.LastDay), URL: view.EditionURL(e.ID), LearntURL: view.EditionURL(e.ID) + "/learnt"})
		}
	}
	if len(c.Posts) == 0 {
		return p, nil
	}
	p.ExportURL = typed.Address(c.ID) + "/export"
	if r.Person.May(people.PlanMake) {
		p.Plan = &form.Form{ID: "plan", Action: typed.Address(c.ID) + "/plan", Button: r.Words.T("campaign.plan"), Groups: []form.Group{{Controls: []form.Control{
			form.Exact("year", "number", r.Words.T("campaign.plan.year"), strconv.Itoa(year)),
		}}}}
	}
	return p, nil
}

// titleOf is what a campaign is called in a language, else in its first.
func titleOf(c core.Campaign, language string) string {
	if name := c.Title[language]; name != "" {
		return name
	}
	if len(c.Languages) > 0 && c.Title[c.Languages[0]] != "" {
		return c.Title[c.Languages[0]]
	}
	return c.ID
}

func lineOf(words page.Words, c core.Campaign, m core.Message, mayChange bool) messageLine {
	first := c.Languages[0]
	line := messageLine{ID: m.ID, Name: page.Heading(m.ID, m.Kind), When: when(words, m), Text: page.NewText(first, m.Texts[first])}
	if mayChange {
		line.URL = typed.Address(c.ID) + "/messages/" + m.ID
	}
	var networks []string
	for _, n := range m.Networks {
		networks = append(networks, words.Network(n))
	}
	switch {
	case len(m.Labels) > 0 && len(networks) > 0:
		line.Where = words.T("campaign.where.both", words.Joined(m.Labels), words.Joined(networks))
	case len(m.Labels) > 0:
		line.Where = words.T("campaign.where.labels", words.Joined(m.Labels))
	case len(networks) > 0:
		line.Where = words.T("campaign.where.networks", words.Joined(networks))
	default:
		line.Where = words.T("campaign.where.all")
	}
	return line
}

// when says when a message goes out, relative to the day.
func when(words page.Words, m core.Message) string {
	switch {
	case m.Series != nil:
		return words.T("campaign.when.series", offset(words, m.Series.From), offset(words, m.Series.To))
	case m.Mode == core.Together:
		return words.T("campaign.when.fixed", offset(words, m.Offset), m.Time.String(), m.Zone)
	}
	return words.T("campaign.when.local", offset(words, m.Offset), m.Time.String())
}

// offset says a day relative to the observance.
func offset(words page.Words, o core.Offset) string {
	switch {
	case o.FromEnd && o.Days == 0:
		return words.T("campaign.day.end")
	case o.FromEnd && o.Days < 0:
		return words.T("campaign.day.end.before", -o.Days)
	case o.FromEnd:
		return words.T("campaign.day.end.after", o.Days)
	case o.Days == 0:
		return words.T("campaign.day.first")
	case o.Days < 0:
		return words.T("campaign.day.before", -o.Days)
	}
	return words.T("campaign.day.after", o.Days)
}

// Export answers with the campaign as files, in one archive.
func (d Desk) Export(r ask.Request) (ask.Answer, error) {
	id := r.PathValue("campaign")
	if err := compose.MaySee(r.Person, id); err != nil {
		return ask.Answer{}, err
	}
	out, err := library.Export(r.Context(), d.db, id)
	if err != nil {
		return ask.Answer{}, err
	}
	body, err := out.Zip(id)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{File: &ask.File{Name: id + ".zip", Type: "application/zip", Body: body}}, nil
}

// Plan plans a campaign for a year and leads to the plan.
func (d Desk) Plan(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, err := d.overview(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if p.Plan == nil {
		return ask.Answer{}, fault.New(fault.Conflict, "The campaign has no message yet. Add one, then plan it.")
	}
	in := r.PostForm.Get("year")
	year, err := strconv.Atoi(in)
	if err != nil || year < observance.FirstYear || year > observance.LastYear {
		p.Plan.Mend(r.PostForm, []fault.Problem{{Field: "year", Message: r.Words.T("campaign.plan.wrong", observance.FirstYear, observance.LastYear)}})
		return ask.Again(p), nil
	}
	made, err := plan.Make(r.Context(), d.db, r.PathValue("campaign"), year, plan.Options{By: r.Person, Now: r.Now})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: view.EditionURL(made.Edition), Said: r.Words.T("campaign.planned", made.Posts, year), Looks: made.Problems}, nil
}
