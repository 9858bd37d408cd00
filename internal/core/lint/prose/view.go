package prose

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"daymark/internal/core/lint/subject"
	"daymark/internal/core/text"
)

// View is a subject with its texts read once, for all rules.
type View struct {
	subject.Subject
	Base  string // the language without region or script, in lower case
	Parts []Part
	Notes *Folded // the content note
}

// Part is a part of a subject, read.
type Part struct {
	subject.Part
	Words    *Folded // without hashtags, links, tokens and what they put there, names of accounts
	Tags     []text.Span
	Links    []text.Span
	Mentions []text.Span
	Alts     []*Folded // of each picture

	kept *kept
}

// kept is what checks have worked out of a part, for the next check. A view serves one goroutine.
type kept struct {
	sentences []Stretch
	values    map[string]any
}

// Sentences returns the sentences of the part's words.
func (p Part) Sentences() []Stretch {
	if p.kept.sentences == nil {
		p.kept.sentences = p.Words.Sentences()
	}
	return p.kept.sentences
}

// Keep returns what work returns, and does the work only once for each name.
func Keep[T any](p Part, name string, work func() T) T {
	if v, done := p.kept.values[name].(T); done {
		return v
	}
	v := work()
	if p.kept.values == nil {
		p.kept.values = map[string]any{}
	}
	p.kept.values[name] = v
	return v
}

// See reads a subject.
func See(s subject.Subject) *View {
	base, _, _ := strings.Cut(strings.ToLower(s.Language), "-")
	v := &View{Subject: s, Base: base, Parts: make([]Part, len(s.Parts)), Notes: Fold(s.ContentNote, tokens(s.ContentNote))}
	for i, p := range s.Parts {
		part := Part{Part: p, Tags: text.Hashtags(p.Text), Links: text.Links(p.Text), Mentions: text.Mentions(p.Text), kept: &kept{}}
		part.Words = Fold(p.Text, part.masks())
		for _, picture := range p.Pictures {
			part.Alts = append(part.Alts, Fold(picture.Alt, tokens(picture.Alt)))
		}
		v.Parts[i] = part
	}
	return v
}

// masks returns the stretches that are no prose, in order and apart.
func (p Part) masks() []Stretch {
	list := tokens(p.Text)
	for _, in := range p.Inserted {
		if in.Start >= 0 && in.Start < in.End && in.End <= len(p.Text) && border(p.Text, in.Start) && border(p.Text, in.End) {
			list = append(list, Stretch{in.Start, in.End})
		}
	}
	for _, spans := range [][]text.Span{p.Tags, p.Links, p.Mentions} {
		for _, s := range spans {
			list = append(list, Stretch{s.Start, s.End})
		}
	}
	if dotted(p.Text) {
		for _, m := range bare.FindAllStringIndex(p.Text, -1) {
			list = append(list, Stretch{m[0], m[1]})
		}
	}
	return apart(list)
}

// border reports whether a character begins or ends at the offset.
func border(s string, at int) bool { return at == len(s) || utf8.RuneStart(s[at]) }

// dotted reports whether a full stop has an ASCII letter on both sides, as in an address.
func dotted(s string) bool {
	for i := 1; i+1 < len(s); i++ {
		if s[i] == '.' && s[i+1]|0x20 >= 'a' && s[i+1]|0x20 <= 'z' && s[i-1] != ' ' {
			return true
		}
	}
	return false
}

// bare is an address without its scheme, or of mail: example.org/page, help@example.org. The last part of the host is one of
// those that charities use, so that two sentences without a space between them are no address.
var bare = regexp.MustCompile(`(?i)[a-z0-9_.+-]*@?(?:www\.[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net|int|eu|gov|edu|info|ngo|charity|uk|fr|es|ie|io))\b(?:/[^\s<>"]*[^\s<>".,;:!?)])?`)

func tokens(s string) []Stretch {
	if !strings.Contains(s, "{{") {
		return nil
	}
	var list []Stretch
	for _, t := range text.Tokens(s) {
		list = append(list, Stretch{t.Start, t.End})
	}
	return list
}

// apart sorts the stretches and joins those that overlap.
func apart(list []Stretch) []Stretch {
	slices.SortFunc(list, func(a, b Stretch) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	kept := list[:0]
	for _, s := range list {
		if last := len(kept) - 1; last >= 0 && s.Start < kept[last].End {
			kept[last].End = max(kept[last].End, s.End)
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

// Hit returns a hit on a stretch of a part's folded words.
func (v *View) Hit(part, start, end int, message string) subject.Hit {
	at := v.Parts[part].Words.Back(start, end)
	return subject.Hit{Part: part, Field: subject.Text, Start: at.Start, End: at.End, Message: message}
}

// HasToken reports whether a token whose name begins so stands in a part's text, or has been filled there.
func (v *View) HasToken(prefix string) bool {
	for _, p := range v.Parts {
		for _, t := range text.Tokens(p.Text) {
			if strings.HasPrefix(t.Name, prefix) {
				return true
			}
		}
		for _, in := range p.Inserted {
			if strings.HasPrefix(in.Token, prefix) {
				return true
			}
		}
	}
	return false
}

// ListedTags returns the hashtags of the post's list where they stand when the list is written with one space between them.
func (v *View) ListedTags() []text.Span {
	var list []text.Span
	at := 0
	for _, tag := range v.Hashtags {
		list = append(list, text.Span{Start: at, End: at + len(tag), Text: tag})
		at += len(tag) + 1
	}
	return list
}
