package prose

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences returns the sentences of a folded text as stretches of its plain form: each ends behind a full stop, a question or
// exclamation mark (also the Arabic ones) that a space follows, or at an empty line. A full stop behind a known abbreviation or
// a single letter ends none.
func (f *Folded) Sentences() []Stretch {
	var list []Stretch
	s, from := f.Plain, 0
	add := func(end int) {
		if strings.TrimSpace(s[from:end]) != "" {
			list = append(list, Stretch{from, end})
		}
		from = end
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case r == '\n':
			add(i)
		case r == '.' && abbreviation.MatchString(s[max(from, i-12):i]):
		case strings.ContainsRune(".!?؟…۔", r):
			for i < len(s) && strings.ContainsRune(`"')]`, rune(s[i])) {
				i++
			}
			if i == len(s) || s[i] == ' ' || s[i] == '\n' {
				add(i)
			}
		}
	}
	add(len(s))
	return list
}

var abbreviation = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:\p{L}|e\.g|i\.e|etc|mr|mrs|ms|dr|st|vs|art|approx|sra?|ud|vol|u\.s|u\.k|u\.n|ee\.uu|p\.ej|m)\.$`)

// Sentence returns the sentence of the list in which the offset of the plain form lies, and the whole text when none does.
func (f *Folded) Sentence(list []Stretch, at int) Stretch {
	i, _ := slices.BinarySearchFunc(list, at, func(s Stretch, at int) int { return cmp.Compare(s.End, at+1) })
	if i < len(list) && list[i].Start <= at {
		return list[i]
	}
	return Stretch{0, len(f.Plain)}
}

// Words returns the words of a folded stretch: runs of letters with the marks, hyphens and apostrophes within them.
func Words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '-'
	})
}

// Edge reports whether a word begins or ends at the offset: one side of it is a letter or digit and the other is not, or it is
// an end of the text. Go's \b knows only ASCII.
func Edge(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at:])
	return !(isLetter(before) && isLetter(after))
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// Lines returns the sentences of the list, parted also where the text as written has a line break: people write lists so.
func (f *Folded) Lines(sentences []Stretch) []Stretch {
	var list []Stretch
	for _, s := range sentences {
		from := s.Start
		for i := s.Start; i < s.End; i++ {
			if f.Plain[i] == ' ' && strings.Contains(f.Raw[f.start[i]:f.end[i]], "\n") {
				if strings.TrimSpace(f.Plain[from:i]) != "" {
					list = append(list, Stretch{from, i})
				}
				from = i + 1
			}
		}
		if strings.TrimSpace(f.Plain[from:s.End]) != "" {
			list = append(list, Stretch{from, s.End})
		}
	}
	return list
}
