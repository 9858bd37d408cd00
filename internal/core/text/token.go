package text

import (
	"regexp"
	"strings"
)

// Token is a place in a campaign text that a value fills later, such as {{link}}.
type Token struct {
	Name       string
	Start, End int // byte offsets with the braces; End is the first byte after it
}

// factPrefix begins the name of a token that states a fact.
const factPrefix = "fact:"

// FactToken returns the name of the token that states a fact, such as "fact:F02".
func FactToken(id string) string { return factPrefix + id }

// Fact returns the id of the fact that the token states, and false for a token that states none. The id may be empty.
func (t Token) Fact() (string, bool) { return strings.CutPrefix(t.Name, factPrefix) }

var tokenForm = regexp.MustCompile(`\{\{[ \t]*([A-Za-z][A-Za-z0-9_:-]*)[ \t]*\}\}`)

// Tokens returns the tokens of a text in order, known or not.
func Tokens(s string) []Token {
	var found []Token
	for _, m := range tokenForm.FindAllStringSubmatchIndex(s, -1) {
		found = append(found, Token{Name: s[m[2]:m[3]], Start: m[0], End: m[1]})
	}
	return found
}

// StrayBraces reports whether the text has double braces that make no token, such as "{{link" or "{{}}".
func StrayBraces(s string) bool {
	rest := tokenForm.ReplaceAllString(s, "")
	return strings.Contains(rest, "{{") || strings.Contains(rest, "}}")
}

// Fill puts the values into the text. A token without a value stays as it is and its name is in missing, once each. An
// empty value is a value: the token goes, and with it one space beside it.
func Fill(s string, values map[string]string) (out string, missing []string) {
	out, _, missing = FillSpans(s, values)
	return out, missing
}

// Nearest returns the known word that a misspelt one most likely means, and false when none is near. One slip in three
// letters is near: a letter too many, too few, wrong, or swapped with the next.
func Nearest(word string, known []string) (string, bool) {
	a := []rune(strings.ToLower(word))
	best, least := "", max(1, len(a)/3)+1
	if len(a) > 64 {
		return "", false
	}
	for _, k := range known {
		b := []rune(strings.ToLower(k))
		if d := len(a) - len(b); d > least || -d > least {
			continue
		}
		if n := slips(a, b); n < least {
			best, least = k, n
		}
	}
	return best, best != ""
}

// slips counts the single slips between two words (optimal string alignment distance).
func slips(a, b []rune) int {
	previous, before := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := previous[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, previous[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, previous = previous, row
	}
	return previous[len(b)]
}
