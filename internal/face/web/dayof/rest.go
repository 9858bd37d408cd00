package dayof

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/punctual"
	"daymark/internal/flow/reach"
	"daymark/internal/org/people"
)

// lates is how many late places are named.
const lates = 10

// lateness names what went out late, and why.
func (v watcher) lateness(from, to time.Time) func(context.Context, *Watched, []view.Stand) error {
	return func(ctx context.Context, w *Watched, stands []view.Stand) error {
		mine := map[int64]bool{}
		for _, s := range stands {
			if s.State == post.Published || s.State == post.Removed {
				mine[s.Delivery] = true
			}
		}
		if len(mine) == 0 {
			return nil
		}
		report, err := punctual.Read(ctx, v.db, punctual.Of{From: from, To: to}, v.Now)
		for _, l := range report.Latest {
			if !mine[l.ID] || len(w.Late) == lates {
				continue
			}
			w.Late = append(w.Late, late{
				ID: fmt.Sprintf("late-%d", l.ID), URL: fmt.Sprintf("/posts/%d", l.Post), Name: page.Heading(l.Message, l.Kind), Where: l.Channel,
				Why: v.Words.T("day.late.by", v.Words.Span(l.By()), v.Words.T("late.why."+l.Reason)),
			})
		}
		return err
	}
}

// editionsOf returns the editions of which something is on the day.
func editionsOf(stands []view.Stand) []int64 {
	var ids []int64
	for _, s := range stands {
		if s.Edition != 0 && !slices.Contains(ids, s.Edition) {
			ids = append(ids, s.Edition)
		}
	}
	return ids
}

// tasks lists what people have to do on the day, with who does it as the campaign says.
func (v watcher) tasks(ctx context.Context, w *Watched, stands []view.Stand) error {
	for _, id := range editionsOf(stands) {
		all, err := book.Tasks(ctx, v.db, id)
		if err != nil {
			return err
		}
		for _, t := range all {
			if t.DueDate == w.Date && t.DoneAt == nil {
				w.Tasks = append(w.Tasks, v.Words.T("day.task.of", t.Who, t.What))
			}
		}
	}
	return nil
}

// figures are those of the day, in its order.
var figures = []struct {
	id string
	of func(reach.Counts) *int64
}{
	{"engagements", func(c reach.Counts) *int64 { return c.Engagements }},
	{"boosts", func(c reach.Counts) *int64 { return c.Boosts }},
	{"impressions", func(c reach.Counts) *int64 { return c.Impressions }},
}

// reached fills in what the editions of the day reached so far, for those who may see the numbers.
func (v watcher) reached(ctx context.Context, w *Watched, stands []view.Stand) error {
	if !v.Person.May(people.ReachRead) || !slices.ContainsFunc(stands, func(s view.Stand) bool { return s.State == post.Published }) {
		return nil
	}
	for _, id := range editionsOf(stands) {
		e, err := book.EditionByID(ctx, v.db, id)
		if err != nil {
			return err
		}
		b, err := reach.InBrief(ctx, v.db, id)
		if err != nil {
			return err
		}
		one := reached{Title: v.Words.T("day.reach.of", view.Title(e)), URL: fmt.Sprintf("/reach/%d", id)}
		for _, f := range figures {
			told := figure{Word: v.Words.T("figure." + f.id)}
			if n := f.of(b.Totals); n != nil {
				told.Value = v.Words.Count(*n)
			}
			one.Figures = append(one.Figures, told)
		}
		w.Reached = append(w.Reached, one)
	}
	return nil
}
