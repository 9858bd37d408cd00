package plan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/flow/plan"
)

func day(t tb, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return d
}

func oclock(t tb, s string) civil.Clock {
	t.Helper()
	c, err := civil.ParseClock(s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

type tb interface {
	Helper()
	Fatalf(format string, args ...any)
}

// five are places all over the world; only the first changes its clocks on the days of the tests.
var five = []plan.Place{
	{Channel: 1, Name: "New York", Zone: "America/New_York", Languages: []string{"en"}},
	{Channel: 2, Name: "Accra", Zone: "Africa/Accra", Languages: []string{"en"}},
	{Channel: 3, Name: "Kathmandu", Zone: "Asia/Kathmandu", Languages: []string{"en"}},
	{Channel: 4, Name: "Auckland", Zone: "Pacific/Auckland", Languages: []string{"en"}},
	{Channel: 5, Name: "Lima", Zone: "America/Lima", Languages: []string{"en"}},
}

func TestAMessageIsLaidOnTheClocksOfFiveZones(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		day, clock string
		change     func(*campaign.Message)
		want       []string // due and end of each place
	}{
		"a local time is each place's own": {"2027-07-30", "09:00", nil, []string{
			"07-30 13:00 to 07-31 04:00", "07-30 09:00 to 07-31 00:00", "07-30 03:15 to 07-30 18:15", "07-29 21:00 to 07-30 12:00", "07-30 14:00 to 07-31 05:00",
		}},
		// 02:30 does not exist in New York on that night: it moves to 03:30.
		"a time that the clocks skip moves forward": {"2027-03-14", "02:30", nil, []string{
			"03-14 07:30 to 03-15 04:00", "03-14 02:30 to 03-15 00:00", "03-13 20:45 to 03-14 18:15", "03-13 13:30 to 03-14 11:00", "03-14 07:30 to 03-15 05:00",
		}},
		// 01:30 comes twice in New York on that night: it is the first.
		"a time that comes twice is the first": {"2027-11-07", "01:30", nil, []string{
			"11-07 05:30 to 11-08 05:00", "11-07 01:30 to 11-08 00:00", "11-06 19:45 to 11-07 18:15", "11-06 12:30 to 11-07 11:00", "11-07 06:30 to 11-08 05:00",
		}},
		"a fixed time is one instant for all, until the day ends at each place": {
			"2027-07-30", "15:00",
			func(m *campaign.Message) { m.Mode, m.Zone = campaign.Together, "Europe/London" },
			[]string{
				"07-30 14:00 to 07-31 04:00", "07-30 14:00 to 07-31 00:00", "07-30 14:00 to 07-30 18:15", "07-30 14:00 to 07-31 12:00", "07-30 14:00 to 07-31 05:00",
			},
		},
		"a window ends where the message says": {
			"2027-07-30", "23:00",
			func(m *campaign.Message) { m.Window = 3 * time.Hour },
			[]string{
				"07-31 03:00 to 07-31 06:00", "07-30 23:00 to 07-31 02:00", "07-30 17:15 to 07-30 20:15", "07-30 11:00 to 07-30 14:00", "07-31 04:00 to 07-31 07:00",
			},
		},
		"two days before": {"2027-07-30", "09:00", func(m *campaign.Message) { m.Offset.Days = -2 }, []string{
			"07-28 13:00 to 07-29 04:00", "07-28 09:00 to 07-29 00:00", "07-28 03:15 to 07-28 18:15", "07-27 21:00 to 07-28 12:00", "07-28 14:00 to 07-29 05:00",
		}},
	} {
		m := campaign.Message{ID: "m", Mode: campaign.Local, Time: oclock(t, tt.clock), Texts: map[string]string{"en": "Remember"}}
		if tt.change != nil {
			tt.change(&m)
		}
		laid, err := plan.Lay(campaign.Campaign{Posts: []campaign.Message{m}}, civil.OneDay(day(t, tt.day)), five)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, s := range laid[0].Slots {
			got = append(got, s.DueAt.Format("01-02 15:04")+" to "+s.NotAfter.Format("01-02 15:04"))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAMessageGoesToThePlacesThatKnowItsLanguageAndBearItsLabel(t *testing.T) {
	t.Parallel()
	places := []plan.Place{
		{Channel: 2, Zone: "Etc/UTC", Languages: []string{"fr", "en", "fr"}, Labels: []string{"schools"}},
		{Channel: 1, Zone: "Etc/UTC", Languages: []string{"en"}},
		{Channel: 3, Zone: "Etc/UTC", Languages: []string{"de"}, Labels: []string{"schools"}},
	}
	c := campaign.Campaign{Posts: []campaign.Message{
		{ID: "late", Mode: campaign.Local, Time: oclock(t, "12:00"), Texts: map[string]string{"en": "x", "fr": "y"}},
		{ID: "early", Mode: campaign.Local, Time: oclock(t, "08:00"), Texts: map[string]string{"en": "x", "es": "z"}, Labels: []string{"parents", "schools"}},
	}}
	laid, err := plan.Lay(c, civil.OneDay(day(t, "2027-07-30")), places)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range laid {
		for _, s := range l.Slots {
			got = append(got, fmt.Sprintf("%s to %d in %s", l.Source.Message, s.Place.Channel, s.Language))
		}
	}
	want := []string{"early to 2 in en", "late to 1 in en", "late to 2 in fr", "late to 2 in en"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
}

func TestAZoneThatIsNoneIsNamed(t *testing.T) {
	t.Parallel()
	c := campaign.Campaign{Posts: []campaign.Message{{ID: "m", Mode: campaign.Local, Texts: map[string]string{"en": "x"}}}}
	if laid, err := plan.Lay(c, civil.OneDay(day(t, "2027-07-30")), []plan.Place{{Name: "Here", Zone: "Moon/Base", Languages: []string{"en"}}}); err == nil {
		t.Errorf("it was laid: %+v", laid)
	}
}

// zones change their clocks by an hour, by half an hour, by two hours, at midnight, across the date line, or not at all.
var zones = []string{
	"Etc/UTC", "Europe/London", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Antarctica/Troll",
	"Africa/Cairo", "America/Santiago", "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca", "Asia/Gaza",
}

func drawCampaign(t *rapid.T) campaign.Campaign {
	var c campaign.Campaign
	for i := range rapid.IntRange(1, 4).Draw(t, "messages") {
		m := campaign.Message{ID: fmt.Sprint("m", i), Mode: campaign.Local, Texts: map[string]string{}}
		m.Offset = campaign.Offset{FromEnd: rapid.Bool().Draw(t, "from end"), Days: rapid.IntRange(-200, 200).Draw(t, "days")}
		m.Time = civil.Clock{Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: rapid.IntRange(0, 59).Draw(t, "minute")}
		if rapid.Bool().Draw(t, "together") {
			m.Mode, m.Zone = campaign.Together, rapid.SampledFrom(zones).Draw(t, "zone")
		}
		m.Window = time.Duration(rapid.IntRange(0, 48).Draw(t, "window")) * time.Hour
		for _, language := range rapid.SliceOf(rapid.SampledFrom([]string{"en", "fr", "ar"})).Draw(t, "texts") {
			m.Texts[language] = "Words"
		}
		c.Posts = append(c.Posts, m)
	}
	return c
}

func drawPlaces(t *rapid.T) []plan.Place {
	var places []plan.Place
	for i := range rapid.IntRange(0, 5).Draw(t, "places") {
		places = append(places, plan.Place{
			Channel: int64(i + 1), Name: fmt.Sprint("c", i), Zone: rapid.SampledFrom(zones).Draw(t, "zone"),
			Languages: rapid.SliceOf(rapid.SampledFrom([]string{"en", "fr", "es"})).Draw(t, "languages"),
		})
	}
	return places
}

func TestEveryDueInstantShowsTheWantedClockAndNoPlaceGetsAMessageTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, places := drawCampaign(t), drawPlaces(t)
		start := civil.Date{Year: 2010, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 10_000).Draw(t, "start"))
		days := civil.Range{Start: start, End: start.AddDays(rapid.IntRange(0, 30).Draw(t, "length"))}
		laid, err := plan.Lay(c, days, places)
		if err != nil {
			t.Fatal(err)
		}
		if len(laid) != len(c.Posts) {
			t.Fatalf("%d messages were laid, want %d", len(laid), len(c.Posts))
		}
		for _, l := range laid {
			seen := map[string]bool{}
			for _, s := range l.Slots {
				key := fmt.Sprint(s.Place.Channel, s.Language)
				if seen[key] {
					t.Fatalf("message %s goes to channel %d in %s twice", l.Source.Message, s.Place.Channel, s.Language)
				}
				seen[key] = true
				if !s.NotAfter.After(s.DueAt) {
					t.Fatalf("due at %v, but too late from %v on", s.DueAt, s.NotAfter)
				}
				checkClock(t, s)
			}
		}
		shuffled := rapid.Permutation(places).Draw(t, "shuffled")
		again, err := plan.Lay(c, days, shuffled)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(laid, again); diff != "" {
			t.Fatalf("the order of the places changes the plan:\n%s", diff)
		}
	})
}

// checkClock looks at every minute around: the due instant is the first that shows the wanted clock; where none does, the
// clocks skip it and the due instant shows a later one.
func checkClock(t *rapid.T, s plan.Slot) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		t.Fatal(err)
	}
	want := s.Date.String() + " " + s.Clock.String()
	shows := func(at time.Time) string { return at.In(zone).Format("2006-01-02 15:04") }
	if shows(s.DueAt) == want {
		for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 24 * time.Hour} {
			if shows(s.DueAt.Add(-d)) == want {
				t.Fatalf("%s in %s came %v before %v already", want, s.Zone, d, s.DueAt)
			}
		}
		return
	}
	middle := time.Date(s.Date.Year, s.Date.Month, s.Date.Day, s.Clock.Hour, s.Clock.Minute, 0, 0, time.UTC)
	for at := middle.Add(-27 * time.Hour); at.Before(middle.Add(27 * time.Hour)); at = at.Add(time.Minute) {
		if shows(at) == want {
			t.Fatalf("%s in %s is at %v, not at %v", want, s.Zone, at, s.DueAt)
		}
	}
	if shows(s.DueAt) < want {
		t.Fatalf("%s does not exist in %s, and %s is before it", want, s.Zone, shows(s.DueAt))
	}
}

func TestLayingLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	places := []plan.Place{five[4], five[0], five[2]}
	before := slices.Clone(places)
	c := campaign.Campaign{Posts: []campaign.Message{{ID: "m", Mode: campaign.Local, Texts: map[string]string{"en": "x"}}}}
	if _, err := plan.Lay(c, civil.OneDay(day(t, "2027-07-30")), places); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, places); diff != "" {
		t.Errorf("places (-before +after):\n%s", diff)
	}
}
