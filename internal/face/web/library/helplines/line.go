package helplines

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
)

// shownChecks is how many checks the log shows.
const shownChecks = 50

// Helpline answers with a helpline.
func (d Desk) Helpline(r ask.Request) (ask.Answer, error) {
	p, err := d.page(r, r.PathValue("id"))
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// page reads a helpline with everything that its page shows.
func (d Desk) page(r ask.Request, id string) (*linePage, error) {
	ctx := r.Context()
	rec, err := helpline.Find(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	p := &linePage{
		Frame: page.Frame{Template: "helpline", Title: rec.Name, Door: "helplines"}, line: lineOf(r, rec), Country: countryName(r, rec.Country),
		ChatURL: view.HTTPOnly(rec.Chat), WebURL: view.HTTPOnly(rec.Web), Hours: rec.Hours, Purpose: r.Words.T("lib.line.purpose." + rec.Purpose),
		Note: rec.Note, CheckDays: rec.CheckDays, No: rec.Version, Author: rec.UpdatedBy, Written: r.Words.Moment(rec.UpdatedAt, r.Zone),
		FromFile: rec.Origin == helpline.FromFile, FileDiffers: rec.FileDiffers, MayEdit: r.Person.May(people.HelplineEdit),
		MayCheck: r.Person.May(people.HelplineCheck), Retired: rec.Retired,
		Broken: rec.Retired || rec.Last != nil && (rec.Last.Version != rec.Version || rec.Last.Result != helpline.Works),
	}
	switch {
	case rec.Purpose == campaign.Reporting:
		p.Never = r.Words.T("lib.line.never.reporting")
	case rec.Invented:
		p.Never = r.Words.T("lib.line.never.invented")
	}
	if rec.Read != "" {
		p.Read = r.Words.T("lib.line.read." + rec.Read)
	}
	for _, s := range rec.Sources {
		p.Sources = append(p.Sources, source{s.Name, view.HTTPOnly(s.URL)})
	}
	for _, language := range form.Tongues(keys(rec.Short)) {
		if rec.Short[language] != "" {
			p.Says = append(p.Says, said{r.Words.Tongue(language), page.NewText(language, rec.Say(language))})
		}
	}
	if err := d.log(r, p, rec); err != nil {
		return nil, err
	}
	if err := d.carriers(r, p); err != nil {
		return nil, err
	}
	return p, d.forms(r, p, rec)
}

// log fills the log of checks.
func (d Desk) log(r ask.Request, p *linePage, rec helpline.Record) error {
	list, err := helpline.Checks(r.Context(), d.db, rec.ID, shownChecks)
	if err != nil {
		return err
	}
	marks := map[helpline.Result]page.Mark{
		helpline.Works:   {ID: "works", Icon: "circle-check", Tone: "live"},
		helpline.Changed: {ID: "changed", Icon: "circle-alert", Tone: "harm"},
		helpline.Dead:    {ID: "dead", Icon: "octagon-x", Tone: "harm"},
	}
	for _, c := range list {
		mark := marks[c.Result]
		mark.Word = r.Words.T("lib.line.result." + string(c.Result))
		p.Checks = append(p.Checks, check{
			Mark: mark, Person: c.Person, How: r.Words.T("lib.line.how." + string(c.How)), Saw: c.Saw, When: r.Words.Moment(c.At, r.Zone),
			Until: r.Words.Moment(c.Until, r.Zone), Works: c.Result == helpline.Works, Old: c.Version != rec.Version,
		})
	}
	return nil
}

// carriers fills the places that show the helpline: those that wait and those that are out.
func (d Desk) carriers(r ask.Request, p *linePage) error {
	list, err := helpline.Carriers(r.Context(), d.db, p.ID)
	if err != nil {
		return err
	}
	stands := map[int64][]view.Stand{}
	for _, c := range list {
		if stands[c.Post] == nil {
			if stands[c.Post], err = r.Viewer.ReadStands(r.Context(), d.db, book.EntryFilter{Post: c.Post}); err != nil {
				return err
			}
		}
		one := carrier{
			Name: page.Heading(c.Message, ""), URL: fmt.Sprintf("/posts/%d", c.Post), Where: c.Name, Language: r.Words.Tongue(c.Language),
			When: r.Words.Moment(c.DueAt, zoneOf(c.Zone, r.Zone)), Mark: r.Words.MarkOf(page.StandingOf(c.State, post.ForApproval, page.InReview)),
			Copy: view.HTTPOnly(c.URL),
		}
		if at := slices.IndexFunc(stands[c.Post], func(s view.Stand) bool { return s.Delivery == c.Delivery }); at >= 0 {
			one.Mark, one.Name = r.Words.MarkOf(stands[c.Post][at].Standing), page.Heading(c.Message, stands[c.Post][at].Kind)
		}
		if c.Live() {
			p.Live = append(p.Live, one)
			if r.Person.May(people.TakeDown) {
				p.TakeDownURL = URL(p.ID) + "/takedown"
			}
		} else {
			p.Coming = append(p.Coming, one)
		}
	}
	return nil
}

// zoneOf returns the zone of a channel, which was checked when it was connected.
func zoneOf(name string, otherwise *time.Location) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return otherwise
	}
	return zone
}

// forms fills the forms that the person may send.
func (d Desk) forms(r ask.Request, p *linePage, rec helpline.Record) error {
	if p.MayCheck && !rec.Retired {
		p.Check, p.Hold = checkForm(r, rec), reasonForm(r, rec, "hold")
	}
	if !p.MayEdit {
		return nil
	}
	languages, err := d.languages(r.Context(), rec)
	if err != nil {
		return err
	}
	p.Edit = editForm(r, rec, languages)
	if !rec.Retired {
		p.Retire = reasonForm(r, rec, "retire")
	}
	return nil
}

// languages returns those that the form asks for words in.
func (d Desk) languages(ctx context.Context, rec helpline.Record) ([]string, error) {
	spoken, err := form.Spoken(ctx, d.db)
	if err != nil {
		return nil, err
	}
	return form.Tongues(spoken, keys(rec.Short)), nil
}

func keys(m map[string]string) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	return list
}
