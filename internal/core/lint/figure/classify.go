package figure

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/lint/prose"
)

// How far before and behind a number its meaning is looked for, in bytes.
const (
	before = 32
	behind = 80
)

// around returns what stands before and behind a stretch.
func (r *reader) around(start, end int) (string, string) {
	from, to := max(0, start-before), min(len(r.s), end+behind)
	for from < start && !utf8.RuneStart(r.s[from]) {
		from++
	}
	for to < len(r.s) && !utf8.RuneStart(r.s[to]) {
		to++
	}
	return r.s[from:start], r.s[end:to]
}

// notCounted reports whether digits are part of a name, a telephone number, a date or a time.
func (r *reader) notCounted(start, end int) bool {
	if end > r.read {
		r.region(start)
	}
	for len(r.skip) > 0 && r.skip[0].End <= start {
		r.skip = r.skip[1:] // numbers are read in their order
	}
	for _, s := range r.skip {
		if s.Start >= end {
			break
		}
		if s.End > start {
			return true
		}
	}
	prev, size := utf8.DecodeLastRuneInString(r.s[:start])
	second, _ := utf8.DecodeLastRuneInString(r.s[:start-size])
	switch {
	case prev == '_' || prev == '#' || prev == '/':
		return true
	case unicode.IsLetter(prev):
		return !money.MatchString(r.s[max(0, start-4):start]) && !(r.base == "ar" && unicode.Is(unicode.Arabic, prev))
	case prev == '-' && unicode.IsLetter(second):
		return true
	}
	return false
}

// region finds what is no number in the run of digits and signs around an offset, with the word before and behind it.
func (r *reader) region(at int) {
	const word = 6
	in := func(c byte) bool { return c >= '0' && c <= '9' || strings.IndexByte(" ()+./:-", c) >= 0 }
	from, to := at, at
	for from > 0 && in(r.s[from-1]) {
		from--
	}
	for to < len(r.s) && in(r.s[to]) {
		to++
	}
	r.read = to
	from, to = max(0, from-word), min(len(r.s), to+word)
	for i, re := range notNumbers {
		if !mayMatch[i](r.s[from:to]) {
			continue
		}
		for _, m := range re.FindAllStringIndex(r.s[from:to], -1) {
			r.skip = append(r.skip, prose.Stretch{Start: from + m[0], End: from + m[1]})
		}
	}
	slices.SortFunc(r.skip, func(a, b prose.Stretch) int { return cmp.Compare(a.Start, b.Start) })
}

// mayMatch report for each of notNumbers whether it can match at all: most numbers have nothing of its kind, and the expressions
// take long.
var mayMatch = []func(string) bool{
	func(s string) bool {
		n := 0
		for i := range len(s) {
			if s[i] >= '0' && s[i] <= '9' {
				n++
			}
		}
		return n >= 5 || strings.Contains(s, "+")
	},
	func(s string) bool { return strings.ContainsAny(s, "-/.") },
	func(s string) bool {
		for i := 0; i+1 < len(s); i++ {
			if s[i] < '0' || s[i] > '9' {
				continue
			}
			next := s[i+1]
			if next == ' ' && i+2 < len(s) {
				next = s[i+2]
			}
			if strings.IndexByte(":hapgucb", next) >= 0 {
				return true
			}
		}
		return false
	},
}

func (r *reader) add(start, end int, shape Shape, value float64) {
	pre, _ := r.around(start, end)
	end = start + len(strings.TrimRight(r.s[start:end], " \n.,;:!?"))
	r.found = append(r.found, Figure{Stretch: prose.Stretch{Start: start, End: end}, Shape: shape, Value: value, About: r.lang.about.MatchString(pre)})
}

