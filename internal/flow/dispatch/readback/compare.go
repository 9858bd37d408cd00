package readback

import (
	"fmt"
	"strings"
	"unicode"

	"daymark/internal/platform"

	"golang.org/x/text/unicode/norm"
)

// What a network can change. They are stored.
const (
	Text       = "text"
	Note       = "note"
	Language   = "language"
	Visibility = "visibility"
	Sensitive  = "sensitive" // whether pictures are hidden until asked for
	Pictures   = "pictures"  // how many there are
	Alt        = "alt"
)

// Difference is one thing that a network shows otherwise than it was approved.
type Difference struct {
	What     string `json:"what"` // one of the words above
	Picture  int    `json:"picture,omitempty"`
	Approved string `json:"approved"`
	Shown    string `json:"shown"`
}

// Compare returns how a network shows a post otherwise than expected. What the network does not tell is no difference.
func Compare(expected, shown platform.Shown) []Difference {
	var list []Difference
	differ := func(what string, picture int, approved, got string) {
		if plain(approved) != plain(got) {
			approved, got = excerpts(plain(approved), plain(got))
			list = append(list, Difference{what, picture, approved, got})
		}
	}
	told := func(what string, a, b *string) {
		if a != nil && b != nil {
			differ(what, 0, *a, *b)
		}
	}
	differ(Text, 0, expected.Text, shown.Text)
	told(Note, expected.Note, shown.Note)
	if a, b := expected.Language, shown.Language; a != nil && b != nil && *b != "" {
		if main(*a) != main(*b) { // servers store "pt" for "pt-BR"
			list = append(list, Difference{Language, 0, *a, *b})
		}
	}
	told(Visibility, expected.Visibility, shown.Visibility)
	if a, b := expected.Sensitive, shown.Sensitive; a != nil && b != nil {
		differ(Sensitive, 0, yes(*a), yes(*b))
	}
	differ(Pictures, 0, fmt.Sprint(len(expected.Alts)), fmt.Sprint(len(shown.Alts)))
	for i, alt := range expected.Alts {
		if i < len(shown.Alts) && alt != nil && shown.Alts[i] != nil {
			differ(Alt, i+1, *alt, *shown.Alts[i])
		}
	}
	return list
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// main returns the main part of a language tag.
func main(tag string) string {
	tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	return strings.ToLower(tag)
}

// plain takes out of a text what networks do to the white space of every post, and composes accents.
func plain(s string) string {
	s = norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n"))
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		line = strings.Join(strings.FieldsFunc(line, unicode.IsSpace), " ")
		if line == "" && len(lines) > 0 && lines[len(lines)-1] == "" {
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// How much of a text is kept around the place where two differ.
const (
	before = 20
	around = 100
)

// excerpts returns both texts from a little before the first difference, cut to a length that people take in.
func excerpts(a, b string) (string, string) {
	x, y := []rune(a), []rune(b)
	at := 0
	for at < len(x) && at < len(y) && x[at] == y[at] {
		at++
	}
	at = max(0, at-before)
	return excerpt(x, at), excerpt(y, at)
}

func excerpt(r []rune, from int) string {
	to := min(len(r), from+around)
	cut := string(r[min(from, to):to])
	if from > 0 {
		cut = "…" + cut
	}
	if to < len(r) {
		cut += "…"
	}
	return cut
}
