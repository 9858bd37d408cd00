package results

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/media/chart"
)

// The days that the chart of an edition shows, counted from its first day.
const (
	firstShown = -14
	lastShown  = 30
)

// courseShown is an edition day by day, beside the year before.
type courseShown struct {
	Chart   tabled.Drawn
	Said    []string // what stands out, in sentences
	Heads   []string
	Rows    []tabled.Row
	Against []against
	Before  string // the year before; empty where there is none
	Now     string
	SVG     string
}

// against is one figure beside that of the year before at the same day.
type against struct {
	Word        string
	Now, Before tabled.Cell
	Change      string
}

// before returns the newest edition of the same campaign before one, that is no rehearsal.
func (s source) before() (book.Edition, bool) {
	var found book.Edition
	for _, e := range s.all {
		if e.Campaign == s.edition.Campaign && !e.Rehearsal && e.Year < s.edition.Year && e.Year > found.Year {
			found = e
		}
	}
	return found, found.ID != 0
}

// course reads an edition along the days of its campaign.
func (d Desk) course(ctx context.Context, s source, e book.Edition) (compare.Course, error) {
	first, err := civil.ParseDate(e.FirstDay)
	if err != nil {
		return compare.Course{}, fmt.Errorf("first day of edition %d: %w", e.ID, err)
	}
	days, err := tabled.Gained(ctx, d.db, e.ID, s.accounts)
	return compare.Align(days, first), err
}

// offset writes a day of a campaign as its distance from the first one.
func offset(words page.Words, n int) string {
	switch {
	case n < 0:
		return words.T("results.offset.before", -n)
	case n > 0:
		return words.T("results.offset.after", n)
	}
	return words.T("results.offset.day")
}

// shown are the values of the chart's days; days to come are not known.
func shown(c compare.Course, today int) []*int64 {
	var values []*int64
	for at := firstShown; at <= lastShown; at++ {
		switch n := c.ByOffset[at].Engagements; {
		case at > today:
			values = append(values, nil)
		case n == nil:
			values = append(values, new(int64(0)))
		default:
			values = append(values, n)
		}
	}
	return values
}

// putCourse lays the edition beside the year before.
func (d Desk) putCourse(ctx context.Context, s source, p *editionPage) error {
	t := s.Words.T
	now, err := d.course(ctx, s, s.edition)
	if err != nil || len(now.ByOffset) == 0 {
		return err
	}
	c := &p.Course
	c.Now, c.SVG = fmt.Sprint(s.edition.Year), chartURL(s.edition.ID, "time")
	drawing, was, err := d.time(ctx, s, now)
	if err != nil {
		return err
	}
	c.Chart = tabled.Markup(drawing)
	today := s.today(now.First)
	c.Heads = []string{t("results.col.offset"), t("reach.col.day"), c.Now}
	if was != nil {
		e, _ := s.before()
		c.Before = fmt.Sprint(e.Year)
		c.Heads = append(c.Heads, c.Before)
		c.Said = append(c.Said, t("results.aligned", s.Words.LongDay(s.edition.FirstDay), s.Words.LongDay(e.FirstDay)))
	}
	for at := firstShown; at <= lastShown; at++ {
		n, b := now.ByOffset[at].Engagements, (*int64)(nil)
		if was != nil {
			b = was.ByOffset[at].Engagements
		}
		if n == nil && b == nil {
			continue
		}
		row := tabled.Row{Label: offset(s.Words, at), Cells: []tabled.Cell{{Told: true, Said: s.Words.LongDay(now.First.AddDays(at).String())}, tabled.Told(n, s.Words)}}
		if was != nil {
			row.Cells = append(row.Cells, tabled.Told(b, s.Words))
		}
		c.Rows = append(c.Rows, row)
	}
	if was != nil {
		c.Against = s.against(now.Until(today), was.Until(today))
		c.Said = append(c.Said, t("results.until", offset(s.Words, today)))
	}
	return nil
}

// against lays the figures by a day beside those of the year before by the same day of the campaign.
func (s source) against(now, was reach.Counts) []against {
	var all []against
	for _, f := range tabled.Counts() {
		n, b := f.Of(now), f.Of(was)
		if n == nil && b == nil {
			continue
		}
		one := against{Word: s.Words.T("figure." + f.ID), Now: tabled.Told(n, s.Words), Before: tabled.Told(b, s.Words)}
		if change, ok := compare.Change(n, b); ok {
			switch {
			case change > 0:
				one.Change = s.Words.T("results.more", s.Words.Percent(change))
			case change < 0:
				one.Change = s.Words.T("results.less", s.Words.Percent(-change))
			default:
				one.Change = s.Words.T("results.same")
			}
		}
		all = append(all, one)
	}
	return all
}

// time draws the chart of days; was is nil where there is no year before, or nothing is known of it.
func (d Desk) time(ctx context.Context, s source, now compare.Course) (svg string, was *compare.Course, err error) {
	t := s.Words.T
	days := chart.Days{
		Head: s.head("time", t("results.time.desc", s.edition.Year)), Day: -firstShown, Mark: t("results.offset.day"), Number: s.Words.Number,
		Lines: []chart.Line{{Name: fmt.Sprint(s.edition.Year), Values: shown(now, s.today(now.First))}},
	}
	for at := firstShown; at <= lastShown; at++ {
		label := ""
		if at%7 == 0 && at != 0 {
			label = offset(s.Words, at)
		}
		days.Labels = append(days.Labels, label)
	}
	e, there := s.before()
	if !there {
		return days.SVG(), nil, nil
	}
	course, err := d.course(ctx, s, e)
	if err != nil || len(course.ByOffset) == 0 {
		return days.SVG(), nil, err
	}
	days.Lines = append(days.Lines, chart.Line{Name: fmt.Sprint(e.Year), Values: shown(course, s.today(course.First))})
	days.Desc = t("results.time.desc.both", s.edition.Year, e.Year)
	return days.SVG(), &course, nil
}

