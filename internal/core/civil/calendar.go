package civil

import (
	"fmt"
	"time"
)

// Range is one or more days in a row; both ends belong to it.
type Range struct {
	Start Date `json:"start"`
	End   Date `json:"end"`
}

// OneDay returns the range that holds only d.
func OneDay(d Date) Range { return Range{Start: d, End: d} }

// Days returns how many days the range has.
func (r Range) Days() int { return r.End.DaysSince(r.Start) + 1 }

// Contains reports whether d lies in the range.
func (r Range) Contains(d Date) bool { return !d.Before(r.Start) && !d.After(r.End) }

// String returns one date, or two with "to" between them.
func (r Range) String() string {
	if r.Start == r.End {
		return r.Start.String()
	}
	return fmt.Sprintf("%s to %s", r.Start, r.End)
}

// DaysIn returns how many days a month has in a year.
func DaysIn(year int, month time.Month) int { return LastOf(year, month).Day }

// LastOf returns the last day of a month.
func LastOf(year int, month time.Month) Date {
	return DateOf(time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC))
}

// NthWeekday returns the nth given weekday of a month, counted from 1, or from the end for a negative n (-1 is the last).
// It returns false when the month has no such day, as with a fifth Monday.
func NthWeekday(year int, month time.Month, weekday time.Weekday, n int) (Date, bool) {
	var d Date
	switch {
	case n > 0:
		d = OnOrAfter(Date{Year: year, Month: month, Day: 1}, weekday).AddDays(7 * (n - 1))
	case n < 0:
		d = OnOrBefore(LastOf(year, month), weekday).AddDays(7 * (n + 1))
	default:
		return Date{}, false
	}
	return d, d.Month == month && d.Year == year
}

// OnOrAfter returns d when it is the given weekday, else the next such day.
func OnOrAfter(d Date, weekday time.Weekday) Date {
	return d.AddDays((int(weekday-d.Weekday()) + 7) % 7)
}

// OnOrBefore returns d when it is the given weekday, else the latest such day before.
func OnOrBefore(d Date, weekday time.Weekday) Date {
	return d.AddDays(-((int(d.Weekday()-weekday) + 7) % 7))
}

// Easter returns Easter Sunday of the Western churches, by the tables of the Gregorian calendar: the epact gives the age of
// the moon, the full moon on or after 21 March is sought, and Easter is the Sunday after it (https://en.wikipedia.org/wiki/Date_of_Easter). A test compares it
// with a reckoning that works otherwise.
func Easter(year int) Date {
	golden := year % 19
	century := year / 100
	leapsLost := century - century/4   // century years that were not leap years
	moonShift := (8*century + 13) / 25 // the moon's correction of a day in about 312 years
	age := (19*golden + leapsLost - moonShift + 15) % 30
	// Two rare ages are taken a day earlier so that no full moon falls after 18 April.
	if age == 29 || (age == 28 && golden > 10) {
		age--
	}
	fullMoon := Date{Year: year, Month: time.March, Day: 21}.AddDays(age)
	return OnOrAfter(fullMoon.AddDays(1), time.Sunday)
}

// OrthodoxEaster returns Easter Sunday of the Orthodox churches as a date of the Gregorian calendar. It is reckoned in the
// Julian calendar, where the full moon depends on the golden number alone, and then moved by the days between the calendars.
func OrthodoxEaster(year int) Date {
	age := (19*(year%19) + 15) % 30
	gap := year/100 - year/400 - 2 // days by which the Julian calendar is behind; right from March of each century on
	fullMoon := Date{Year: year, Month: time.March, Day: 21}.AddDays(age + gap)
	return OnOrAfter(fullMoon.AddDays(1), time.Sunday)
}
