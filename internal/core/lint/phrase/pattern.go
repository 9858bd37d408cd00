// Package phrase finds patterns in folded texts, fast: a pattern is run only over a text in which one of the literals that it
// needs stands.
//
// Go's regular expressions have no look-around, so that a pattern comes with exceptions, which are patterns too: what overlaps
// an exception is no match. The package knows no rules; internal/core/lint names them.
package phrase

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/lint/prose"
)

// Pattern is a pattern with its exceptions, compiled.
type Pattern struct {
	find     *regexp.Regexp
	except   []*regexp.Regexp
	spare    [][]group // of each exception, what needs is of the pattern
	needs    []group   // of literals in lower case; of each, one stands in every match
	reach    int       // no match is longer, in bytes; 0 when it looks at an end of the text
	anchored bool      // it looks at the beginning of the text
	starts   []int     // groups that mark where the match begins or ends, where a word's edge is looked for
	ends     []int
}

// BadPattern says which pattern is broken.
type BadPattern struct {
	Except int // index of the exception; -1 for the pattern itself
	Err    error
}

// Error returns what is wrong, as the regular expressions' own parser says it.
func (e *BadPattern) Error() string {
	if e.Except < 0 {
		return "the pattern is broken: " + reason(e.Err)
	}
	return fmt.Sprintf("exception %d is broken: %s", e.Except+1, reason(e.Err))
}

// Unwrap returns the parser's error.
func (e *BadPattern) Unwrap() error { return e.Err }

func reason(err error) string { return strings.TrimPrefix(err.Error(), "error parsing regexp: ") }

// Compile reads a pattern with its exceptions. Without exact, upper and lower case are the same. At both ends of a pattern with
// letters beyond ASCII, or when letters is set, \b is the edge of a word in any script; elsewhere it is Go's, of ASCII words.
//
// Signs of a pattern that a folded text has no more stand for their plain form: typographic quotation marks and Arabic digits.
func Compile(find string, except []string, exact, letters bool) (*Pattern, error) {
	find = plainSigns.Replace(find)
	flags := syntax.Perl
	if !exact {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(find, flags)
	if err != nil {
		return nil, &BadPattern{Except: -1, Err: err}
	}
	p := &Pattern{needs: needs(tree), reach: reach(tree)}
	p.anchored = has(tree, syntax.OpBeginText) || has(tree, syntax.OpBeginLine)
	if letters || strings.ContainsFunc(find, func(r rune) bool { return r >= utf8.RuneSelf }) {
		err = p.compileEdges(tree)
	} else {
		p.find, err = compile(find, exact)
	}
	if err != nil {
		return nil, &BadPattern{Except: -1, Err: err}
	}
	if p.find.MatchString("") {
		return nil, &BadPattern{Except: -1, Err: fmt.Errorf("%q matches an empty text", find)}
	}
	for i, e := range except {
		re, err := compile(plainSigns.Replace(e), exact)
		if err == nil && re.MatchString("") {
			err = fmt.Errorf("%q matches an empty text", e)
		}
		if err != nil {
			return nil, &BadPattern{Except: i, Err: err}
		}
		p.except = append(p.except, re)
		var groups []group
		if tree, err := syntax.Parse(plainSigns.Replace(e), flags); err == nil {
			groups = needs(tree)
		}
		p.spare = append(p.spare, groups)
	}
	return p, nil
}

var plainSigns = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "«", `"`, "»", `"`, "٪", "%", "٠", "0", "١", "1", "٢", "2", "٣", "3",
	"٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9", "\u00a0", " ", "\u202f", " ", "‑", "-")

func compile(s string, exact bool) (*regexp.Regexp, error) {
	if !exact {
		s = "(?i)" + s
	}
	return regexp.Compile(s)
}

// compileEdges puts a sign that is no letter, or an end of the text, in the place of \b at the pattern's ends, and an empty group
// behind or before it, which marks where the match begins or ends.
func (p *Pattern) compileEdges(tree *syntax.Regexp) error {
	n := 0
	tree = edge(edge(tree, true, &n), false, &n)
	re, err := regexp.Compile(strings.ReplaceAll(tree.String(), outside, `(?-i:[^\p{L}\p{M}\p{N}_])`))
	if err != nil {
		return err
	}
	p.find = re
	for i, name := range re.SubexpNames() {
		switch {
		case strings.HasPrefix(name, "starts"):
			p.starts = append(p.starts, i)
		case strings.HasPrefix(name, "ends"):
			p.ends = append(p.ends, i)
		}
	}
	return nil
}

// outside stands in the tree for a sign that is no letter, until the tree is text again: to write out all letters of the world, in
// upper and lower case, takes longer than all the rest. It is a character for private use, in the form that trees write it.
const outside = `\x{e000}`

// edge replaces \b at one end of the tree.
func edge(re *syntax.Regexp, start bool, n *int) *syntax.Regexp {
	switch re.Op {
	case syntax.OpWordBoundary:
		*n++
		form := fmt.Sprintf(`(?:(?P<ends%d>)(?:$|`+outside+`))`, *n)
		if start {
			form = fmt.Sprintf(`(?:(?:^|`+outside+`)(?P<starts%d>))`, *n)
		}
		tree, err := syntax.Parse(form, syntax.Perl)
		if err != nil {
			return re
		}
		return tree
	case syntax.OpConcat:
		at := len(re.Sub) - 1
		if start {
			at = 0
		}
		re.Sub[at] = edge(re.Sub[at], start, n)
	case syntax.OpAlternate:
		for i := range re.Sub {
			re.Sub[i] = edge(re.Sub[i], start, n)
		}
	case syntax.OpCapture:
		re.Sub[0] = edge(re.Sub[0], start, n)
	}
	return re
}

