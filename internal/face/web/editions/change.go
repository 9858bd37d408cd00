package editions

import (
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/plan"
	"daymark/internal/postgres"
)

// MarkTask marks a task of an edition as done, or as open again.
func (d Desk) MarkTask(r ask.Request) (ask.Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return ask.Answer{}, err
	}
	id, err := r.Number("task")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	tasks, err := book.Tasks(r.Context(), d.db, e.ID)
	if err != nil {
		return ask.Answer{}, err
	}
	at := slices.IndexFunc(tasks, func(t book.Task) bool { return t.ID == id })
	if at < 0 {
		return ask.Answer{}, fault.New(fault.NotFound, "There is no such task any more. Look at the plan again.")
	}
	done, said := r.PostForm.Get("done") != "no", "edition.said.done"
	if !done {
		said = "edition.said.open"
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return book.FinishTask(r.Context(), tx, id, r.Person, done) })
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: view.EditionURL(e.ID), Said: r.Words.T(said, strings.TrimSuffix(tasks[at].What, "."))}, nil
}

// SetTheme sets the theme of an edition.
func (d Desk) SetTheme(r ask.Request) (ask.Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	theme := r.PostForm.Get("theme")
	back, err := plan.SetTheme(r.Context(), d.db, e.ID, theme, r.Person)
	if fault.Is(err, fault.Invalid) {
		return d.again(r, e, func(p *page.Edition) {
			p.Theme.Value, p.Theme.Problem = theme, page.Fields(r.Words.Problems(err)).Of("theme")
		})
	}
	if err != nil {
		return ask.Answer{}, err
	}
	said := r.Words.T("edition.theme.kept")
	if back > 0 {
		said = r.Words.T("edition.theme.back", back)
	}
	return ask.Answer{To: view.EditionURL(e.ID), Said: said}, nil
}

// again answers with the plan once more, with what is wrong with its form.
func (d Desk) again(r ask.Request, e book.Edition, mend func(*page.Edition)) (ask.Answer, error) {
	p, err := d.page(r, e)
	if err != nil {
		return ask.Answer{}, err
	}
	mend(p)
	return ask.Again(p), nil
}

// SetDates keeps the announced days of an edition's year, and lets the edition follow.
func (d Desk) SetDates(r ask.Request) (ask.Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return ask.Answer{}, err
	}
	days, made, problems, err := d.enter(r, e.Campaign, e.Year, "")
	if err != nil {
		return ask.Answer{}, err
	}
	if problems != nil {
		return d.again(r, e, func(p *page.Edition) { mend(r, p.Dates, problems) })
	}
	return ask.Answer{
		To: view.EditionURL(e.ID), Looks: made.Problems,
		Said: r.Words.T("edition.dates.kept", r.Words.Days(days.Start.String(), days.End.String()), sayMade(r, made)),
	}, nil
}

// EnterDates keeps the announced days of a campaign in a year that has no edition of it yet.
func (d Desk) EnterDates(r ask.Request) (ask.Answer, error) {
	year, err := yearOf(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	id := r.PostForm.Get("campaign")
	days, _, problems, err := d.enter(r, id, year, "-"+id)
	if err != nil {
		return ask.Answer{}, err
	}
	if problems == nil {
		said := r.Words.T("edition.dates.waits", r.Words.Days(days.Start.String(), days.End.String()))
		return ask.Answer{To: fmt.Sprintf("/year/%d", year), Said: said}, nil
	}
	p, err := d.year(r, year)
	if err != nil {
		return ask.Answer{}, err
	}
	for i := range p.Unknown {
		if p.Unknown[i].Campaign == id {
			mend(r, p.Unknown[i].Dates, problems)
		}
	}
	return ask.Again(p), nil
}

// mend shows in the fields of a form what was typed and what is wrong with it.
func mend(r ask.Request, fields []page.Field, problems page.Fields) {
	for i := range fields {
		fields[i].Value, fields[i].Problem = r.PostForm.Get(fields[i].ID), problems.Of(fields[i].ID)
	}
}

// enter keeps the days in the form, whose fields end with suffix, or returns what is wrong with them.
func (d Desk) enter(r ask.Request, campaign string, year int, suffix string) (civil.Range, plan.Made, page.Fields, error) {
	if err := r.Form(); err != nil {
		return civil.Range{}, plan.Made{}, nil, err
	}
	days, problems := readDays(r, year, "first-day"+suffix, "last-day"+suffix)
	if problems != nil {
		return days, plan.Made{}, problems, nil
	}
	made, err := plan.SetDates(r.Context(), d.db, campaign, year, days, r.Person, r.Now)
	if !fault.Is(err, fault.Invalid) {
		return days, made, nil, err
	}
	for _, p := range r.Words.Problems(err) {
		problems = append(problems, fault.Problem{Field: "first-day" + suffix, Message: p.Message})
	}
	return days, made, problems, nil
}

func readDays(r ask.Request, year int, first, last string) (civil.Range, page.Fields) {
	var problems page.Fields
	read := func(field string) civil.Date {
		day, err := civil.ParseDate(r.PostForm.Get(field))
		if err != nil {
			problems = append(problems, fault.Problem{Field: field, Message: r.Words.T("edition.dates.bad", year)})
		}
		return day
	}
	days := civil.Range{Start: read(first), End: read(last)}
	if problems == nil && days.End.Before(days.Start) {
		problems = append(problems, fault.Problem{Field: last, Message: r.Words.T("edition.dates.order")})
	}
	return days, problems
}

// PlanAgain lets an edition follow its file, its dates and the channels.
func (d Desk) PlanAgain(r ask.Request) (ask.Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return ask.Answer{}, err
	}
	made, err := plan.Make(r.Context(), d.db, e.Campaign, e.Year, plan.Options{Rehearsal: e.Rehearsal, By: r.Person, Now: r.Now})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: view.EditionURL(e.ID), Said: sayMade(r, made), Looks: made.Problems}, nil
}

// sayMade says what planning changed, in one sentence.
func sayMade(r ask.Request, made plan.Made) string {
	var parts []string
	for _, one := range []struct {
		key string
		n   int
	}{
		{"made.posts", made.Posts},
		{"made.deliveries", made.Deliveries},
		{"made.followed", made.Followed},
		{"made.moved", made.Moved},
		{"made.withdrawn", made.Withdrawn},
		{"made.offered", made.Offered},
		{"made.tasks", made.Tasks},
	} {
		if one.n > 0 {
			parts = append(parts, r.Words.T(one.key, one.n))
		}
	}
	if made.Dated {
		parts = append(parts, r.Words.T("made.days"))
	}
	if len(parts) == 0 {
		return r.Words.T("made.same")
	}
	return r.Words.T("made.said", strings.Join(parts, ", "))
}
