// Package edit is the part of step 3 of 7 in which people change a post by hand, planned or not, and write new ones: words, pictures,
// when it goes out and where.
//
// What somebody has typed and not saved is their working copy (edit/kept); saving it makes a new version ([Save]), which puts back to held
// whatever was approved, as every edit does. A save that began from an older version is refused, so that the two can be compared. An
// earlier version's words come back as a newer version ([TakeBack]). The package judges no words, asks no reviewer and sends nothing.
package edit

import (
	"slices"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/channel"
)

// What a person may write, in characters. Networks take less; these keep a paste from filling the database.
const (
	MaxText   = 10_000
	maxName   = 80
	maxNote   = 500
	maxAlt    = 2_000
	maxReason = 300
	maxParts  = 25
	maxTags   = 30
)

// Place is an account and a language.
type Place struct {
	Channel  int64
	Language string
}

// Change is what somebody wants a post to be.
type Change struct {
	Read   int // the version that they began from; 0 for a new post
	Source post.Source
	Window time.Duration // how long after its time it may still go out; 0 until the end of that day at each place
	Places []Place
}

// Begun returns what a post is now, to change it. What is cancelled is nowhere.
func Begun(p book.Post, channels []channel.Channel) Change {
	c := Change{Read: p.Version, Source: p.Source}
	for _, e := range p.Entries {
		if e.State != post.Cancelled {
			c.Places = append(c.Places, Place{e.Channel, e.Language})
		}
	}
	c.Window = windowOf(p, channels)
	return c
}

// windowOf returns the window that all places of a post share; 0 where each is open until the end of its day, or they differ.
func windowOf(p book.Post, channels []channel.Channel) time.Duration {
	var all []time.Duration
	for _, e := range p.Entries {
		at := slices.IndexFunc(channels, func(one channel.Channel) bool { return one.ID == e.Channel })
		if e.State == post.Cancelled || at < 0 || e.NotAfter.Equal(endOfDay(e.DueAt, homeOf(channels[at]))) {
			continue
		}
		all = append(all, e.NotAfter.Sub(e.DueAt))
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) != 1 {
		return 0
	}
	return all[0]
}

// Slot is when a change goes out at one place.
type Slot struct {
	Place
	Date     civil.Date
	Clock    civil.Clock
	Zone     string // whose clock it is
	DueAt    time.Time
	NotAfter time.Time // from this instant on it is too late
}

// Slots returns when a change goes out at each of its places. Places of accounts that are not there are left out, and all of them
// while its time cannot be read.
func (c Change) Slots(channels []channel.Channel) []Slot {
	date, clock, err := c.when()
	if err != nil {
		return nil
	}
	var list []Slot
	for _, p := range c.Places {
		at := slices.IndexFunc(channels, func(one channel.Channel) bool { return one.ID == p.Channel })
		if at < 0 {
			continue
		}
		home := homeOf(channels[at])
		zone := home
		if c.Source.When.Zone != "" {
			if zone, err = time.LoadLocation(c.Source.When.Zone); err != nil {
				return nil
			}
		}
		s := Slot{Place: p, Date: date, Clock: clock, Zone: zone.String(), DueAt: civil.Place(date, clock, zone)}
		s.NotAfter = endOfDay(s.DueAt, home)
		if c.Window > 0 {
			s.NotAfter = s.DueAt.Add(c.Window)
		}
		list = append(list, s)
	}
	return list
}

// homeOf returns the zone of an account's readers.
func homeOf(c channel.Channel) *time.Location {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// endOfDay returns the end of the day of an instant, at home.
func endOfDay(at time.Time, home *time.Location) time.Time {
	return civil.EndOfDay(civil.DateOf(at.In(home)), home)
}

func (c Change) when() (civil.Date, civil.Clock, error) {
	date, err := civil.ParseDate(c.Source.When.Date)
	if err != nil {
		return civil.Date{}, civil.Clock{}, err
	}
	clock, err := civil.ParseClock(c.Source.When.Clock)
	return date, clock, err
}

// Languages returns the languages that a change has words in, in order.
func (c Change) Languages() []string { return Languages(c.Source) }

// Languages returns the languages that a source has words in, in order.
func Languages(s post.Source) []string {
	var list []string
	for _, part := range s.Parts {
		for language, words := range part.Texts {
			if words != "" {
				list = append(list, language)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Entries returns where a change would go, before it is written, for a look at it. What waits at a place keeps its own time unless the
// change gives a new one.
func (c Change) Entries(of book.Post, channels []channel.Channel) []book.Entry {
	begun := Begun(of, channels)
	moves := of.ID == 0 || begun.Source.When != c.Source.When || begun.Window != c.Window
	var list []book.Entry
	for _, s := range c.Slots(channels) {
		at := slices.IndexFunc(of.Entries, func(e book.Entry) bool {
			return e.Channel == s.Channel && e.Language == s.Language && e.State != post.Cancelled
		})
		if at >= 0 {
			e := of.Entries[at]
			if e.State == post.Scheduled {
				e.State, e.Hold = post.Held, post.ForEdited
			}
			if moves && e.State == post.Held {
				e.DueAt, e.DueDate, e.DueClock, e.Zone, e.NotAfter, e.Prompt = s.DueAt, s.Date.String(), s.Clock.String(), s.Zone, s.NotAfter, false
			}
			list = append(list, e)
			continue
		}
		home := channels[slices.IndexFunc(channels, func(one channel.Channel) bool { return one.ID == s.Channel })]
		list = append(list, book.Entry{
			Post: of.ID, Edition: of.Edition, Language: s.Language, Channel: s.Channel, ChannelName: home.Name, Handle: home.Handle,
			Platform: home.Platform, Zone: s.Zone, DueAt: s.DueAt, DueDate: s.Date.String(), DueClock: s.Clock.String(), NotAfter: s.NotAfter,
			State: post.Held, Hold: post.ForApproval, Rehearsal: of.Rehearsal,
		})
	}
	return list
}
