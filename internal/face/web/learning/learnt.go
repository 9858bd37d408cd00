// Package learning is the desk for what a team learnt: each message of an edition with its figures and notes beside those of the year
// before, and the way to plan the next year.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask and whether the edition lies within their limits.
// internal/flow/reach adds up the figures, internal/flow/campaign/compose keeps the notes.
package learning

import (
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/campaigning/typed"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/reach"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct{ db *postgres.DB }

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /editions/{id}/learnt", Needs: people.PostRead, Answer: d.Learnt},
		{Pattern: "POST /editions/{id}/learnt", Needs: people.PostWrite, Answer: d.Note},
		{Pattern: "POST /editions/{id}/next", Needs: people.PlanMake, Answer: d.Next},
	}
}

// learntPage shows what each message of an edition did, beside the year before, with what the team learnt from it.
type learntPage struct {
	page.Frame
	Edition     string
	EditionURL  string
	CampaignURL string
	Years       []string // that the figures are of, this one first
	Messages    []learntLine
	Action      string // where notes are sent; empty for whoever only reads
	Problems    []page.Field
	NextURL     string // plans the next year; empty for whoever may not plan
	NextYear    int
	MayRead     bool // the figures
}

// learntLine is a message with its figures and notes.
type learntLine struct {
	ID    string
	Name  string
	URL   string // where its words are changed
	Years []yearOf
	Note  form.Control // of this year
}

// yearOf is what a message did in a year, and what was learnt from it then.
type yearOf struct {
	Name    string
	Out     int // deliveries that went out; with none there are no figures
	Figures []page.Figure
	Lesson  string
	By      string
	Now     bool // the year that the page is of
}

// Learnt answers with what an edition's messages did.
func (d Desk) Learnt(r ask.Request) (ask.Answer, error) {
	p, _, err := d.learnt(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// Note keeps what the team learnt.
func (d Desk) Note(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, e, err := d.learnt(r)
	if err != nil {
		return ask.Answer{}, err
	}
	notes := map[string]string{}
	for _, m := range p.Messages {
		if r.PostForm.Has(m.Note.ID) {
			notes[m.ID] = typed.Words(r.PostForm, m.Note.ID)
		}
	}
	var changed int
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		changed, err = compose.Learn(r.Context(), tx, e, notes, r.Person)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		f := form.Form{Groups: []form.Group{{}}}
		for _, m := range p.Messages {
			f.Groups[0].Controls = append(f.Groups[0].Controls, m.Note)
		}
		f.Mend(r.PostForm, r.Words.Problems(err))
		for i := range p.Messages {
			p.Messages[i].Note = f.Groups[0].Controls[i]
		}
		p.Problems = f.Problems
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: learntURL(e.ID), Said: typed.Said(r.Words, changed > 0)}, nil
}

// Next plans the same campaign for the year after an edition, and leads to its messages beside those of the edition.
func (d Desk) Next(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	e, err := book.EditionByID(r.Context(), d.db, id)
	if err != nil {
		return ask.Answer{}, err
	}
	made, err := plan.Make(r.Context(), d.db, e.Campaign, e.Year+1, plan.Options{By: r.Person, Now: r.Now})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: learntURL(made.Edition), Said: r.Words.T("campaign.planned", made.Posts, e.Year+1), Looks: made.Problems}, nil
}

