package results

import (
	"context"
	"fmt"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/flow/reach/entered"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
)

// editionPage answers "what did it do?" for an edition.
type editionPage struct {
	page.Frame
	Editions   []page.Option
	Any        bool // there is an edition
	Heading    string
	Days       string
	Rehearsal  bool
	Mine       bool // the figures are of some accounts only
	Out        int
	States     []string // sentences: what else became of deliveries
	Totals     []tabled.Figure
	Missing    []string
	Asked      page.Moment
	Course     courseShown
	Tables     []tabled.Table
	Short      tabled.Plain // how often short links were followed; no rows where the edition has none
	Best       []ended
	Weakest    []ended
	Others     tabled.Table
	Heat       heatShown
	Handled    []tabled.Figure
	Entered    []enteredRow
	Form       form.Form
	Lessons    []lesson
	LearntURL  string
	ImportURL  string
	Punctual   string
	LogHead    string // the newest seal of the log of who did what; empty before the first
	EditionURL string
	ReportURL  string // of the report over all accounts; empty for whoever works on some only
	YearURL    string
	YearName   string
}

// enteredRow is a figure that somebody entered.
type enteredRow struct {
	Name, Value, Unit, Note, By string
	When                        page.Moment
	Versions                    string
}

type lesson struct {
	Name, Body, By string
}

// source is what one page is made of.
type source struct {
	ask.Request
	edition  book.Edition
	all      []book.Edition
	accounts []int64
	did      compare.Edition
}

// read reads what every answer about an edition needs.
func (d Desk) read(r ask.Request) (source, error) {
	e, all, err := tabled.Chosen(r, d.db)
	if err != nil || e.ID == 0 {
		return source{Request: r, all: all}, err
	}
	s := source{Request: r, edition: e, all: all}
	if s.accounts, err = tabled.Accounts(r, d.db); err != nil {
		return s, err
	}
	s.did, err = compare.Read(r.Context(), d.db, e.ID, s.accounts)
	return s, err
}

// Edition answers with what an edition did.
func (d Desk) Edition(r ask.Request) (ask.Answer, error) {
	p, err := d.edition(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) edition(r ask.Request) (*editionPage, error) {
	t := r.Words.T
	p := &editionPage{Frame: page.Frame{Template: "reach", Title: t("reach.title"), Door: "reach"}}
	s, err := d.read(r)
	if err != nil || s.edition.ID == 0 {
		return p, err
	}
	e, ctx := s.edition, r.Context()
	p.Any, p.Heading, p.Rehearsal, p.Out, p.Mine = true, view.Title(e), e.Rehearsal, s.did.Total.Posts, s.accounts != nil
	p.Title = t("reach.title") + ", " + p.Heading
	p.EditionURL, p.LearntURL = tabled.URL(e.ID), fmt.Sprintf("/editions/%d/learnt", e.ID)
	if !p.Mine {
		p.ReportURL = tabled.URL(e.ID) + "/report"
	}
	p.Days = r.Words.Days(e.FirstDay, e.LastDay) + " · " + r.Away(e.FirstDay, e.LastDay)
	p.Editions = r.EditionOptions(s.all, e.ID)[1:] // there is no reach of all editions
	p.YearName = e.FirstDay[:4]
	p.YearURL = tabled.YearURL(p.YearName)
	p.States = states(r.Words, s.did.States)
	if s.did.LastAsked != nil {
		p.Asked = r.Words.Moment(*s.did.LastAsked, r.Zone)
	}
	for _, part := range []func(context.Context, source, *editionPage) error{d.putEntered, d.putLearnt} {
		if err := part(ctx, s, p); err != nil {
			return nil, err
		}
	}
	if p.Out == 0 {
		return p, nil
	}
	p.Totals = tabled.Glance(r.Words, s.did.Total)
	p.Missing = view.Lacks(r.Words, compare.Lacks(s.did.Networks))
	if err := d.putFollowers(ctx, s, p); err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context, source, *editionPage) error{d.putCourse, d.putOthers, d.putShort, d.putHeat, d.putHandled} {
		if err := part(ctx, s, p); err != nil {
			return nil, err
		}
	}
	p.Tables = s.tables()
	p.putEnds(s)
	head, err := audit.Newest(ctx, d.db)
	p.LogHead = head.String()
	return p, err
}

