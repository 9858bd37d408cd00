package campaign

import (
	"fmt"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
)

// Fact is a statement that texts may make, with where it comes from and until when it holds without another look.
type Fact struct {
	ID           string            `json:"id"`
	Texts        map[string]string `json:"text"`            // a sentence by language tag, English at least
	Value        string            `json:"value,omitempty"` // the figure alone; empty for a definition
	Kind         FactKind          `json:"kind"`
	Scope        string            `json:"scope"` // where, when and of whom it is true
	Cite         string            `json:"cite"`  // how a text names the source
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
