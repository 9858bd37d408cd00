package entry

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// What a number may look like. A number with its country code has at most 15 digits and the code does not begin with 0 (ITU-T
// E.164, 11/2010, clauses 6.1 and 6.2.1: https://www.itu.int/rec/T-REC-E.164-201011-I/en). A code of a service within a country
// is no E.164 number and can be shorter; the emergency numbers that ITU-T E.161.1 recommends have 3 digits. The least of 7
// for numbers with a country code, and the length from which digits have to be grouped, are ours.
//
// A library with every country's numbering plan would know more of ordinary numbers and little of helplines: their numbers are
// service codes, which such a plan lists late or never. Whether one is right is for the person who calls it.
const (
	maxDigits        = 15
	minDigits        = 3
	minWithCode      = 7
	longestUngrouped = 6
)

// Number says what is wrong with a number as people dial it, or nothing.
func Number(number string) string {
	const allowed = "digits, with spaces or hyphens between groups, and a + in front of a country code"
	digits := Digits(number)
	rest, international := strings.CutPrefix(number, "+")
	for _, r := range rest {
		switch {
		case r >= '0' && r <= '9' || r == ' ' || r == '-' || r == '(' || r == ')':
		case unicode.IsLetter(r):
			return fmt.Sprintf("%q has letters in it: write %s. If there are several numbers, make a helpline of each", number, allowed)
		default:
			return fmt.Sprintf("%q has the sign %q in it: write %s", number, r, allowed)
		}
	}
	switch {
	case international && strings.HasPrefix(digits, "0"):
		return fmt.Sprintf("%q has a 0 after the +: no country code begins with 0", number)
	case international && len(digits) < minWithCode:
		return fmt.Sprintf("%q has %d digits: with a country code there are %d or more", number, len(digits), minWithCode)
	case len(digits) < minDigits:
		return fmt.Sprintf("%q has %d digits: write %d or more", number, len(digits), minDigits)
	case len(digits) > maxDigits:
		return fmt.Sprintf("%q has %d digits: no telephone number has more than %d", number, len(digits), maxDigits)
	}
	if !groups.MatchString(number) {
		return fmt.Sprintf("%q is not grouped as people write numbers: one space or hyphen between groups, as in 08000 121 700 or (02) 1343", number)
	}
	for _, group := range ungrouped.FindAllString(number, -1) {
		if len(group) > longestUngrouped {
			return fmt.Sprintf("%q has %d digits in a row: group them so that people can read and dial them, as in 08000 121 700", number, len(group))
		}
	}
	return ""
}

var (
	groups    = regexp.MustCompile(`^\+?(\([0-9]+\)|[0-9]+)([ -](\([0-9]+\)|[0-9]+))*$`)
	ungrouped = regexp.MustCompile(`[0-9]+`)
	// within finds numbers in a text: digits with little between them, an area code perhaps in brackets.
	within = regexp.MustCompile("(?:\\([0-9]+\\)|\\+?[0-9]+)(?:[ \u00a0-]?(?:\\([0-9]+\\)|[0-9]+))*")
)

// Digits returns the digits of a number.
func Digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

// Numbers returns the telephone numbers that stand in a text. Fewer than three digits, as in 24/7, are none.
func Numbers(s string) []string {
	var all []string
	for _, n := range within.FindAllString(s, -1) {
		if len(Digits(n)) >= minDigits {
			all = append(all, n)
		}
	}
	return all
}

// Same reports whether two numbers are one: with other signs between the digits, or with the country code in place of the 0 that
// is dialled within the country.
func Same(a, b string) bool {
	x, y := strings.TrimLeft(Digits(a), "0"), strings.TrimLeft(Digits(b), "0")
	if x == "" || y == "" {
		return false
	}
	if x == y {
		return true
	}
	if strings.HasPrefix(a, "+") == strings.HasPrefix(b, "+") {
		return false
	}
	if strings.HasPrefix(a, "+") {
		x, y = y, x
	}
	return strings.HasSuffix(y, x) && len(y)-len(x) <= 3 // country codes have one to three digits (E.164, clause 6.2.1)
}

// Unbroken returns a text with no-break spaces inside its numbers. Where the text runs from right to left, ordinary spaces and
// hyphens let the groups of a number change places, the last group first; a no-break space is a common separator, which keeps
// digits together (Unicode Bidirectional Algorithm, rule W4: https://www.unicode.org/reports/tr9/#W4).
func Unbroken(s string) string {
	return within.ReplaceAllStringFunc(s, func(n string) string {
		return strings.Trim(signs.ReplaceAllString(n, "\u00a0"), "\u00a0")
	})
}

var signs = regexp.MustCompile("[ \u00a0()-]+")
