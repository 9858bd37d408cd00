package observance

import (
	"fmt"
	"time"

	"daymark/internal/core/civil"
)

// Kind is the sort of a date rule, as campaign files spell it.
type Kind string

// The kinds of rule, with the fields of [Rule] that each reads.
const (
	Fixed             Kind = "fixed"                // Month, Day; 29 February only in leap years
	Days              Kind = "range"                // Start, End; an End before Start is in the next year
	Month             Kind = "month"                // Month
	LastDayOfMonth    Kind = "last_day_of_month"    // Month
	NthWeekday        Kind = "nth_weekday"          // Month, Weekday, N
	WeekdayOnOrAfter  Kind = "weekday_on_or_after"  // Month, Day, Weekday
	WeekdayOnOrBefore Kind = "weekday_on_or_before" // Month, Day, Weekday
	WeekContaining    Kind = "week_containing"      // Month, Day, Weekday as the first day of the week
	NthWeekdayPlus    Kind = "nth_weekday_plus"     // Month, Weekday, N, Offset
	Easter            Kind = "easter"               // Offset, Church
	Announced         Kind = "announced"            // Dates
)

// Kinds lists every kind of rule, for messages and completion.
var Kinds = []Kind{
	Fixed, Days, Month, LastDayOfMonth, NthWeekday, WeekdayOnOrAfter, WeekdayOnOrBefore, WeekContaining, NthWeekdayPlus, Easter, Announced,
}

// The two reckonings of Easter.
const (
	Western  = "western"
	Orthodox = "orthodox"
)

// The two ways to take a fifth weekday that a month does not have.
const (
	SkipYear = "skip"
	NoFifth  = "error"
)

// The years that rules answer for.
const (
	FirstYear = 1900
	LastYear  = 2200
)

// MonthDay is a day of any year.
type MonthDay struct {
	Month time.Month `json:"month"`
	Day   int        `json:"day"`
}

// In returns the day in a year, and false when that year has no such day.
func (m MonthDay) In(year int) (civil.Date, bool) {
	d := civil.Date{Year: year, Month: m.Month, Day: m.Day}
	return d, d.Exists()
}

// Rule says on which days an observance falls. Kind decides which of the other fields count.
type Rule struct {
	Kind    Kind         `json:"type"`
	Month   time.Month   `json:"month,omitempty"`
	Day     int          `json:"day,omitempty"`
	Start   MonthDay     `json:"start,omitzero"`
	End     MonthDay     `json:"end,omitzero"`
	Weekday time.Weekday `json:"weekday,omitempty"`
	N       int          `json:"n,omitempty"`       // 1 to 5, or -1 for the last
	Missing string       `json:"missing,omitempty"` // for N of 5: [SkipYear] (also when empty) or [NoFifth]
	Offset  int          `json:"offset,omitempty"`  // days after the weekday or Easter; negative is before
	Church  string       `json:"church,omitempty"`  // [Western] (also when empty) or [Orthodox]

	Dates     map[int]civil.Range `json:"dates,omitempty"`     // the days of each announced year
	Overrides map[int]civil.Range `json:"overrides,omitempty"` // years in which other days won over the rule
	Since     int                 `json:"since,omitempty"`     // the first year; zero is open
	Until     int                 `json:"until,omitempty"`     // the last year; zero is open
}

// On returns the days of a year's observance, and false when that year has none: not announced, before Since or after
// Until, or a day that the year lacks. The year is that of the day the rule names; a week that contains 1 January begins in
// the year before, and a range across New Year belongs to the year it begins in. An override holds even outside Since and
// Until. Years outside 1900 to 2200, and rules that [Rule.Check] refuses, are errors.
func (r Rule) On(year int) (civil.Range, bool, error) {
	if year < FirstYear || year > LastYear {
		return civil.Range{}, false, fmt.Errorf("the year %d is outside %d to %d", year, FirstYear, LastYear)
	}
	if err := r.Check(); err != nil {
		return civil.Range{}, false, err
	}
	if days, ok := r.Overrides[year]; ok {
		return days, true, nil
	}
	if year < r.Since || (r.Until != 0 && year > r.Until) {
		return civil.Range{}, false, nil
	}
	switch r.Kind {
	case Days:
		return r.daysOn(year)
	case Month:
		return civil.Range{Start: civil.Date{Year: year, Month: r.Month, Day: 1}, End: civil.LastOf(year, r.Month)}, true, nil
	case Announced:
		days, ok := r.Dates[year]
		return days, ok, nil
	case WeekContaining:
		d, ok := MonthDay{r.Month, r.Day}.In(year)
		if !ok {
			return civil.Range{}, false, nil
		}
		first := civil.OnOrBefore(d, r.Weekday)
		return civil.Range{Start: first, End: first.AddDays(6)}, true, nil
	}
	d, ok, err := r.dayOn(year)
	if !ok || err != nil {
		return civil.Range{}, false, err
	}
	return civil.OneDay(d), true, nil
}

// daysOn answers for a range. A range that begins or ends on 29 February ends on the last day there is.
func (r Rule) daysOn(year int) (civil.Range, bool, error) {
	endYear := year
	if r.End.Month < r.Start.Month || (r.End.Month == r.Start.Month && r.End.Day < r.Start.Day) {
		endYear++
	}
	start, ok := r.Start.In(year)
	if !ok {
		start = civil.LastOf(year, r.Start.Month)
	}
	end, ok := r.End.In(endYear)
	if !ok {
		end = civil.LastOf(endYear, r.End.Month)
	}
	return civil.Range{Start: start, End: end}, true, nil
}

// dayOn answers for the rules that name one day.
func (r Rule) dayOn(year int) (civil.Date, bool, error) {
	switch r.Kind {
	case LastDayOfMonth:
		return civil.LastOf(year, r.Month), true, nil
	case NthWeekday, NthWeekdayPlus:
		d, ok := civil.NthWeekday(year, r.Month, r.Weekday, r.N)
		if !ok && r.Missing == NoFifth {
			return civil.Date{}, false, fmt.Errorf("%s %d has no fifth %s", r.Month, year, r.Weekday)
		}
		return d.AddDays(r.Offset), ok, nil
	case Easter:
		if r.Church == Orthodox {
			return civil.OrthodoxEaster(year).AddDays(r.Offset), true, nil
		}
		return civil.Easter(year).AddDays(r.Offset), true, nil
	}
	d, ok := MonthDay{r.Month, r.Day}.In(year)
	if !ok {
		return civil.Date{}, false, nil
	}
	switch r.Kind {
	case WeekdayOnOrAfter:
		d = civil.OnOrAfter(d, r.Weekday)
	case WeekdayOnOrBefore:
		d = civil.OnOrBefore(d, r.Weekday)
	}
	return d, true, nil
}
