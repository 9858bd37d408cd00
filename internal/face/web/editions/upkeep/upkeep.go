// Package upkeep works out what an edition needs people to look at before its posts go out, beside the tasks of its campaign:
// facts that no longer hold on the day of a post, and helplines whose check is missing or runs out before one.
//
// Nobody writes these tasks down and nobody ticks them off: they are there as long as their cause is. The package changes nothing.
package upkeep

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/draft"
	"daymark/internal/org/helpline"
	"daymark/internal/postgres"
)

// task is something to look at by an instant.
type task struct {
	what string
	who  string
	url  string
	by   time.Time
}

// Tasks returns what has to be looked at for the posts of an edition, soonest first.
func Tasks(ctx context.Context, q postgres.Querier, who view.Viewer, edition int64, posts []book.Post) ([]page.PlannedTask, error) {
	list, err := facts(ctx, q, who, edition, posts)
	if err != nil {
		return nil, err
	}
	values, err := fill.Read(ctx, q, edition)
	if err != nil {
		return nil, err
	}
	list = append(list, lines(who, values, posts)...)
	slices.SortStableFunc(list, func(a, b task) int { return cmp.Or(a.by.Compare(b.by), cmp.Compare(a.what, b.what)) })
	var out []page.PlannedTask
	for _, one := range list {
		day := civil.DateOf(one.by.In(who.Zone)).String()
		out = append(out, page.PlannedTask{
			What: one.what, Who: one.who, URL: one.url, Due: who.Words.LongDay(day), Day: day,
			Mark: page.Mark{ID: "check", Icon: "triangle-alert", Word: who.Words.T("edition.task.check"), Tone: "look"},
		})
	}
	return out, nil
}

// coming calls back for every delivery of posts that has yet to go out.
func coming(posts []book.Post, now time.Time, each func(p book.Post, e book.Entry)) {
	for _, p := range posts {
		for _, e := range p.Entries {
			if (e.State == post.Held || e.State == post.Scheduled) && e.DueAt.After(now) {
				each(p, e)
			}
		}
	}
}

// facts lists the facts that do not hold on the day of a post of the edition.
func facts(ctx context.Context, q postgres.Querier, who view.Viewer, edition int64, posts []book.Post) ([]task, error) {
	var last time.Time
	coming(posts, who.Now, func(_ book.Post, e book.Entry) {
		if e.DueAt.After(last) {
			last = e.DueAt
		}
	})
	if last.IsZero() {
		return nil, nil
	}
	due, err := draft.DueFacts(ctx, q, who.Now, last.Sub(who.Now))
	if err != nil {
		return nil, err
	}
	var list []task
	for _, d := range due {
		var first time.Time
		n := 0
		for _, p := range d.Posts {
			if p.Edition != edition {
				continue
			}
			n++
			if first.IsZero() || p.First.Before(first) {
				first = p.First
			}
		}
		if n > 0 {
			list = append(list, task{who.Words.T("edition.fact", n, d.Why), who.Words.T("edition.task.editor"), "/facts/" + url.PathEscape(d.Fact.ID), first})
		}
	}
	return list, nil
}

// lines lists the helplines that posts show and whose check runs out before one of them, and the countries for which a post asks
// for a helpline and none may be shown.
func lines(who view.Viewer, values fill.Values, posts []book.Post) []task {
	whys := map[string]string{}
	due := helpline.Due(values.Lines, who.Now, 10*365*24*time.Hour) // what matters is each post's own day
	for _, d := range due {
		whys[d.Record.ID] = d.Why
	}
	var list []task
	add := func(one task) {
		if at := slices.IndexFunc(list, func(t task) bool { return t.url == one.url }); at < 0 {
			list = append(list, one)
		} else if one.by.Before(list[at].by) {
			list[at] = one
		}
	}
	coming(posts, who.Now, func(p book.Post, e book.Entry) {
		if !p.Source.Says(e.Language, "helpline") {
			return
		}
		country := values.Country(p.Source, e.Channel)
		switch f := values.Entry(p, e, who.Now); {
		case f.Line == nil && country != "":
			add(task{who.Words.T("edition.line.none", country), who.Words.T("edition.task.checker"), "/helplines#country-" + url.PathEscape(country), e.DueAt})
		case f.Line != nil && !f.Line.Holds(e.DueAt):
			add(task{whys[f.Line.ID], who.Words.T("edition.task.checker"), "/helplines/" + url.PathEscape(f.Line.ID), f.Line.Last.Until})
		}
	})
	return list
}
