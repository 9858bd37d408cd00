package post

import (
	"slices"

	"daymark/internal/core/text"
)

// Stated returns the ids of all facts that the post states in any language, in order: those it lists and those that stand in its
// words as tokens, and those that are drawn on its pictures.
func (s Source) Stated() []string {
	return s.stated(func(string) bool { return true })
}

// StatedIn returns the ids of the facts that the post states in some languages, in order. What it lists counts for all of them.
func (s Source) StatedIn(languages ...string) []string {
	return s.stated(func(language string) bool { return slices.Contains(languages, language) })
}

func (s Source) stated(in func(language string) bool) []string {
	ids := slices.Clone(s.Facts)
	s.words(func(language, words string) {
		if !in(language) {
			return
		}
		for _, t := range text.Tokens(words) {
			if id, ok := t.Fact(); ok {
				ids = append(ids, id)
			}
		}
	})
	for _, part := range s.Parts {
		for _, picture := range part.Pictures {
			if picture.States != nil && picture.States.Fact != "" && (picture.Only == "" || in(picture.Only)) {
				ids = append(ids, picture.States.Fact)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// words calls f with everything the post says, language by language: texts, texts for single networks, and descriptions.
func (s Source) words(f func(language, words string)) {
	for _, part := range s.Parts {
		for language, words := range part.Texts {
			f(language, words)
		}
		for _, picture := range part.Pictures {
			for language, alt := range picture.Alt {
				f(language, alt)
			}
		}
	}
	for _, v := range s.Variants {
		f(v.Language, v.Text)
	}
}
