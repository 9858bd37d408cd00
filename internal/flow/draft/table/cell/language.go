package cell

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/locale"
)

// Known is a name without its case, its accents and what parts its words.
func Known(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == '_' || r == '-' || r == '\u00a0':
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(strings.TrimRight(norm.NFC.String(s), " :*")), " ")
}

// Language reads a language: its code, or its name in the four languages.
func Language(given, otherwise string) (string, bool) {
	if given == "" {
		given = otherwise
	}
	code := Known(given)
	for language, names := range map[string][]string{
		"en": {"english", "anglais", "ingles", "الانجليزية", "الإنجليزية"}, "fr": {"french", "francais", "frances", "الفرنسية"},
		"es": {"spanish", "espagnol", "espanol", "الاسبانية", "الإسبانية"}, "ar": {"arabic", "arabe", "العربية"},
	} {
		if code == language || slices.Contains(names, code) || code == Known(locale.Name(language)) {
			return language, true
		}
	}
	// Another language of an account: a code such as pt or pt-BR (RFC 5646).
	if n := len(given); n < 2 || n > 10 || strings.ContainsFunc(given, func(r rune) bool { return r != '-' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }) {
		return "", false
	}
	base, region, _ := strings.Cut(given, "-")
	if len(base) > 3 {
		return "", false
	}
	if region == "" {
		return strings.ToLower(base), true
	}
	return strings.ToLower(base) + "-" + region, true
}
