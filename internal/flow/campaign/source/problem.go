// Package source reads a YAML file for people: it keeps the place of every value, so that each mistake can be named with
// file, line, column and field, all of them in one run.
//
// A file is a plain tree here. Anchors, aliases, tags of its own and second documents are refused, so a small file cannot
// unfold into a large one. The package knows nothing of campaigns; internal/flow/campaign asks it for fields.
package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a file.
type Problem struct {
	File    string // the name the person gave
	Line    int    // from 1
	Column  int    // from 1, in bytes of the line as the YAML reader counts
	Field   string // the path to the value, such as posts[3].text.fr; empty for the file as a whole
	Message string // what is wrong, what was expected, and what may have been meant
}

// String returns the problem as file:line:column: field: message, the form editors can jump to.
func (p Problem) String() string {
	if p.Field == "" {
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Field, p.Message)
}

// Text returns the problems one a line.
func Text(problems []Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Sorted returns the problems in the order of their places, each once.
func Sorted(problems []Problem) []Problem {
	sorted := slices.Clone(problems)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(sorted)
}
