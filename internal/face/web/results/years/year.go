// Package years is the desk for a year over all campaigns: what each edition did whose first day lies in it, and all together.
//
// Whoever works on some campaigns or accounts only sees the figures of those, and the page says so.
package years

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/media/chart"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answer needs.
type Desk struct{ db *postgres.DB }

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the address that this desk answers.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{{Pattern: "GET /year/{year}/reach", Needs: people.ReachRead, Answer: d.Year}}
}

// yearPage is a year over all campaigns.
type yearPage struct {
	page.Frame
	Year     string
	Mine     bool // the figures are of some accounts or campaigns only
	Out      int
	Totals   []tabled.Figure
	Missing  []string
	Chart    tabled.Drawn
	Heads    []string
	Rows     []tabled.Row
	Tables   []tabled.Table
	PriorURL string
	Prior    string
	NextURL  string
	Next     string
}

// Year answers with what a year did over all campaigns that the person sees: the editions whose first day lies in it.
func (d Desk) Year(r ask.Request) (ask.Answer, error) {
	t, ctx := r.Words.T, r.Context()
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || year < 1900 || year > 2200 {
		return ask.Answer{}, fault.New(fault.NotFound, "The address may be mistyped: it needs a number.")
	}
	name := strconv.Itoa(year)
	p := &yearPage{Frame: page.Frame{Template: "reach_year", Title: t("results.year.title", year), Door: "reach"}, Year: name, Mine: r.Person.Limited()}
	all, err := r.Editions(ctx, d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	accounts, err := tabled.Accounts(r, d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	var ids []int64
	for _, e := range all {
		switch of := e.FirstDay[:4]; {
		case e.Rehearsal:
		case of == name:
			ids = append(ids, e.ID)
		case of < name && of > p.Prior:
			p.Prior, p.PriorURL = of, tabled.YearURL(of)
		case of > name && (p.Next == "" || of < p.Next):
			p.Next, p.NextURL = of, tabled.YearURL(of)
		}
	}
	sums, err := compare.Editions(ctx, d.db, ids, accounts)
	if err != nil {
		return ask.Answer{}, err
	}
	networks, err := compare.Networks(ctx, d.db, ids, accounts)
	if err != nil {
		return ask.Answer{}, err
	}
	var total compare.Sums
	var lines []tabled.Line
	for _, e := range all {
		if one, out := sums[e.ID]; out {
			total.Add(one)
			lines = append(lines, tabled.Line{Label: view.Title(e), URL: tabled.URL(e.ID), Sums: one})
		}
	}
	if p.Out = total.Posts; p.Out == 0 {
		return ask.Shown(p), nil
	}
	p.Totals, p.Missing = tabled.Glance(r.Words, total), view.Lacks(r.Words, compare.Lacks(networks))
	p.Tables = []tabled.Table{tabled.Breakdown(r.Words, "edition", lines, total), tabled.Breakdown(r.Words, "network", tabled.Named(r.Words, "network", networks), total)}
	if err := d.putMonths(r, p, year, ids, accounts); err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// days reads what the editions gained in a year by day.
func (d Desk) days(r ask.Request, year int, editions, accounts []int64) ([]trend.Day, error) {
	from, to := civil.Date{Year: year, Month: time.January, Day: 1}, civil.Date{Year: year, Month: time.December, Day: 31}
	var days []trend.Day
	for _, id := range editions {
		list, err := tabled.Gained(r.Context(), d.db, id, accounts)
		if err != nil {
			return nil, err
		}
		days = append(days, list...)
	}
	days = slices.DeleteFunc(days, func(one trend.Day) bool { return one.Day.Before(from) || one.Day.After(to) })
	slices.SortStableFunc(days, func(a, b trend.Day) int { return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Platform, b.Platform)) })
	return days, nil
}

// putMonths draws the year and lists its months.
func (d Desk) putMonths(r ask.Request, p *yearPage, year int, editions, accounts []int64) error {
	days, err := d.days(r, year, editions, accounts)
	if err != nil || len(days) == 0 {
		return err
	}
	t, first := r.Words.T, civil.Date{Year: year, Month: time.January, Day: 1}
	c := chart.Days{
		Head: chart.Head{
			ID: "chart-year", Title: t("results.chart.title", t("results.chart.time"), p.Year), Desc: t("results.year.desc", year),
			Lang: r.Words.Lang, RTL: r.Words.Dir == "rtl",
		},
		Day: -1, Number: r.Words.Number, Lines: []chart.Line{{Name: t("figure.engagements")}},
	}
	today := civil.DateOf(r.Now.In(r.Zone))
	var months [12]trend.Counts
	by := map[civil.Date]trend.Counts{}
	for _, one := range days {
		by[one.Day] = by[one.Day].Plus(one.Counts)
		months[one.Day.Month-1] = months[one.Day.Month-1].Plus(one.Counts)
	}
	for day := first; day.Year == year; day = day.AddDays(1) {
		label := ""
		if day.Day == 15 && int(day.Month)%3 == 2 {
			label = r.Words.Month(day.Month)
		}
		c.Labels = append(c.Labels, label)
		value := by[day].Engagements
		if value == nil && !day.After(today) {
			value = new(int64(0))
		}
		c.Lines[0].Values = append(c.Lines[0].Values, value)
	}
	p.Chart = tabled.Markup(c.SVG())
	p.Heads = []string{t("results.col.month"), t("figure.engagements"), t("figure.impressions"), t("figure.clicks")}
	for m, counts := range months {
		if counts == (trend.Counts{}) {
			continue
		}
		p.Rows = append(p.Rows, tabled.Row{Label: r.Words.MonthOf(year, time.Month(m+1)), Cells: []tabled.Cell{
			tabled.Told(counts.Engagements, r.Words), tabled.Told(counts.Impressions, r.Words), tabled.Told(counts.Clicks, r.Words),
		}})
	}
	return nil
}
