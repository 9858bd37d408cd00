package lint

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"daymark/internal/core/lint/phrase"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/text"
)

// Check returns what the automatic rules find in the subject, by part, place and rule.
func (s *Set) Check(sub Subject) []Finding {
	s = s.ready()
	v := prose.See(sub)
	hits := s.match(v)
	for i, r := range s.rules {
		if r.How != Automatic || r.Check == "" || exempt(r, sub) {
			continue
		}
		if run := checks[r.Check]; run != nil {
			list := run(v)
			for _, h := range list[:min(len(list), subject.Most)] {
				hits = append(hits, ruleHit{rule: i, Hit: h})
			}
		}
	}
	found := make([]Finding, 0, len(hits))
	runes := counter{}
	for _, h := range hits {
		found = append(found, s.finding(v, h, &runes))
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(order(a.Field), order(b.Field)), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Rule, b.Rule))
	})
	return found
}

// CheckCampaign returns what the rules about a campaign as a whole find in its posts.
func (s *Set) CheckCampaign(list []Subject) []Finding {
	s = s.ready()
	var found []Finding
	for _, r := range s.rules {
		run := campaignChecks[r.Check]
		if r.How != Automatic || run == nil || slices.ContainsFunc(list, func(sub Subject) bool { return exempt(r, sub) }) {
			continue
		}
		for _, h := range run(list) {
			found = append(found, s.finding(&prose.View{}, ruleHit{rule: s.index(r.ID), Hit: h}, &counter{}))
		}
	}
	return found
}

func (s *Set) index(id string) int {
	return slices.IndexFunc(s.rules, func(r Rule) bool { return r.ID == id })
}

// ruleHit is a hit of a rule.
type ruleHit struct {
	rule int
	subject.Hit
}

// exempt reports whether the rule does not hold for the subject's topics.
func exempt(r Rule, sub Subject) bool {
	return slices.ContainsFunc(r.NotFor, func(topic string) bool { return slices.Contains(sub.Topics, topic) })
}

// match returns the hits of all patterns.
func (s *Set) match(v *prose.View) []ruleHit {
	var hits []ruleHit
	for i, p := range v.Parts {
		hits = append(hits, s.words(v, InText, p.Words, subject.Hit{Part: i, Field: subject.Text})...)
		for j, alt := range p.Alts {
			hits = append(hits, s.words(v, InAlt, alt, subject.Hit{Part: i, Field: subject.Alt, Picture: j})...)
		}
		for _, tag := range p.Tags {
			hits = append(hits, s.tag(v, tag, subject.Hit{Part: i, Field: subject.Text})...)
		}
	}
	for _, tag := range v.ListedTags() {
		hits = append(hits, s.tag(v, tag, subject.Hit{Field: subject.Hashtags})...)
	}
	return hits
}

// tag returns the hits of patterns on one hashtag.
func (s *Set) tag(v *prose.View, tag text.Span, at subject.Hit) []ruleHit {
	hits := s.words(v, InHashtag, prose.Fold(tag.Text, nil), at)
	for i := range hits {
		hits[i].Start, hits[i].End = hits[i].Start+tag.Start, hits[i].End+tag.Start
	}
	return hits
}

// words returns the hits of the patterns of one target on a text; of those of one rule that overlap, the first.
func (s *Set) words(v *prose.View, target Target, words *prose.Folded, at subject.Hit) []ruleHit {
	f, some := s.finders[target]
	if !some {
		return nil
	}
	matches := f.Find(words, subject.Most, func(pattern int) bool {
		from := f.from[pattern]
		return from.language == "" || from.language == v.Base || strings.EqualFold(from.language, v.Language)
	})
	matches = slices.DeleteFunc(matches, func(m phrase.Match) bool { return exempt(s.rules[f.from[m.Pattern].rule], v.Subject) })
	slices.SortStableFunc(matches, func(a, b phrase.Match) int {
		return cmp.Or(cmp.Compare(f.from[a.Pattern].rule, f.from[b.Pattern].rule), cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	var hits []ruleHit
	rule, end, n := -1, 0, 0
	for _, m := range matches {
		if f.from[m.Pattern].rule != rule {
			n = 0
		}
		if n++; n > subject.Most {
			continue
		}
		if r := f.from[m.Pattern].rule; r == rule && m.Start < end {
			continue
		}
		rule, end = f.from[m.Pattern].rule, m.End
		h := ruleHit{rule: rule, Hit: at}
		stretch := trim(words.Raw, words.Back(m.Start, m.End))
		h.Start, h.End = stretch.Start, stretch.End
		hits = append(hits, h)
	}
	return hits
}

// order puts the fields of a part in the order in which people see them.
func order(field string) int {
	return slices.Index([]string{subject.Post, subject.ContentNote, subject.Text, subject.Hashtags, subject.Alt, subject.Facts}, field)
}

// trim leaves out spaces at the ends of a stretch.
func trim(s string, at prose.Stretch) prose.Stretch {
	quote := s[at.Start:at.End]
	at.Start += len(quote) - len(strings.TrimLeft(quote, " \n\t"))
	at.End -= len(quote) - len(strings.TrimRight(quote, " \n\t"))
	if at.Start >= at.End {
		return prose.Stretch{Start: at.Start, End: at.Start}
	}
	return at
}

// finding says a hit in the words of its rule.
func (s *Set) finding(v *prose.View, h ruleHit, runes *counter) Finding {
	r := s.rules[h.rule]
	f := Finding{
		Rule: r.ID, Severity: r.Severity, Part: h.Part, Field: h.Field, Language: v.Language,
		Start: h.Start, End: h.End, Message: cmp.Or(h.Message, r.Message), Suggestion: cmp.Or(h.Suggestion, r.Suggestion), Fixed: r.Fixed,
	}
	if h.Mild && f.Severity == Error {
		f.Severity = Warning
	}
	for _, source := range r.Sources {
		f.Sources = append(f.Sources, cmp.Or(source.URL, source.Name, source.ID))
	}
	if h.Field == subject.Alt {
		f.Picture = v.Parts[h.Part].Pictures[h.Picture].SHA256
	}
	if field := fieldText(v, h.Hit); h.End > h.Start && h.End <= len(field) {
		f.Quote = field[h.Start:h.End]
		f.RuneStart = runes.upTo(field, h.Start)
		f.RuneEnd = runes.upTo(field, h.End)
	} else {
		f.Start, f.End = 0, 0
	}
	return f
}

// fieldText returns the text whose bytes a hit counts.
func fieldText(v *prose.View, h subject.Hit) string {
	switch h.Field {
	case subject.ContentNote:
		return v.ContentNote
	case subject.Hashtags:
		return strings.Join(v.Hashtags, " ")
	}
	if h.Part < 0 || h.Part >= len(v.Parts) {
		return ""
	}
	switch h.Field {
	case subject.Text:
		return v.Parts[h.Part].Text
	case subject.Alt:
		return v.Parts[h.Part].Pictures[h.Picture].Alt
	}
	return ""
}

// counter counts characters, going on from where it counted last when it can.
type counter struct {
	text         string
	bytes, runes int
}

func (c *counter) upTo(s string, at int) int {
	if s != c.text || at < c.bytes {
		*c = counter{text: s}
	}
	c.runes += utf8.RuneCountInString(s[c.bytes:at])
	c.bytes = at
	return c.runes
}
