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
	Sandbox   bool // on this machine only
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
	Words    Words
	Date     civil.Date
	Clock    civil.Clock
	Zone     string
	DueAt    time.Time // UTC
	NotAfter time.Time // UTC; from this instant on it is too late
}

// Words are what a message says at one place in one language: the texts made for its network where there are some, with the
// tokens unfilled.
type Words struct {
	Parts    []string // one, or more for a thread
	Hashtags []string
	Mentions []string // partners' handles on the network, for the end of the first part
	CTA      string   // what a button says; empty without one
	Link     string   // the page for the message's audience; empty leaves it to the charity
	Country  string   // whose helplines; empty is the channel's own
}

// Lay lays a campaign on the days of one edition: each message becomes a source with one slot for each place and language
// it can go to. A local time is each place's own; a fixed one is a single instant. The result is in the order of the days,
// then of the file, and the same for the same input. A series becomes one message for each of its times.
func Lay(c campaign.Campaign, days civil.Range, places []Place) ([]Laid, error) {
	places = slices.Clone(places)
	slices.SortFunc(places, func(a, b Place) int {
		return strings.Compare(fmt.Sprintf("%020d %s %s", a.Channel, a.Zone, a.Name), fmt.Sprintf("%020d %s %s", b.Channel, b.Zone, b.Name))
	})
	var messages []campaign.Message
	for _, m := range c.Posts {
		all, err := m.Expand(days)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%s: %v", c.ID, err)
		}
		messages = append(messages, all...)
	}
	laid := make([]Laid, 0, len(messages))
	zones := zones{}
	for _, m := range messages {
		date := m.Offset.On(days)
		l := Laid{Source: source(c, m, date)}
		for _, place := range places {
			slots, err := slots(c, m, date, place, zones)
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
func source(c campaign.Campaign, m campaign.Message, date civil.Date) post.Source {
	s := post.Source{
		Message: m.ID, Kind: m.Kind, Hashtags: m.Hashtags, ContentNote: m.ContentNote, Sensitive: m.Sensitive, Facts: m.Facts,
		When:        post.When{Date: date.String(), Clock: m.Time.String()},
		NetworkTags: m.NetworkTags, Mentions: m.Mentions, Link: c.Link(m),
		Helpline: m.Helpline, HelplineFor: m.HelplineFor, Audience: m.Audience,
	}
	if m.CTA != nil {
		s.CTA = m.CTA.Kind
	}
	for _, v := range m.Variants {
		s.Variants = append(s.Variants, post.Variant{Part: max(v.Part, 1), Language: v.Language, Network: v.Network, Text: v.Text})
	}
	if m.Review != nil {
		s.Approvals, s.Roles = m.Review.Approvals, m.Review.Roles
	}
	if m.Mode == campaign.Together {
		s.When.Zone = m.Zone
	}
	for i := range m.Parts() {
		part := post.SourcePart{Texts: m.Texts}
		if i > 0 {
			part.Texts = m.Thread[i-1].Texts
		}
		for _, picture := range m.PartMedia(i) {
			part.Pictures = append(part.Pictures, post.SourcePicture{SHA256: picture.SHA256, Alt: picture.Alt})
		}
		s.Parts = append(s.Parts, part)
	}
	return s
}

// words returns what the message says at a place in a language, and false when it does not speak it.
func words(c campaign.Campaign, m campaign.Message, network, language string) (Words, bool) {
	w := Words{Hashtags: m.TagsOn(network), Mentions: m.Mentions[network], Link: c.Link(m), Country: m.Helpline}
	for i := range m.Parts() {
		s, ok := m.PartText(i, language, network)
		if !ok {
			return Words{}, false
		}
		w.Parts = append(w.Parts, s)
	}
	if m.CTA != nil {
		w.CTA = m.CTA.Label[language]
	}
	return w, true
}

// slots returns where and when a message goes out at one place, one slot for each language both know.
func slots(c campaign.Campaign, m campaign.Message, date civil.Date, place Place, zones zones) ([]Slot, error) {
	if !m.GoesTo(place.Platform, place.Labels) {
		return nil, nil
	}
	zone := place.Zone
	if m.Mode == campaign.Together {
		zone = m.Zone
	}
	clock, err := zones.load(zone, place.Name)
	if err != nil {
		return nil, err
	}
	home, err := zones.load(place.Zone, place.Name)
	if err != nil {
		return nil, err
	}
	due := civil.Place(date, m.Time, clock)
	notAfter := civil.EndOfDay(civil.DateOf(due.In(home)), home)
	if m.Window > 0 {
		notAfter = due.Add(m.Window)
	}
	var list []Slot
	for i, language := range place.Languages {
		if w, ok := words(c, m, place.Platform, language); ok && !slices.Contains(place.Languages[:i], language) {
			list = append(list, Slot{Place: place, Language: language, Words: w, Date: date, Clock: m.Time, Zone: zone, DueAt: due, NotAfter: notAfter})
		}
	}
	return list, nil
}

// zones keeps the zones of one laying: reading one from the system costs more than placing a time in it.
type zones map[string]*time.Location

func (z zones) load(name, place string) (*time.Location, error) {
	if zone, ok := z[name]; ok {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s: there is no time zone %q", place, name)
	}
	z[name] = zone
	return zone, nil
}
