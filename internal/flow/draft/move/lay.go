package move

import (
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
)

// farthest is how far ahead a new time may be: a later one is a slip of the keyboard.
const farthest = 2 * 366 * 24 * time.Hour

// kind is how a change names the new time.
type kind int

const (
	at    kind = iota // a day and a time of day
	day               // a day; the time of day stays
	shift             // so many days and minutes later
)

// Change is how a post moves. [At], [On] and [By] make one.
type Change struct {
	kind    kind
	date    civil.Date
	clock   civil.Clock
	zone    string
	days    int
	minutes int
}

// At moves to a day and a time of day: in every place by its own clock, or with a zone at the one instant that its clock shows.
func At(date civil.Date, clock civil.Clock, zone string) Change {
	return Change{kind: at, date: date, clock: clock, zone: zone}
}

// On moves to a day and keeps the time of day. Where places go out on several days, the first of them comes to lie on it.
func On(date civil.Date) Change { return Change{kind: day, date: date} }

// By moves by days and minutes on the clock of each place; both may be negative. Going there and back gives the same times.
func By(days, minutes int) Change { return Change{kind: shift, days: days, minutes: minutes} }

// civil returns the new civil time of something that has one now. First is the day of the post's first place.
func (c Change) civil(date civil.Date, clock civil.Clock, zone string, first civil.Date) (civil.Date, civil.Clock, string) {
	switch c.kind {
	case at:
		return c.date, c.clock, c.zone
	case day:
		return date.AddDays(c.date.DaysSince(first)), clock, zone
	case shift:
	}
	const full = 24 * 60
	minutes := clock.Minutes() + c.minutes
	days := minutes / full
	if minutes %= full; minutes < 0 {
		minutes += full
		days--
	}
	return date.AddDays(c.days + days), civil.Clock{Hour: minutes / 60, Minute: minutes % 60}, zone
}

// Step is a spot with its new time.
type Step struct {
	Spot
	NewDate     civil.Date
	NewClock    civil.Clock
	NewZone     string
	NewDueAt    time.Time
	NewNotAfter time.Time
}

// Plan is what a change does to a post.
type Plan struct {
	Found
	Steps []Step
	Stay  []Spot      // those that do not move: out, on their way, missed or waiting for a decision
	Next  post.Source // the post's source with its new time

	whole  bool
	change Change
}

// Approved counts the places whose approval ends with the move.
func (p Plan) Approved() int { return p.count(Spot.Approved) }

// Asked counts the places that are before reviewers and come before them anew.
func (p Plan) Asked() int { return p.count(func(s Spot) bool { return s.Asked }) }

// Loses reports whether something that people have done for the old time, or are asked to, ends with the move.
func (p Plan) Loses() bool { return p.Approved()+p.Asked() > 0 }

func (p Plan) count(is func(Spot) bool) int {
	n := 0
	for _, s := range p.Steps {
		if is(s.Spot) {
			n++
		}
	}
	return n
}

// Lay says what a change would do to every place of a post that waits.
func Lay(f Found, c Change, now time.Time) (Plan, error) {
	return lay(f, c, now, func(Spot) bool { return true }, true)
}

// LayOne says what a change would do to one place. Its clock stays that of its zone.
func LayOne(f Found, delivery int64, c Change, now time.Time) (Plan, error) {
	return lay(f, c, now, func(s Spot) bool { return s.Delivery == delivery }, false)
}

