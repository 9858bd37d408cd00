package helpline

import (
	"strings"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/lint"
	"daymark/internal/core/locale"
	"daymark/internal/org/helpline/entry"
)

// Record is a helpline as it is kept, with the latest check of it.
type Record struct {
	campaign.Helpline
	Version     int    // goes up when what people dial, write to or open changes, or whom or what it is for, or where
	Origin      string // [FromFile] or [FromPerson]
	FileDiffers bool   // a person edited it, and the file says something else
	Retired     bool
	UpdatedBy   string // the person's name
	UpdatedAt   time.Time
	Last        *Check // the latest check, of whatever version; nil while nobody has checked
}

// Where what a record says comes from. A person's edit is never overwritten by a file.
const (
	FromFile   = "file"
	FromPerson = "person"
)

// How says what a person did to check a helpline.
type How string

// The ways to check.
const (
	Called How = "called"
	Wrote  How = "wrote" // a text message, or in the chat
	Page   How = "page"  // opened the operator's page
)

// Result is what came of a check.
type Result string

// The results of a check.
const (
	Works   Result = "works"
	Changed Result = "changed" // there is a helpline, and the number, the hours or whom it is for are others
	Dead    Result = "dead"    // nobody answers any more
)

// Check is what a person saw when looking whether a helpline is still what we say.
type Check struct {
	ID       int64     `db:"id"`
	Version  int       `db:"version"` // of the helpline that was checked
	Person   string    `db:"person"`
	PersonID int64     `db:"person_id"`
	How      How       `db:"how"`
	Result   Result    `db:"result"`
	Saw      string    `db:"saw"`
	At       time.Time `db:"at"`    // product time
	Until    time.Time `db:"until"` // it holds before this instant; At where it does not work
}

// Holds reports whether the number may be shown at an instant: the latest check is of what the record says now, it found that
// the helpline works, and it is not too old by then. The database asks the same in helpline_holds.
func (r Record) Holds(at time.Time) bool {
	return !r.Retired && r.Last != nil && r.Last.Version == r.Version && r.Last.Result == Works && r.Last.Until.After(at)
}

// Say returns what stands in a post in a language: the short text in that language; without one the name and the number, which
// need no translation.
func (r Record) Say(language string) string {
	base, _, _ := strings.Cut(language, "-")
	said := r.Short[language]
	for _, other := range []string{r.Short[base], r.reach(), r.Short["en"], r.Name + ": " + r.Message} {
		if said == "" {
			said = other
		}
	}
	if locale.Dir(language) == "rtl" {
		return entry.Unbroken(said)
	}
	return said
}

// reach is the name with the number to call or the chat to open; empty where there is neither.
func (r Record) reach() string {
	switch {
	case r.Phone != "":
		return r.Name + ": " + r.Phone
	case r.Chat != "":
		return r.Name + ": " + r.Chat
	}
	return ""
}

// Lint returns what the rules of content need to know of the helpline in a post that goes out at an instant.
func (r Record) Lint(at time.Time) lint.Helpline {
	l := lint.Helpline{ID: r.ID, Country: r.Country, Reporting: r.Purpose == campaign.Reporting, Valid: r.Holds(at)}
	if r.Last != nil && r.Last.Version == r.Version && r.Last.Result == Works {
		l.Until = r.Last.Until
	}
	return l
}
