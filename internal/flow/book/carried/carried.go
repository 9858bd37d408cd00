// Package carried finds the helplines that people wrote into words by hand, by number or by name.
//
// A number that a token put there is known without looking; one that somebody typed must be as true as that. The package knows
// words and helplines and nothing else: what is wrong with carrying one is said by the rules of content.
package carried

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"daymark/internal/core/lint"
	"daymark/internal/org/helpline"
)

// Shortest number and name by which words are taken to name a helpline. A shorter number, such as 112 or a year, says too little.
const (
	shortNumber = 5
	longNumber  = 7 // long enough to be found inside a number with a country's code in front
	shortName   = 8
)

// Lines are helplines as words may name them.
type Lines []line

type line struct {
	helpline.Record
	numbers []string // digits only
	name    string   // in small letters
}

// Know makes helplines known.
func Know(records []helpline.Record) Lines {
	list := make(Lines, len(records))
	for i, r := range records {
		list[i] = line{Record: r, name: strings.ToLower(r.Name)}
		for _, number := range []string{r.Phone, r.Message} {
			for _, d := range digits(number) {
				if len(d) >= shortNumber {
					list[i].numbers = append(list[i].numbers, d)
				}
			}
		}
	}
	return list
}

// In returns the helplines that people wrote into parts by number or name, as rules judge them at an instant. Countries may share
// a number: then the line of the country counts, else one that somebody has checked.
func (l Lines) In(parts []lint.Part, country string, at time.Time) []lint.Helpline {
	var numbers []string
	var all strings.Builder
	for _, p := range parts {
		words := written(p)
		numbers = append(numbers, digits(words)...)
		all.WriteString(strings.ToLower(words) + "\n")
	}
	words := all.String()
	chosen := map[string]line{} // by what named it
	for _, one := range l {
		by, ok := one.in(words, numbers)
		if !ok {
			continue
		}
		before, taken := chosen[by]
		if !taken || better(one, before, country, at) {
			chosen[by] = one
		}
	}
	var list []lint.Helpline
	for _, by := range slices.Sorted(maps.Keys(chosen)) {
		one := chosen[by].Lint(at)
		if !slices.ContainsFunc(list, func(other lint.Helpline) bool { return other.ID == one.ID }) {
			list = append(list, one)
		}
	}
	return list
}

// better reports whether a line is rather the one that is meant than another with the same number.
func better(a, b line, country string, at time.Time) bool {
	if here, there := a.Country == country, b.Country == country; here != there {
		return here
	}
	return a.Holds(at) && !b.Holds(at)
}

// in reports whether words name the line, and by what.
func (l line) in(words string, numbers []string) (by string, ok bool) {
	for _, own := range l.numbers {
		if slices.Contains(numbers, own) {
			return own, true
		}
		national := strings.TrimPrefix(own, "0")
		if len(national) >= longNumber && slices.ContainsFunc(numbers, func(n string) bool { return strings.HasSuffix(n, national) }) {
			return own, true
		}
	}
	if len(l.name) >= shortName && wordIn(words, l.name) {
		return l.name, true
	}
	return "", false
}

// wordIn reports whether a phrase stands in words, not inside a longer word.
func wordIn(words, phrase string) bool {
	for at := 0; ; {
		i := strings.Index(words[at:], phrase)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(phrase)
		before, after := []rune(words[max(0, start-4):start]), []rune(words[end:min(len(words), end+4)])
		if (len(before) == 0 || !unicode.IsLetter(before[len(before)-1])) && (len(after) == 0 || !unicode.IsLetter(after[0])) {
			return true
		}
		at = end
	}
}

// written returns a part's text without what the helpline's token put there.
func written(p lint.Part) string {
	var b strings.Builder
	at := 0
	for _, in := range p.Inserted {
		if in.Token == "helpline" {
			b.WriteString(p.Text[at:in.Start] + "\n")
			at = in.End
		}
	}
	b.WriteString(p.Text[at:])
	return b.String()
}

// digits returns the numbers of a text without what groups their digits: spaces of any width, hyphens, dots and brackets.
func digits(s string) []string {
	var list []string
	var run strings.Builder
	flush := func() {
		if run.Len() > 0 {
			list = append(list, run.String())
		}
		run.Reset()
	}
	gap := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			run.WriteRune(r)
			gap = 0
		case r >= '٠' && r <= '٩': // Arabic-Indic digits
			run.WriteRune('0' + r - '٠')
			gap = 0
		case groups(r) && gap < 2:
			gap++
		default:
			flush()
			gap = 0
		}
	}
	flush()
	return list
}

// groups reports whether a character may stand between the digits of one number.
func groups(r rune) bool {
	return unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune(".()\u2060\u200e\u2066\u2069", r)
}
