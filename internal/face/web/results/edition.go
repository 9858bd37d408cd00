package results

import (
	"context"
	"fmt"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/flow/reach/entered"
	"daymark/internal/flow/reach/handling"
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
	Totals     []figure
	Missing    []string
	Asked      page.Moment
	Course     courseShown
	Tables     []table
	Best       []ended
	Weakest    []ended
	Others     table
	Heat       heatShown
	Handled    []figure
	Entered    []enteredRow
	Form       form.Form
	Lessons    []lesson
	LearntURL  string
	ImportURL  string
	Punctual   string
	LogHead    string // the newest seal of the log of who did what; empty before the first
	EditionURL string
	YearURL    string
	YearName   string
}

// ended is a message at one end of the list.
type ended struct {
	Name    string
	Text    page.Text
	Picture string
	Alt     page.Text
	Said    string // engagements of a post on average, over how many posts
	Rate    string
	Few     string
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

// newestOut returns the newest edition of which something is out, else the newest.
func (d Desk) newestOut(r ask.Request, all []book.Edition) (book.Edition, error) {
	ids := make([]int64, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	accounts, err := d.accounts(r)
	if err != nil {
		return book.Edition{}, err
	}
	sums, err := compare.Editions(r.Context(), d.db, ids, accounts)
	if err != nil {
		return book.Edition{}, err
	}
	for _, e := range all {
		if sums[e.ID].Posts > 0 {
			return e, nil
		}
	}
	return all[0], nil
}

// read reads what every answer about an edition needs.
func (d Desk) read(r ask.Request) (source, error) {
	e, all, err := d.chosen(r)
	if err != nil || e.ID == 0 {
		return source{Request: r, all: all}, err
	}
	s := source{Request: r, edition: e, all: all}
	if s.accounts, err = d.accounts(r); err != nil {
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
	p.EditionURL, p.LearntURL = reachURL(e.ID), fmt.Sprintf("/editions/%d/learnt", e.ID)
	p.Days = r.Words.Days(e.FirstDay, e.LastDay) + " · " + r.Away(e.FirstDay, e.LastDay)
	p.Editions = options(r, s.all, e.ID)
	p.YearName = e.FirstDay[:4]
	p.YearURL = yearURL(p.YearName)
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
	p.Totals = glance(r.Words, s.did.Total)
	p.Missing = view.Lacks(r.Words, compare.Lacks(s.did.Networks))
	for _, part := range []func(context.Context, source, *editionPage) error{d.putCourse, d.putOthers, d.putHeat, d.putHandled} {
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
func (s source) tables() []table {
	var messages []line
	for _, m := range s.did.Messages {
		messages = append(messages, line{label: s.name(m), sums: m.Sums})
	}
	accounts := make([]line, 0, len(s.did.Accounts))
	for _, a := range s.did.Accounts {
		accounts = append(accounts, line{label: a.Name, url: "/channels/" + a.Key, sums: a.Sums})
	}
	var all []table
	for _, b := range []struct {
		name  string
		lines []line
	}{
		{"message", messages},
		{"channel", accounts},
		{"language", named(s.Words, "language", s.did.Languages)},
		{"network", named(s.Words, "network", s.did.Networks)},
		{"kind", named(s.Words, "kind", s.did.Kinds)},
		{"day", named(s.Words, "day", s.did.Days)},
		{"weekday", named(s.Words, "weekday", s.did.Weekdays)},
		{"hour", named(s.Words, "hour", s.did.Hours)},
	} {
		if len(b.lines) > 0 {
			t := breakdown(s.Words, b.name, b.lines, s.did.Total)
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

// most is how many messages are named best, and weakest.
const most = 3

func (p *editionPage) putEnds(s source) {
	best, weakest := s.did.Ends(most)
	p.Best, p.Weakest = s.ends(best), s.ends(weakest)
}

func (s source) ends(list []compare.Message) []ended {
	var all []ended
	for _, m := range list {
		e := ended{Name: page.Heading(m.Key, m.Kind), Text: s.text(m.Texts).Short(view.Excerpt)}
		if tenths, posts, ok := m.Each(); ok {
			e.Said = s.Words.T("results.each.said", s.Words.Tenths(tenths), posts)
			if posts < compare.Enough {
				e.Few = s.Words.T("results.few", posts)
			}
		}
		if tenths, of, ok := m.Rate(); ok {
			e.Rate = s.Words.T("results.rate.said", s.Words.PercentTenths(tenths), of)
		}
		if m.Picture != "" {
			e.Picture, e.Alt = "/media/"+m.Picture, s.text(m.Alt)
		}
		all = append(all, e)
	}
	return all
}

// putEntered shows what people entered, with the form where somebody may enter more.
func (d Desk) putEntered(ctx context.Context, s source, p *editionPage) error {
	list, err := entered.Figures(ctx, d.db, s.edition.ID)
	if err != nil {
		return err
	}
	for _, f := range list {
		row := enteredRow{Name: nameOf(s.Words, f.Name), Value: s.Words.Hundredths(f.Hundredths), Unit: f.Unit, Note: f.Note, By: f.Person, When: s.Words.Moment(f.At, s.Zone)}
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

// putHandled shows how the edition was worked.
func (d Desk) putHandled(ctx context.Context, s source, p *editionPage) error {
	h, err := handling.Of(ctx, d.db, s.edition.ID, s.accounts, s.Now)
	if err != nil {
		return err
	}
	t := s.Words.T
	one := func(id string, told bool, said, beneath string) {
		p.Handled = append(p.Handled, figure{ID: id, Word: t("results." + id), Told: told, Said: said, Beneath: beneath, What: t("results.what." + id)})
	}
	one("approval", h.Cleared > 0, s.Words.Span(h.Approval), t("results.approval.of", h.Cleared))
	for _, part := range []struct {
		id string
		handling.Part
	}{{"ontime", h.OnTime}, {"channels", h.Channels}, {"complete", h.Complete}, {"sourced", h.Sourced}, {"described", h.Described}, {"checked", h.Checked}} {
		said := ""
		if part.Of > 0 {
			said = s.Words.Percent(int64((part.Is*100 + part.Of/2) / part.Of))
		}
		one(part.id, part.Of > 0, said, t("results.part", part.Is, part.Of))
	}
	if h.Slowest > 0 {
		p.Punctual = t("reach.time.text", s.Words.Span(h.Half), s.Words.Span(h.Most), s.Words.Span(h.Slowest))
	}
	return nil
}

// today is how many days the viewer is behind the first day of an edition.
func (s source) today(first civil.Date) int {
	return civil.DateOf(s.Now.In(s.Zone)).DaysSince(first)
}
