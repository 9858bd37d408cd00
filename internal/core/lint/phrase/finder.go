package phrase

import (
	"slices"

	"daymark/internal/core/lint/prose"
)

// Finder finds many patterns in one pass over a text. It does not change once made.
type Finder struct {
	patterns []*Pattern
	always   []int   // patterns without a literal that they need
	wants    [][]int // by literal: the patterns that need it
	words    *automaton
}

// Match is a pattern's match in the plain form of a text.
type Match struct {
	Pattern int // its index
	prose.Stretch
}

// NewFinder returns a finder of the patterns.
func NewFinder(patterns []*Pattern) *Finder {
	f := &Finder{patterns: patterns}
	var literals []string
	index := map[string]int{}
	for i, p := range patterns {
		if len(p.needs) == 0 {
			f.always = append(f.always, i)
		}
		for _, need := range p.needs {
			id, known := index[need]
			if !known {
				id = len(literals)
				index[need] = id
				literals = append(literals, need)
				f.wants = append(f.wants, nil)
			}
			f.wants[id] = append(f.wants[id], i)
		}
	}
	f.words = newAutomaton(literals)
	return f
}

// long is the length from which a pattern is run only around the literals that it needs, and not over the whole text.
const long = 2048

// Find returns the matches of the patterns that are wanted, by pattern and then by place.
func (f *Finder) Find(text *prose.Folded, wanted func(pattern int) bool) []Match {
	s := text.Plain
	if s == "" || len(f.patterns) == 0 {
		return nil
	}
	seen := make([][]int32, len(f.patterns))
	f.words.scan(text.Lower, func(literal, end int) {
		for _, p := range f.wants[literal] {
			if list := seen[p]; len(list) == 0 || len(s) > long {
				seen[p] = append(list, int32(end))
			}
		}
	})
	for _, p := range f.always {
		seen[p] = []int32{0}
	}
	var found []Match
	var stretches []prose.Stretch
	for i, at := range seen {
		if len(at) == 0 || !wanted(i) {
			continue
		}
		stretches = stretches[:0]
		for _, w := range f.windows(s, i, at) {
			stretches = f.patterns[i].in(s, w, stretches)
		}
		for _, m := range stretches {
			found = append(found, Match{Pattern: i, Stretch: m})
		}
	}
	return found
}

// windows returns where a pattern has to look: everywhere in a short text, else around the literals.
func (f *Finder) windows(s string, pattern int, at []int32) []prose.Stretch {
	p := f.patterns[pattern]
	if len(s) <= long || p.reach == 0 || len(p.needs) == 0 {
		return []prose.Stretch{{Start: 0, End: len(s)}}
	}
	var list []prose.Stretch
	for _, end := range at {
		w := widen(s, prose.Stretch{Start: int(end) - p.reach, End: int(end) + p.reach})
		if last := len(list) - 1; last >= 0 && w.Start <= list[last].End {
			list[last].End = max(list[last].End, w.End)
			continue
		}
		list = append(list, w)
	}
	return list
}

// automaton finds literals in one pass (Aho and Corasick, Efficient string matching, 1975,
// https://doi.org/10.1145/360825.360855). Bytes that stand in no literal share a column.
type automaton struct {
	column  [256]uint8
	columns int
	next    []int32 // by state and column
	ends    [][]int32
}

func newAutomaton(literals []string) *automaton {
	a := &automaton{columns: 1}
	for _, l := range literals {
		for _, b := range []byte(l) {
			if a.column[b] == 0 && a.columns < 256 {
				a.column[b] = uint8(a.columns)
				a.columns++
			}
		}
	}
	a.state()
	for id, l := range literals {
		at := 0
		for _, b := range []byte(l) {
			to := a.next[at*a.columns+int(a.column[b])]
			if to < 0 {
				to = int32(a.state())
				a.next[at*a.columns+int(a.column[b])] = to
			}
			at = int(to)
		}
		a.ends[at] = append(a.ends[at], int32(id))
	}
	a.link()
	return a
}

func (a *automaton) state() int {
	a.next = append(a.next, slices.Repeat([]int32{-1}, a.columns)...)
	a.ends = append(a.ends, nil)
	return len(a.ends) - 1
}

// link fills in where each state goes when no literal goes on, breadth first.
func (a *automaton) link() {
	fall := make([]int32, len(a.ends))
	var queue []int
	for c := range a.columns {
		if to := a.next[c]; to > 0 {
			queue = append(queue, int(to))
		} else {
			a.next[c] = 0
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		back := int(fall[at])
		a.ends[at] = append(a.ends[at], a.ends[back]...)
		for c := range a.columns {
			to := a.next[at*a.columns+c]
			over := a.next[back*a.columns+c]
			if to < 0 {
				a.next[at*a.columns+c] = over
				continue
			}
			fall[to] = over
			queue = append(queue, int(to))
		}
	}
}

// scan calls found for every literal in the text with the offset at which it ends.
func (a *automaton) scan(s string, found func(literal, end int)) {
	at := 0
	for i := range len(s) {
		at = int(a.next[at*a.columns+int(a.column[s[i]])])
		for _, id := range a.ends[at] {
			found(int(id), i+1)
		}
	}
}
