package calendar

import (
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/flow/book/agenda"
)

// byDay sorts lines into days.
func byDay(lines []agenda.Line) map[civil.Date][]agenda.Line {
	days := map[civil.Date][]agenda.Line{}
	for _, l := range lines {
		days[l.Day] = append(days[l.Day], l)
	}
	return days
}

// month writes the weeks of a month.
func (s sheet) month(p *Page, bands bands) error {
	first := s.query.day
	weeks := monthOf(first)
	from, to := weeks[0][0], weeks[len(weeks)-1][6].AddDays(1)
	lines, err := s.lines(from, to, false, monthLines)
	if err != nil {
		return err
	}
	days := byDay(lines)
	bands.lay(from, to)
	p.Head, p.Empty, p.Long = s.Words.MonthOf(first.Year, first.Month), true, bands.long
	for _, week := range weeks {
		row := Week{Bare: true}
		for _, date := range week {
			d := s.day(date, days[date], bands)
			d.Other = date.Month != first.Month
			p.Empty = p.Empty && (d.Other || len(d.Entries) == 0)
			row.Bare = row.Bare && (d.Other || d.Bare())
			row.Days = append(row.Days, d)
		}
		p.Weeks = append(p.Weeks, row)
	}
	for _, day := range []time.Weekday{1, 2, 3, 4, 5, 6, 0} {
		p.Weekdays = append(p.Weekdays, Weekday{Short: s.Words.ShortWeekday(day), Long: s.Words.Weekday(day)})
	}
	return nil
}

// firstHour and lastHour are the hours that a week has at least.
const (
	firstHour = 8
	lastHour  = 18
)

// week writes seven days by their hours.
func (s sheet) week(p *Page, bands bands) error {
	from := monday(s.query.day)
	to := from.AddDays(7)
	lines, err := s.lines(from, to, true, weekLines)
	if err != nil {
		return err
	}
	days := byDay(lines)
	bands.lay(from, to)
	p.Head, p.Long, p.Empty = s.Words.Days(from.String(), to.AddDays(-1).String()), bands.long, len(lines) == 0
	begin, end := firstHour, lastHour
	for _, l := range lines {
		begin, end = min(begin, l.Clock.Hour), max(end, l.Clock.Hour)
	}
	for h := begin; h <= end; h++ {
		p.Hours = append(p.Hours, Hour{Number: h, Clock: civil.Clock{Hour: h}.String()})
	}
	for i := range 7 {
		date := from.AddDays(i)
		d := s.day(date, days[date], bands)
		d.Column = i + 1
		p.Cut = p.Cut || d.More > 0
		d.Slots = make([]Slot, len(p.Hours))
		for n := range d.Slots {
			d.Slots[n].Hour = begin + n
		}
		for n, l := range days[date] {
			at := &d.Slots[l.Clock.Hour-begin]
			at.Entries = append(at.Entries, d.Entries[n])
		}
		p.Days = append(p.Days, d)
	}
	return nil
}

// list writes the days of a month that have something, or one day whole, in pages.
func (s sheet) list(p *Page, bands bands) error {
	from := s.query.day
	to := from.AddDays(1)
	p.Head = s.Words.LongDay(from.String())
	if s.query.whole {
		from.Day = 1
		to = civil.LastOf(from.Year, from.Month).AddDays(1)
		p.Head = s.Words.MonthOf(from.Year, from.Month)
	}
	a := s.asks(from, to, true, 0)
	a.Texts, a.Most, a.Skip = true, listLines, (s.query.page-1)*listLines
	lines, err := agenda.Lines(s.Context(), s.db, a)
	if err != nil {
		return err
	}
	bands.lay(from, to)
	p.Empty = len(lines) == 0
	if len(lines) > 0 && (lines[0].OfAll > len(lines)) {
		p.Count = s.Words.T("cal.count", a.Skip+1, a.Skip+len(lines), lines[0].OfAll)
		if a.Skip+len(lines) < lines[0].OfAll {
			p.FurtherURL = s.query.with(func(q *query) { q.page++ })
		}
	}
	if s.query.page > 1 {
		p.LessURL = s.query.with(func(q *query) { q.page-- })
	}
	days := byDay(lines)
	paged := p.Count != "" || s.query.page > 1
	if paged && len(lines) > 0 { // days without posts stand on no page of several
		from, to = lines[0].Day, lines[len(lines)-1].Day.AddDays(1)
	}
	for date := from; date.Before(to); date = date.AddDays(1) {
		d := s.day(date, days[date], bands)
		d.More, d.MoreURL = 0, ""
		if d.Bare() || (len(d.Entries) == 0 && !slices.ContainsFunc(d.Bands, func(b Band) bool { return b.Ours }) && s.query.whole) {
			continue
		}
		p.Days = append(p.Days, d)
	}
	return nil
}

// links fills in the ways on from here.
func (s sheet) links(p *Page) {
	p.PrevURL, p.NextURL = s.query.by(-1), s.query.by(1)
	p.TodayURL = s.query.with(func(q *query) {
		q.page, q.day = 1, s.today
		if q.view == viewMonth || q.whole {
			q.day.Day = 1
		}
		if q.view == viewWeek {
			q.day = s.today
		}
	})
	to := func(view string) string {
		return s.query.with(func(q *query) {
			if view == viewWeek && q.view != viewWeek && q.whole && q.day.Year == s.today.Year && q.day.Month == s.today.Month {
				q.day = s.today // from a month that is on, the week of today
			}
			q.view, q.page, q.whole = view, 1, true
		})
	}
	p.MonthURL, p.WeekURL, p.ListURL = to(viewMonth), to(viewWeek), to(viewList)
	p.YearURL = "/year/" + s.query.day.String()[:4]
	p.ExportURL = "/export/posts" + strings.TrimPrefix(s.query.url(), "/calendar")
	p.AllURL = s.query.with(func(q *query) {
		q.states, q.networks, q.languages, q.labels, q.editions, q.page = nil, nil, nil, nil, nil, 1
	})
}
