// Package words has what cards say of their own in each language: the small words around what a charity writes, dates and countdowns,
// and the sentences of their alternative texts.
//
// Each language is one JSON file. The package fills them in; it draws nothing and knows no template but by its name.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"daymark/internal/core/fault"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// Language is one language that cards speak.
type Language struct {
	Tag         string
	Name        string            `json:"name"`
	Kickers     map[string]string `json:"kickers"` // the line on top, by template
	SourceLine  string            `json:"source_line"`
	ConsentLine string            `json:"consent_line"`
	Quote       string            `json:"quote"`    // the sign that begins one
	Labelled    string            `json:"labelled"` // a part of a definition in a sentence
	Between     string            `json:"between"`  // between steps in a sentence
	Thanks      string            `json:"thanks"`
	Months      []string          `json:"months"`
	DateDay     string            `json:"date_day"`
	DateMonth   string            `json:"date_month"`
	DateLine    string            `json:"date_line"`
	Days        map[string]string `json:"days"` // by plural form, without the number
	Alt         map[string]string `json:"alt"`  // by template
}

// tags are the languages in the order in which they are listed: those of Daymark's pages first.
var tags = []string{"en", "fr", "es", "ar", "hi", "th", "zh"}

var all = sync.OnceValues(func() (map[string]*Language, error) {
	read := map[string]*Language{}
	for _, tag := range tags {
		data, err := files.ReadFile(path.Join(tag + ".json"))
		if err != nil {
			return nil, fmt.Errorf("the words of cards: %w", err)
		}
		l := &Language{Tag: tag}
		if err := json.Unmarshal(data, l); err != nil {
			return nil, fmt.Errorf("the words of cards in %s: %w", tag, err)
		}
		read[tag] = l
	}
	return read, nil
})

// Tags returns the languages that there are words in.
func Tags() []string { return slices.Clone(tags) }

// In returns the words of a language.
func In(tag string) (*Language, error) {
	read, err := all()
	if err != nil {
		return nil, err
	}
	l, ok := read[tag]
	if !ok {
		return nil, fault.BadField("language", "cards speak %s, and not %q", strings.Join(tags, ", "), tag)
	}
	return l, nil
}

// Month returns the name of a month, 1 to 12, or nothing.
func (l *Language) Month(m int) string {
	if m < 1 || m > len(l.Months) {
		return ""
	}
	return l.Months[m-1]
}

// DaysToGo returns the words after a number of days, in the form that the language asks for it
// (https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html).
func (l *Language) DaysToGo(n int) string {
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	form := plural.Cardinal.MatchPlural(language.Make(l.Tag), n, 0, 0, 0, 0)
	if said, ok := l.Days[names[form]]; ok {
		return said
	}
	return l.Days["other"]
}

var (
	optional = regexp.MustCompile(`\[([^\[\]]*)\]`)
	blank    = regexp.MustCompile(`\{([a-z_]+)\}`)
	stops    = regexp.MustCompile(`([.!?؟…。।])(\s*["”»]?)\s?[.。।]`)
)

// Fill puts values into a sentence. A part in square brackets is left out where one of its values is empty.
func Fill(sentence string, values map[string]string) string {
	put := func(s string) string {
		return blank.ReplaceAllStringFunc(s, func(name string) string { return values[name[1:len(name)-1]] })
	}
	var b strings.Builder
	last := 0
	for _, at := range optional.FindAllStringSubmatchIndex(sentence, -1) {
		b.WriteString(put(sentence[last:at[0]]))
		part, complete := sentence[at[2]:at[3]], true
		for _, name := range blank.FindAllStringSubmatch(part, -1) {
			complete = complete && values[name[1]] != ""
		}
		if complete {
			b.WriteString(put(part))
		}
		last = at[1]
	}
	b.WriteString(put(sentence[last:]))
	return OneLine(stops.ReplaceAllString(b.String(), "$1$2"))
}

// OneLine squeezes space, but for the kinds that lines do not break at.
func OneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) && r != '\u00A0' && r != '\u202F' }), " ")
}
