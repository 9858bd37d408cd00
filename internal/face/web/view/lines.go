package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
)

// Excerpt is how many characters of a text a list shows.
const Excerpt = 120

// DateOf and ClockOf say on which day and when an entry goes out, in the zone that is shown: the team's, or with each each
// channel's own.
func (v Viewer) DateOf(s Stand, each bool) string {
	if each {
		return s.DueDate
	}
	return s.DueAt.In(v.Zone).Format(time.DateOnly)
}

// ClockOf says when an entry goes out in the zone that is shown.
func (v Viewer) ClockOf(s Stand, each bool) string {
	if each {
		return s.DueClock
	}
	return s.DueAt.In(v.Zone).Format("15:04")
}

// line makes one line of entries of the same post. They are not empty.
func (v Viewer) line(list []Stand, each bool) page.Line {
	first := list[0]
	tallies := v.Tally(list)
	text := first
	if at := slices.IndexFunc(list, func(s Stand) bool { return s.Language == v.Words.Lang }); at >= 0 {
		text = list[at] // the language that the viewer reads the pages in
	}
	var languages []string
	places := map[string]bool{}
	zones := map[string]bool{}
	for _, s := range list {
		if !slices.Contains(languages, strings.ToUpper(s.Language)) {
			languages = append(languages, strings.ToUpper(s.Language))
		}
		places[fmt.Sprint(s.Channel, s.Language)] = true
		zones[s.Zone] = true
	}
	slices.Sort(languages)
	l := page.Line{
		ID: fmt.Sprintf("line-%d-%d", first.Post, first.Delivery), URL: fmt.Sprintf("/posts/%d", first.Post), Name: page.Heading(first.Message, first.Kind),
		Text: page.NewText(text.Language, text.Text).Short(Excerpt), When: v.Words.Moment(first.DueAt, v.Zone),
		Languages: strings.Join(languages, " · "), Places: len(places), Tallies: tallies, Mark: tallies[0].Mark, Rehearsal: first.Rehearsal,
	}
	if each {
		l.When.Day, l.When.Clock, l.When.Zone = v.Words.LongDay(first.DueDate), first.DueClock, first.Zone
		if len(zones) > 1 {
			l.When.Zone = v.Words.T("cal.zone.mixed")
		}
	}
	for _, s := range list {
		if len(s.Risks) > 0 {
			l.Risk = v.Words.T("ahead.risk", v.Words.Fault("", nil, s.Risks[0].Say))
			break
		}
	}
	if len(list) == 1 {
		l.Where = "@" + first.Handle + ", " + v.Words.Network(first.Platform)
	}
	return l
}

// Lines groups entries into lines, in their order: one for each key.
func (v Viewer) Lines(list []Stand, each bool, key func(Stand) string) []page.Line {
	var order []string
	groups := map[string][]Stand{}
	for _, s := range list {
		k := key(s)
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], s)
	}
	out := make([]page.Line, 0, len(order))
	for _, k := range order {
		out = append(out, v.line(groups[k], each))
	}
	return out
}

// AtMoment groups what goes out in the same post at the same shown time.
func (v Viewer) AtMoment(each bool) func(Stand) string {
	return func(s Stand) string { return fmt.Sprint(s.Post, v.DateOf(s, each), v.ClockOf(s, each)) }
}

// Live reports whether an entry still matters for what is to come.
func (s Stand) Live() bool {
	return s.State == post.Held || s.State == post.Scheduled || s.State == post.Sending
}
