package access

import (
	"fmt"
	"strings"
	"unicode"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// Limits of reading. They are ours, which is why the rule is a note: who writes on plain language names no number. An ease of 60
// on the scales of Fernández-Huerta and of Kandel and Moles is the step that Flesch calls standard, near grade 8.
const (
	maxGrade    = 8.0
	minEase     = 60.0
	maxSentence = 25
	fewWords    = 15 // a formula says nothing about so few words
)

// Grade returns the school grade of an English text (Kincaid and others, Derivation of New Readability Formulas, 1975,
// https://stars.library.ucf.edu/istlibrary/56/).
func Grade(words, sentences, syllables int) float64 {
	return 0.39*ratio(words, sentences) + 11.8*ratio(syllables, words) - 15.59
}

// EaseSpanish returns the ease of a Spanish text (Fernández-Huerta, Medidas sencillas de lecturabilidad, 1959, with the
// correction of https://linguistlist.org/issues/22/22-2332/).
func EaseSpanish(words, sentences, syllables int) float64 {
	return 206.84 - 60*ratio(syllables, words) - 1.02*ratio(words, sentences)
}

// EaseFrench returns the ease of a French text (Kandel and Moles, Application de l'indice de Flesch à la langue française, 1958).
func EaseFrench(words, sentences, syllables int) float64 {
	return 207 - 73.6*ratio(syllables, words) - 1.015*ratio(words, sentences)
}

func ratio(a, b int) float64 { return float64(a) / float64(max(1, b)) }

// ReadingLevel finds parts that are hard to read: by the formula of their language, or, in every language, by a long sentence.
// Arabic has no formula that is kept and free, so that only the length of its sentences counts.
func ReadingLevel(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		words, sentences, syllables := 0, 0, 0
		long, most := prose.Stretch{}, maxSentence
		for _, s := range p.Words.Lines(p.Sentences()) {
			n := 0
			for _, w := range prose.Words(p.Words.Plain[s.Start:s.End]) {
				if strings.ContainsFunc(w, unicode.IsLetter) {
					n++
					syllables += prose.Syllables(strings.ToLower(w), v.Base)
				}
			}
			if n == 0 {
				continue
			}
			words, sentences = words+n, sentences+1
			if n > most {
				long, most = s, n
			}
		}
		if most > maxSentence {
			hits = append(hits, v.Hit(i, long.Start, long.End, fmt.Sprintf("The sentence has %d words. Up to %d are easy to follow.", most, maxSentence)))
			continue
		}
		if say := formula(v.Base, words, sentences, syllables); words >= fewWords && say != "" {
			hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Message: say})
		}
	}
	return hits
}

func formula(base string, words, sentences, syllables int) string {
	switch base {
	case "en":
		if g := Grade(words, sentences, syllables); g > maxGrade {
			return fmt.Sprintf("The text reads like school grade %.0f (Flesch-Kincaid). Up to %.0f is easy for most people.", g, maxGrade)
		}
	case "es":
		if e := EaseSpanish(words, sentences, syllables); e < minEase {
			return fmt.Sprintf("The text has a reading ease of %.0f (Fernández-Huerta). From %.0f on it is easy for most people.", e, minEase)
		}
	case "fr":
		if e := EaseFrench(words, sentences, syllables); e < minEase {
			return fmt.Sprintf("The text has a reading ease of %.0f (Kandel and Moles). From %.0f on it is easy for most people.", e, minEase)
		}
	}
	return ""
}
