package phrase

import (
	"slices"

	"daymark/internal/core/lint/prose"
)

// Finder finds many patterns in one pass over a text. It does not change once made.
type Finder struct {
	patterns []*Pattern
	all      []uint8   // by pattern: a bit for each group of literals that it needs
	wants    [][]want  // by literal: the groups that it is in
	literals [][][]int // by pattern and group
	words    *automaton
}

// want is a group of literals of a pattern.
type want struct {
	pattern int32
	group   uint8 // its bit
}

// Match is a pattern's match in the plain form of a text.
type Match struct {
	Pattern int // its index
	prose.Stretch
}

// NewFinder returns a finder of the patterns.
func NewFinder(patterns []*Pattern) *Finder {
	f := &Finder{patterns: patterns, all: make([]uint8, len(patterns)), literals: make([][][]int, len(patterns))}
	var literals []string
	index := map[string]int{}
	for i, p := range patterns {
		for g, group := range p.needs {
			bit := uint8(1) << g
			f.all[i] |= bit
			f.literals[i] = append(f.literals[i], nil)
			for _, literal := range group {
				id, known := index[literal]
				if !known {
					id = len(literals)
					index[literal] = id
					literals = append(literals, literal)
					f.wants = append(f.wants, nil)
				}
				f.wants[id] = append(f.wants[id], want{pattern: int32(i), group: bit})
				f.literals[i][g] = append(f.literals[i][g], id)
			}
		}
	}
	f.words = newAutomaton(literals)
	return f
}

const (
	// long is the length from which a pattern is run only around the literals that it needs, and not over the whole text.
	long = 2048
	// block is the length of the stretches of a long text in which a literal is noted once.
	block = 64
)

// places says in which blocks of a long text each literal ends.
type places [][]int32

// Find returns the matches of the patterns that are wanted, by pattern and then by place: the first ones, most of each pattern.
func (f *Finder) Find(text *prose.Folded, most int, wanted func(pattern int) bool) []Match {
	s := text.Plain
	if s == "" || len(f.patterns) == 0 {
		return nil
	}
	seen := make([]uint8, len(f.patterns))
	read := make([]bool, len(f.wants))
	var at places
	if len(s) > long {
		at = make(places, len(f.wants))
	}
	f.words.scan(text.Lower, func(literal, end int) {
		if !read[literal] {
			read[literal] = true
			for _, w := range f.wants[literal] {
				seen[w.pattern] |= w.group
			}
		}
		if at != nil {
			if list := at[literal]; len(list) == 0 || int(list[len(list)-1]) != end/block {
				at[literal] = append(list, int32(end/block))
			}
		}
	})
	var found []Match
	var stretches []prose.Stretch
	for i, p := range f.patterns {
		if seen[i] != f.all[i] || !wanted(i) {
			continue
		}
		stretches = stretches[:0]
		for _, w := range f.windows(s, i, at) {
			stretches = p.in(text, w, most, stretches)
		}
		for _, m := range stretches {
			found = append(found, Match{Pattern: i, Stretch: m})
		}
	}
	return found
}

// windows returns where a pattern has to look: everywhere in a short text, else around the literals of the group that is rarest
// in the text.
func (f *Finder) windows(s string, pattern int, at places) []prose.Stretch {
	p := f.patterns[pattern]
	if at == nil || p.reach == 0 || len(p.needs) == 0 {
		return []prose.Stretch{{Start: 0, End: len(s)}}
	}
	var list []prose.Stretch
	for _, b := range at.rarest(f.literals[pattern]) {
		w := widen(s, prose.Stretch{Start: int(b)*block - p.reach, End: int(b+1)*block + p.reach})
		if last := len(list) - 1; last >= 0 && w.Start <= list[last].End {
			list[last].End = max(list[last].End, w.End)
			continue
		}
		list = append(list, w)
	}
	return list
}

// rarest returns, in order, the blocks of the group of literals that stands in the fewest.
func (at places) rarest(groups [][]int) []int32 {
	var best []int32
	for i, group := range groups {
		var blocks []int32
		for _, literal := range group {
			blocks = append(blocks, at[literal]...)
		}
		slices.Sort(blocks)
		if blocks = slices.Compact(blocks); i == 0 || len(blocks) < len(best) {
			best = blocks
		}
	}
	return best
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
