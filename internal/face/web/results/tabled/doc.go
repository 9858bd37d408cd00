// Package tabled puts figures of posts into words: at a glance, in tables, each with what it means and of how many posts it is made.
//
// It also says which edition an address names and on which accounts somebody sees figures, for the rooms beside it. It answers no route.
package tabled

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Drawn is a drawing that stands in a page.
type Drawn interface{ HTML() template.HTML }

// Markup is what internal/media/chart drew: it escapes every text that it is given.
type Markup string

// HTML returns the drawing.
func (m Markup) HTML() template.HTML { return template.HTML(m) } //nolint:gosec // see above

// Accounts are the channels whose figures somebody sees; nil is all.
func Accounts(r ask.Request, q postgres.Querier) ([]int64, error) {
	if len(r.Person.Labels) == 0 && r.Person.Role != people.RoleChapter {
		return nil, nil
	}
	all, err := channel.List(r.Context(), q)
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

// Chosen returns the edition that an address names, with all that the person sees; without a name it is the newest one of which something
// is out, else the newest.
func Chosen(r ask.Request, q postgres.Querier) (book.Edition, []book.Edition, error) {
	all, err := r.Editions(r.Context(), q)
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
	out, err := newestOut(r, q, all)
	return out, all, err
}

func newestOut(r ask.Request, q postgres.Querier, all []book.Edition) (book.Edition, error) {
	ids := make([]int64, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	accounts, err := Accounts(r, q)
	if err != nil {
		return book.Edition{}, err
	}
	sums, err := compare.Editions(r.Context(), q, ids, accounts)
	if err != nil {
		return book.Edition{}, err
	}
	for _, e := range all {
		if sums[e.ID].Posts > 0 {
			return e, nil
		}
	}
	return all[0], nil
}

// Gained reads what an edition gained by day: from the sums that are kept, or for some accounts from what was told each time.
func Gained(ctx context.Context, q postgres.Querier, edition int64, accounts []int64) ([]trend.Day, error) {
	if accounts != nil {
		return compare.Gains(ctx, q, edition, accounts)
	}
	return trend.Days(ctx, q, trend.Filter{Edition: edition})
}

// URL returns the address of what an edition did.
func URL(edition int64) string { return fmt.Sprintf("/reach/%d", edition) }

// YearURL returns the address of a year over all campaigns.
func YearURL(year string) string { return "/year/" + year + "/reach" }

// Title names an edition for people, a rehearsal as one.
func Title(r ask.Request, e book.Edition) string {
	if e.Rehearsal {
		return r.Words.T("cal.rehearsing", view.Title(e))
	}
	return view.Title(e)
}

// Name is the name of an entered figure as people read it.
func Name(words page.Words, name string) string {
	if key := "results.entered." + name; words.Has(key) {
		return words.T(key)
	}
	return name
}
