package ics

import (
	"slices"
	"strconv"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
)

// rule gives an entry its rule: that of its RRULE where there is one for it here, else the dates that it names.
func (one *Entry) rule(e *ical.VEvent, days civil.Range) {
	announced := observance.Rule{Kind: observance.Announced, Dates: map[int]civil.Range{days.Start.Year: days}}
	for n, r := range e.GetProperties(ical.ComponentPropertyRdate) {
		for i, value := range strings.Split(r.Value, ",") {
			if n*maxDates+i >= maxDates {
				one.Problem = fault.New(fault.Invalid, "It names more dates (RDATE) than a day has years.")
				return
			}
			if first, _, err := day(value); err == nil {
				announced.Dates[first.Year] = civil.Range{Start: first, End: first.AddDays(days.Days() - 1)}
			}
		}
	}
	if len(e.GetProperties(ical.ComponentPropertyExdate)) > 0 {
		one.Notes = append(one.Notes, Exceptions)
	}
	one.Rule = announced
	repeats := e.GetProperties(ical.ComponentPropertyRrule)
	if len(repeats) == 0 {
		return
	}
	one.Says, _ = shorten(repeats[0].Value, 200)
	if rule, ok := yearly(repeats[0].Value, days); ok && len(repeats) == 1 && rule.Check() == nil {
		if days.Days() > 1 && rule.Kind != observance.Days {
			one.Notes = append(one.Notes, LaterDays)
		}
		one.Rule = rule
		return
	}
	one.Notes = append(one.Notes, Repeats)
}

var weekdays = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

// yearly reads a recurrence rule (RFC 5545, section 3.3.10) that comes once a year, and reports whether there is a rule for it here.
func yearly(value string, days civil.Range) (observance.Rule, bool) {
	p, ok := parts(value)
	if !ok || p["FREQ"] != "YEARLY" || (p["INTERVAL"] != "" && p["INTERVAL"] != "1") {
		return observance.Rule{}, false
	}
	r := observance.Rule{Since: days.Start.Year, Month: days.Start.Month}
	if p["COUNT"] != "" {
		n, err := strconv.Atoi(p["COUNT"])
		if err != nil || n < 1 || n > observance.LastYear-observance.FirstYear {
			return r, false
		}
		r.Until = min(r.Since+n-1, observance.LastYear)
	}
	if p["UNTIL"] != "" {
		last, _, err := day(p["UNTIL"])
		if err != nil || last.Before(days.Start) {
			return r, false
		}
		if r.Until = last.Year; last.Before(civil.Date{Year: last.Year, Month: days.Start.Month, Day: days.Start.Day}) {
			r.Until-- // its day of that year comes after
		}
	}
	if p["BYMONTH"] != "" {
		m, err := strconv.Atoi(p["BYMONTH"])
		if err != nil || m < 1 || m > 12 {
			return r, false
		}
		r.Month = time.Month(m)
	}
	for name := range p {
		if !slices.Contains([]string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}, name) {
			return r, false
		}
	}
	return within(r, p, days)
}

// parts splits a rule into its parts; one that stands twice makes it none.
func parts(value string) (map[string]string, bool) {
	p := map[string]string{}
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(value)), ";") {
		name, is, ok := strings.Cut(part, "=")
		if _, twice := p[name]; !ok || twice {
			return nil, false
		}
		p[name] = is
	}
	return p, true
}

// within finishes a yearly rule by the day of the month or of the week.
func within(r observance.Rule, p map[string]string, days civil.Range) (observance.Rule, bool) {
	monthDays, byDay := p["BYMONTHDAY"], p["BYDAY"]
	switch {
	case byDay == "" && p["BYSETPOS"] != "":
		return r, false
	case byDay == "" && monthDays == "-1":
		r.Kind = observance.LastDayOfMonth
		return r, true
	case byDay == "" && strings.Contains(monthDays, ","):
		return r, false
	case byDay == "":
		return onDay(r, monthDays, days)
	case monthDays != "":
		return onOrAfter(r, monthDays, byDay, p["BYSETPOS"])
	}
	// By RFC 5545 a numbered weekday without a month counts in the year, not in the month.
	if p["BYMONTH"] == "" || len(byDay) < 2 {
		return r, false
	}
	weekday, known := weekdays[byDay[len(byDay)-2:]]
	number := byDay[:len(byDay)-2]
	if p["BYSETPOS"] != "" {
		if number != "" {
			return r, false
		}
		number = p["BYSETPOS"]
	}
	n, err := strconv.Atoi(number)
	r.Kind, r.Weekday, r.N = observance.NthWeekday, weekday, n
	return r, known && err == nil
}

// onDay is the same day each year, or the same days.
func onDay(r observance.Rule, monthDay string, days civil.Range) (observance.Rule, bool) {
	r.Kind, r.Day = observance.Fixed, days.Start.Day
	if monthDay != "" {
		n, err := strconv.Atoi(monthDay)
		if err != nil || n < 1 {
			return r, false
		}
		r.Day = n
	}
	if days.Days() == 1 {
		return r, true
	}
	if r.Month != days.Start.Month || r.Day != days.Start.Day {
		return r, false
	}
	return observance.Rule{
		Kind: observance.Days, Since: r.Since, Until: r.Until,
		Start: observance.MonthDay{Month: days.Start.Month, Day: days.Start.Day}, End: observance.MonthDay{Month: days.End.Month, Day: days.End.Day},
	}, true
}

// onOrAfter is the weekday among seven days that follow each other: the Tuesday between 5 and 11 February.
func onOrAfter(r observance.Rule, monthDays, byDay, position string) (observance.Rule, bool) {
	weekday, known := weekdays[byDay]
	list := strings.Split(monthDays, ",")
	if !known || len(list) != 7 || position != "" {
		return r, false
	}
	var numbers []int
	for _, one := range list {
		n, err := strconv.Atoi(one)
		if err != nil || n < 1 {
			return r, false
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	if numbers[6]-numbers[0] != 6 || len(slices.Compact(numbers)) != 7 {
		return r, false
	}
	r.Kind, r.Day, r.Weekday = observance.WeekdayOnOrAfter, numbers[0], weekday
	return r, true
}