// head is what a drawing of an edition says of itself.
func (s source) head(name, desc string) chart.Head {
	return chart.Head{
		ID: "chart-" + name, Title: s.Words.T("results.chart.title", s.Words.T("results.chart."+name), view.Title(s.edition)), Desc: desc,
		Lang: s.Words.Lang, RTL: s.Words.Dir == "rtl",
	}
}

// putOthers lays the edition beside those of other campaigns, the latest first.
func (d Desk) putOthers(ctx context.Context, s source, p *editionPage) error {
	const most = 12
	var ids []int64
	for _, e := range s.all {
		if !e.Rehearsal || e.ID == s.edition.ID {
			ids = append(ids, e.ID)
		}
	}
	sums, err := compare.Editions(ctx, d.db, ids, s.accounts)
	if err != nil {
		return err
	}
	var lines []tabled.Line
	var total compare.Sums
	for _, e := range s.all {
		one, out := sums[e.ID]
		if !out || len(lines) == most && e.ID != s.edition.ID {
			continue
		}
		l := tabled.Line{Label: tabled.Title(s.Request, e), URL: tabled.URL(e.ID), Sums: one}
		if e.ID == s.edition.ID {
			l.URL = ""
		}
		lines = append(lines, l)
		total.Add(one)
	}
	if len(lines) > 1 {
		p.Others = tabled.Breakdown(s.Words, "edition", lines, total)
	}
	return nil
}

// heatShown is the map of a channel's hours.
type heatShown struct {
	Chart    tabled.Drawn
	Channel  string
	Channels []page.Option
	Posts    int
	Said     string
	Rows     []tabled.Row
	SVG      string
}

// hottest chooses the account of the map: the one asked for, else the one with the most posts. The map is made of all campaigns, so that
// it is not for whoever works on some of them only.
func (s source) hottest() (compare.Row, bool) {
	rows := s.did.Accounts
	if len(rows) == 0 || len(s.Person.Campaigns) > 0 {
		return compare.Row{}, false
	}
	asked := s.URL.Query().Get("channel")
	if at := slices.IndexFunc(rows, func(r compare.Row) bool { return r.Key == asked }); at >= 0 {
		return rows[at], true
	}
	return slices.MaxFunc(rows, func(a, b compare.Row) int { return a.Posts - b.Posts }), true
}

// putHeat shows at which hours posts of a channel did well, over all campaigns and years.
func (d Desk) putHeat(ctx context.Context, s source, p *editionPage) error {
	account, ok := s.hottest()
	if !ok {
		return nil
	}
	svg, hours, err := d.heat(ctx, s, account)
	if err != nil || len(hours) == 0 {
		return err
	}
	t, h := s.Words.T, &p.Heat
	h.Chart, h.Channel, h.SVG = tabled.Markup(svg), account.Name, chartURL(s.edition.ID, "heat")+"?channel="+account.Key
	for _, a := range s.did.Accounts {
		h.Channels = append(h.Channels, page.Option{Value: a.Key, Word: a.Name, Chosen: a.Key == account.Key})
	}
	for _, hour := range hours {
		h.Posts += hour.Posts
		h.Rows = append(h.Rows, tabled.Row{Label: t("results.weekday.hour", s.Words.Weekday(hour.Weekday), hour.Hour), Cells: []tabled.Cell{
			{Told: true, Said: s.Words.Number(int64(hour.Posts))}, tabled.Told(hour.Counts.Engagements, s.Words), s.average(hour),
		}})
	}
	h.Said = t("results.heat.said", h.Posts)
	return nil
}

// average is the engagements of one post on average.
func (s source) average(h trend.Hour) tabled.Cell {
	if h.Counts.Engagements == nil {
		return tabled.Told(nil, s.Words)
	}
	return tabled.Cell{Told: true, Said: s.Words.Tenths(*h.Counts.Engagements * 10 / int64(max(1, h.Posts)))}
}

// heat draws the map of an account.
func (d Desk) heat(ctx context.Context, s source, account compare.Row) (string, []trend.Hour, error) {
	hours, err := trend.Hours(ctx, d.db, int64(tabled.Number(account.Key)))
	if err != nil {
		return "", nil, err
	}
	t := s.Words.T
	posts := 0
	h := chart.Hours{Many: compare.Enough}
	for i := range h.Days {
		h.Days[i] = s.Words.ShortWeekday(time.Weekday((i + 1) % 7)) // the week begins on Monday
	}
	for _, one := range hours {
		hot := chart.Hot{Posts: one.Posts}
		posts += one.Posts
		if n := one.Counts.Engagements; n != nil {
			hot.Value = new(*n * 10 / int64(max(1, one.Posts)))
		}
		hot.Said = t("results.heat.cell", s.Words.Weekday(one.Weekday), one.Hour, s.average(one).Said, one.Posts)
		h.Cells[(int(one.Weekday)+6)%7][one.Hour] = hot
	}
	h.Head = s.head("heat", t("results.heat.desc", account.Name, posts, compare.Enough))
	return h.SVG(), hours, nil
}
