package move

import (
	"fmt"
	"time"

	"daymark/internal/core/post"
)

// Back returns the change that gives every place of a plan its old time again once the plan is done. There is none where places that
// went out at several times were given one, where a place was to go out at once, or where an old time has passed by now.
func (p Plan) Back(now time.Time) (Change, bool) {
	if len(p.Steps) == 0 || !p.whole {
		return Change{}, false
	}
	for _, s := range p.Steps {
		if s.Prompt || !s.DueAt.After(now) {
			return Change{}, false
		}
	}
	switch p.change.kind {
	case shift:
		return By(-p.change.days, -p.change.minutes), true
	case day:
		first, _ := p.First()
		return By(first.DaysSince(p.change.date), 0), true
	case at:
	}
	one, fixed := p.Steps[0], p.Fixed()
	for _, s := range p.Steps {
		zone := fixed
		if zone == "" {
			zone = s.Home
		}
		if s.Date != one.Date || s.Clock != one.Clock || s.Zone != zone {
			return Change{}, false
		}
	}
	if p.Source.When != (post.When{Date: one.Date.String(), Clock: one.Clock.String(), Zone: fixed}) {
		return Change{}, false
	}
	return At(one.Date, one.Clock, fixed), true
}

// Fields returns a change by the names that forms have for it: a date, a clock and a zone; a day; or days and minutes.
func (c Change) Fields() map[string]string {
	switch c.kind {
	case at:
		return map[string]string{"date": c.date.String(), "clock": c.clock.String(), "zone": c.zone}
	case day:
		return map[string]string{"day": c.date.String()}
	case shift:
	}
	return map[string]string{"days": fmt.Sprint(c.days), "minutes": fmt.Sprint(c.minutes)}
}