// classify adds a number when it is a statistic.
func (r *reader) classify(n quantity) {
	big := !n.inWords && n.whole && n.value >= 1000
	if !big && !speaks(r.s, n.end) && (n.start == 0 || r.s[n.start-1] != '%') {
		return
	}
	pre, post := r.around(n.start, n.end)
	if m := percent.FindString(post); m != "" || !n.inWords && strings.HasSuffix(pre, "%") {
		if !r.lang.notShare.MatchString(post) && (n.value != 100 || of.MatchString(post[len(m):])) {
			r.add(n.start, n.end+len(m), Share, n.value)
		}
		return
	}
	scale, ratio, times := r.lang.scale.FindStringSubmatch(post), r.lang.ratio.FindStringIndex(post), r.lang.times.FindStringIndex(post)
	bare := scale == nil && ratio == nil && times == nil
	if bare && (!big || r.year(n, pre, post)) || !n.inWords && r.lang.numbered.MatchString(pre) {
		return
	}
	amount := ""
	if !n.inWords {
		amount = money.FindString(pre)
	}
	switch {
	case scale != nil && r.scaled(n, scale, pre, post, amount):
	case ratio != nil && r.ratio(n, ratio, pre, post):
	case times != nil:
		r.add(n.start, n.end+times[1], Times, n.value)
	case !big:
	case amount != "" || coins.MatchString(post):
		if n.value >= 100_000 {
			r.add(n.start-len(amount), n.end, Money, n.value)
		}
	case ordinal.MatchString(post) || r.lang.measured.MatchString(post) || !bare && r.year(n, pre, post):
	default:
		r.add(n.start, n.end, Count, n.value)
	}
}

// speaks reports whether a word or a sign of money or percent comes behind the offset, with a space or hyphen between or without.
func speaks(s string, at int) bool {
	if at < len(s) && (s[at] == ' ' || s[at] == '-') {
		at++
	}
	return at < len(s) && (s[at] >= 'a' && s[at] <= 'z' || s[at] >= utf8.RuneSelf || s[at] == '%' || s[at] == '$')
}

// scaled adds a number with a scale behind it, such as 27.6 million, 40m or $150bn, and reports whether it is one.
func (r *reader) scaled(n quantity, m []string, pre, post, amount string) bool {
	size := strings.Index(m[0], m[1]) + len(m[1])
	rest := post[size:]
	short := len(m[1]) == 1
	switch {
	case short && (n.inWords || strings.HasPrefix(m[0], " ") && amount == ""):
		return false
	case short && (r.lang.measured.MatchString(rest) || lengths.MatchString(rest)):
		return false
	case r.lang.idiom.MatchString(rest) || r.lang.idiomBefore.MatchString(pre):
		return true
	}
	value := n.value * scales[m[1]]
	shape := Count
	start := n.start
	if amount != "" || coins.MatchString(rest) {
		shape = Money
		start -= len(amount)
		if value < 100_000 {
			return true // a price
		}
	}
	r.add(start, n.end+size, shape, value)
	return true
}

// ratio adds "one in three" and "4 out of 10" and reports whether the number is one.
func (r *reader) ratio(n quantity, m []int, pre, post string) bool {
	if word := r.s[n.start:n.end]; word == "a" || word == "an" || word == "every" {
		return false
	}
	whole, size := 0.0, 0
	if c := post[m[1]:]; c != "" && c[0] >= '0' && c[0] <= '9' {
		d := digits(c, 0, r.base)
		whole, size = d.value, d.end
	} else {
		whole, size = prose.Numeral(c, r.base)
	}
	if size == 0 || whole < 2 || whole > 100_000 || whole <= n.value {
		return false
	}
	loose := r.lang.looseRatio.MatchString(post[m[0]:m[1]])
	if loose && whole != 10 && whole != 100 && whole != 1000 {
		return false
	}
	if r.lang.notRatio.MatchString(post[m[1]+size:]) || r.lang.numbered.MatchString(pre) || strings.HasSuffix(strings.TrimRight(pre, " "), "(") && loose {
		return false
	}
	r.add(n.start, n.end+m[1]+size, Share, 100*n.value/whole)
	return true
}

// year reports whether four digits are a year: from 1500 to 2199, and no people behind it unless a word for a date stands before.
func (r *reader) year(n quantity, pre, post string) bool {
	if n.grouped || n.end-n.start != 4 || n.value < 1500 || n.value > 2199 {
		return false
	}
	return r.lang.dated.MatchString(pre) || !r.lang.people.MatchString(post)
}

// phrases adds figures that have no number: a third of, half of all, thousands of.
func (r *reader) phrases() {
	for _, p := range r.lang.phrases {
		if !slices.ContainsFunc(p.gates, func(gate string) bool { return strings.Contains(r.s, gate) }) {
			continue
		}
		for _, m := range p.find.FindAllStringSubmatchIndex(r.s, -1) {
			start, end := m[2], m[3]
			_, post := r.around(start, end)
			if p.not != nil && p.not.MatchString(post) {
				continue
			}
			r.add(start, end, p.shape, p.value)
		}
	}
}
