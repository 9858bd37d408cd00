package thread

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/text"
	"daymark/internal/core/text/count"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// The ranks of the borders between two characters.
const (
	never     = iota - 1 // within something whole, or before a space
	within               // within a word
	word                 // behind a space, or between characters of a script without spaces
	clause               // behind a comma or the like
	sentence             // behind a sentence or at the end of a line
	paragraph            // behind a blank line
)

// script is a text with its borders.
type script struct {
	s           string
	at          []int  // the offset of each character that people see, and the text's length
	space       []bool // which of them are white space
	rank        []int  // the rank of the border before each of them
	whole       []text.Span
	first, last int // the characters between which there are words
}

// read finds the borders of a text.
func read(s string) *script {
	t := &script{s: s, whole: count.Whole(s)}
	for clusters := graphemes.FromString(s); clusters.Next(); {
		t.at = append(t.at, clusters.Start())
		t.space = append(t.space, strings.TrimFunc(clusters.Value(), breaks) == "")
	}
	t.last = len(t.at)
	t.at = append(t.at, len(s))
	for t.first < t.last && t.space[t.first] {
		t.first++
	}
	for t.last > t.first && t.space[t.last-1] {
		t.last--
	}
	t.rank = make([]int, len(t.at))
	t.rankBorders()
	t.rank[t.last] = paragraph
	return t
}

// breaks reports whether a character is white space at which lines may break.
func breaks(r rune) bool {
	return unicode.IsSpace(r) && r != '\u00a0' && r != '\u2007' && r != '\u202f'
}

// rankBorders gives every border its rank.
func (t *script) rankBorders() {
	for i := range t.rank {
		t.rank[i] = never
	}
	next, depth := 0, 0
	for i := t.first + 1; i < t.last; i++ {
		depth = max(0, depth+turns(t.s[t.at[i-1]:t.at[i]]))
		for next < len(t.whole) && t.whole[next].End <= t.at[i] {
			next++
		}
		switch {
		case t.space[i], next < len(t.whole) && t.whole[next].Start < t.at[i]:
			continue
		case depth > 0:
			t.rank[i] = within // between marks of direction that belong together, only when nothing else is left
		case t.space[i-1]:
			t.rank[i] = t.behindSpace(i)
		default:
			t.rank[i] = t.beside(i)
		}
	}
}

// turns returns how many marks in a character open a stretch of another direction, less those that close one
// (https://www.unicode.org/reports/tr9/).
func turns(s string) int {
	n := 0
	for _, r := range s {
		switch r {
		case '\u202a', '\u202b', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068':
			n++
		case '\u202c', '\u2069':
			n--
		}
	}
	return n
}

// behindSpace returns the rank of a border behind white space.
func (t *script) behindSpace(i int) int {
	end, lines := i, 0
	for end > t.first && t.space[end-1] {
		end--
		lines += strings.Count(strings.ReplaceAll(t.s[t.at[end]:t.at[end+1]], "\u2029", "\n\n"), "\n")
	}
	before, following := t.s[:t.at[end]], t.s[t.at[i]:]
	switch {
	case lines > 1:
		return paragraph
	case lines > 0:
		return sentence
	}
	bare := strings.TrimRight(before, closing)
	r, size := utf8.DecodeLastRuneInString(bare)
	switch {
	case strings.ContainsRune(stops, r):
		next, _ := utf8.DecodeRuneInString(following)
		if r == '.' && (unicode.IsLower(next) || abbreviated(bare[:len(bare)-size])) {
			return word
		}
		return sentence
	case strings.ContainsRune(",;:،؛、，；：—–", r):
		return clause
	}
	return word
}

// The marks that end sentences, and those that may follow or must not be parted from what they enclose.
const (
	stops    = ".!?…؟۔।॥።。！？｡．։။។‽⁇⁈⁉"
	closing  = "\"'”’»)]}）］｝」』】〉》›"
	opening  = "“‘«([{（［｛「『【〈《‹„‚¿¡"
	clinging = "、，；：,;:،؛ーゝ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ" // which no line begins with in Japanese and Chinese
)

// abbreviated reports whether a full stop behind a text belongs to a short word rather than to a sentence.
func abbreviated(s string) bool {
	at := strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '.' })
	_, size := utf8.DecodeRuneInString(s[max(at, 0):])
	if at < 0 {
		size = 0
	}
	last := s[max(at, 0)+size:]
	return utf8.RuneCountInString(last) == 1 && unicode.IsUpper([]rune(last)[0]) || slices.Contains(titles, last) || strings.Contains(last, ".")
}

// titles are words that are written short and followed by a name or number.
var titles = []string{"Mr", "Mrs", "Ms", "Mx", "Dr", "Prof", "St", "No", "Nos", "Mme", "Sra", "Sr", "vs", "approx"}

// beside returns the rank of a border between two characters without a space.
func (t *script) beside(i int) int {
	left, right := t.s[t.at[i-1]:t.at[i]], t.s[t.at[i]:t.at[i+1]]
	l, _ := utf8.DecodeRuneInString(left)
	r, _ := utf8.DecodeRuneInString(right)
	bare := strings.TrimRight(t.s[:t.at[i]], closing)
	stop, _ := utf8.DecodeLastRuneInString(bare)
	switch {
	case strings.ContainsRune(opening, l), strings.ContainsRune(closing+stops+clinging, r):
		return within
	case strings.ContainsRune("。！？｡", stop):
		return sentence
	case strings.ContainsRune("、，；：", l):
		return clause
	case spaceless(l) && spaceless(r):
		return word
	}
	return within
}

// spaceless reports whether a character is of a script that writes words without spaces between them.
func spaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// border returns the first border behind a character; the end of the text is one.
func (t *script) border(at int) int {
	for i := at + 1; i <= t.last; i++ {
		if t.rank[i] >= within {
			return i
		}
	}
	return t.last
}

// borderUpTo returns the last border behind a character and not behind another; the former when there is none.
func (t *script) borderUpTo(from, to int) int {
	for i := to; i > from; i-- {
		if t.rank[i] >= within {
			return i
		}
	}
	return from
}

// part returns the text between two borders without white space at its ends.
func (t *script) part(from, to int) string {
	for from < to && t.space[from] {
		from++
	}
	for to > from && t.space[to-1] {
		to--
	}
	return t.s[t.at[from]:t.at[to]]
}

// orphan reports whether a part has links, hashtags, mentions and tokens alone, with punctuation at most.
func (t *script) orphan(from, to int) bool {
	start, end := t.at[from], t.at[to]
	i, _ := slices.BinarySearchFunc(t.whole, start, func(s text.Span, at int) int { return s.End - at - 1 })
	found := false
	for ; i < len(t.whole) && t.whole[i].Start < end; i++ {
		if hasWords(t.s[start:t.whole[i].Start]) {
			return false
		}
		start, found = t.whole[i].End, true
	}
	return found && !hasWords(t.s[min(start, end):end])
}

func hasWords(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}
