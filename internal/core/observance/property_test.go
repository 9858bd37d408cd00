package observance_test

import (
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"

	"pgregory.net/rapid"
)

// drawRule draws any rule of a kind that Check takes, 29 February among its days.
func drawRule(t *rapid.T, kind observance.Kind) observance.Rule {
	month := func(name string) time.Month { return time.Month(rapid.IntRange(1, 12).Draw(t, name)) }
	day := func(m time.Month, name string) int { return rapid.IntRange(1, civil.DaysIn(2000, m)).Draw(t, name) }
	r := observance.Rule{Kind: kind, Month: month("month"), Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))}
	r.Day = day(r.Month, "day")
	switch kind {
	case observance.Days:
		r.Start.Month, r.End.Month = month("start month"), month("end month")
		r.Start.Day, r.End.Day = day(r.Start.Month, "start day"), day(r.End.Month, "end day")
	case observance.NthWeekday, observance.NthWeekdayPlus:
		r.N = rapid.SampledFrom([]int{-1, 1, 2, 3, 4, 5}).Draw(t, "n")
		if kind == observance.NthWeekdayPlus {
			r.Offset = rapid.IntRange(-60, 60).Draw(t, "offset")
		}
	case observance.Easter:
		r.Offset = rapid.IntRange(-60, 60).Draw(t, "offset")
		r.Church = rapid.SampledFrom([]string{"", observance.Western, observance.Orthodox}).Draw(t, "church")
	case observance.Announced:
		r.Dates = map[int]civil.Range{}
		for _, year := range rapid.SliceOfN(rapid.IntRange(observance.FirstYear, observance.LastYear), 0, 5).Draw(t, "years") {
			r.Dates[year] = civil.OneDay(civil.Date{Year: year, Month: r.Month, Day: min(r.Day, 28)})
		}
	}
	return r
}

// satisfied says in the rule's own words, without the code under test, whether the days are right.
func satisfied(r observance.Rule, year int, got civil.Range, ok bool) bool {
	leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	named := civil.Date{Year: year, Month: r.Month, Day: r.Day}
	missing := r.Month == time.February && r.Day == 29 && !leap
	one := got.Start == got.End
	bare := got.Start.AddDays(-r.Offset)
	switch r.Kind {
	case observance.Fixed:
		return ok != missing && (!ok || (one && got.Start == named))
	case observance.WeekdayOnOrAfter:
		n := got.Start.DaysSince(named)
		return ok != missing && (!ok || (one && n >= 0 && n <= 6 && got.Start.Weekday() == r.Weekday))
	case observance.WeekdayOnOrBefore:
		n := named.DaysSince(got.Start)
		return ok != missing && (!ok || (one && n >= 0 && n <= 6 && got.Start.Weekday() == r.Weekday))
	case observance.WeekContaining:
		return ok != missing && (!ok || (got.Days() == 7 && got.Contains(named) && got.Start.Weekday() == r.Weekday))
	case observance.Month:
		return ok && got.Start.Day == 1 && got.Start.Month == r.Month && got.Start.Year == year && got.End.Month == r.Month && got.End.AddDays(1).Day == 1 && got.Days() <= 31
	case observance.LastDayOfMonth:
		return ok && one && got.Start.Month == r.Month && got.Start.Year == year && got.Start.AddDays(1).Day == 1
	case observance.NthWeekday, observance.NthWeekdayPlus:
		if !ok { // no fifth one: the fourth is not within the last week of four and a bit
			first := civil.Date{Year: year, Month: r.Month, Day: 1}
			n := 0
			for d := first; d.Month == r.Month; d = d.AddDays(1) {
				if d.Weekday() == r.Weekday {
					n++
				}
			}
			return r.N == 5 && n == 4
		}
		last := bare.AddDays(7).Month != bare.Month
		return one && bare.Month == r.Month && bare.Year == year && bare.Weekday() == r.Weekday && ((r.N > 0 && (bare.Day-1)/7+1 == r.N) || (r.N < 0 && last))
	case observance.Easter:
		earliest, latest := civil.Date{Year: year, Month: 3, Day: 22}, civil.Date{Year: year, Month: 4, Day: 25}
		if r.Church == observance.Orthodox {
			earliest, latest = earliest.AddDays(12), latest.AddDays(15)
		}
		return ok && one && bare.Weekday() == time.Sunday && !bare.Before(earliest) && !bare.After(latest)
	case observance.Announced:
		want, announced := r.Dates[year]
		return ok == announced && got == want
	case observance.Days:
		at := func(d civil.Date, want observance.MonthDay) bool {
			return d.Month == want.Month && (d.Day == want.Day || (want.Month == time.February && want.Day == 29 && d.Day == 28))
		}
		return ok && got.Start.Year == year && at(got.Start, r.Start) && at(got.End, r.End) && got.Days() >= 1 && got.Days() <= 366
	}
	return false
}

func TestEveryAnswerSatisfiesItsRuleInEveryYear(t *testing.T) {
	t.Parallel()
	for _, kind := range observance.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				r := drawRule(t, kind)
				for year := observance.FirstYear; year <= observance.LastYear; year++ {
					got, ok, err := r.On(year)
					if err != nil {
						t.Fatalf("%+v in %d: %v", r, year, err)
					}
					if ok && (!got.Start.Exists() || !got.End.Exists() || got.End.Before(got.Start)) {
						t.Fatalf("%+v in %d gave %s", r, year, got)
					}
					if !satisfied(r, year, got, ok) {
						t.Fatalf("%+v in %d gave %s, %t", r, year, got, ok)
					}
				}
			})
		})
	}
}

func TestOverridesAndYearsBoundEveryRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t, rapid.SampledFrom(observance.Kinds).Draw(t, "kind"))
		bare := r
		moved := rapid.IntRange(observance.FirstYear, observance.LastYear).Draw(t, "moved")
		other := civil.OneDay(civil.Date{Year: moved, Month: 5, Day: 5})
		r.Overrides = map[int]civil.Range{moved: other}
		r.Since = rapid.IntRange(observance.FirstYear, observance.LastYear).Draw(t, "since")
		r.Until = rapid.IntRange(r.Since, observance.LastYear).Draw(t, "until")
		for year := observance.FirstYear; year <= observance.LastYear; year++ {
			got, ok, err := r.On(year)
			if err != nil {
				t.Fatal(err)
			}
			want, there, _ := bare.On(year)
			switch {
			case year == moved:
				want, there = other, true
			case year < r.Since || year > r.Until:
				want, there = civil.Range{}, false
			}
			if ok != there || got != want {
				t.Fatalf("%+v in %d gave %s, %t; want %s, %t", r, year, got, ok, want, there)
			}
		}
	})
}
