package move_test

import (
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/draft/move"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// spring is when the tests look: long before the day of the posts.
var spring = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

func date(s string) civil.Date {
	d, err := civil.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func clock(s string) civil.Clock {
	c, err := civil.ParseClock(s)
	if err != nil {
		panic(err)
	}
	return c
}

// spot is a place that waits for its approval until the end of its day.
func spot(delivery int64, zone, day, at string) move.Spot {
	z, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	due := civil.Place(date(day), clock(at), z)
	return move.Spot{
		Delivery: delivery, Channel: delivery, Handle: "a", Home: zone, Language: "en", Date: date(day), Clock: clock(at), Zone: zone, DueAt: due,
		NotAfter: civil.EndOfDay(date(day), z), State: post.Held, Hold: post.ForApproval,
	}
}

func found(spots ...move.Spot) move.Found {
	return move.Found{ID: 1, Source: post.Source{When: post.When{Date: "2027-07-30", Clock: "09:00"}}, Spots: spots}
}

func TestEachChangeGivesEachPlaceItsTime(t *testing.T) {
	t.Parallel()
	london, tokyo := spot(1, "Europe/London", "2027-07-30", "09:00"), spot(2, "Asia/Tokyo", "2027-07-30", "09:00")
	for name, tt := range map[string]struct {
		change move.Change
		want   []string // the instants, then the post's own time
	}{
		"a day and a time, each by its clock": {move.At(date("2027-08-02"), clock("18:30"), ""), []string{"2027-08-02T17:30:00Z", "2027-08-02T09:30:00Z", "2027-08-02 18:30 "}},
		"one instant for all":                 {move.At(date("2027-08-02"), clock("18:30"), "Asia/Tokyo"), []string{"2027-08-02T09:30:00Z", "2027-08-02T09:30:00Z", "2027-08-02 18:30 Asia/Tokyo"}},
		"another day at the same time":        {move.On(date("2027-07-28")), []string{"2027-07-28T08:00:00Z", "2027-07-28T00:00:00Z", "2027-07-28 09:00 "}},
		"two days later":                      {move.By(2, 0), []string{"2027-08-01T08:00:00Z", "2027-08-01T00:00:00Z", "2027-08-01 09:00 "}},
		"ten hours earlier":                   {move.By(0, -600), []string{"2027-07-29T22:00:00Z", "2027-07-29T14:00:00Z", "2027-07-29 23:00 "}},
		"past midnight":                       {move.By(0, 15*60), []string{"2027-07-30T23:00:00Z", "2027-07-30T15:00:00Z", "2027-07-31 00:00 "}},
		"into winter, the clock stays":        {move.By(100, 0), []string{"2027-11-07T09:00:00Z", "2027-11-07T00:00:00Z", "2027-11-07 09:00 "}},
	} {
		p, err := move.Lay(found(london, tokyo), tt.change, spring)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, s := range p.Steps {
			got = append(got, s.NewDueAt.UTC().Format(time.RFC3339))
			home, _ := time.LoadLocation(s.Home)
			if want := civil.EndOfDay(civil.DateOf(s.NewDueAt.In(home)), home); !s.NewNotAfter.Equal(want) {
				t.Errorf("%s: the window ends at %s, want the end of the day there, %s", name, s.NewNotAfter, want)
			}
		}
		w := p.Next.When
		if diff := cmp.Diff(tt.want, append(got, w.Date+" "+w.Clock+" "+w.Zone)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTimesThatTheClocksSkipOrShowTwiceFollowTheRuleOfCivil(t *testing.T) {
	t.Parallel()
	paris := spot(1, "Europe/Paris", "2027-03-20", "02:30")
	for day, want := range map[string]string{"2027-03-28": "2027-03-28T01:30:00Z", "2027-10-31": "2027-10-31T00:30:00Z"} {
		p, err := move.Lay(found(paris), move.On(date(day)), spring)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Steps[0].NewDueAt.UTC().Format(time.RFC3339); got != want || p.Steps[0].NewClock != clock("02:30") {
			t.Errorf("%s: %s by the clock %s, want %s", day, got, p.Steps[0].NewClock, want)
		}
	}
}

func TestAWindowOfItsOwnMovesAlong(t *testing.T) {
	t.Parallel()
	s := spot(1, "Europe/London", "2027-07-30", "09:00")
	s.NotAfter = s.DueAt.Add(90 * time.Minute)
	p, err := move.Lay(found(s), move.By(1, 60), spring)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Steps[0].NewNotAfter.Sub(p.Steps[0].NewDueAt); got != 90*time.Minute {
		t.Errorf("the window is %s, want an hour and a half", got)
	}
}

func TestWhatCannotMoveIsRefusedOrStays(t *testing.T) {
	t.Parallel()
	with := func(change func(*move.Spot)) move.Spot {
		s := spot(1, "Europe/London", "2027-07-30", "09:00")
		change(&s)
		return s
	}
	for name, tt := range map[string]struct {
		spot   move.Spot
		change move.Change
		kind   fault.Kind
	}{
		"the past":             {with(func(*move.Spot) {}), move.On(date("2027-02-27")), fault.Invalid},
		"now":                  {with(func(*move.Spot) {}), move.At(date("2027-03-01"), clock("12:00"), ""), fault.Invalid},
		"far ahead":            {with(func(*move.Spot) {}), move.On(date("2029-07-30")), fault.Invalid},
		"beyond the calendar":  {with(func(*move.Spot) {}), move.By(99999999, 0), fault.Invalid},
		"its own time":         {with(func(*move.Spot) {}), move.On(date("2027-07-30")), fault.Invalid},
		"a zone that is none":  {with(func(*move.Spot) {}), move.At(date("2027-08-01"), clock("09:00"), "Mars/Olympus"), fault.Invalid},
		"published":            {with(func(s *move.Spot) { s.State, s.Begun = post.Published, true }), move.By(1, 0), fault.Conflict},
		"being sent":           {with(func(s *move.Spot) { s.State, s.Begun = post.Sending, true }), move.By(1, 0), fault.Conflict},
		"missed":               {with(func(s *move.Spot) { s.State = post.Missed }), move.By(1, 0), fault.Conflict},
		"a thread begun":       {with(func(s *move.Spot) { s.Begun = true }), move.By(1, 0), fault.Conflict},
		"waits for a decision": {with(func(s *move.Spot) { s.Hold = post.ForDecision }), move.By(1, 0), fault.Conflict},
	} {
		if _, err := move.Lay(found(tt.spot), tt.change, spring); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %v, want %s", name, err, tt.kind)
		}
	}
	out := with(func(s *move.Spot) { s.State, s.Begun, s.Delivery = post.Published, true, 2 })
	p, err := move.Lay(found(spot(1, "Asia/Tokyo", "2027-07-30", "09:00"), out), move.By(1, 0), spring)
	if err != nil || len(p.Steps) != 1 || len(p.Stay) != 1 {
		t.Errorf("of one that waits and one that is out: %d move and %d stay, %v", len(p.Steps), len(p.Stay), err)
	}
}

func TestThereAndBackGivesTheSameTimes(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Etc/UTC"}
	rapid.Check(t, func(t *rapid.T) {
		var spots []move.Spot
		day := date("2027-07-01").AddDays(rapid.IntRange(0, 200).Draw(t, "day"))
		at := civil.Clock{Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: rapid.IntRange(0, 59).Draw(t, "minute")}
		for i := range rapid.IntRange(1, 4).Draw(t, "places") {
			spots = append(spots, spot(int64(i+1), rapid.SampledFrom(zones).Draw(t, "zone"), day.String(), at.String()))
		}
		f := found(spots...)
		f.Source.When = post.When{Date: day.String(), Clock: at.String()}
		f.Source.Parts = []post.SourcePart{{Texts: map[string]string{"en": rapid.String().Draw(t, "words")}}}
		days, minutes := rapid.IntRange(-60, 60).Draw(t, "days"), rapid.IntRange(-2000, 2000).Draw(t, "minutes")
		if days == 0 && minutes == 0 {
			return
		}
		there, err := move.Lay(f, move.By(days, minutes), spring)
		if err != nil {
			t.Fatal(err)
		}
		moved := f
		moved.Source, moved.Spots = there.Next, nil
		for _, s := range there.Steps {
			next := s.Spot
			next.Date, next.Clock, next.Zone, next.DueAt, next.NotAfter = s.NewDate, s.NewClock, s.NewZone, s.NewDueAt, s.NewNotAfter
			moved.Spots = append(moved.Spots, next)
		}
		back, err := move.Lay(moved, move.By(-days, -minutes), spring)
		if err != nil {
			t.Fatal(err)
		}
		// The civil times are kept as they were asked for, so that not even a skipped hour is lost on the way.
		for i, s := range back.Steps {
			if was := spots[i]; s.NewDate != was.Date || s.NewClock != was.Clock || !s.NewDueAt.Equal(was.DueAt) || !s.NewNotAfter.Equal(was.NotAfter) {
				t.Fatalf("%s %s became %s %s, due %s and not %s", was.Date, was.Clock, s.NewDate, s.NewClock, s.NewDueAt, was.DueAt)
			}
		}
		if diff := cmp.Diff(f.Source, back.Next); diff != "" {
			t.Fatalf("the post (-before +after):\n%s", diff)
		}
	})
}
