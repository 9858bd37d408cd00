package editions

import (
	"net/http"
	"slices"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/plan"
	"daymark/internal/postgres"
)

// MarkTask marks a task of an edition as done, or as open again.
func (d Desk) MarkTask(r Request) (Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return Answer{}, err
	}
	id, err := r.number("task")
	if err != nil {
		return Answer{}, err
	}
	if err := r.form(); err != nil {
		return Answer{}, err
	}
	tasks, err := book.Tasks(r.Context(), d.db, e.ID)
	if err != nil {
		return Answer{}, err
	}
	at := slices.IndexFunc(tasks, func(t book.Task) bool { return t.ID == id })
	if at < 0 {
		return Answer{}, fault.New(fault.NotFound, "There is no such task any more. Look at the plan again.")
	}
	done, said := r.PostForm.Get("done") != "no", "edition.said.done"
	if !done {
		said = "edition.said.open"
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return book.FinishTask(r.Context(), tx, id, r.Person, done) })
	if err != nil {
		return Answer{}, err
	}
	return Answer{To: view.EditionURL(e.ID), Said: r.Words.T(said, strings.TrimSuffix(tasks[at].What, "."))}, nil
}

// SetTheme sets the theme of an edition.
func (d Desk) SetTheme(r Request) (Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return Answer{}, err
	}
	if err := r.form(); err != nil {
		return Answer{}, err
	}
	theme := r.PostForm.Get("theme")
	back, err := plan.SetTheme(r.Context(), d.db, e.ID, theme, r.Person)
	if fault.Is(err, fault.Invalid) {
		return d.again(r, e, func(p *page.Edition) {
			p.Theme.Value, p.Theme.Problem = theme, page.Fields(fault.Problems(err)).Of("theme")
		})
	}
	if err != nil {
		return Answer{}, err
	}
	said := r.Words.T("edition.theme.kept")
	if back > 0 {
		said = r.Words.T("edition.theme.back", back)
	}
	return Answer{To: view.EditionURL(e.ID), Said: said}, nil
}

// again answers with the plan once more, with what is wrong with its form.
func (d Desk) again(r Request, e book.Edition, mend func(*page.Edition)) (Answer, error) {
	p, err := d.page(r, e)
	if err != nil {
		return Answer{}, err
	}
	mend(p)
	return Answer{Page: p, Status: http.StatusUnprocessableEntity}, nil
}

// SetDates keeps the announced days of an edition's year, and lets the edition follow.
func (d Desk) SetDates(r Request) (Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return Answer{}, err
	}
	if err := r.form(); err != nil {
		return Answer{}, err
	}
	first, last := r.PostForm.Get("first-day"), r.PostForm.Get("last-day")
	days, problems := r.readDays(e.Year, first, last)
	var made plan.Made
	if problems == nil {
		made, err = plan.SetDates(r.Context(), d.db, e.Campaign, e.Year, days, r.Person, r.Now)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return Answer{}, err
		}
		for _, p := range fault.Problems(err) {
			problems = append(problems, fault.Problem{Field: "first-day", Message: p.Message})
		}
	}
	if problems != nil {
		return d.again(r, e, func(p *page.Edition) {
			p.Dates[0].Value, p.Dates[0].Problem = first, problems.Of("first-day")
			p.Dates[1].Value, p.Dates[1].Problem = last, problems.Of("last-day")
		})
	}
	return Answer{
		To: view.EditionURL(e.ID), Looks: made.Problems,
		Said: r.Words.T("edition.dates.kept", view.Days(days.Start.String(), days.End.String()), r.said(made)),
	}, nil
}

func (r Request) readDays(year int, first, last string) (civil.Range, page.Fields) {
	var problems page.Fields
	read := func(field, value string) civil.Date {
		day, err := civil.ParseDate(value)
		if err != nil {
			problems = append(problems, fault.Problem{Field: field, Message: r.Words.T("edition.dates.bad", year)})
		}
		return day
	}
	days := civil.Range{Start: read("first-day", first), End: read("last-day", last)}
	if problems == nil && days.End.Before(days.Start) {
		problems = append(problems, fault.Problem{Field: "last-day", Message: r.Words.T("edition.dates.order")})
	}
	return days, problems
}

// PlanAgain lets an edition follow its file, its dates and the channels.
func (d Desk) PlanAgain(r Request) (Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return Answer{}, err
	}
	made, err := plan.Make(r.Context(), d.db, e.Campaign, e.Year, plan.Options{Rehearsal: e.Rehearsal, By: r.Person, Now: r.Now})
	if err != nil {
		return Answer{}, err
	}
	return Answer{To: view.EditionURL(e.ID), Said: r.said(made), Looks: made.Problems}, nil
}

// said says what planning changed, in one sentence.
func (r Request) said(made plan.Made) string {
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
