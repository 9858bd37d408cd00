package search

import (
	"slices"
	"strings"
)

// Passage is some of what a post says in one language.
type Passage struct {
	Language string
	Pieces   []Piece
}

// Passages returns where the words of a query stand in a post, the languages with most of them first; where the words are in no text, as those
// of an alt text are not, the beginning of the text in one language, the preferred one if it is there.
func (f Found) Passages(query, preferred string) []Passage {
	type found struct {
		Passage
		marks int
	}
	var all []found
	for _, language := range f.languages() {
		pieces, marks := Snippet(f.said(language), query)
		if len(pieces) > 0 {
			all = append(all, found{Passage{language, pieces}, marks})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		if a.marks != b.marks {
			return b.marks - a.marks
		}
		return rank(a.Language, preferred) - rank(b.Language, preferred)
	})
	var out []Passage
	for i, one := range all {
		if i == 0 || one.marks > 0 {
			out = append(out, one.Passage)
		}
	}
	return out
}

func rank(language, preferred string) int {
	if language == preferred {
		return 0
	}
	return 1
}

// languages are those in which the post says something, in order.
func (f Found) languages() []string {
	var list []string
	for _, part := range f.Source.Parts {
		for language := range part.Texts {
			if !slices.Contains(list, language) {
				list = append(list, language)
			}
		}
	}
	slices.Sort(list)
	return list
}

// said is everything that people read of the post in a language.
func (f Found) said(language string) string {
	var all []string
	for _, part := range f.Source.Parts {
		all = append(all, part.Texts[language])
	}
	for _, v := range f.Source.Variants {
		if v.Language == language {
			all = append(all, v.Text)
		}
	}
	all = append(all, f.Source.Hashtags...)
	return strings.Join(append(all, f.Source.ContentNote[language]), " ")
}
