// Package worddiff compares two texts word by word, so that a page can mark what only one of them says.
//
// It knows words as runs between white space and nothing about languages. It reads and writes nothing.
package worddiff

import "unicode"

// maxWords bounds the work: longer texts are compared whole. Posts have a few hundred words at most.
const maxWords = 2000

// Run is a run of words; Only says that the other text does not have them.
type Run struct {
	Text string
	Only bool
}

// What says what became of a run between two texts.
type What int

// What a run can be.
const (
	Same What = iota // both texts have it
	Gone             // only the first has it
	New              // only the second has it
)

// String returns "" for what is the same, "gone" or "new".
func (w What) String() string { return [...]string{"", "gone", "new"}[w] }

// Change is a run of words with what became of it.
type Change struct {
	Text string
	What What
}

// Compare returns both texts as runs. Put together again, the runs of a text are the text.
func Compare(a, b string) (left, right []Run) {
	for _, c := range Changes(a, b) {
		if c.What != New {
			left = add(left, c.Text, c.What == Gone)
		}
		if c.What != Gone {
			right = add(right, c.Text, c.What == New)
		}
	}
	return left, right
}

// Changes returns the way from one text to another. Without what is new it is the first, without what is gone the second.
func Changes(a, b string) []Change {
	x, y := words(a), words(b)
	if a != b && (len(x) > maxWords || len(y) > maxWords) {
		return change(change(nil, a, Gone), b, New)
	}
	if a == b {
		return change(nil, a, Same)
	}
	common := table(x, y)
	var list []Change
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			list = change(list, x[i], Same)
			i, j = i+1, j+1
		case j == len(y) || (i < len(x) && common[i+1][j] >= common[i][j+1]):
			list = change(list, x[i], Gone)
			i++
		default:
			list = change(list, y[j], New)
			j++
		}
	}
	return list
}

func change(list []Change, text string, what What) []Change {
	if text == "" {
		return list
	}
	if last := len(list) - 1; last >= 0 && list[last].What == what {
		list[last].Text += text
		return list
	}
	return append(list, Change{Text: text, What: what})
}

// table holds, for each pair of places, how many words are common from there on: the longest common subsequence
// (https://en.wikipedia.org/wiki/Longest_common_subsequence).
func table(x, y []string) [][]int {
	t := make([][]int, len(x)+1)
	for i := range t {
		t[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				t[i][j] = t[i+1][j+1] + 1
			} else {
				t[i][j] = max(t[i+1][j], t[i][j+1])
			}
		}
	}
	return t
}

// words splits a text into words and the white space between them.
func words(s string) []string {
	var list []string
	start, space := 0, false
	for i, r := range s {
		if is := unicode.IsSpace(r); i > start && is != space {
			list = append(list, s[start:i])
			start = i
			space = is
		} else {
			space = is
		}
	}
	if start < len(s) {
		list = append(list, s[start:])
	}
	return list
}

func add(runs []Run, text string, only bool) []Run {
	if text == "" {
		return runs
	}
	if last := len(runs) - 1; last >= 0 && runs[last].Only == only {
		runs[last].Text += text
		return runs
	}
	return append(runs, Run{Text: text, Only: only})
}
