package prose

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Gap stands in a folded text for what is not read as prose: it is no letter, no digit and no space.
const Gap = '\ufffc'

// Folded is a text in the plain form that patterns match on, with the way back to the text as it was written.
type Folded struct {
	Raw   string // as written
	Plain string // folded; see [Fold]
	Lower string // Plain in lower case, of the same length
	start []int32
	end   []int32
}

// Stretch is a part of a text by byte offsets; End is the first byte after it.
type Stretch struct{ Start, End int }

// Fold returns the text in its plain form. Characters are in their compatibility form (NFKC,
// https://www.unicode.org/reports/tr15/), quotation marks and apostrophes, hyphens and dashes are the ASCII ones, as Arabic digits are, an emoji or
// any run of spaces with at most one line break is one space, an empty line is one line feed, and characters that nobody sees
// (zero-width ones, selectors, direction marks, Arabic vowel signs and the tatweel) are gone. Each masked stretch is a [Gap].
func Fold(raw string, masks []Stretch) *Folded {
	f := &folder{raw: raw, plain: make([]byte, 0, len(raw)+8), start: make([]int32, 0, len(raw)+8), end: make([]int32, 0, len(raw)+8)}
	for at := 0; at < len(raw); {
		for len(masks) > 0 && masks[0].End <= at {
			masks = masks[1:]
		}
		if len(masks) > 0 && masks[0].Start <= at {
			f.put(Gap, at, masks[0].End)
			at = masks[0].End
			continue
		}
		limit := len(raw)
		if len(masks) > 0 {
			limit = min(limit, masks[0].Start)
		}
		at = f.step(at, limit)
	}
	plain := string(f.plain)
	return &Folded{Raw: raw, Plain: plain, Lower: lower(plain), start: f.start, end: f.end}
}

// Back returns the stretch of the text as written that a stretch of the plain form stands for.
func (f *Folded) Back(start, end int) Stretch {
	if start >= end || end > len(f.Plain) {
		return Stretch{}
	}
	return Stretch{Start: int(f.start[start]), End: int(f.end[end-1])}
}

// At returns the first offset of the plain form that stands for the offset of the text as written, or for what follows it.
func (f *Folded) At(raw int) int {
	return sort.Search(len(f.end), func(i int) bool { return int(f.end[i]) > raw })
}

type folder struct {
	raw        string
	plain      []byte
	start, end []int32
	lines      int // line feeds in the run of spaces at the end
}

// step folds what begins at the offset and returns where it ends.
func (f *folder) step(at, limit int) int {
	b := f.raw[at]
	if b < utf8.RuneSelf && (at+1 >= limit || f.raw[at+1] < utf8.RuneSelf) {
		f.put(rune(b), at, at+1)
		return at + 1
	}
	n := norm.NFKC.NextBoundaryInString(f.raw[at:limit], true)
	if n <= 0 {
		n = 1
	}
	chunk := f.raw[at : at+n]
	if r, size := utf8.DecodeRuneInString(chunk); size == n && plainForm(r) != r {
		f.put(plainForm(r), at, at+n)
		return at + n
	}
	if !norm.NFKC.IsNormalString(chunk) {
		chunk = norm.NFKC.String(chunk)
	}
	for _, r := range chunk {
		f.put(plainForm(r), at, at+n)
	}
	return at + n
}

// put appends one folded character that stands for the bytes from start to end.
func (f *folder) put(r rune, start, end int) {
	switch {
	case r < 0:
		return
	case r == ' ' || r == '\n' || r == '\t' || r == '\r' || unicode.IsSpace(r):
		f.space(r == '\n' || r == '\u2028', start, end)
		return
	}
	f.lines = 0
	before := len(f.plain)
	f.plain = utf8.AppendRune(f.plain, r)
	for range len(f.plain) - before {
		f.start, f.end = append(f.start, int32(start)), append(f.end, int32(end))
	}
}

func (f *folder) space(line bool, start, end int) {
	if line {
		f.lines++
	}
	last := len(f.plain) - 1
	if last < 0 {
		return // spaces at the beginning say nothing
	}
	if f.plain[last] != ' ' && f.plain[last] != '\n' {
		f.plain = append(f.plain, ' ')
		f.start, f.end = append(f.start, int32(start)), append(f.end, int32(end))
		return
	}
	f.end[last] = int32(end)
	if f.lines > 1 {
		f.plain[last] = '\n'
	}
}

// plainForm returns the plain form of a character, ' ' for an emoji and -1 for what nobody sees.
func plainForm(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case r == '’', r == '‘', r == '‛', r == '′', r == '´', r == 'ʼ', r == 'ʹ':
		return '\''
	case r == '“', r == '”', r == '„', r == '‟', r == '«', r == '»', r == '″':
		return '"'
	case (r >= 0x2010 && r <= 0x2015) || r == '\u2212' || r == '\u2043' || r == '\ufe58' || r == '\ufe63':
		return '-'
	case r == '\u00ad', r == '\u200b', r == '\u200c', r == '\u200d', r == '\u2060', r == '\ufeff', r == '\u061c',
		r >= 0x200e && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
		r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef:
		return -1
	case r >= '٠' && r <= '٩':
		return '0' + r - '٠'
	case r == '٪':
		return '%'
	case r == '٫':
		return '.'
	case r == '٬':
		return ','
	case r == '\u0640', r >= 0x064b && r <= 0x0652, r == '\u0670':
		return -1
	case IsEmoji(r):
		return ' '
	}
	return r
}

// IsEmoji reports whether a character is drawn as a picture, or is part of one: the blocks of pictographs, dingbats and
// symbols, flags, skin tones and keycaps (https://www.unicode.org/reports/tr51/). Arrows and signs that are also
// text, such as ©, are none.
func IsEmoji(r rune) bool {
	switch {
	case r < 0x20e3:
		return false
	case r == 0x20e3, r >= 0x2600 && r <= 0x27bf, r >= 0x231a && r <= 0x231b, r >= 0x23e9 && r <= 0x23fa,
		r >= 0x2b05 && r <= 0x2b55, r >= 0x1f000 && r <= 0x1faff && !(r >= 0x1f100 && r <= 0x1f1e5), r >= 0xe0020 && r <= 0xe007f:
		return true
	}
	return false
}

// lower returns the text in lower case without changing its length: the few letters whose lower case is longer or shorter stay.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); utf8.RuneLen(l) == utf8.RuneLen(r) {
			return l
		}
		return r
	}, s)
}