// states says what else became of deliveries; what did not happen is not mentioned.
func states(words page.Words, s compare.States) []string {
	var out []string
	for _, one := range []struct {
		key string
		n   int
	}{
		{"waiting", s.Waiting},
		{"unknown", s.Unknown},
		{"missed", s.Missed},
		{"failed", s.Failed},
		{"removed", s.Removed},
		{"gone", s.Gone},
		{"cancelled", s.Cancelled},
	} {
		if one.n > 0 {
			out = append(out, words.T("reach."+one.key, one.n))
		}
	}
	return out
}

// tables are the breakdowns.
func (s source) tables() []tabled.Table {
	var messages []tabled.Line
	for _, m := range s.did.Messages {
		messages = append(messages, tabled.Line{Label: s.name(m), Sums: m.Sums})
	}
	accounts := make([]tabled.Line, 0, len(s.did.Accounts))
	for _, a := range s.did.Accounts {
		accounts = append(accounts, tabled.Line{Label: a.Name, URL: "/channels/" + a.Key, Sums: a.Sums})
	}
	var all []tabled.Table
	for _, b := range []struct {
		name  string
		lines []tabled.Line
	}{
		{"message", messages},
		{"channel", accounts},
		{"language", tabled.Named(s.Words, "language", s.did.Languages)},
		{"network", tabled.Named(s.Words, "network", s.did.Networks)},
		{"kind", tabled.Named(s.Words, "kind", s.did.Kinds)},
		{"day", tabled.Named(s.Words, "day", s.did.Days)},
		{"weekday", tabled.Named(s.Words, "weekday", s.did.Weekdays)},
		{"hour", tabled.Named(s.Words, "hour", s.did.Hours)},
	} {
		if len(b.lines) > 0 {
			t := tabled.Breakdown(s.Words, b.name, b.lines, s.did.Total)
			t.SVG = chartURL(s.edition.ID, b.name)
			all = append(all, t)
		}
	}
	return all
}

// name is what people know a message by: its kind and how it begins in their language.
func (s source) name(m compare.Message) string {
	text := s.text(m.Texts).Short(48).Body
	switch {
	case text == "":
		return page.Name(m.Key)
	case m.Kind == "":
		return text
	}
	return s.Words.T("results.message", page.Name(m.Kind), text)
}

// text chooses one of the languages of a text: the reader's, else English, else the first by its tag.
func (s source) text(in map[string]string) page.Text {
	for _, language := range []string{s.Words.Lang, "en"} {
		if body, ok := in[language]; ok {
			return page.NewText(language, body)
		}
	}
	first := ""
	for language := range in {
		if first == "" || language < first {
			first = language
		}
	}
	return page.NewText(first, in[first])
}

// putEntered shows what people entered, with the form where somebody may enter more.
func (d Desk) putEntered(ctx context.Context, s source, p *editionPage) error {
	list, err := entered.Figures(ctx, d.db, s.edition.ID)
	if err != nil {
		return err
	}
	for _, f := range list {
		row := enteredRow{Name: tabled.Name(s.Words, f.Name), Value: s.Words.Hundredths(f.Hundredths), Unit: f.Unit, Note: f.Note, By: f.Person, When: s.Words.Moment(f.At, s.Zone)}
		if f.Versions > 1 {
			row.Versions = s.Words.T("results.versions", f.Versions)
		}
		p.Entered = append(p.Entered, row)
	}
	if s.Person.May(people.ReachEnter) && !p.Mine {
		p.Form = enterForm(s.Request, s.edition.ID)
	}
	if s.Person.May(people.ReachEnter) {
		p.ImportURL = fmt.Sprintf("/reach/%d/import", s.edition.ID)
	}
	return nil
}

// putLearnt shows the notes of what was learnt.
func (d Desk) putLearnt(ctx context.Context, s source, p *editionPage) error {
	if compose.MaySee(s.Person, s.edition.Campaign) != nil {
		p.LearntURL = ""
		return nil
	}
	notes, err := compose.Lessons(ctx, d.db, s.edition.ID)
	if err != nil {
		return err
	}
	for _, m := range s.did.Messages {
		key, _, _ := strings.Cut(m.Key, "#") // one of a series
		if l, ok := notes[key]; ok {
			delete(notes, key)
			p.Lessons = append(p.Lessons, lesson{Name: page.Heading(m.Key, m.Kind), Body: l.Body, By: l.Person})
		}
	}
	return nil
}

// today is how many days the viewer is behind the first day of an edition.
func (s source) today(first civil.Date) int {
	return civil.DateOf(s.Now.In(s.Zone)).DaysSince(first)
}
