package observance

import (
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/civil"
)

// MaxOffset is the most days that a rule may lie from its weekday or from Easter; more would leave the year.
const MaxOffset = 200

// Check returns what is wrong with the rule, nil when it can be asked for dates.
func (r Rule) Check() error {
	if !slices.Contains(Kinds, r.Kind) {
		return fmt.Errorf("%q is not a kind of date rule", r.Kind)
	}
	if r.Until != 0 && r.Until < r.Since {
		return fmt.Errorf("the last year %d is before the first year %d", r.Until, r.Since)
	}
	for _, years := range []map[int]civil.Range{r.Dates, r.Overrides} {
		for year, days := range years {
			if !days.Start.Exists() || !days.End.Exists() || days.End.Before(days.Start) {
				return fmt.Errorf("the days of %d do not follow each other: %s", year, days)
			}
			if apart := days.Start.Year - year; apart < -1 || apart > 1 { // a day about New Year may move across it
				return fmt.Errorf("the days of %d are in %d: %s", year, days.Start.Year, days)
			}
		}
	}
	switch r.Kind {
	case Days:
		if err := checkDay(r.Start); err != nil {
			return err
		}
		return checkDay(r.End)
	case Fixed, WeekdayOnOrAfter, WeekdayOnOrBefore, WeekContaining:
		if err := checkDay(MonthDay{r.Month, r.Day}); err != nil {
			return err
		}
	case Month, LastDayOfMonth, NthWeekday, NthWeekdayPlus:
		if err := checkMonth(r.Month); err != nil {
			return err
		}
	}
	return r.checkRest()
}

func (r Rule) checkRest() error {
	if r.Weekday < time.Sunday || r.Weekday > time.Saturday {
		return fmt.Errorf("%d is not a day of the week", r.Weekday)
	}
	if (r.Kind == NthWeekday || r.Kind == NthWeekdayPlus) && (r.N < -1 || r.N == 0 || r.N > 5) {
		return fmt.Errorf("n is %d: write 1 to 5, or -1 for the last", r.N)
	}
	if r.Offset < -MaxOffset || r.Offset > MaxOffset {
		return fmt.Errorf("an offset of %d days is outside -%d to %d", r.Offset, MaxOffset, MaxOffset)
	}
	if r.Church != "" && r.Church != Western && r.Church != Orthodox {
		return fmt.Errorf("%q is neither %s nor %s", r.Church, Western, Orthodox)
	}
	if r.Missing != "" && r.Missing != SkipYear && r.Missing != NoFifth {
		return fmt.Errorf("%q is neither %s nor %s", r.Missing, SkipYear, NoFifth)
	}
	return nil
}

func checkMonth(m time.Month) error {
	if m < time.January || m > time.December {
		return fmt.Errorf("there is no month %d", int(m))
	}
	return nil
}

func checkDay(d MonthDay) error {
	if err := checkMonth(d.Month); err != nil {
		return err
	}
	if longest := civil.DaysIn(2000, d.Month); d.Day < 1 || d.Day > longest { // 2000 had a 29 February
		return fmt.Errorf("there is no %d %s", d.Day, d.Month)
	}
	return nil
}
