package planned

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/postgres"
)

// dayLines is how many lines a day of the month shows before "+n".
const dayLines = 5

// CalendarQuery is what the address of the calendar asks for. Every field may be empty.
type CalendarQuery struct {
	Month    string // YYYY-MM; the current month when empty or not one
	View     string // list, or the month
	Edition  int64
	Language string
	State    string // a standing
	Zone     string // channel, or the team's
}

func (c CalendarQuery) list() bool { return c.View == "list" }
func (c CalendarQuery) each() bool { return c.Zone == "channel" }

// with returns the address of the same calendar with one thing changed.
func (c CalendarQuery) with(change func(*CalendarQuery)) string {
	change(&c)
	v := url.Values{}
	for key, value := range map[string]string{"month": c.Month, "view": c.View, "language": c.Language, "state": c.State, "zone": c.Zone} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if c.Edition != 0 {
		v.Set("edition", strconv.FormatInt(c.Edition, 10))
	}
	return "/calendar?" + v.Encode()
}

// Calendar reads a month.
func Calendar(ctx context.Context, q postgres.Querier, who view.Viewer, query CalendarQuery) (*page.Calendar, error) {
	v := viewer{who}
	first, err := time.Parse("2006-01", query.Month)
	if err != nil || first.Year() < 1900 || first.Year() > 2200 {
		today := v.Now.In(v.Zone)
		first = time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	query.Month = first.Format("2006-01")
	weeks := weeksOf(civil.DateOf(first))
	from, to := weeks[0][0], weeks[len(weeks)-1][6].AddDays(1)
	// A day more on both sides: a channel's day begins up to 14 hours before and ends up to 12 hours after UTC's.
	stands, err := v.ReadStands(ctx, q, book.EntryFilter{From: midnight(from.AddDays(-1)), To: midnight(to.AddDays(1)), Edition: query.Edition, Language: query.Language})
	if err != nil {
		return nil, err
	}
	editions, err := v.Editions(ctx, q)
	if err != nil {
		return nil, err
	}
	p := &page.Calendar{
		Frame: page.Frame{Title: v.Words.T("cal.title") + ", " + v.Words.MonthOf(first.Year(), first.Month()), Door: "calendar"},
		Month: v.Words.MonthOf(first.Year(), first.Month()), Value: query.Month, List: query.list(),
	}
	v.days(p, query, weeks, stands, editions)
	v.links(p, query, first)
	v.choices(p, query, editions)
	return p, nil
}

// days fills the weeks, and for the list view the days that have something.
func (v viewer) days(p *page.Calendar, query CalendarQuery, weeks [][]civil.Date, stands []view.Stand, editions []book.Edition) {
	byDay := map[string][]view.Stand{}
	for _, s := range stands {
		if query.State == "" || string(s.Standing) == query.State {
			date := v.DateOf(s, query.each())
			byDay[date] = append(byDay[date], s)
		}
	}
	p.Empty = true
	for _, week := range weeks {
		row := page.Week{Bare: true}
		for _, date := range week {
			d := v.day(date, query, byDay[date.String()], editions)
			d.Other = date.String()[:7] != query.Month
			if !d.Other && len(d.Lines) > 0 {
				p.Empty = false
			}
			if query.list() && !d.Other && !d.Bare() {
				p.Days = append(p.Days, d)
			}
			row.Bare = row.Bare && (d.Other || d.Bare())
			row.Days = append(row.Days, d)
		}
		p.Weeks = append(p.Weeks, row)
	}
}

func (v viewer) day(date civil.Date, query CalendarQuery, stands []view.Stand, editions []book.Edition) page.Day {
	slices.SortStableFunc(stands, func(a, b view.Stand) int {
		return strings.Compare(v.ClockOf(a, query.each()), v.ClockOf(b, query.each()))
	})
	key := v.AtMoment(query.each())
	if !query.list() {
		key = func(s view.Stand) string { return strconv.FormatInt(s.Post, 10) } // the month shows a post once a day
	}
	iso := date.String()
	d := page.Day{
		ID: "day-" + iso, Date: iso, Number: strconv.Itoa(date.Day), Weekday: v.Words.ShortWeekday(date.Weekday()), Long: v.Words.LongDay(iso),
		Today: iso == v.Now.In(v.Zone).Format(time.DateOnly), Lines: v.Lines(stands, query.each(), key),
	}
	for _, e := range editions {
		if e.FirstDay <= iso && iso <= e.LastDay && (query.Edition == 0 || query.Edition == e.ID) {
			band := e.Title
			if e.Rehearsal {
				band = v.Words.T("cal.rehearsing", e.Title)
			}
			d.Bands = append(d.Bands, band)
		}
	}
	if !query.list() && len(d.Lines) > dayLines {
		d.More = len(d.Lines) - dayLines
		d.Lines = d.Lines[:dayLines]
		d.MoreURL = query.with(func(c *CalendarQuery) { c.View = "list"; c.Month = iso[:7] }) + "#" + d.ID
	}
	return d
}

func (v viewer) links(p *page.Calendar, query CalendarQuery, first time.Time) {
	month := func(n int) string {
		return query.with(func(c *CalendarQuery) { c.Month = first.AddDate(0, n, 0).Format("2006-01") })
	}
	p.PrevURL, p.NextURL = month(-1), month(1)
	p.TodayURL = query.with(func(c *CalendarQuery) { c.Month = v.Now.In(v.Zone).Format("2006-01") })
	p.MonthURL = query.with(func(c *CalendarQuery) { c.View = "" })
	p.YearURL = fmt.Sprintf("/year/%d", first.Year())
	p.ListURL = query.with(func(c *CalendarQuery) { c.View = "list" })
	p.Filtered = query.Edition != 0 || query.Language != "" || query.State != ""
	p.Zone = v.Words.T("cal.in.ours", v.Zone.String())
	if query.each() {
		p.Zone = v.Words.T("cal.in.each")
	}
	for _, day := range []time.Weekday{1, 2, 3, 4, 5, 6, 0} {
		p.Weekdays = append(p.Weekdays, page.Weekday{Short: v.Words.ShortWeekday(day), Long: v.Words.Weekday(day)})
	}
}

func (v viewer) choices(p *page.Calendar, query CalendarQuery, editions []book.Edition) {
	p.Editions = v.EditionOptions(editions, query.Edition)
	p.Languages = []page.Option{{Word: v.Words.T("cal.all")}}
	for _, code := range []string{"en", "fr", "es", "ar"} {
		p.Languages = append(p.Languages, page.Option{Value: code, Word: v.Words.Tongue(code), Chosen: code == query.Language})
	}
	p.States = []page.Option{{Word: v.Words.T("cal.all")}}
	for _, s := range page.Standings() {
		mark := v.Words.MarkOf(s)
		p.Legend = append(p.Legend, mark)
		p.States = append(p.States, page.Option{Value: string(s), Word: mark.Word, Chosen: string(s) == query.State})
	}
	p.Zones = []page.Option{
		{Word: v.Words.T("cal.zone.ours", v.Zone.String()), Chosen: !query.each()},
		{Value: "channel", Word: v.Words.T("cal.zone.each"), Chosen: query.each()},
	}
}

// weeksOf returns the weeks, Monday to Sunday, that hold the days of a month.
func weeksOf(first civil.Date) [][]civil.Date {
	day := first.AddDays(-(int(first.Weekday()) + 6) % 7)
	var weeks [][]civil.Date
	for len(weeks) == 0 || day.Month == first.Month {
		week := make([]civil.Date, 7)
		for i := range week {
			week[i] = day.AddDays(i)
		}
		weeks = append(weeks, week)
		day = day.AddDays(7)
	}
	return weeks
}

func midnight(d civil.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
