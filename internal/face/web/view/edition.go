package view

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
)

// Submittable reports whether an entry still waits to be sent for review.
func (s Stand) Submittable(now time.Time) bool {
	return (s.Standing == page.Drafted || s.Standing == page.Standing(post.ForEdited)) && s.Coming(now)
}

// CalendarURL returns the address of the month of a day, with one edition.
func CalendarURL(date string, edition int64) string {
	return fmt.Sprintf("/calendar?month=%.7s&edition=%d", date, edition)
}

// EditionURL returns the address of an edition's plan.
func EditionURL(id int64) string { return fmt.Sprintf("/editions/%d", id) }

// OfferURL returns the address on which an offer is compared with its post.
func OfferURL(id int64) string { return fmt.Sprintf("/offers/%d", id) }

// Title writes an edition for people.
func Title(e book.Edition) string { return fmt.Sprintf("%s %d", e.Title, e.Year) }

// Away says how far a range of days is from today.
func (v Viewer) Away(first, last string) string {
	begin, err1 := civil.ParseDate(first)
	end, err2 := civil.ParseDate(last)
	if err1 != nil || err2 != nil {
		return ""
	}
	today := civil.DateOf(v.Now.In(v.Zone))
	switch {
	case today.Before(begin):
		return v.Words.T("plan.in", begin.DaysSince(today))
	case today.After(end):
		return v.Words.T("plan.ago", today.DaysSince(end))
	case begin == end:
		return v.Words.T("plan.today")
	}
	return v.Words.T("plan.running")
}

// EditionOptions returns the choices of a filter by edition.
func (v Viewer) EditionOptions(editions []book.Edition, chosen int64) []page.Option {
	options := []page.Option{{Word: v.Words.T("cal.all")}}
	for _, e := range editions {
		word := Title(e)
		if e.Rehearsal {
			word = v.Words.T("cal.rehearsing", word)
		}
		options = append(options, page.Option{Value: strconv.FormatInt(e.ID, 10), Word: word, Chosen: e.ID == chosen})
	}
	return options
}

// HTTPOnly returns an address that a page may link to, or nothing: what a network answers is not ours.
func HTTPOnly(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return ""
	}
	return address
}