// next returns the first match at or behind an offset, and false when there is none.
func (p *Pattern) next(s string, from int) (prose.Stretch, bool) {
	if len(p.starts)+len(p.ends) == 0 {
		m := p.find.FindStringIndex(s[from:])
		if m == nil {
			return prose.Stretch{}, false
		}
		return prose.Stretch{Start: from + m[0], End: from + m[1]}, true
	}
	m := p.find.FindStringSubmatchIndex(s[from:])
	if m == nil {
		return prose.Stretch{}, false
	}
	start, end := m[0], m[1]
	for _, g := range p.starts {
		start = max(start, m[2*g])
	}
	for _, g := range p.ends {
		if m[2*g] >= 0 {
			end = min(end, m[2*g])
		}
	}
	return prose.Stretch{Start: from + start, End: from + end}, true
}

// in appends the matches within a window of the text, until there are most.
func (p *Pattern) in(text *prose.Folded, window prose.Stretch, most int, found []prose.Stretch) []prose.Stretch {
	s := text.Plain[window.Start:window.End]
	ex := exceptions{pattern: p, text: text, window: window}
	for at := 0; at < len(s) && len(found) < most; {
		m, ok := p.next(s, at)
		if !ok {
			break
		}
		whole := prose.Stretch{Start: window.Start + m.Start, End: window.Start + m.End}
		if m.End > m.Start && !ex.touch(whole) {
			found = append(found, whole)
			at = m.End
		} else {
			at = pastWord(s, m.Start)
		}
		if p.anchored {
			break
		}
	}
	return found
}

// around is how far outside a match an exception is looked for at least, in bytes.
const around = 240

// ahead is how far behind a match in a long text exceptions are looked for at once, for the matches that follow.
const ahead = 512

// exceptions finds what the exceptions of a pattern match, as far as matches of the pattern need it.
type exceptions struct {
	pattern *Pattern
	text    *prose.Folded
	window  prose.Stretch
	read    prose.Stretch     // where the lists are known; in a short window everywhere
	lists   [][]prose.Stretch // in order, of each exception
}

// look finds the exceptions around a match.
func (ex *exceptions) look(m prose.Stretch) {
	w := prose.Stretch{Start: ex.window.Start - around, End: ex.window.End + around}
	if ex.window.End-ex.window.Start > long {
		w = prose.Stretch{Start: max(w.Start, m.Start-around), End: min(w.End, m.End+ahead+around)}
	}
	w = widen(ex.text.Plain, w)
	ex.read, ex.lists = w, ex.lists[:0]
	plain, lower := ex.text.Plain[w.Start:w.End], ex.text.Lower[w.Start:w.End]
	for i, re := range ex.pattern.except {
		var one []prose.Stretch
		if stand(ex.pattern.spare[i], lower) {
			for _, e := range re.FindAllStringIndex(plain, -1) {
				one = append(one, prose.Stretch{Start: w.Start + e[0], End: w.Start + e[1]})
			}
		}
		ex.lists = append(ex.lists, one)
	}
}

// stand reports whether a literal of each group stands in a text.
func stand(groups []group, lower string) bool {
	for _, g := range groups {
		if !slices.ContainsFunc(g, func(literal string) bool { return strings.Contains(lower, literal) }) {
			return false
		}
	}
	return true
}

// touch reports whether an exception overlaps the match. Matches come in order, so that exceptions before it are forgotten.
func (ex *exceptions) touch(m prose.Stretch) bool {
	if ex.read.End == 0 || m.End+around > ex.read.End && ex.read.End < min(len(ex.text.Plain), ex.window.End+around) {
		ex.look(m)
	}
	for i := range ex.lists {
		for len(ex.lists[i]) > 0 && ex.lists[i][0].End <= m.Start {
			ex.lists[i] = ex.lists[i][1:]
		}
		if len(ex.lists[i]) > 0 && ex.lists[i][0].Start < m.End {
			return true
		}
	}
	return false
}

// pastWord returns where the word at the offset ends, and at least one character further.
func pastWord(s string, at int) int {
	for i, r := range s[at:] {
		if i > 0 && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) && r != '_' {
			return at + i
		}
	}
	return len(s)
}

// widen keeps a window within the text and lets it begin and end at spaces where some are near, else between characters.
func widen(s string, w prose.Stretch) prose.Stretch {
	const near = 64
	w.Start, w.End = max(0, w.Start), min(len(s), w.End)
	if from := max(0, w.Start-near); w.Start > 0 {
		if at := strings.LastIndexByte(s[from:w.Start], ' '); at >= 0 {
			w.Start = from + at
		} else if from == 0 {
			w.Start = 0
		}
	}
	if at := strings.IndexByte(s[w.End:min(len(s), w.End+near)], ' '); at >= 0 {
		w.End += at
	} else if w.End+near >= len(s) {
		w.End = len(s)
	}
	for w.Start > 0 && !utf8.RuneStart(s[w.Start]) {
		w.Start--
	}
	for w.End < len(s) && !utf8.RuneStart(s[w.End]) {
		w.End++
	}
	return w
}
