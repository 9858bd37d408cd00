package editions

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editions/found"
	"daymark/internal/face/web/editions/upkeep"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/planned"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/book/replan"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/plan/conflict"
	"daymark/internal/org/people"
)

// Edition answers with an edition's plan.
func (d Desk) Edition(r ask.Request) (ask.Answer, error) {
	e, err := d.edition(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.page(r, e)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// page reads a plan with everything that its page shows.
func (d Desk) page(r ask.Request, e book.Edition) (*page.Edition, error) {
	ctx := r.Context()
	stands, err := r.Viewer.ReadStands(ctx, d.db, book.EntryFilter{Edition: e.ID})
	if err != nil {
		return nil, err
	}
	tasks, err := book.Tasks(ctx, d.db, e.ID)
	if err != nil {
		return nil, err
	}
	_, o, err := plan.Loaded(ctx, d.db, e.Campaign)
	if err != nil {
		return nil, err
	}
	t := r.Words.T
	p := &page.Edition{
		Frame: page.Frame{Title: view.Title(e), Door: "campaigns"}, Line: planned.Line(r.Viewer, e, stands), YearURL: fmt.Sprintf("/year/%d", e.Year),
		MayEdit: r.Person.May(people.PostWrite), MayPlan: r.Person.May(people.PlanMake), Announced: o.Rule.Kind == observance.Announced && !e.Rehearsal,
		Theme: page.Field{ID: "theme", Label: t("edition.theme.label"), Hint: t("edition.theme.hint"), Value: e.Theme},
		Dates: []page.Field{
			{ID: "first-day", Label: t("edition.dates.first"), Type: "date", Value: e.FirstDay},
			{ID: "last-day", Label: t("edition.dates.last"), Type: "date", Value: e.LastDay},
		},
	}
	if r.Person.May(people.TakeDown) && slices.ContainsFunc(stands, outNow) {
		p.TakeDownURL = view.EditionURL(e.ID) + "/takedown"
	}
	of, err := judge.Edition(ctx, d.db, d.checks.Rules, e.ID, r.Now)
	if err != nil {
		return nil, err
	}
	posts := make([]book.Post, len(of.Posts))
	for i, one := range of.Posts {
		posts[i] = one.Post
	}
	if p.Tasks, err = upkeep.Tasks(ctx, d.db, r.Viewer, e.ID, posts); err != nil {
		return nil, err
	}
	p.Open = len(p.Tasks)
	for _, one := range tasks {
		p.Tasks = append(p.Tasks, taskLine(r, one))
		if one.DoneAt == nil {
			p.Open++
		}
	}
	slices.SortStableFunc(p.Tasks, func(a, b page.PlannedTask) int { return strings.Compare(a.Day, b.Day) })
	if p.Back, err = d.back(ctx, e.ID); err != nil {
		return nil, err
	}
	if err := d.posts(r, p, e, stands); err != nil {
		return nil, err
	}
	live := map[int64]bool{}
	for _, s := range stands {
		live[s.Post] = live[s.Post] || (s.Live() && s.DueAt.After(r.Now))
	}
	found.Write(r, p, of, live)
	return p, nil
}

// outNow reports whether a place is out, or about to be: then there is something to take down.
func outNow(s view.Stand) bool { return s.State.Out() }

func taskLine(r ask.Request, one book.Task) page.PlannedTask {
	t := page.PlannedTask{
		ID: one.ID, What: one.What, Who: one.Who, Due: r.Words.LongDay(one.DueDate), Day: one.DueDate,
		Mark: page.Mark{ID: "open", Icon: "circle-dashed", Word: r.Words.T("edition.task.open"), Tone: "quiet"},
	}
	switch {
	case one.DoneAt != nil:
		t.Done, t.DoneBy, t.DoneAt = true, one.DoneBy, r.Words.Moment(*one.DoneAt, r.Zone)
		t.Mark = page.Mark{ID: "done", Icon: "circle-check", Word: r.Words.T("edition.task.done"), Tone: "live"}
	case one.DueDate < civil.DateOf(r.Now.In(r.Zone)).String():
		t.Mark = page.Mark{ID: "late", Icon: "clock", Word: r.Words.T("edition.task.late"), Tone: "look"}
	}
	return t
}

// posts fills the posts of a plan in their order, each with its conflicts and the file's offer.
func (d Desk) posts(r ask.Request, p *page.Edition, e book.Edition, stands []view.Stand) error {
	looked, err := conflict.Look(r.Context(), d.db, e, r.Now)
	if err != nil {
		return err
	}
	offers, err := replan.Offers(r.Context(), d.db, e.ID)
	if err != nil {
		return err
	}
	at := map[int64]string{}
	for _, o := range offers {
		at[o.Post] = view.OfferURL(o.ID)
	}
	p.Offers = len(offers)
	var order []int64
	groups := map[int64][]view.Stand{}
	for _, s := range stands {
		if groups[s.Post] == nil {
			order = append(order, s.Post)
		}
		groups[s.Post] = append(groups[s.Post], s)
	}
	for _, id := range order {
		group := groups[id]
		each := !slices.ContainsFunc(group, func(s view.Stand) bool { return s.DueDate != group[0].DueDate || s.DueClock != group[0].DueClock })
		one := page.PlannedPost{Line: r.Lines(group, each, func(view.Stand) string { return "" })[0], OfferURL: at[id]}
		one.ID = found.PostID(id)
		for _, s := range group {
			one.Conflicts = oddities(r, one.Conflicts, looked.Conflicts[s.Delivery])
			one.Risks = atRisk(r, one.Risks, s.Risks)
			if s.State == post.Scheduled && s.DueAt.After(r.Now) && r.Person.May(people.PostSubmit) {
				p.AskURL = fmt.Sprintf("/editions/%d/preflight", e.ID)
			}
		}
		p.Conflicts += len(one.Conflicts)
		p.Posts = append(p.Posts, one)
	}
	return nil
}

// oddities adds conflicts to those of a post. The same sentence about another place is not said again.
func oddities(r ask.Request, list []page.Look, found []conflict.Conflict) []page.Look {
	for _, c := range found {
		mark := page.Mark{ID: c.Kind, Icon: "triangle-alert", Word: r.Words.T("conflict.warning"), Tone: "look"}
		if c.Level == conflict.Error {
			mark.Icon, mark.Word, mark.Tone = "octagon-x", r.Words.T("conflict.error"), "harm"
		}
		if !slices.ContainsFunc(list, func(l page.Look) bool { return l.Text == c.Say }) {
			list = append(list, page.Look{Mark: mark, Text: c.Say})
		}
	}
	return list
}

// atRisk adds what may keep a post from going out to what is there. The same sentence about another place is not said again.
func atRisk(r ask.Request, list []page.Look, found []risk.Risk) []page.Look {
	for _, one := range found {
		text := one.Say + " " + one.Mend
		if !slices.ContainsFunc(list, func(l page.Look) bool { return l.Text == text }) {
			list = append(list, page.Look{Mark: page.Mark{ID: "risk", Icon: "triangle-alert", Word: r.Words.T("ahead.mark"), Tone: "look"}, Text: text})
		}
	}
	return list
}

// back counts the posts that another theme sends back to review, as plan.SetTheme does: those before reviewers or approved
// that say it.
func (d Desk) back(ctx context.Context, edition int64) (int, error) {
	reviewed, err := replan.Reviewed(ctx, d.db, edition)
	if err != nil {
		return 0, err
	}
	n := 0
	for id, languages := range reviewed {
		p, err := book.FindPost(ctx, d.db, id)
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(languages, func(language string) bool { return p.Source.Says(language, "theme") }) {
			n++
		}
	}
	return n, nil
}
