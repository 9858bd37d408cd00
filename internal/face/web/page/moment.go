package page

import (
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
)

// Moment is an instant as a page writes it, always with its zone.
type Moment struct {
	At    string // for machines, RFC 3339
	Day   string // Fri 30 July 2027, in the language of the page
	Clock string // 09:00, the same in every language
	Zone  string // Europe/London
}

// Moment writes an instant in a zone; the zero instant gives the zero Moment.
func (w Words) Moment(t time.Time, zone *time.Location) Moment {
	if t.IsZero() {
		return Moment{}
	}
	local := t.In(zone)
	return Moment{At: t.UTC().Format(time.RFC3339), Day: w.LongDay(local.Format(time.DateOnly)), Clock: local.Format("15:04"), Zone: zone.String()}
}

// LongDay writes a civil date, YYYY-MM-DD, in words; what is not a date comes back as it is.
func (w Words) LongDay(date string) string {
	d, err := civil.ParseDate(date)
	if err != nil {
		return date
	}
	return w.T("date.long", w.ShortWeekday(d.Weekday()), d.Day, w.Month(d.Month), d.Year)
}

// Day writes a date without its year.
func (w Words) Day(d civil.Date) string {
	return w.T("date.day", w.ShortWeekday(d.Weekday()), d.Day, w.Month(d.Month))
}

// Days writes a range of days.
func (w Words) Days(first, last string) string {
	if first == last {
		return w.LongDay(first)
	}
	return w.T("date.range", w.LongDay(first), w.LongDay(last))
}

// MonthOf writes a month of a year, as a calendar is headed.
func (w Words) MonthOf(year int, month time.Month) string {
	return w.T("date.month", w.Month(month), year)
}

// Month is the name of a month.
func (w Words) Month(month time.Month) string { return w.T("month." + strconv.Itoa(int(month))) }

// Weekday is the name of a day of the week.
func (w Words) Weekday(day time.Weekday) string {
	return w.T("weekday." + strings.ToLower(day.String()))
}

// ShortWeekday is the name of a day of the week where there is little room.
func (w Words) ShortWeekday(day time.Weekday) string {
	return w.T("weekday.short." + strings.ToLower(day.String()))
}

// Tongue is the name of a language in the language of the page, or its code where that is not known.
func (w Words) Tongue(code string) string {
	base, _, _ := strings.Cut(strings.ToLower(code), "-")
	if key := "language." + base; w.Has(key) {
		return w.T(key)
	}
	return code
}

// Tongues writes languages one after the other.
func (w Words) Tongues(codes []string) string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = w.Tongue(code)
	}
	return w.Joined(names)
}

// Network writes the name of a network.
func (w Words) Network(platform string) string {
	if platform == "byhand" {
		return w.T("network.byhand")
	}
	return Name(platform)
}

// Joined writes a list.
func (w Words) Joined(list []string) string { return strings.Join(list, w.T("list.join")) }
