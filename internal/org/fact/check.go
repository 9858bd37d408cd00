package fact

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/text"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Bounds of a fact. They are ours: a sentence and its source go into posts.
const (
	MaxText  = 400  // characters of a sentence
	MaxCite  = 150  // characters of what names the source
	maxNote  = 2000 // characters of a note and of a scope
	minYear  = 1900
	maxYear  = 2200
	maxValue = 80
)

var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)

// Clean returns the fact with outer spaces removed and letters in the composed form (Unicode NFC) that networks count. Sentences
// and forms of the source that are empty after that are gone.
func Clean(f campaign.Fact) campaign.Fact {
	tidy := func(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }
	tidyAll := func(m map[string]string) map[string]string {
		var clean map[string]string
		for lang, s := range m {
			if s = tidy(s); s != "" {
				if clean == nil {
					clean = map[string]string{}
				}
				clean[strings.TrimSpace(lang)] = s
			}
		}
		return clean
	}
	f.ID, f.SupersededBy = strings.TrimSpace(f.ID), strings.TrimSpace(f.SupersededBy)
	f.Texts, f.Cites = tidyAll(f.Texts), tidyAll(f.Cites)
	f.Value, f.Scope, f.Cite, f.Note = tidy(f.Value), tidy(f.Scope), tidy(f.Cite), tidy(strings.ReplaceAll(f.Note, "\r\n", "\n"))
	f.Source.Name, f.Source.URL = tidy(f.Source.Name), strings.TrimSpace(f.Source.URL)
	return f
}

// Validate returns an Invalid error with every problem of a fact, or nil. The known facts are those it may name, and that may name
// it.
func Validate(f campaign.Fact, known map[string]campaign.Fact) error {
	return fault.BadFields(append(problems(f, known), followers(f, known)...))
}

func problems(f campaign.Fact, known map[string]campaign.Fact) []fault.Problem {
	var found []fault.Problem
	bad := func(field, format string, args ...any) {
		found = append(found, fault.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	line := func(field, s string, most int) {
		if wrong := checkLine(s, most); wrong != "" {
			bad(field, "%s", wrong)
		}
	}
	if !idForm.MatchString(f.ID) {
		bad("id", "%q is no id of a fact; use letters, digits and hyphens, such as F02", f.ID)
	}
	if f.Texts["en"] == "" {
		bad("text in en", "is missing; the team reads the fact in English")
	}
	for field, texts := range map[string]map[string]string{"text": f.Texts, "source's name": f.Cites} {
		for lang, s := range texts {
			if tag, err := language.Parse(lang); err != nil || tag.String() != lang {
				bad(field+" in "+lang, "%q is no language; use a tag such as en, fr or pt-BR", lang)
			}
			line(field+" in "+lang, s, map[string]int{"text": MaxText, "source's name": MaxCite}[field])
		}
	}
	slices.SortFunc(found, func(a, b fault.Problem) int { return strings.Compare(a.Field, b.Field) }) // maps come in any order
	line("value", f.Value, maxValue)
	if f.Scope == "" {
		bad("scope", "is missing; say of whom, where and when the fact is true")
	}
	line("scope", f.Scope, maxNote)
	if f.Cite == "" {
		bad("source's name", "is missing; say how a text names the source")
	}
	line("source's name", f.Cite, MaxCite)
	if f.Source.Name == "" {
		bad("source", "is missing; say which page the fact was read on")
	}
	if u, err := url.Parse(f.Source.URL); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" {
		bad("link of the source", "%q is no address of a page; write one such as https://example.org/report", f.Source.URL)
	}
	if !slices.Contains(campaign.FactKinds, f.Kind) {
		bad("kind", "%q is none of the kinds of fact", f.Kind)
	}
	if !slices.Contains([]string{"A", "B", "C"}, f.Confidence) {
		bad("confidence", "is A, B or C: the publisher's page was read, a summary of it, or a weak source")
	}
	if f.Year < minYear || f.Year > maxYear {
		bad("year", "%d is no year of a publication", f.Year)
	}
	if f.DataYear != 0 && (f.DataYear < minYear || f.DataYear > maxYear) {
		bad("year of the data", "%d is no year; leave it out where nothing was counted", f.DataYear)
	}
	if !f.ReviewBy.Exists() {
		bad("review date", "is missing; give the day by which somebody checks the fact again")
	}
	if n := utf8.RuneCountInString(f.Note); n > maxNote {
		bad("note", "has %d characters; use at most %d", n, maxNote)
	}
	return append(found, succession(f, known)...)
}

// succession returns what is wrong with a fact's status and with the fact it names in its place.
func succession(f campaign.Fact, known map[string]campaign.Fact) []fault.Problem {
	next, exists := known[f.SupersededBy]
	wrong := ""
	switch {
	case !slices.Contains(campaign.FactStatuses, f.Status):
		return []fault.Problem{{Field: "status", Message: fmt.Sprintf("%q is none of current, superseded and do-not-use", f.Status)}}
	case f.SupersededBy == "":
		return nil
	case f.Status == campaign.Current:
		wrong = "is for a fact that is no longer current; leave it out, or say that the fact is superseded"
	case f.SupersededBy == f.ID:
		wrong = "is the fact itself; name the one to use in its place"
	case !exists:
		wrong = fmt.Sprintf("%q is no fact", f.SupersededBy)
		if near, ok := text.Nearest(f.SupersededBy, slices.Sorted(maps.Keys(known))); ok {
			wrong += fmt.Sprintf("; did you mean %q?", near)
		}
	case next.Status != campaign.Current:
		wrong = fmt.Sprintf("%s is %s itself; name the one that is current", next.ID, next.Status)
	default:
		return nil
	}
	return []fault.Problem{{Field: "superseded by", Message: wrong}}
}

// followers returns a problem where a fact stops to be current while others name it as the one to use: so that nobody is sent
// from one to the next, or in a circle.
func followers(f campaign.Fact, known map[string]campaign.Fact) []fault.Problem {
	if f.Status == campaign.Current || f.ID == "" {
		return nil
	}
	var ids []string
	for id, other := range known {
		if other.SupersededBy == f.ID && id != f.ID {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	return []fault.Problem{{Field: "status", Message: fmt.Sprintf("cannot change yet: %s in its place name this one; let them name another first", strings.Join(ids, ", "))}}
}

// checkLine says what is wrong with a line of text that goes into posts or beside them, or nothing.
func checkLine(s string, most int) string {
	if n := utf8.RuneCountInString(s); n > most {
		return fmt.Sprintf("has %d characters; use at most %d", n, most)
	}
	if _, _, unsafe := text.FirstUnsafe(s); unsafe || strings.ContainsFunc(s, unicode.IsControl) {
		return "must be one line of plain text"
	}
	if strings.Contains(s, "{{") || strings.Contains(s, "}}") {
		return "has double braces in it; write what it says"
	}
	return ""
}
