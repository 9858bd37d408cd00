package prose

import (
	"strings"
	"unicode/utf8"
)

// vowels are the letters that can carry a syllable in English, French and Spanish.
const vowels = "aeiouyáéíóúüàâèêëîïôùûœæ"

// Syllables estimates how many syllables a word in small letters has: groups of vowels, without the silent e at the end of
// English and French words. In Spanish two strong vowels side by side are two syllables. Other languages are counted by groups.
func Syllables(word, base string) int {
	n, before := 0, rune(0)
	for i, r := range word {
		if base == "es" && r == 'y' && i+1 < len(word) {
			before = 0 // a consonant, but for the end of a word
			continue
		}
		if !strings.ContainsRune(vowels, r) || r == utf8.RuneError {
			before = 0
			continue
		}
		if before == 0 || base == "es" && strong(before) && strong(r) {
			n++
		}
		before = r
	}
	switch base {
	case "en":
		if n > 1 && strings.HasSuffix(word, "e") && !strings.HasSuffix(word, "le") || n > 1 && strings.HasSuffix(word, "es") && !sibilant(word) || n > 1 && strings.HasSuffix(word, "ed") && !strings.HasSuffix(word, "ted") && !strings.HasSuffix(word, "ded") {
			n--
		}
	case "fr":
		if n > 1 && (strings.HasSuffix(word, "e") || strings.HasSuffix(word, "es") || strings.HasSuffix(word, "ent")) {
			n--
		}
	}
	return max(1, n)
}

func strong(r rune) bool { return strings.ContainsRune("aeoáéíóú", r) }

// sibilant reports whether the "es" at the end of an English word is heard, as in "voices" and "wishes".
func sibilant(word string) bool {
	stem := strings.TrimSuffix(word, "es")
	for _, end := range []string{"s", "x", "z", "c", "g", "ch", "sh"} {
		if strings.HasSuffix(stem, end) {
			return true
		}
	}
	return false
}
