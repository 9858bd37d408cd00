// Package results is the desk for what editions did: an edition at a glance, over time, in every breakdown, against last year and
// against other campaigns; a year over all of them; the figures that people enter.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask and whether the edition lies within their limits.
// internal/flow/reach adds up, compares and keeps, internal/media/chart draws. Whoever works on some accounts only sees the figures of
// those, and the page says so.
package results

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct{ db *postgres.DB }

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /reach", Needs: people.ReachRead, Answer: d.Edition},
		{Pattern: "GET /reach/{id}", Needs: people.ReachRead, Answer: d.Edition},
		{Pattern: "GET /reach/{id}/charts/{chart}", Needs: people.ReachRead, Answer: d.Chart},
		{Pattern: "POST /reach/{id}/figures", Needs: people.ReachEnter, Answer: d.Enter},
		{Pattern: "GET /reach/{id}/import", Needs: people.ReachEnter, Answer: d.Import},
		{Pattern: "POST /reach/{id}/import", Needs: people.ReachEnter, Answer: d.Take},
		{Pattern: "GET /deliveries/{id}/counts", Needs: people.ReachEnter, Answer: d.Counts},
		{Pattern: "POST /deliveries/{id}/counts", Needs: people.ReachEnter, Answer: d.TakeCounts},
		{Pattern: "GET /year/{year}/reach", Needs: people.ReachRead, Answer: d.Year},
	}
}

// drawn is a drawing that stands in a page.
type drawn interface{ HTML() template.HTML }

// markup is what internal/media/chart drew: it escapes every text that it is given.
type markup string

// HTML returns the drawing.
func (m markup) HTML() template.HTML { return template.HTML(m) } //nolint:gosec // see above

// accounts are the channels whose figures somebody sees; nil is all.
func (d Desk) accounts(r ask.Request) ([]int64, error) {
	if len(r.Person.Labels) == 0 && r.Person.Role != people.RoleChapter {
		return nil, nil
	}
	all, err := channel.List(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	mine := []int64{}
	for _, c := range all {
		if r.Within.Channel(c.ID) {
			mine = append(mine, c.ID)
		}
	}
	return mine, nil
}

// chosen returns the edition that an address names, with all that the person sees; without a name it is the newest one whose first day has
// come, else the newest.
func (d Desk) chosen(r ask.Request) (book.Edition, []book.Edition, error) {
	all, err := r.Editions(r.Context(), d.db)
	if err != nil {
		return book.Edition{}, nil, err
	}
	id := int64(0)
	if r.PathValue("id") != "" {
		if id, err = r.Number("id"); err != nil {
			return book.Edition{}, nil, err
		}
	} else if n, err := strconv.ParseInt(r.URL.Query().Get("edition"), 10, 64); err == nil && n > 0 {
		id = n
	}
	if id != 0 {
		if at := slices.IndexFunc(all, func(e book.Edition) bool { return e.ID == id }); at >= 0 {
			return all[at], all, nil
		}
		return book.Edition{}, nil, fault.New(fault.NotFound, "There is no such page, or it lies outside of what you work on.")
	}
	if len(all) == 0 {
		return book.Edition{}, nil, nil
	}
	out, err := d.newestOut(r, all)
	return out, all, err
}

// options are the editions to choose from.
func options(r ask.Request, all []book.Edition, id int64) []page.Option {
	return r.EditionOptions(all, id)[1:] // there is no reach of all editions
}

func reachURL(edition int64) string { return fmt.Sprintf("/reach/%d", edition) }

func yearURL(year string) string { return "/year/" + year + "/reach" }

func chartURL(edition int64, name string) string {
	return fmt.Sprintf("/reach/%d/charts/%s.svg", edition, name)
}

// titles names editions for people.
func title(r ask.Request, e book.Edition) string {
	if e.Rehearsal {
		return r.Words.T("cal.rehearsing", view.Title(e))
	}
	return view.Title(e)
}
