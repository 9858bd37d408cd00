// Package calendar is the desk that answers "what goes out when?": a month, a week by hours, and a list, each with the days that are
// observed, and filters in the address.
//
// It reads through internal/flow/book/agenda, which counts and cuts, so that a page shows at most so many posts of a day and leads on
// to the rest. It changes nothing: moving, holding and sending for review from here are the desk in the folder moving.
package calendar

import (
	"net/http"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/calendar/moving"
	"daymark/internal/face/web/calendar/moving/aim"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/agenda"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// How many posts of a day the month and the week show before "+n", and how many lines the list has on one page.
const (
	monthLines = 5
	weekLines  = 20
	listLines  = 100
)

// Desk is what the answers need.
type Desk struct {
	db      *postgres.DB
	shipped []observance.Observance
	moving  moving.Desk
}

// New returns a desk; the checks are for what is sent for review from here. It fails when the shipped observances cannot be read.
func New(db *postgres.DB, checks review.Checks) (Desk, error) {
	shipped, err := campaign.ShippedObservances()
	return Desk{db: db, shipped: shipped, moving: moving.New(db, checks)}, err
}

// Routes are what the desk answers, and the one in the folder moving.
func (d Desk) Routes() []ask.Route {
	return append(d.moving.Routes(), ask.Route{Pattern: "GET /calendar", Needs: people.PostRead, Answer: d.Calendar})
}

// Calendar answers with the days that the address asks for.
func (d Desk) Calendar(r ask.Request) (ask.Answer, error) {
	q := read(r)
	s := sheet{Desk: d, Request: r, query: q, today: civil.DateOf(r.Now.In(q.zone))}
	p, err := s.page()
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{Page: p, Status: http.StatusOK}, nil
}

// sheet is a calendar being written for one who looks.
type sheet struct {
	Desk
	ask.Request
	query query
	today civil.Date // where the days are
}

func (s sheet) page() (*Page, error) {
	p := &Page{
		Frame: page.Frame{Template: "calendar", Door: "calendar"}, Value: s.query.monthValue(), Back: s.query.url(),
		View: s.query.view, MayMove: s.Person.May(people.PostEdit), MaySubmit: s.Person.May(people.PostSubmit),
		MayHold: s.Person.May(people.PostHold), MayWrite: s.Person.May(people.PostWrite),
	}
	if s.query.view != viewMonth {
		p.Day = s.query.day.String()
	}
	var err error
	if p.Undo, err = aim.Offered(s.Context(), s.db, s.Request, p.Back); err != nil {
		return nil, err
	}
	editions, err := s.Viewer.Editions(s.Context(), s.db)
	if err != nil {
		return nil, err
	}
	if err := s.choices(p, editions); err != nil {
		return nil, err
	}
	bands, err := s.bands(editions)
	if err != nil {
		return nil, err
	}
	switch s.query.view {
	case viewWeek:
		err = s.week(p, bands)
	case viewList:
		err = s.list(p, bands)
	default:
		err = s.month(p, bands)
	}
	if err != nil {
		return nil, err
	}
	p.Frame.Title = s.Words.T("cal.title") + ", " + p.Head
	s.links(p)
	return p, nil
}

// lines reads what goes out on days, so many of each day at most.
func (s sheet) lines(from, to civil.Date, fine bool, perDay int) ([]agenda.Line, error) {
	return agenda.Lines(s.Context(), s.db, s.asks(from, to, fine, perDay))
}

func (s sheet) asks(from, to civil.Date, fine bool, perDay int) agenda.Ask {
	return agenda.Ask{
		From: from, To: to, Zone: s.query.zone, Each: s.query.each, Fine: fine, PerDay: perDay, Person: s.Person, Now: s.Now,
		Standings: s.query.states, Networks: s.query.networks, Languages: s.query.languages, Editions: s.query.editions, Labels: s.query.labels,
	}
}

// day writes a day with its lines; lines are of that day only.
func (s sheet) day(date civil.Date, lines []agenda.Line, bands bands) Day {
	iso := date.String()
	d := Day{
		ID: "day-" + iso, Date: iso, Number: date.Day, Weekday: s.Words.ShortWeekday(date.Weekday()), Long: s.Words.LongDay(iso),
		Today: date == s.today, Bands: bands.on(date),
	}
	if s.Person.May(people.PostWrite) && !date.Before(s.today) {
		d.NewURL = "/new/post?day=" + iso
	}
	for _, l := range lines {
		d.Entries = append(d.Entries, s.entry(l))
		d.More = l.OfDay - len(lines)
	}
	if d.More > 0 {
		d.MoreURL = s.query.with(func(q *query) { q.view, q.day, q.page = viewList, date, 1; q.whole = false })
	}
	return d
}

// monthOf returns the weeks, Monday to Sunday, that hold the days of a month.
func monthOf(first civil.Date) [][]civil.Date {
	day := monday(first)
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

func monday(d civil.Date) civil.Date { return civil.OnOrBefore(d, time.Monday) }
