// Package entry says what is wrong with a helpline as somebody gives it, in a file, in a form or on the command line, and brings
// it into the form in which it is kept.
//
// It looks at one helpline by itself and at its form alone: whether anybody answers is for a person to find out
// (internal/org/helpline). It reads no file and knows no database.
package entry

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/text"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Shared is in place of a country for a number that many countries of the European Union share, such as 116 000.
const Shared = "EU"

// The most characters of each field, and the least and most days that a check holds. They are ours: what a post says of a
// helpline must leave room for other words.
const (
	maxName  = 120
	maxShort = 160
	maxHours = 200
	maxNote  = 2000
	maxDays  = 365
)

// ReadLevels say where the number was read, the surest first.
var ReadLevels = []string{"operator", "government", "press", "ngo", "unverified"}

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Clean returns the helpline with outer spaces removed, letters in the composed form (Unicode NFC) and languages in their
// canonical form. What is empty is absent.
func Clean(h campaign.Helpline) campaign.Helpline {
	for _, field := range []*string{
		&h.ID, &h.Country, &h.Name, &h.Phone, &h.Message, &h.Chat, &h.Web, &h.Hours, &h.For, &h.Purpose, &h.Read, &h.Note,
	} {
		*field = norm.NFC.String(strings.TrimSpace(*field))
	}
	var short map[string]string
	for tag, words := range h.Short {
		if words = norm.NFC.String(strings.TrimSpace(words)); words != "" {
			if short == nil {
				short = map[string]string{}
			}
			short[canonical(tag)] = words
		}
	}
	h.Short = short
	var languages []string
	for _, l := range h.Languages {
		if tag := canonical(l); !slices.Contains(languages, tag) {
			languages = append(languages, tag)
		}
	}
	h.Languages = languages
	if len(h.Sources) == 0 {
		h.Sources = nil
	}
	return h
}

// canonical returns a language tag as it is written, or unchanged what is none.
func canonical(given string) string {
	given = strings.TrimSpace(given)
	if tag, err := language.Parse(given); err == nil {
		return tag.String()
	}
	return given
}

// Problems returns everything that is wrong with a helpline, each with the name that the field has in a file.
func Problems(h campaign.Helpline) []fault.Problem {
	var all []fault.Problem
	bad := func(field, wrong string) {
		if wrong != "" {
			all = append(all, fault.Problem{Field: field, Message: wrong})
		}
	}
	if !idForm.MatchString(h.ID) {
		bad("id", fmt.Sprintf("%q is no id of a helpline: write small letters, digits and hyphens, such as gb-msh", h.ID))
	}
	bad("country", wrongCountry(h.Country))
	if h.Name == "" {
		bad("name", "is empty: write what the helpline calls itself")
	}
	bad("name", wrongLine(h.Name, maxName))
	bad("hours", wrongLine(h.Hours, maxHours))
	if n := utf8.RuneCountInString(h.Note); n > maxNote {
		bad("note", fmt.Sprintf("has %d characters; use at most %d", n, maxNote))
	}
	if h.Phone != "" {
		bad("phone", Number(h.Phone))
	}
	if h.Message != "" {
		bad("text", Number(h.Message))
	}
	bad("chat", wrongAddress(h.Chat))
	bad("web", wrongAddress(h.Web))
	if h.Phone+h.Message+h.Chat == "" {
		bad("phone", "nobody can reach it: give a phone number, a number for text messages or the address of a chat. A page to read belongs under directories")
	}
	for _, l := range h.Languages {
		bad("languages", wrongLanguage(l))
	}
	bad("for", oneOf(h.For, campaign.HelplineAudiences))
	bad("purpose", oneOf(h.Purpose, []string{campaign.Support, campaign.Reporting}))
	for _, tag := range slices.Sorted(maps.Keys(h.Short)) {
		bad("short", wrongLanguage(tag))
		bad("short", wrongShort(h, h.Short[tag]))
	}
	if h.Read != "" {
		bad("read", oneOf(h.Read, ReadLevels))
	}
	if h.CheckDays < 1 || h.CheckDays > maxDays {
		bad("check_days", fmt.Sprintf("%d is outside 1 to %d: write for how many days a check holds, such as 30", h.CheckDays, maxDays))
	}
	return all
}

func wrongCountry(country string) string {
	if country == Shared || IsCountry(country) {
		return ""
	}
	hint := ""
	if region, err := language.ParseRegion(country); err == nil && region.Canonicalize().IsCountry() && len(region.Canonicalize().String()) == 2 {
		hint = fmt.Sprintf("; did you mean %s?", region.Canonicalize())
	}
	return fmt.Sprintf("%q is no country: write its two capital letters (ISO 3166-1), such as GB, or EU for a number that many of its countries share%s", country, hint)
}

// IsCountry reports whether a text is the two letters of a country (ISO 3166-1 alpha-2), as they are written.
func IsCountry(s string) bool {
	region, err := language.ParseRegion(s)
	return err == nil && len(s) == 2 && region.IsCountry() && region.Canonicalize().String() == s
}

func wrongLanguage(tag string) string {
	if parsed, err := language.Parse(tag); err != nil || parsed == language.Und {
		return fmt.Sprintf("%q is no language: write its tag, such as en, fr or pt-BR", tag)
	}
	return ""
}

func wrongLine(s string, most int) string {
	if n := utf8.RuneCountInString(s); n > most {
		return fmt.Sprintf("has %d characters; use at most %d", n, most)
	}
	if _, _, unsafe := text.FirstUnsafe(s); unsafe || strings.ContainsAny(s, "\n\t") {
		return "must be one line of plain text"
	}
	return ""
}

// wrongAddress says what is wrong with an address that people open. Who asks for help must not be overheard, so it is https.
func wrongAddress(address string) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "" || strings.ContainsAny(address, " \t\n<>\""):
		return fmt.Sprintf("%q is no web address: write it with https:// in front", address)
	case u.User != nil:
		return "has a user name or password in it; leave it out"
	case u.Scheme == "http":
		return "is not encrypted, so that others can read who asks for help: write it with https://"
	case u.Scheme != "https":
		return fmt.Sprintf("begins with %s:; write it with https://", u.Scheme)
	}
	return ""
}

func oneOf(word string, known []string) string {
	if slices.Contains(known, word) {
		return ""
	}
	if near, ok := text.Nearest(word, known); ok {
		return fmt.Sprintf("%q is none of %s; did you mean %q?", word, strings.Join(known, ", "), near)
	}
	return fmt.Sprintf("%q is none of %s", word, strings.Join(known, ", "))
}

// wrongShort says what is wrong with what a post says of the helpline. A number in it must be the helpline's own: otherwise the
// number that people read would not be the one that somebody checked.
func wrongShort(h campaign.Helpline, short string) string {
	if wrong := wrongLine(short, maxShort); wrong != "" {
		return wrong
	}
	if strings.Contains(short, "{{") {
		return "has a token in it; write the words"
	}
	for _, n := range Numbers(short) {
		if !Same(n, h.Phone) && !Same(n, h.Message) {
			return fmt.Sprintf("has the number %s, which is neither its phone nor its text number", n)
		}
	}
	for _, link := range text.Links(short) {
		if address := short[link.Start:link.End]; address != h.Chat && address != h.Web {
			return fmt.Sprintf("has the address %s, which is neither its chat nor its web page", address)
		}
	}
	return ""
}
