package civil_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the machine's zone files

	"daymark/internal/core/civil"

	"pgregory.net/rapid"
)

func date(t *testing.T, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestDaysThatDoNotExistAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2027-02-30", "2027-13-01", "2027-7-30", "30-07-2027", "2027-07-30T00:00", "0000-01-01", "2100-02-29"} {
		if d, err := civil.ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", s, d)
		}
	}
	for _, s := range []string{"", "9:00", "24:00", "09:60", "09.00", "09:00:00", "-1:00"} {
		if c, err := civil.ParseClock(s); err == nil {
			t.Errorf("ParseClock(%q) = %v, want an error", s, c)
		}
	}
}

func TestPlaceFollowsTheClocksOfTheZone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone, date string
		clock            civil.Clock
		want             string
	}{
		{"an ordinary summer morning in London", "Europe/London", "2027-07-30", civil.Clock{Hour: 9}, "2027-07-30T08:00:00Z"},
		{"a zone with three quarters of an hour", "Asia/Kathmandu", "2027-07-30", civil.Clock{Hour: 9}, "2027-07-30T03:15:00Z"},
		{"a zone that keeps UTC", "UTC", "2027-07-30", civil.Clock{Hour: 9}, "2027-07-30T09:00:00Z"},
		{"a skipped time moves forward by the hour", "Europe/Paris", "2027-03-28", civil.Clock{Hour: 2, Minute: 30}, "2027-03-28T01:30:00Z"},
		{"the first minute of a gap moves too", "Europe/Paris", "2027-03-28", civil.Clock{Hour: 2}, "2027-03-28T01:00:00Z"},
		{"the minute after a gap stays", "Europe/Paris", "2027-03-28", civil.Clock{Hour: 3}, "2027-03-28T01:00:00Z"},
		{"a time shown twice is the first", "America/New_York", "2027-11-07", civil.Clock{Hour: 1, Minute: 30}, "2027-11-07T05:30:00Z"},
		{"a gap of half an hour", "Australia/Lord_Howe", "2027-10-03", civil.Clock{Hour: 2, Minute: 15}, "2027-10-02T15:45:00Z"},
		{"a day that a country left out becomes the next", "Pacific/Apia", "2011-12-30", civil.Clock{Hour: 12}, "2011-12-30T22:00:00Z"},
		{"midnight skipped by the clocks", "America/Asuncion", "2023-10-01", civil.Clock{}, "2023-10-01T04:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := civil.Place(date(t, tt.date), tt.clock, zone(t, tt.zone))
			if got.Format(time.RFC3339) != tt.want {
				t.Errorf("got %s, want %s", got.Format(time.RFC3339), tt.want)
			}
		})
	}
}

func TestPlacedTimesAreShownByTheClockOrLieInAGap(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Apia", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		d := civil.Date{Year: 2000, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 25000).Draw(t, "day"))
		c := civil.Clock{Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: rapid.IntRange(0, 59).Draw(t, "minute")}
		at := civil.Place(d, c, loc)
		wanted := time.Date(d.Year, d.Month, d.Day, c.Hour, c.Minute, 0, 0, time.UTC)
		shown := at.In(loc)
		showing := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), 0, 0, time.UTC)
		if showing.Before(wanted) {
			t.Fatalf("%s %s became the earlier %s", d, c, shown)
		}
		if showing.Equal(wanted) {
			for back := 15 * time.Minute; back <= 3*time.Hour; back += 15 * time.Minute {
				if e := at.Add(-back).In(loc); e.Format("2006-01-02 15:04") == shown.Format("2006-01-02 15:04") {
					t.Fatalf("%s is not the first time that %s shows %s %s", at, loc, d, c)
				}
			}
			return
		}
		before, after := at.Add(-showing.Sub(wanted)).In(loc), shown
		_, o1 := before.Zone()
		_, o2 := after.Zone()
		if time.Duration(o2-o1)*time.Second != showing.Sub(wanted) {
			t.Fatalf("%s %s moved by %s, the clocks by %d s", d, c, showing.Sub(wanted), o2-o1)
		}
	})
}

func TestDatesCountDaysExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := civil.Date{Year: 1900, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 110000).Draw(t, "day"))
		n := rapid.IntRange(-5000, 5000).Draw(t, "n")
		e := d.AddDays(n)
		if e.DaysSince(d) != n || !e.Exists() || e.After(d) != (n > 0) || e.Before(d) != (n < 0) {
			t.Fatalf("%s and %d days gave %s", d, n, e)
		}
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back civil.Date
		if err := json.Unmarshal(b, &back); err != nil || back != e {
			t.Fatalf("%s came back from %s as %s: %v", e, b, back, err)
		}
		v, err := e.Value()
		if err != nil {
			t.Fatal(err)
		}
		back = civil.Date{}
		if err := back.Scan(v); err != nil || back != e {
			t.Fatalf("%s came back from the database as %s: %v", e, back, err)
		}
	})
}

func TestDatabaseValuesAreReadInEveryForm(t *testing.T) {
	t.Parallel()
	var d civil.Date
	if err := d.Scan(time.Date(2027, 7, 30, 0, 0, 0, 0, time.UTC)); err != nil || d.String() != "2027-07-30" {
		t.Errorf("a time gave %q, %v", d, err)
	}
	if err := d.Scan(nil); err != nil || !d.IsZero() {
		t.Errorf("NULL gave %q, %v", d, err)
	}
	if err := d.Scan(7); err == nil {
		t.Error("a number was read as a date")
	}
	var c civil.Clock
	if err := c.Scan([]byte("09:05:00")); err != nil || c.String() != "09:05" || c.Minutes() != 545 {
		t.Errorf("text gave %q, %v", c, err)
	}
	if err := c.Scan(time.Date(0, 1, 1, 23, 59, 0, 0, time.UTC)); err != nil || c.String() != "23:59" {
		t.Errorf("a time gave %q, %v", c, err)
	}
	if err := c.Scan(nil); err == nil {
		t.Error("NULL was read as a time of day")
	}
}

func TestEasterOfKnownYears(t *testing.T) {
	t.Parallel()
	for year, want := range map[int][2]string{
		1943: {"1943-04-25", "1943-04-25"},
		1954: {"1954-04-18", "1954-04-25"},
		1981: {"1981-04-19", "1981-04-26"},
		2000: {"2000-04-23", "2000-04-30"},
		2008: {"2008-03-23", "2008-04-27"},
		2024: {"2024-03-31", "2024-05-05"},
		2025: {"2025-04-20", "2025-04-20"},
		2026: {"2026-04-05", "2026-04-12"},
		2027: {"2027-03-28", "2027-05-02"},
		2038: {"2038-04-25", "2038-04-25"},
	} {
		if got := civil.Easter(year).String(); got != want[0] {
			t.Errorf("Easter %d = %s, want %s", year, got, want[0])
		}
		if got := civil.OrthodoxEaster(year).String(); got != want[1] {
			t.Errorf("Orthodox Easter %d = %s, want %s", year, got, want[1])
		}
	}
}

// The other reckoning is the well-known anonymous one in ten divisions (Nature, 20 April 1876), which shares no step with
// ours, and Meeus's Julian one.
func TestEasterAgreesWithAnotherReckoning(t *testing.T) {
	t.Parallel()
	for year := 1900; year <= 2200; year++ {
		a, b, c := year%19, year/100, year%100
		d, e, f := b/4, b%4, (b+8)/25
		g := (b - f + 1) / 3
		h := (19*a + b - d - g + 15) % 30
		i, k := c/4, c%4
		l := (32 + 2*e + 2*i - h - k) % 7
		m := (a + 11*h + 22*l) / 451
		n := h + l - 7*m + 114
		if want := (civil.Date{Year: year, Month: time.Month(n / 31), Day: n%31 + 1}); civil.Easter(year) != want {
			t.Errorf("Easter %d = %s, want %s", year, civil.Easter(year), want)
		}
		j := (19*a + 15) % 30
		w := (2*(year%4) + 4*(year%7) - j + 34) % 7
		p := j + w + 114
		julian := civil.Date{Year: year, Month: time.Month(p / 31), Day: p%31 + 1}
		gap := 13
		if year == 1900 && julian.Before(civil.Date{Year: 1900, Month: 3, Day: 1}) {
			gap = 12
		}
		if year >= 2100 {
			gap = 14
		}
		if year >= 2200 {
			gap = 15
		}
		if want := julian.AddDays(gap); civil.OrthodoxEaster(year) != want {
			t.Errorf("Orthodox Easter %d = %s, want %s", year, civil.OrthodoxEaster(year), want)
		}
	}
}
