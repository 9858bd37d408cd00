package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
)

// Place is where posts can go: a channel, or one that a preview imagines.
type Place struct {
	Channel   int64 // 0 in a preview
	Name      string
	Platform  string
	Zone      string // IANA
	Languages []string
	Labels    []string
}

// Laid is one message of a campaign laid on the days of an edition.
type Laid struct {
	Source post.Source
	Slots  []Slot
}

// Slot is where and when a message goes out in one language.
type Slot struct {
	Place    Place
	Language string
	Date     civil.Date
	Clock    civil.Clock
	Zone     string
	DueAt    time.Time // UTC
	NotAfter time.Time // UTC; from this instant on it is too late
}

// Lay lays a campaign on the days of one edition: each message becomes a source with one slot for each place and language
// it can go to. A local time is each place's own; a fixed one is a single instant. The result is in the order of the days,
// then of the file, and the same for the same input.
func Lay(c campaign.Campaign, days civil.Range, places []Place) ([]Laid, error) {
	places = slices.Clone(places)
	slices.SortFunc(places, func(a, b Place) int {
		return strings.Compare(fmt.Sprintf("%020d %s %s", a.Channel, a.Zone, a.Name), fmt.Sprintf("%020d %s %s", b.Channel, b.Zone, b.Name))
	})
	laid := make([]Laid, 0, len(c.Posts))
	for _, m := range c.Posts {
		date := m.Offset.On(days)
		l := Laid{Source: source(m, date)}
		for _, place := range places {
			slots, err := slots(m, date, place)
			if err != nil {
				return nil, fmt.Errorf("message %s: %w", m.ID, err)
			}
			l.Slots = append(l.Slots, slots...)
		}
		laid = append(laid, l)
	}
	slices.SortStableFunc(laid, func(a, b Laid) int {
		return strings.Compare(a.Source.When.Date+a.Source.When.Clock, b.Source.When.Date+b.Source.When.Clock)
	})
	return laid, nil
}

// source is the message as the first revision of its post.
func source(m campaign.Message, date civil.Date) post.Source {
	s := post.Source{
		Message: m.ID, Kind: m.Kind, Hashtags: m.Hashtags, ContentNote: m.ContentNote, Sensitive: m.Sensitive, Facts: m.Facts,
		When: post.When{Date: date.String(), Clock: m.Time.String()},
	}
	if m.Mode == campaign.Together {
		s.When.Zone = m.Zone
	}
	part := post.SourcePart{Texts: m.Texts}
	for _, picture := range m.Media {
		part.Pictures = append(part.Pictures, post.SourcePicture{SHA256: picture.SHA256, Alt: picture.Alt})
	}
	s.Parts = []post.SourcePart{part}
	return s
}

// slots returns where and when a message goes out at one place, one slot for each language both know.
func slots(m campaign.Message, date civil.Date, place Place) ([]Slot, error) {
	if len(m.Labels) > 0 && !slices.ContainsFunc(m.Labels, func(l string) bool { return slices.Contains(place.Labels, l) }) {
		return nil, nil
	}
	zone := place.Zone
	if m.Mode == campaign.Together {
		zone = m.Zone
	}
	clock, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s: there is no time zone %q", place.Name, zone)
	}
	home, err := time.LoadLocation(place.Zone)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s: there is no time zone %q", place.Name, place.Zone)
	}
	due := civil.Place(date, m.Time, clock)
	notAfter := civil.EndOfDay(civil.DateOf(due.In(home)), home)
	if m.Window > 0 {
		notAfter = due.Add(m.Window)
	}
	var list []Slot
	for i, language := range place.Languages {
		if _, ok := m.Texts[language]; ok && !slices.Contains(place.Languages[:i], language) {
			list = append(list, Slot{Place: place, Language: language, Date: date, Clock: m.Time, Zone: zone, DueAt: due, NotAfter: notAfter})
		}
	}
	return list, nil
}