// learnt reads an edition with the one before it. Whoever works only on some accounts does not see what all of them did.
func (d Desk) learnt(r ask.Request) (*learntPage, book.Edition, error) {
	id, err := r.Number("id")
	if err != nil {
		return nil, book.Edition{}, err
	}
	e, err := book.EditionByID(r.Context(), d.db, id)
	if err != nil {
		return nil, e, err
	}
	if err := compose.MaySee(r.Person, e.Campaign); err != nil {
		return nil, e, err
	}
	c, o, err := plan.Loaded(r.Context(), d.db, e.Campaign)
	if err != nil {
		return nil, e, err
	}
	t := r.Words.T
	p := &learntPage{
		Frame: page.Frame{Template: "learnt", Title: t("learnt.title", view.Title(e)), Door: "campaigns"}, Edition: view.Title(e), EditionURL: view.EditionURL(e.ID),
		CampaignURL: typed.Address(e.Campaign), MayRead: r.Person.May(people.ReachRead),
	}
	if r.Person.May(people.PostWrite) {
		p.Action = learntURL(e.ID)
	}
	if _, err := plan.Days(o, e.Year+1); err == nil && r.Person.May(people.PlanMake) && !e.Rehearsal {
		p.NextURL, p.NextYear = view.EditionURL(e.ID)+"/next", e.Year+1
	}
	years, err := d.years(r, e)
	if err != nil {
		return nil, e, err
	}
	for _, y := range years {
		p.Years = append(p.Years, y.name)
	}
	var ids []string
	for _, m := range c.Posts {
		ids = append(ids, m.ID)
	}
	for _, y := range years { // what the campaign does not have any more
		for _, row := range y.rows {
			if id := base(row.Key); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		m, still := c.Message(id)
		line := learntLine{ID: id, Name: page.Heading(id, m.Kind)}
		if still && r.Person.May(people.CampaignLoad) {
			line.URL = typed.Address(c.ID) + "/messages/" + id
		}
		for _, y := range years {
			line.Years = append(line.Years, y.of(r.Words, id, y.id == e.ID))
		}
		line.Note = form.Area("note-"+id, t("learnt.note", line.Name), years[0].lessons[id].Body, 2).As(id)
		p.Messages = append(p.Messages, line)
	}
	return p, e, nil
}

// year is what an edition did, by message.
type year struct {
	id      int64
	name    string
	rows    []reach.Row
	lessons map[string]compose.Lesson
}

// years reads an edition and the newest one of its campaign before it.
func (d Desk) years(r ask.Request, e book.Edition) ([]year, error) {
	list := []book.Edition{e}
	all, err := r.Viewer.Editions(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		switch {
		case one.Campaign != e.Campaign || one.Rehearsal || one.Year >= e.Year:
		case len(list) == 1:
			list = append(list, one)
		case one.Year > list[1].Year:
			list[1] = one
		}
	}
	var years []year
	for _, one := range list {
		y := year{id: one.ID, name: fmt.Sprint(one.Year)}
		report, err := reach.Summarise(r.Context(), d.db, one.ID)
		if err != nil {
			return nil, err
		}
		y.rows = report.ByMessage
		if y.lessons, err = compose.Lessons(r.Context(), d.db, one.ID); err != nil {
			return nil, err
		}
		years = append(years, y)
	}
	return years, nil
}

// base is the message of a post: one of a series has its number behind the sign.
func base(key string) string {
	id, _, _ := strings.Cut(key, "#")
	return id
}

// of adds up what a message did in a year. A figure that no network told stays untold; it is not zero.
func (y year) of(words page.Words, id string, now bool) yearOf {
	out := yearOf{Name: y.name, Lesson: y.lessons[id].Body, By: y.lessons[id].Person, Now: now}
	var sums [4]*int64
	for _, row := range y.rows {
		if base(row.Key) != id {
			continue
		}
		out.Out += row.Posts
		for i, n := range []*int64{row.Counts.Impressions, row.Counts.Engagements, row.Counts.Clicks, row.Counts.Replies} {
			switch {
			case n == nil:
			case sums[i] == nil:
				sums[i] = new(*n)
			default:
				*sums[i] += *n
			}
		}
	}
	for i, kind := range []string{"impressions", "engagements", "clicks", "replies"} {
		f := page.Figure{ID: kind, Word: words.T("figure." + kind)}
		if sums[i] != nil {
			f.Told, f.Value = true, *sums[i]
		}
		out.Figures = append(out.Figures, f)
	}
	return out
}

func learntURL(edition int64) string { return fmt.Sprintf("/editions/%d/learnt", edition) }
