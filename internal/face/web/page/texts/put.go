package texts

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// The signs that keep a piece of text from mixing with what runs the other way around it
// (https://www.w3.org/International/questions/qa-bidi-unicode-controls). Pages have them where an element cannot be: in sentences made
// here, which also become titles and labels.
const (
	isolate        = "\u2068" // first strong isolate: the piece runs as its own first letter does
	isolateEnglish = "\u2066" // left-to-right isolate
	endIsolate     = "\u2069"
)

// plainFrom is the smallest number that texts write with a sign between thousands. Figures have it from a thousand on, see
// [Language.Number]; a sentence may hold a year or the number of a post.
const plainFrom = 10_000

// put puts arguments into a text. A text may leave arguments out, as "one day" needs no number.
func (w Words) put(text string, args []any) string {
	if len(args) == 0 {
		return text
	}
	if !strings.Contains(strings.ReplaceAll(text, "%%", ""), "%") {
		return strings.ReplaceAll(text, "%%", "%")
	}
	pieces := make([]any, len(args))
	for i, arg := range args {
		pieces[i] = piece{arg, w}
	}
	return fmt.Sprintf(text, pieces...)
}

// Count writes a whole number of any type, as a page shows figures; what is none comes back as it prints.
func (w Words) Count(n any) string {
	if n, is := whole(n); is {
		return w.Number(n)
	}
	return fmt.Sprint(n)
}

// whole returns the value of a whole number.
func whole(arg any) (int64, bool) {
	v := reflect.ValueOf(arg)
	switch {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return v.Int(), true
	}
	return 0, false
}

// piece is an argument of a text: whole numbers have the language's signs, and what runs the other way stands apart.
type piece struct {
	value any
	words Words
}

// Format writes the piece.
func (p piece) Format(to fmt.State, verb rune) {
	format := fmt.FormatString(to, verb)
	if n, is := whole(p.value); is && format == "%d" && max(n, -n) >= plainFrom {
		_, _ = fmt.Fprint(to, p.words.Number(n))
		return
	}
	s := fmt.Sprintf(format, p.value)
	if verb != 'd' && p.words.across(s) {
		s = isolate + s + endIsolate
	}
	_, _ = fmt.Fprint(to, s)
}

// across reports whether a piece has letters that run another way than the language, and does not stand apart yet.
func (w Words) across(s string) bool {
	if strings.HasPrefix(s, isolate) || strings.HasPrefix(s, isolateEnglish) {
		return false
	}
	if w.Dir == "rtl" {
		return strings.ContainsFunc(s, func(r rune) bool { return !rightToLeft(r) && (unicode.IsLetter(r) || unicode.IsDigit(r)) })
	}
	return strings.ContainsFunc(s, rightToLeft)
}

// rightToLeft reports whether a letter runs from right to left.
func rightToLeft(r rune) bool {
	if r < 0x590 { // the first of them, in the block of Hebrew
		return false
	}
	of, _ := bidi.LookupString(string(r))
	return of.Class() == bidi.R || of.Class() == bidi.AL
}

// InEnglish marks an English sentence in the midst of another language: it runs left to right, and pages write it as English, see
// [Words.Foreign]. In English it stays as it is.
func (w Words) InEnglish(s string) string {
	if w.instead == nil || s == "" || strings.HasPrefix(s, isolateEnglish) {
		return s
	}
	return isolateEnglish + s + endIsolate
}

// Run is a stretch of a sentence in one language.
type Run struct {
	Text    string
	English bool // though the page is in another language
}

// Runs parts a sentence where [Words.InEnglish] marked it.
func (w Words) Runs(s string) []Run {
	if w.instead == nil {
		return []Run{{Text: s}}
	}
	var runs []Run
	for {
		before, rest, marked := strings.Cut(s, isolateEnglish)
		end := ends(rest)
		if !marked || end < 0 {
			return append(runs, Run{Text: s})
		}
		if before != "" {
			runs = append(runs, Run{Text: before})
		}
		runs = append(runs, Run{Text: rest[:end], English: true})
		if s = rest[end+len(endIsolate):]; s == "" {
			return runs
		}
	}
}

// ends returns where an isolate that has begun before s ends; -1 where it does not. Others may lie in it.
func ends(s string) int {
	open := 1
	for at, r := range s {
		switch string(r) {
		case isolate, isolateEnglish, "\u2067":
			open++
		case endIsolate:
			open--
		}
		if open == 0 {
			return at
		}
	}
	return -1
}
