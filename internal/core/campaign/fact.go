package campaign

import (
	"fmt"
	"strings"
	"unicode"

	"daymark/internal/core/civil"
	"daymark/internal/core/locale"
	"daymark/internal/core/observance"
)

// Fact is a statement that texts may make, with where it comes from and until when it holds without another look.
type Fact struct {
	ID           string            `json:"id"`
	Texts        map[string]string `json:"text"`            // a sentence by language tag, English at least
	Value        string            `json:"value,omitempty"` // the figure alone; empty for a definition
	Kind         FactKind          `json:"kind"`
	Scope        string            `json:"scope"`           // where, when and of whom it is true
	Cite         string            `json:"cite"`            // how a text names the source
	Cites        map[string]string `json:"cites,omitempty"` // the same by language, where a language has a form of its own
	Source       observance.Source `json:"source"`
	Year         int               `json:"year"`                // of the publication
	DataYear     int               `json:"data_year,omitempty"` // of what was counted; zero where nothing was
	Confidence   string            `json:"confidence"`          // A, B or C: how close to the publisher it was read
	Status       FactStatus        `json:"status"`
	SupersededBy string            `json:"superseded_by,omitempty"` // the fact to use in its place
	ReviewBy     civil.Date        `json:"review_by"`               // the last day on which it holds unchecked
	Note         string            `json:"note,omitempty"`          // for the team, never for a text
}

// FactKind says how a fact came about, and so what may be said with it.
type FactKind string

// The kinds of fact.
const (
	Detected   FactKind = "detected"   // cases that authorities found; not how many there are
	Estimate   FactKind = "estimate"   // worked out with a model
	Admin      FactKind = "admin"      // people registered or referred
	Reports    FactKind = "reports"    // what was reported
	Definition FactKind = "definition" // what a law or a word means
	Service    FactKind = "service"    // what somebody offers
)

// FactKinds are all kinds of fact.
var FactKinds = []FactKind{Detected, Estimate, Admin, Reports, Definition, Service}

// FactStatus says whether a fact may be stated.
type FactStatus string

// The states of a fact.
const (
	Current    FactStatus = "current"
	Superseded FactStatus = "superseded"
	DoNotUse   FactStatus = "do-not-use"
)

// FactStatuses are all states of a fact.
var FactStatuses = []FactStatus{Current, Superseded, DoNotUse}

// Usable reports whether a text of the day may state the fact; if not, why says so in a sentence, with what to use in its
// place where that is known. On the review date itself it still holds.
func (f Fact) Usable(day civil.Date) (bool, string) {
	switch {
	case f.Status == Superseded && f.SupersededBy != "":
		return false, fmt.Sprintf("The fact %s is superseded: use %s in its place.", f.ID, f.SupersededBy)
	case f.Status == Superseded:
		return false, fmt.Sprintf("The fact %s is superseded: take it out.", f.ID)
	case f.Status != Current && f.SupersededBy != "":
		return false, fmt.Sprintf("The fact %s must not be used: use %s in its place.", f.ID, f.SupersededBy)
	case f.Status != Current && f.Note != "":
		return false, fmt.Sprintf("The fact %s must not be used. %s.", f.ID, strings.TrimSuffix(f.Note, "."))
	case f.Status != Current:
		return false, fmt.Sprintf("The fact %s must not be used: take it out.", f.ID)
	case f.ReviewBy.Before(day):
		return false, fmt.Sprintf("The fact %s holds until %s: check it again before it is used on %s.", f.ID, f.ReviewBy, day)
	}
	return true, ""
}

// stops end a sentence in the languages that Daymark ships and those beside them (Unicode property Sentence_Terminal,
// https://www.unicode.org/reports/tr29/). The Arabic full stop is the Latin one.
const stops = ".!?…؟۔。।"

// Say returns the fact as a text states it in a language: its sentence, with the source in brackets before the last stop. It is
// what {{fact:ID}} becomes. It is false where the fact has no sentence in the language: English is no stand-in.
func (f Fact) Say(language string) (string, bool) {
	sentence, ok := locale.In(f.Texts, language)
	if !ok || sentence == "" {
		return "", false
	}
	cite := f.CiteIn(language)
	if cite == "" {
		return sentence, true
	}
	// French has a space before some stops; it stays with the stop.
	body := strings.TrimRightFunc(strings.TrimRight(sentence, stops), unicode.IsSpace)
	return body + " (" + cite + ")" + sentence[len(body):], true
}

// CiteIn returns how a text in the language names the source. Names of reports are often not translated: without a form of its
// own, a language has the common one.
func (f Fact) CiteIn(language string) string {
	if own, ok := locale.In(f.Cites, language); ok {
		return own
	}
	return f.Cite
}