func lay(f Found, c Change, now time.Time, moves func(Spot) bool, whole bool) (Plan, error) {
	p := Plan{Found: f, Next: f.Source, whole: whole, change: c}
	first, _ := f.First()
	changed, sending := false, false
	for _, s := range f.Spots {
		if !moves(s) || !s.Waits() {
			p.Stay = append(p.Stay, s)
			sending = sending || (moves(s) && s.State == post.Sending)
			continue
		}
		step, err := stepOf(s, c, first, whole)
		if err != nil {
			return Plan{}, err
		}
		switch {
		case !step.NewDueAt.After(now):
			return Plan{}, fault.BadField("date", "That time has passed for @%s, whose clock is that of %s. Choose one that is still to come.", s.Handle, step.NewZone)
		case step.NewDueAt.After(now.Add(farthest)):
			return Plan{}, fault.BadField("date", "That is more than two years ahead. Look at the year.")
		}
		changed = changed || step.NewDate != s.Date || step.NewClock != s.Clock || step.NewZone != s.Zone
		p.Steps = append(p.Steps, step)
	}
	switch {
	case sending:
		return Plan{}, fault.New(fault.Conflict, "It is being sent just now. Wait a moment, then look again.")
	case len(p.Steps) == 0:
		return Plan{}, fault.New(fault.Conflict, "Nothing of it waits to go out, so there is nothing to move.")
	case !changed:
		return Plan{}, fault.BadField("date", "That is its time already. Choose another.")
	}
	if whole {
		p.Next.When = when(f.Source.When, c, p.Steps[0], first)
	}
	return p, nil
}

// stepOf places one spot anew. Of a single place the zone stays: it keeps its clock, whatever the others follow.
func stepOf(s Spot, c Change, first civil.Date, whole bool) (Step, error) {
	step := Step{Spot: s}
	if !whole {
		first = s.Date
	}
	step.NewDate, step.NewClock, step.NewZone = c.civil(s.Date, s.Clock, s.Zone, first)
	switch {
	case !whole:
		step.NewZone = s.Zone
	case c.kind == at && c.zone == "":
		step.NewZone = s.Home
	}
	if !step.NewDate.Exists() {
		return Step{}, fault.BadField("date", "That day is not in the calendar. Look at the year.")
	}
	zone, err := time.LoadLocation(step.NewZone)
	if err != nil {
		return Step{}, fault.Wrap(fault.Invalid, err, "There is no time zone %q.", step.NewZone)
	}
	home, err := time.LoadLocation(s.Home)
	if err != nil {
		return Step{}, fmt.Errorf("channel %d: %w", s.Channel, err)
	}
	step.NewDueAt = civil.Place(step.NewDate, step.NewClock, zone)
	// The window is the campaign's: until the end of the day where the channel is at home, or as long after the instant as before.
	if step.NewNotAfter = step.NewDueAt.Add(s.NotAfter.Sub(s.DueAt)); endOfDay(s.DueAt, home).Equal(s.NotAfter) || s.Prompt {
		step.NewNotAfter = endOfDay(step.NewDueAt, home)
	}
	return step, nil
}

func endOfDay(at time.Time, home *time.Location) time.Time {
	return civil.EndOfDay(civil.DateOf(at.In(home)), home)
}

// when is the time that the post itself has after the move, which planning lays it on at new places.
func when(had post.When, c Change, step Step, first civil.Date) post.When {
	date, err1 := civil.ParseDate(had.Date)
	clock, err2 := civil.ParseClock(had.Clock)
	if c.kind != at && (err1 != nil || err2 != nil) {
		date, clock = step.Date, step.Clock // it had none of its own
	}
	newDate, newClock, zone := c.civil(date, clock, had.Zone, first)
	return post.When{Date: newDate.String(), Clock: newClock.String(), Zone: zone}
}

// Retime returns what a change means for a spot that this package does not move, such as one that was missed: a day and a time of day
// on the spot's own clock.
func (f Found) Retime(s Spot, c Change) (civil.Date, civil.Clock, error) {
	first, _ := f.First()
	step, err := stepOf(s, c, first, true)
	if err != nil {
		return civil.Date{}, civil.Clock{}, err
	}
	if step.NewZone == s.Zone {
		return step.NewDate, step.NewClock, nil
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return civil.Date{}, civil.Clock{}, fmt.Errorf("delivery %d: %w", s.Delivery, err)
	}
	local := step.NewDueAt.In(zone)
	return civil.DateOf(local), civil.Clock{Hour: local.Hour(), Minute: local.Minute()}, nil
}
