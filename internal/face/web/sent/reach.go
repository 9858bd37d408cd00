package sent

import (
	"context"
	"fmt"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach"
	"daymark/internal/postgres"
)

// Reach reads what an edition reached; with 0 the newest one that has something out, else the newest.
func Reach(ctx context.Context, q postgres.Querier, who view.Viewer, id int64) (*page.Reach, error) {
	v := viewer{who}
	p := &page.Reach{Frame: page.Frame{Title: v.Words.T("reach.title"), Door: "reach"}}
	editions, err := v.Editions(ctx, q)
	if err != nil {
		return nil, err
	}
	if id == 0 && len(editions) == 0 {
		return p, nil
	}
	r, err := report(ctx, q, editions, id)
	if err != nil {
		return nil, err
	}
	p.Any, p.Heading, p.Rehearsal, p.Out = true, view.Title(r.Edition), r.Edition.Rehearsal, r.PublishedDeliveries
	p.Title = v.Words.T("reach.title") + ", " + p.Heading
	p.EditionURL = fmt.Sprintf("/reach/%d", r.Edition.ID)
	p.Days = v.Words.LongDay(r.Edition.FirstDay) + " · " + v.Away(r.Edition.FirstDay, r.Edition.LastDay)
	p.Editions = v.EditionOptions(editions, r.Edition.ID)[1:] // there is no reach of all editions
	p.States = v.states(r)
	p.Totals = v.figures(r.Totals)
	p.Missing, p.LogHead = view.Lacks(v.Words, r.Lacks), r.Log.String()
	if r.LastAsked != nil {
		p.Asked = v.Words.Moment(*r.LastAsked, v.Zone)
	}
	if r.Punctuality.Posts > 0 {
		p.Punctual = v.Words.T("reach.time.text", v.Words.Span(r.Punctuality.P50), v.Words.Span(r.Punctuality.P99), v.Words.Span(r.Punctuality.Max))
	}
	for i := range r.ByLanguage {
		r.ByLanguage[i].Label = v.Words.Tongue(r.ByLanguage[i].Key)
	}
	for i := range r.ByDay {
		r.ByDay[i].Label = v.Words.LongDay(r.ByDay[i].Key)
	}
	for _, b := range []struct {
		name string
		rows []reach.Row
	}{{"message", r.ByMessage}, {"channel", r.ByChannel}, {"language", r.ByLanguage}, {"network", r.ByNetwork}, {"day", r.ByDay}} {
		if len(b.rows) > 0 {
			p.Breakdowns = append(p.Breakdowns, v.breakdown(b.name, b.rows, r.Totals))
		}
	}
	return p, nil
}

func report(ctx context.Context, q postgres.Querier, editions []book.Edition, id int64) (reach.Report, error) {
	if id != 0 {
		return reach.Summarise(ctx, q, id)
	}
	var newest reach.Report
	for i, e := range editions {
		r, err := reach.Summarise(ctx, q, e.ID)
		if err != nil || r.PublishedDeliveries > 0 {
			return r, err
		}
		if i == 0 {
			newest = r
		}
	}
	return newest, nil
}

// states says what else became of deliveries; what did not happen is not mentioned.
func (v viewer) states(r reach.Report) []string {
	var out []string
	for _, s := range []struct {
		key string
		n   int
	}{
		{"waiting", r.Waiting},
		{"unknown", r.Unknown},
		{"missed", r.Missed},
		{"failed", r.Failed},
		{"removed", r.Removed},
		{"gone", r.Gone},
		{"cancelled", r.Cancelled},
	} {
		if s.n > 0 {
			out = append(out, v.Words.T("reach."+s.key, s.n))
		}
	}
	return out
}

// kinds are the figures in the order of the pages. The first three every network with reactions has; the others get a column
// only where somebody tells them.
var kinds = []struct {
	id string
	of func(reach.Counts) *int64
}{
	{"favourites", func(c reach.Counts) *int64 { return c.Favourites }},
	{"boosts", func(c reach.Counts) *int64 { return c.Boosts }},
	{"replies", func(c reach.Counts) *int64 { return c.Replies }},
	{"quotes", func(c reach.Counts) *int64 { return c.Quotes }},
	{"impressions", func(c reach.Counts) *int64 { return c.Impressions }},
	{"clicks", func(c reach.Counts) *int64 { return c.Clicks }},
}

const always = 3

func (v viewer) figures(c reach.Counts) []page.Figure {
	var out []page.Figure
	for _, k := range kinds {
		f := page.Figure{ID: k.id, Word: v.Words.T("figure." + k.id)}
		if n := k.of(c); n != nil {
			f.Told, f.Value = true, *n
		}
		out = append(out, f)
	}
	return out
}

func (v viewer) breakdown(name string, rows []reach.Row, totals reach.Counts) page.Breakdown {
	b := page.Breakdown{ID: "reach-" + name, Heading: v.Words.T("reach." + name), Column: v.Words.T("reach.col." + name)}
	most := int64(0)
	for _, r := range rows {
		if r.Counts.Engagements != nil {
			most = max(most, *r.Counts.Engagements)
		}
	}
	for _, r := range rows {
		row := page.FigureRow{Label: r.Label, Posts: r.Posts}
		for i, f := range v.figures(r.Counts) {
			if i < always || kinds[i].of(totals) != nil {
				row.Figures = append(row.Figures, f)
			}
		}
		if r.Counts.Engagements != nil && most > 0 {
			row.Bar = int(100 * *r.Counts.Engagements / most)
		}
		row.BarSaid = v.Words.T("reach.bar", v.Words.Percent(int64(row.Bar)))
		b.Rows = append(b.Rows, row)
	}
	return b
}
