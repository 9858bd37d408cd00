package editions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/planned"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/plan/almanac"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Year answers with a year: the observances of the shipped calendar and of loaded campaigns, and the editions on them.
func (d Desk) Year(r ask.Request) (ask.Answer, error) {
	year, err := yearOf(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.year(r, year)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// yearOf reads the year that the path names, else that of today.
func yearOf(r ask.Request) (int, error) {
	if r.PathValue("year") == "" {
		return r.Now.In(r.Zone).Year(), nil
	}
	n, err := r.Number("year")
	if err != nil || n < observance.FirstYear || n > observance.LastYear {
		return 0, fault.New(fault.NotFound, "The calendar goes from %d to %d.", observance.FirstYear, observance.LastYear)
	}
	return int(n), nil
}

func (d Desk) year(r ask.Request, year int) (*page.Year, error) {
	days, err := d.days(r.Context())
	if err != nil {
		return nil, err
	}
	p := &page.Year{Frame: page.Frame{Title: r.Words.T("year.title", year), Door: "calendar"}, Number: year, Ours: r.URL.Query().Get("only") == "ours"}
	link := func(year int, ours bool) string {
		if year < observance.FirstYear || year > observance.LastYear {
			return ""
		}
		if ours {
			return fmt.Sprintf("/year/%d?only=ours", year)
		}
		return fmt.Sprintf("/year/%d", year)
	}
	p.PrevURL, p.NextURL = link(year-1, p.Ours), link(year+1, p.Ours)
	p.AllURL, p.OursURL = link(year, false), link(year, true)
	for m := time.January; m <= time.December; m++ {
		p.Months = append(p.Months, page.YearMonth{ID: fmt.Sprintf("month-%02d", m), Name: r.Words.Month(m)})
	}
	return p, d.fill(r, p, days)
}

// day is an observance with the campaigns that are loaded for it.
type day struct {
	observance.Observance
	campaigns []string
	own       bool // the charity's own, from a calendar file
}

const sqlLoaded = `
SELECT id
FROM campaigns
ORDER BY id`

// days returns the shipped observances and those of loaded campaigns; a loaded one wins, because people enter its days.
func (d Desk) days(ctx context.Context) ([]day, error) {
	list := make([]day, len(d.shipped))
	for i, o := range d.shipped {
		list[i].Observance = o
	}
	var loaded []string
	if err := d.db.SelectContext(ctx, &loaded, sqlLoaded); err != nil {
		return nil, fmt.Errorf("list the loaded campaigns: %w", err)
	}
	for _, id := range loaded {
		_, o, err := plan.Loaded(ctx, d.db, id)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(list, func(one day) bool { return one.ID == o.ID })
		if at < 0 {
			at = len(list)
			list = append(list, day{})
		}
		list[at].Observance = o
		list[at].campaigns = append(list[at].campaigns, id)
	}
	own, err := almanac.Own(ctx, d.db)
	for _, one := range own {
		list = append(list, day{Observance: one.Observance, own: true})
	}
	return list, err
}

// spread is an observance on its days of one year.
type spread struct {
	day
	year int
	days civil.Range
}

// fill puts observances into the months that they touch: those of the year, and those of the year before that go on into it.
func (d Desk) fill(r ask.Request, p *page.Year, days []day) error {
	editions, err := r.Viewer.Editions(r.Context(), d.db)
	if err != nil {
		return err
	}
	var spreads []spread
	for _, one := range days {
		if p.Ours && len(one.campaigns) == 0 && !one.own {
			continue
		}
		known := false
		for _, year := range []int{p.Number - 1, p.Number} {
			// A rule without an answer, for a fifth Friday that is not there or a year before the calendar, has no day.
			on, ok, err := one.Rule.On(year)
			if err != nil || !ok || on.End.Year < p.Number {
				continue
			}
			known = true
			spreads = append(spreads, spread{one, year, on})
		}
		if !known && one.Rule.Kind == observance.Announced {
			p.Unknown = append(p.Unknown, unknownBands(r, one, p.Number)...)
		}
	}
	slices.SortStableFunc(spreads, func(a, b spread) int {
		return cmp.Or(strings.Compare(a.days.Start.String(), b.days.Start.String()), strings.Compare(a.Name(r.Words.Lang), b.Name(r.Words.Lang)))
	})
	for _, s := range spreads {
		lines, err := editionLines(r, d.db, s, editions)
		if err != nil {
			return err
		}
		for i := range p.Months {
			month := civil.Date{Year: p.Number, Month: time.Month(i + 1), Day: 1}
			last := civil.LastOf(p.Number, month.Month)
			if s.days.End.Before(month) || last.Before(s.days.Start) {
				continue
			}
			b := bandOf(r, s.Observance, fmt.Sprintf("%02d-%d", i+1, s.year))
			b.Days, b.Editions = daysOf(r.Words, s.days, p.Number), lines
			b.From = max(0, s.days.Start.DaysSince(month))
			b.Long = min(last.DaysSince(month), s.days.End.DaysSince(month)) - b.From + 1
			p.Months[i].Bands = append(p.Months[i].Bands, b)
		}
	}
	return nil
}

func bandOf(r ask.Request, o observance.Observance, suffix string) page.Band {
	return page.Band{
		ID: "day-" + o.ID + "-" + suffix, Name: o.Name(r.Words.Lang), Hashtags: strings.Join(o.Hashtags, " "),
		Unsure: o.Unverified, UnsureTags: o.HashtagsUnverified, Site: view.HTTPOnly(o.Site),
	}
}

// unknownBands writes an observance whose days nobody has announced; who plans can enter them for each of our campaigns.
func unknownBands(r ask.Request, one day, year int) []page.Band {
	if len(one.campaigns) == 0 || !r.Person.May(people.PlanMake) {
		return []page.Band{bandOf(r, one.Observance, "unknown")}
	}
	var list []page.Band
	for _, id := range one.campaigns {
		b := bandOf(r, one.Observance, "unknown-"+id)
		b.Campaign, b.DatesURL = id, fmt.Sprintf("/year/%d/dates", year)
		b.Dates = []page.Field{
			{ID: "first-day-" + id, Label: r.Words.T("edition.dates.first"), Type: "date"},
			{ID: "last-day-" + id, Label: r.Words.T("edition.dates.last"), Type: "date"},
		}
		list = append(list, b)
	}
	return list
}

// editionLines writes the editions of an observance in a year.
func editionLines(r ask.Request, q postgres.Querier, s spread, editions []book.Edition) ([]page.EditionLine, error) {
	var list []page.EditionLine
	for _, e := range editions {
		if e.Year != s.year || !slices.Contains(s.campaigns, e.Campaign) {
			continue
		}
		stands, err := r.Viewer.ReadStands(r.Context(), q, book.EntryFilter{Edition: e.ID})
		if err != nil {
			return nil, err
		}
		list = append(list, planned.Line(r.Viewer, e, stands))
	}
	return list, nil
}

// daysOf writes days; those of another year name it.
func daysOf(words page.Words, days civil.Range, year int) string {
	write := func(d civil.Date) string {
		if d.Year != year {
			return words.LongDay(d.String())
		}
		return words.Day(d)
	}
	if days.Start == days.End {
		return write(days.Start)
	}
	return words.T("date.range", write(days.Start), write(days.End))
}
