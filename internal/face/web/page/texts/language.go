package texts

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Language is a language that the interface is written in, with how it counts and writes numbers. The rules are those of the
// Unicode CLDR (https://cldr.unicode.org); a walk in a browser holds them against what the browser writes.
type Language struct {
	Code string // BCP 47
	Name string // in the language itself: whoever cannot read the page finds it
	Dir  string // ltr or rtl

	tag     language.Tag
	forms   []plural.Form // of counted texts, in the order in which "|" parts them
	group   string        // between thousands
	grouped int           // the smallest number with it
	percent string        // between a number and its percent sign
	point   string        // before tenths
}

// oneOther are the forms of English, French and Spanish; CLDR counts 0 as one in French.
var oneOther = []plural.Form{plural.One, plural.Other}

// languages are in the order in which people choose among them. Arabic is written with Western digits: that is how the pages of the
// United Nations and most sites of the Maghreb write it, and how figures in posts, links and dates of the networks look.
var languages = []Language{
	{Code: "en", Name: "English", Dir: "ltr", tag: language.English, forms: oneOther, group: ",", grouped: 1000, point: "."},
	{Code: "fr", Name: "Français", Dir: "ltr", tag: language.French, forms: oneOther, group: "\u202f", grouped: 1000, percent: "\u00a0", point: ","},
	{Code: "es", Name: "Español", Dir: "ltr", tag: language.Spanish, forms: oneOther, group: ".", grouped: 10000, percent: "\u00a0", point: ","},
	{
		Code: "ar", Name: "العربية", Dir: "rtl", tag: language.Arabic, group: ",", grouped: 1000, point: ".",
		forms: []plural.Form{plural.Zero, plural.One, plural.Two, plural.Few, plural.Many, plural.Other},
	},
}

// Languages lists the languages of the interface, English first.
func Languages() []Language { return slices.Clone(languages) }

// Forms returns how many forms a counted text has.
func (l Language) Forms() int { return len(l.forms) }

// form returns the form of a counted text for a number.
func (l Language) form(text string, n int64) string {
	forms := strings.Split(text, "|")
	if at := slices.Index(l.forms, l.plural(n)); at >= 0 && len(forms) == len(l.forms) {
		return forms[at]
	}
	return forms[len(forms)-1]
}

// plural returns CLDR's form for a number. Its rules for whole numbers look at the last digits only; the library asks for those
// where a number is long.
func (l Language) plural(n int64) plural.Form {
	return plural.Cardinal.MatchPlural(l.tag, int(max(n, -n)%10_000_000), 0, 0, 0, 0)
}

// Form names the form that counted texts take for a number, as CLDR does.
func (l Language) Form(n int64) string {
	return [...]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}[l.plural(n)]
}

// Number writes a whole number.
func (l Language) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	if max(n, -n) < int64(l.grouped) {
		return digits
	}
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, groups...), l.group)
}

// Percent writes a whole number of hundredths.
func (l Language) Percent(n int64) string { return l.Number(n) + l.percent + "%" }
