package search

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longest is how many words of a query are searched for.
const longest = 12

// term is a word, or several in a row, that a post has to have.
type term struct {
	words []string // as they are compared; more than one for what stood in quotation marks
	whole bool     // not the beginning of a word: what stood in quotation marks
}

// quotes open or close what has to stand in a row: those of the languages that Daymark speaks.
const quotes = `"“”„«»`

// terms reads a query: words, and words in quotation marks that have to stand in a row. Everything but letters and digits divides.
func terms(query string) []term {
	var list []term
	for i, piece := range strings.FieldsFunc(" "+plain(query)+" ", func(r rune) bool { return strings.ContainsRune(quotes, r) }) {
		words := strings.FieldsFunc(piece, func(r rune) bool { return !inWord(r) })
		if i%2 == 1 && len(words) > 0 {
			list = append(list, term{words, true})
			continue
		}
		for _, w := range words {
			list = append(list, term{words: []string{w}})
		}
	}
	return list[:min(len(list), longest)]
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r)
}

// lookup writes terms as PostgreSQL's to_tsquery reads them: all of them have to be there, a single word as the beginning of one.
// A word stands in its quotation marks, of which it has none.
func lookup(list []term) string {
	all := make([]string, len(list))
	for i, t := range list {
		all[i] = "('" + strings.Join(t.words, "' <-> '") + "')"
		if !t.whole {
			all[i] = "'" + t.words[0] + "':*"
		}
	}
	return strings.Join(all, " & ")
}

// unmarked are the signs that do not matter when words are compared: marks over and under letters, the long line that stretches an
// Arabic word, joiners and signs of direction. The database's plain_words leaves out the same.
var unmarked = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x300, Hi: 0x36f, Stride: 1},
	{Lo: 0x591, Hi: 0x5bd, Stride: 1},
	{Lo: 0x610, Hi: 0x61a, Stride: 1},
	{Lo: 0x640, Hi: 0x640, Stride: 1},
	{Lo: 0x64b, Hi: 0x65f, Stride: 1},
	{Lo: 0x670, Hi: 0x670, Stride: 1},
	{Lo: 0x6d6, Hi: 0x6dc, Stride: 1},
	{Lo: 0x200b, Hi: 0x200f, Stride: 1},
	{Lo: 0x202a, Hi: 0x202e, Stride: 1},
	{Lo: 0x2060, Hi: 0x2069, Stride: 1},
	{Lo: 0xfeff, Hi: 0xfeff, Stride: 1},
}}

// plain returns a word as it is compared.
func plain(word string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unmarked, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(word)))
}

// Piece is some of a text; Mark is set where it is what was searched for.
type Piece struct {
	Text string
	Mark bool
}

// around is how many letters of a text stand before the first word found, and all how many are shown.
const (
	around = 60
	shown  = 220
)

// Snippet returns some of a text around the first word of a query in it, with all such words marked, and how many there are. A text
// with none begins at its beginning.
func Snippet(text, query string) (pieces []Piece, marks int) {
	text = strings.Join(strings.Fields(text), " ")
	hits := hitsIn(text, terms(query))
	from := 0
	if len(hits) > 0 {
		from = back(text, hits[0].from, around)
	}
	to := forth(text, from, shown)
	at := from
	if from > 0 {
		pieces = append(pieces, Piece{Text: "…"})
	}
	for _, h := range hits {
		if h.from >= to {
			break
		}
		if h.from > at {
			pieces = append(pieces, Piece{Text: text[at:h.from]})
		}
		pieces = append(pieces, Piece{Text: text[h.from:min(h.to, to)], Mark: true})
		at = min(h.to, to)
	}
	if at < to {
		pieces = append(pieces, Piece{Text: text[at:to]})
	}
	if to < len(text) {
		pieces = append(pieces, Piece{Text: "…"})
	}
	return pieces, len(hits)
}

// hit is where a word found stands in a text, in bytes.
type hit struct{ from, to int }

func hitsIn(text string, list []term) []hit {
	var hits []hit
	begin := -1
	look := func(end int) {
		if begin >= 0 && slices.ContainsFunc(list, func(t term) bool { return t.in(text[begin:end]) }) {
			hits = append(hits, hit{begin, end})
		}
		begin = -1
	}
	var before rune
	for i, r := range text {
		switch {
		case !inWord(r):
			look(i)
		case begin < 0:
			begin = i
		case unicode.IsLower(before) && unicode.IsUpper(r) && slices.ContainsFunc(list, func(t term) bool { return t.in(text[i:]) }):
			look(i) // a hashtag of several words, of which a later one is meant
			begin = i
		}
		before = r
	}
	look(len(text))
	return hits
}

// in reports whether a word is one of the term's, or begins as it.
func (t term) in(word string) bool {
	folded := plain(word)
	return slices.ContainsFunc(t.words, func(w string) bool {
		if t.whole {
			return folded == w
		}
		return strings.HasPrefix(folded, w)
	})
}

// back returns where about so many letters before a place a word begins.
func back(text string, at, letters int) int {
	runes := []rune(text[:at])
	if len(runes) <= letters {
		return 0
	}
	start := len(string(runes[:len(runes)-letters]))
	if space := strings.IndexByte(text[start:at], ' '); space >= 0 {
		return start + space + 1
	}
	return at
}

// forth returns where after about so many letters a word ends.
func forth(text string, from, letters int) int {
	runes := []rune(text[from:])
	if len(runes) <= letters {
		return len(text)
	}
	cut := from + len(string(runes[:letters]))
	if space := strings.LastIndexByte(text[from:cut], ' '); space > 0 {
		return from + space
	}
	return cut
}
