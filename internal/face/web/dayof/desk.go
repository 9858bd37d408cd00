// Package dayof is the desk for a day as people watch it: what is next, what is going out, what is out and seen at the networks, what came
// late and why, and what needs somebody.
//
// The page asks for itself every few seconds, and names what it showed last: while that is still so, it gets no answer to put in its place, so
// that nobody who reads or listens is disturbed. The desk changes nothing.
package dayof

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book/glance"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db *postgres.DB
}

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /day", Needs: people.PostRead, Answer: d.Today},
		{Pattern: "GET /day/{date}", Needs: people.PostRead, Answer: d.Day},
	}
}

// Today answers with the day that it is for the team.
func (d Desk) Today(r ask.Request) (ask.Answer, error) {
	return d.show(r, civil.DateOf(r.Now.In(r.Zone)))
}

// Day answers with the day of the path.
func (d Desk) Day(r ask.Request) (ask.Answer, error) {
	date, err := civil.ParseDate(r.PathValue("date"))
	if err != nil || date.Year < 1900 || date.Year > 2200 {
		return ask.Answer{}, fault.New(fault.NotFound, "There is no such day. Write it as 2027-07-30.")
	}
	return d.show(r, date)
}

func (d Desk) show(r ask.Request, date civil.Date) (ask.Answer, error) {
	p := &dayPage{Frame: page.Frame{Template: "day", Door: "home"}, AsOf: r.Words.Moment(r.Now, r.Zone), SelfURL: address(date)}
	w, err := d.watch(r.Context(), r.Viewer, date)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Watched = w
	p.Title = w.Long
	if p.Seen, err = w.name(); err != nil {
		return ask.Answer{}, fmt.Errorf("name the day %s: %w", date, err)
	}
	if r.URL.Query().Get("seen") == p.Seen && r.Header.Get("HX-Request") == "true" {
		return ask.Answer{Status: http.StatusNoContent}, nil
	}
	return ask.Shown(p), nil
}

func address(date civil.Date) string { return "/day/" + date.String() }

// watcher reads one day for one person.
type watcher struct {
	view.Viewer
	of glance.Of
	db *postgres.DB
}

// watch reads a day.
func (d Desk) watch(ctx context.Context, who view.Viewer, date civil.Date) (Watched, error) {
	v := watcher{who, glance.Of{Person: who.Person, Now: who.Now}, d.db}
	from := time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, v.Zone)
	to := time.Date(date.Year, date.Month, date.Day+1, 0, 0, 0, 0, v.Zone)
	w := Watched{
		Date: date.String(), Long: v.Words.LongDay(date.String()), Today: date == civil.DateOf(v.Now.In(v.Zone)),
		PrevURL: address(date.AddDays(-1)), NextURL: address(date.AddDays(1)), MayPause: v.Person.May(people.PauseManage),
	}
	list, err := glance.Due(ctx, d.db, v.of, from, to)
	if err != nil {
		return w, err
	}
	if w.Decide, err = glance.Decisions(ctx, d.db, v.of); err != nil {
		return w, err
	}
	if len(list) == 0 {
		_, next, err := glance.Neighbours(ctx, d.db, v.of, from, to)
		if err == nil && next != nil {
			on := civil.DateOf(next.In(v.Zone))
			w.NextDay, w.OnURL = v.Words.LongDay(on.String()), address(on)
		}
		return w, err
	}
	stands, err := view.Places(ctx, d.db, list)
	if err != nil {
		return w, err
	}
	w.Any, w.Summary = true, v.Tally(stands)
	for _, read := range []func(context.Context, *Watched, []view.Stand) error{v.lines, v.lateness(from, to), v.tasks, v.reached} {
		if err := read(ctx, &w, stands); err != nil {
			return w, err
		}
	}
	return w, nil
}
