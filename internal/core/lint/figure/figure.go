// Package figure finds the figures that a text states as statistics, in digits and in words, in English, French, Spanish and
// Arabic. Years, dates, times, telephone numbers, prices, ordinals, numbers of articles and small counts are none.
//
// It judges nothing: whether a figure has a source is for internal/core/lint/truth.
package figure

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/lint/prose"
)

// Shape says what a figure counts, so that only figures of one shape are compared.
type Shape string

// The shapes of figures.
const (
	Share Shape = "share" // a part of a hundred: percentages, one in three, a third
	Count Shape = "count" // people or things: 10,793 or 27.6 million
	Money Shape = "money" // an amount with a scale, such as $150bn
	Times Shape = "times" // three times as many
	Vague Shape = "vague" // thousands of
)

// Figure is a statistic in the plain form of a text.
type Figure struct {
	prose.Stretch
	Shape Shape
	Value float64 // a share in percent, a count as it is; zero for a vague one
	About bool    // the text says that it is rounded
}

// most is how many figures of one text are read. Nobody writes so many; whoever does has enough to mend.
const most = 200

// numbers is how many numbers of one text are looked at, whether they are statistics or not. Only lists and tables have more, and
// to tell what each of them is takes long.
const numbers = 2000

// Find returns the statistics of a folded text in their order.
func Find(f *prose.Folded, base string) []Figure {
	r := reader{text: f, s: f.Lower, base: base, lang: languages[base]}
	if r.lang == nil {
		r.lang = languages["en"]
	}
	for at := 0; at < len(r.s) && len(r.found) < most && r.looked < numbers; {
		at = r.number(at)
	}
	r.phrases()
	slices.SortStableFunc(r.found, func(a, b Figure) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	kept := r.found[:0]
	for _, fig := range r.found {
		if len(kept) == 0 || fig.Start >= kept[len(kept)-1].End {
			kept = append(kept, fig)
		}
	}
	return kept
}

type reader struct {
	text  *prose.Folded
	s     string
	base  string
	lang  *language
	found []Figure
	skip  []prose.Stretch // telephone numbers, dates, times in what has been read
	read  int             // until where skip is known

	looked int // numbers
}

// number reads the number at the offset, if any, and returns where to go on: at the next word.
func (r *reader) number(at int) int {
	c := r.s[at]
	if c >= '0' && c <= '9' {
		n := digits(r.s, at, r.base)
		r.looked++
		if !r.notCounted(at, n.end) {
			r.classify(n)
		}
		return n.end
	}
	if unicode.IsLetter(rune(c)) || c >= utf8.RuneSelf {
		if value, size := prose.Numeral(r.s[at:], r.base); size > 0 {
			r.looked++
			r.classify(quantity{start: at, end: at + size, value: value, inWords: true})
			return nextWord(r.s, at+size)
		}
		return nextWord(r.s, at)
	}
	return at + 1
}

// nextWord returns where the word at the offset ends, at least one character further.
func nextWord(s string, at int) int {
	for i, c := range s[at:] {
		if i > 0 && !unicode.IsLetter(c) && !unicode.IsMark(c) {
			return at + i
		}
	}
	return len(s)
}

// quantity is a number as a text has it.
type quantity struct {
	start, end int
	value      float64
	inWords    bool
	grouped    bool // separators between the thousands
	whole      bool // no decimals
}

// digits reads a number in digits with separators of thousands and decimals: a space or an apostrophe everywhere, and the sign
// that the language has for each. Where a sign can be both, three digits behind it are a group.
func digits(s string, at int, base string) quantity {
	n := quantity{start: at, whole: true}
	end := at
	run := func() int {
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		return end
	}
	first := run() - at
	var whole strings.Builder
	whole.WriteString(s[at:end])
	decimal := ""
	for end+1 < len(s) && s[end+1] >= '0' && s[end+1] <= '9' && decimal == "" {
		sign, before := s[end], end
		if !strings.ContainsRune(" ',.", rune(sign)) {
			break
		}
		end++
		from := end
		group := s[from:run()]
		point := sign == ',' && (base == "fr" || base == "es") || sign == '.' && base != "fr" && base != "es"
		switch {
		case len(group) == 3 && first <= 3 && !(point && (n.grouped || sign == '.')):
			n.grouped = true
			whole.WriteString(group)
			continue
		case sign == '.' || sign == ',':
			decimal, n.whole = group, false
			continue
		}
		end = before
		break
	}
	n.end = end
	scale := 1.0
	for _, d := range whole.String() {
		n.value = n.value*10 + float64(d-'0')
	}
	for _, d := range decimal {
		scale /= 10
		n.value += float64(d-'0') * scale
	}
	return n
}

// Numbers returns every number of a text, also those that are no statistics; a number with a scale behind it is multiplied.
func Numbers(text, base string) []float64 {
	f := prose.Fold(text, nil)
	lang := languages[base]
	if lang == nil {
		lang = languages["en"]
	}
	var list []float64
	for at := 0; at < len(f.Lower); at++ {
		var n quantity
		if c := f.Lower[at]; c >= '0' && c <= '9' {
			n = digits(f.Lower, at, base)
		} else if value, size := prose.Numeral(f.Lower[at:], base); size > 0 && prose.Edge(f.Lower, at) {
			n = quantity{end: at + size, value: value}
		} else {
			continue
		}
		after := f.Lower[n.end:]
		if m := lang.scale.FindStringSubmatch(after); m != nil {
			n.value *= scales[m[1]]
		}
		list = append(list, n.value)
		at = n.end - 1
	}
	return list
}
