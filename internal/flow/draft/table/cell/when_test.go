package cell

import (
	"testing"
)

func TestDaysAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"2027-07-30": "2027-07-30", "2027/7/30": "2027-07-30", "2027.07.30": "2027-07-30", "30/07/2027": "2027-07-30", "30-7-2027": "2027-07-30", "07/30/2027": "2027-07-30",
		"3.4.2027": "2027-04-03", "05/05/2027": "2027-05-05", "30 July 2027": "2027-07-30", "July 30, 2027": "2027-07-30", "Friday, 30 July 2027": "2027-07-30",
		"30 Jul 2027": "2027-07-30", "Jul 30 2027": "2027-07-30", "30th July 2027": "2027-07-30", "30 juillet 2027": "2027-07-30", "ven. 30 juil. 2027": "2027-07-30", "1er août 2027": "2027-08-01",
		"30 de julio de 2027": "2027-07-30", "30 jul. 2027": "2027-07-30", "30 يوليو 2027": "2027-07-30", "٣٠ يوليو ٢٠٢٧": "2027-07-30", "1 أغسطس 2027": "2027-08-01", "30  July  2027": "2027-07-30",
	} {
		if got, ask, err := date(s, Unsaid); err != nil || ask || got.String() != want {
			t.Errorf("%q: %s, %t, %v; want %s", s, got, ask, err, want)
		}
	}
	for _, s := range []string{"", "soon", "30/07/27", "31/02/2027", "2027-13-01", "30 Smarch 2027", "46233", "13/13/2027", "7/2027"} {
		if got, ask, err := date(s, Unsaid); err == nil || ask {
			t.Errorf("%q was read as %s", s, got)
		}
	}
}

func TestADayThatCouldBeTwoIsAskedAbout(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"03/04/2027", "3-4-2027", "12/11/2027"} {
		if _, ask, err := date(s, Unsaid); !ask || err == nil {
			t.Errorf("%q was not asked about", s)
		}
	}
	for order, want := range map[Order]string{DayFirst: "2027-04-03", MonthFirst: "2027-03-04"} {
		if got, ask, err := date("03/04/2027", order); err != nil || ask || got.String() != want {
			t.Errorf("with the %s first: %s, %v", order, got, err)
		}
	}
}

func TestTimesOfDayAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"09:00": "09:00", "9:05": "09:05", "9.30": "09:30", "9h30": "09:30", "9h": "09:00", "09:00:00": "09:00", "9 am": "09:00", "12 AM": "00:00", "12:15 p.m.": "12:15", "9:30PM": "21:30",
		"٠٩:٠٠": "09:00", "9:00 م": "21:00",
	} {
		if got, err := Clock(s); err != nil || got.String() != want {
			t.Errorf("%q: %s, %v; want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "9", "24:00", "9:60", "13 pm", "0 am", "noon", "09:00:30", "0.375"} {
		if got, err := Clock(s); err == nil {
			t.Errorf("%q was read as %s", s, got)
		}
	}
}

func TestADayMayHaveItsTimeBesideIt(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][3]string{
		"2027-07-30 09:00":          {"2027-07-30", "09:00", ""},
		"2027-07-30T09:00":          {"2027-07-30", "09:00", ""},
		"30 July 2027, 9:00 pm":     {"2027-07-30", "21:00", ""},
		"2027-07-30T09:00:00+02:00": {"2027-07-30", "07:00", "Etc/UTC"},
		"2027-07-30T23:30:00.000Z":  {"2027-07-30", "23:30", "Etc/UTC"},
		"2027-07-30T23:30:00-0500":  {"2027-07-31", "04:30", "Etc/UTC"},
	} {
		got, ask, err := Moment(s, Unsaid)
		if err != nil || ask || !got.Timed || got.Date.String() != want[0] || got.Clock.String() != want[1] || got.Zone != want[2] {
			t.Errorf("%q: %+v, %t, %v", s, got, ask, err)
		}
	}
	if got, _, err := Moment("2027-07-30", Unsaid); err != nil || got.Timed {
		t.Errorf("a day alone: %+v, %v", got, err)
	}
}
