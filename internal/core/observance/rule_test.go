package observance_test

import (
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
)

func days(t *testing.T, s string) civil.Range {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return civil.OneDay(d)
}

func TestRulesGiveTheDaysPeopleKept(t *testing.T) {
	t.Parallel()
	saferInternet := observance.Rule{Kind: observance.WeekdayOnOrAfter, Month: time.February, Day: 5, Weekday: time.Tuesday}
	migrants := observance.Rule{
		Kind: observance.NthWeekday, Month: time.September, Weekday: time.Sunday, N: -1,
		Overrides: map[int]civil.Range{2025: {Start: days(t, "2025-10-04").Start, End: days(t, "2025-10-05").Start}},
	}
	tests := []struct {
		name string
		rule observance.Rule
		want map[int]string // empty: no such day that year
	}{
		{"the Tuesday from 5 to 11 February", saferInternet, map[int]string{2021: "2021-02-09", 2022: "2022-02-08", 2023: "2023-02-07", 2024: "2024-02-06", 2026: "2026-02-10", 2027: "2027-02-09", 2029: "2029-02-06", 2030: "2030-02-05"}},
		{"a fixed day", observance.Rule{Kind: observance.Fixed, Month: 7, Day: 30}, map[int]string{2027: "2027-07-30", 1900: "1900-07-30", 2200: "2200-07-30"}},
		{"29 February exists in leap years only", observance.Rule{Kind: observance.Fixed, Month: 2, Day: 29}, map[int]string{2027: "", 2028: "2028-02-29", 2100: ""}},
		{"a range", observance.Rule{Kind: observance.Days, Start: observance.MonthDay{Month: 11, Day: 25}, End: observance.MonthDay{Month: 12, Day: 10}}, map[int]string{2027: "2027-11-25 to 2027-12-10"}},
		{"a range across New Year", observance.Rule{Kind: observance.Days, Start: observance.MonthDay{Month: 12, Day: 20}, End: observance.MonthDay{Month: 1, Day: 6}}, map[int]string{2027: "2027-12-20 to 2028-01-06"}},
		{"a range that ends with February", observance.Rule{Kind: observance.Days, Start: observance.MonthDay{Month: 2, Day: 1}, End: observance.MonthDay{Month: 2, Day: 29}}, map[int]string{2027: "2027-02-01 to 2027-02-28", 2028: "2028-02-01 to 2028-02-29"}},
		{"a month", observance.Rule{Kind: observance.Month, Month: 1}, map[int]string{2027: "2027-01-01 to 2027-01-31"}},
		{"the last day of a month", observance.Rule{Kind: observance.LastDayOfMonth, Month: 2}, map[int]string{2027: "2027-02-28", 2028: "2028-02-29"}},
		{"a last weekday with a year that moved", migrants, map[int]string{2024: "2024-09-29", 2025: "2025-10-04 to 2025-10-05", 2026: "2026-09-27"}},
		{"a fifth Monday skips the years without one", observance.Rule{Kind: observance.NthWeekday, Month: 3, Weekday: time.Monday, N: 5}, map[int]string{2027: "2027-03-29", 2025: "2025-03-31", 2026: "2026-03-30", 2028: ""}},
		{"on or before", observance.Rule{Kind: observance.WeekdayOnOrBefore, Month: 5, Day: 24, Weekday: time.Monday}, map[int]string{2027: "2027-05-24", 2028: "2028-05-22"}},
		{"the week around a day", observance.Rule{Kind: observance.WeekContaining, Month: 10, Day: 18, Weekday: time.Monday}, map[int]string{2026: "2026-10-12 to 2026-10-18", 2027: "2027-10-18 to 2027-10-24"}},
		{"the Tuesday after the fourth Thursday", observance.Rule{Kind: observance.NthWeekdayPlus, Month: 11, Weekday: time.Thursday, N: 4, Offset: 5}, map[int]string{2024: "2024-12-03", 2025: "2025-12-02", 2026: "2026-12-01"}},
		{"Good Friday", observance.Rule{Kind: observance.Easter, Offset: -2}, map[int]string{2027: "2027-03-26"}},
		{"Orthodox Pentecost", observance.Rule{Kind: observance.Easter, Offset: 49, Church: observance.Orthodox}, map[int]string{2027: "2027-06-20"}},
		{"announced for some years", observance.Rule{Kind: observance.Announced, Dates: map[int]civil.Range{2019: days(t, "2019-03-14")}}, map[int]string{2019: "2019-03-14", 2020: ""}},
		{"a first and a last year", observance.Rule{Kind: observance.Fixed, Month: 7, Day: 30, Since: 2014, Until: 2030}, map[int]string{2013: "", 2014: "2014-07-30", 2030: "2030-07-30", 2031: ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for year, want := range tt.want {
				got, ok, err := tt.rule.On(year)
				if err != nil || ok != (want != "") || (ok && got.String() != want) {
					t.Errorf("%d: got %s, %t, %v; want %q", year, got, ok, err, want)
				}
			}
		})
	}
}

func TestRulesThatCannotBeAskedAreRefused(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]observance.Rule{
		"no kind":                     {},
		"an unknown kind":             {Kind: "lunar"},
		"30 February":                 {Kind: observance.Fixed, Month: 2, Day: 30},
		"month 13":                    {Kind: observance.Month, Month: 13},
		"the zeroth weekday":          {Kind: observance.NthWeekday, Month: 3},
		"the sixth weekday":           {Kind: observance.NthWeekday, Month: 3, N: 6},
		"weekday 9":                   {Kind: observance.WeekdayOnOrAfter, Month: 3, Day: 1, Weekday: 9},
		"an unknown church":           {Kind: observance.Easter, Church: "eastern"},
		"a far offset":                {Kind: observance.Easter, Offset: 1000},
		"years turned round":          {Kind: observance.Fixed, Month: 3, Day: 1, Since: 2030, Until: 2020},
		"an override of another time": {Kind: observance.Month, Month: 3, Overrides: map[int]civil.Range{2027: days(t, "2072-03-01")}},
		"a range with day 32":         {Kind: observance.Days, Start: observance.MonthDay{Month: 1, Day: 1}, End: observance.MonthDay{Month: 1, Day: 32}},
	} {
		if _, _, err := r.On(2027); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	fixed := observance.Rule{Kind: observance.Fixed, Month: 7, Day: 30}
	for _, year := range []int{1899, 2201, 0, -1} {
		if _, _, err := fixed.On(year); err == nil {
			t.Errorf("the year %d was answered", year)
		}
	}
	fifth := observance.Rule{Kind: observance.NthWeekday, Month: 2, Weekday: time.Monday, N: 5, Missing: observance.NoFifth}
	if _, _, err := fifth.On(2027); err == nil {
		t.Error("a fifth Monday of February 2027 was found")
	}
}

func TestThemesAreOfTheYearElseStanding(t *testing.T) {
	t.Parallel()
	o := observance.Observance{
		Names:  map[string]string{"en": "Day", "fr": "Jour"},
		Themes: []observance.Theme{{Text: "standing"}, {Year: 2026, Text: "of 2026"}, {Year: 2027}},
	}
	for year, want := range map[int]string{2025: "standing", 2026: "of 2026", 2027: "standing"} {
		if got, ok := o.Theme(year); !ok || got.Text != want {
			t.Errorf("%d: got %q, %t; want %q", year, got.Text, ok, want)
		}
	}
	if _, ok := (observance.Observance{}).Theme(2027); ok {
		t.Error("a theme out of nothing")
	}
	if o.Name("fr") != "Jour" || o.Name("ar") != "Day" {
		t.Error("wrong names")
	}
}
