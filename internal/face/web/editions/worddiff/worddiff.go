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

// Compare returns both texts as runs. Put together again, the runs of a text are the text.
func Compare(a, b string) (left, right []Run) {
	x, y := words(a), words(b)
	if len(x) > maxWords || len(y) > maxWords {
		return add(nil, a, a != b), add(nil, b, a != b)
	}
	common := table(x, y)
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			left, right = add(left, x[i], false), add(right, y[j], false)
			i, j = i+1, j+1
		case j == len(y) || (i < len(x) && common[i+1][j] >= common[i][j+1]):
			left = add(left, x[i], true)
			i++
		default:
			right = add(right, y[j], true)
			j++
		}
	}
	return left, right
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
