// Package count is the one place where a text is counted for a network: every counter and every check asks it.
//
// It picks the rules of the network's own room beside it (Mastodon's are in internal/core/text) and brings their answers into one
// form. What a server allows is an argument, because servers of one network differ. It does not cut texts; see
// internal/core/text/thread.
package count

import (
	"slices"
	"strings"

	"daymark/internal/core/text"
	"daymark/internal/core/text/bluesky"
	"daymark/internal/core/text/x"
)

// Networks are the names of the networks whose counting is known.
var Networks = []string{"x", "bluesky", "mastodon"}

// Rules is how a network, or one of its servers, counts.
type Rules struct {
	Network string // one of Networks
	Limit   int    // the most that a text may count
	PerLink int    // what a link counts on a server of the Mastodon family; 0 is its full length. Elsewhere it has no meaning.
}

// For returns a network's rules as they are where nobody has changed them, and false for a network that is not known.
func For(network string) (Rules, bool) {
	switch network {
	case "x":
		return Rules{Network: network, Limit: x.Max}, true
	case "bluesky":
		return Rules{Network: network, Limit: bluesky.MaxGraphemes}, true
	case "mastodon":
		l := text.DefaultMastodon
		return Rules{Network: network, Limit: l.MaxCharacters, PerLink: l.CharactersPerURL}, true
	}
	return Rules{}, false
}

// Within returns the rules with a server's own limits in place of the usual ones; 0 keeps the usual one.
func (r Rules) Within(limit, perLink int) Rules {
	if limit > 0 {
		r.Limit = limit
	}
	if perLink > 0 {
		r.PerLink = perLink
	}
	return r
}

// Problem is why a network would not take a text.
type Problem string

// The problems a text can have.
const (
	Empty     Problem = "empty"
	TooLong   Problem = "too long"
	TooHeavy  Problem = "too many bytes"
	Forbidden Problem = "forbidden character"
)

// Answer is what a network makes of a text.
type Answer struct {
	Length    int // in the network's measure: weighted on X, characters that people see elsewhere
	Bytes     int // of UTF-8
	Limit     int
	Remaining int // negative when the text is too long
	Problem   Problem

	Hashtags []text.Span // in order; Text is without the sign, though the offsets include it
	URLs     []text.Span // in order, as they are written
	Mentions []text.Span // in order, with their sign
}

// Valid reports whether the network would take the text.
func (a Answer) Valid() bool { return a.Problem == "" }

// Count returns what the network makes of a text with its content note. Where a network has no content notes, the note must stand
// in the text and is not counted apart.
func (r Rules) Count(body, note string) Answer {
	a := Answer{Length: r.Length(body, note), Bytes: len(body), Limit: r.Limit}
	a.Remaining = a.Limit - a.Length
	switch {
	case strings.TrimSpace(body) == "":
		a.Problem = Empty
	case a.Remaining < 0:
		a.Problem = TooLong
	case r.Network == "bluesky" && a.Bytes > bluesky.MaxBytes:
		a.Problem = TooHeavy
	case r.Network == "x" && !x.Allowed(body):
		a.Problem = Forbidden
	}
	r.mark(&a, body)
	return a
}

// Length returns how long the text is to the network, without what Count finds in it besides.
func (r Rules) Length(body, note string) int {
	switch r.Network {
	case "x":
		return x.Length(body)
	case "bluesky":
		seen, _ := bluesky.Length(body)
		return seen
	}
	return text.MastodonLimits{MaxCharacters: r.Limit, CharactersPerURL: r.PerLink}.Count(body, note)
}

// Measure returns a function that tells how long a part of a thread with this content note is, more than the limit also when the
// part breaks another limit of the network.
func (r Rules) Measure(note string) func(part string) int {
	return func(part string) int {
		n := r.Length(part, note)
		if r.Network == "bluesky" && len(part) > bluesky.MaxBytes {
			n = max(n, r.Limit+1)
		}
		return n
	}
}

// mark fills in the hashtags, links and mentions.
func (r Rules) mark(a *Answer, body string) {
	switch r.Network {
	case "x":
		for _, e := range x.Entities(body) {
			a.add(body, e.Start, e.End, e.Kind)
		}
	case "bluesky":
		for _, f := range bluesky.Facets(body) {
			a.add(body, f.Start, f.End, f.Kind)
		}
	default:
		a.URLs, a.Mentions = text.Links(body), text.Mentions(body)
		for _, t := range text.Hashtags(body) {
			a.add(body, t.Start, t.End, bluesky.Tag)
		}
	}
}

// add notes one part of the text.
func (a *Answer) add(body string, start, end int, kind string) {
	s := text.Span{Start: start, End: end, Text: body[start:end]}
	switch kind {
	case bluesky.Link:
		a.URLs = append(a.URLs, s)
	case bluesky.Mention:
		a.Mentions = append(a.Mentions, s)
	default:
		s.Text = strings.TrimPrefix(strings.TrimPrefix(s.Text, "#"), "＃")
		a.Hashtags = append(a.Hashtags, s)
	}
}

// Whole returns the parts of a text that no network may see cut in two, in order and merged where they overlap: whatever any of
// them takes for a link, hashtag or mention, and tokens.
func Whole(s string) []text.Span {
	var all []text.Span
	for _, name := range Networks {
		r, _ := For(name)
		var a Answer
		r.mark(&a, s)
		all = append(append(append(all, a.URLs...), a.Hashtags...), a.Mentions...)
	}
	for _, t := range text.Tokens(s) {
		all = append(all, text.Span{Start: t.Start, End: t.End})
	}
	slices.SortFunc(all, func(a, b text.Span) int { return a.Start - b.Start })
	var merged []text.Span
	for _, span := range all {
		if last := len(merged) - 1; last >= 0 && span.Start < merged[last].End {
			merged[last].End = max(merged[last].End, span.End)
			continue
		}
		merged = append(merged, span)
	}
	for i, m := range merged {
		merged[i].Text = s[m.Start:m.End]
	}
	return merged
}
