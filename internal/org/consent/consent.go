// Package consent is the ledger of consents: who is shown, named or quoted, what they agreed to, where and until when.
//
// Who they are is sealed, and opens for safeguarding leads only; everybody else sees a reference, such as C-0012, and whether it holds.
// A consent is recorded, amended by a new version, linked to pictures and posts, and ends once: withdrawn or expired. The database keeps
// posts from going out that no consent covers (migrations/00033_consent.sql). What an end does to posts that wait or are out is for
// internal/flow/dispatch/consenting.
package consent

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/people"
)

// How a consent was given.
const (
	ByForm      = "form"      // a signed form
	ByRecording = "recording" // a recording of what was said
	ByMessage   = "message"   // a letter or a message
)

// Hows returns how a consent can be given, in the order in which pages offer it.
func Hows() []string { return []string{ByForm, ByRecording, ByMessage} }

// Whys returns why a consent can be withdrawn, as words that say nothing of the person.
func Whys() []string { return []string{"asked", "guardian", "danger", "mistake", "other"} }

// How a consent ended.
const (
	Withdrawn = "withdrawn"
	Expired   = "expired"
)

// Uses are what of a person is shown: what a consent allows, or what a picture or a post does.
type Uses struct {
	Picture bool `db:"picture"`
	Name    bool `db:"name"`
	Words   bool `db:"words"`
}

// Any reports whether there is one.
func (u Uses) Any() bool { return u.Picture || u.Name || u.Words }

// Within reports whether all of them are among others.
func (u Uses) Within(o Uses) bool {
	return (!u.Picture || o.Picture) && (!u.Name || o.Name) && (!u.Words || o.Words)
}

// Terms are what a person agreed to.
type Terms struct {
	Uses
	Networks  []string // empty is every network
	Languages []string // empty is every language
	Until     civil.Date
	How       string
	Minor     bool
}

// Who is the person and all that somebody wrote about them. It is sealed, and never shown outside the ledger.
type Who struct {
	Name            string `json:"name"`
	Contact         string `json:"contact,omitempty"`
	Guardian        string `json:"guardian,omitempty"`
	GuardianContact string `json:"guardian_contact,omitempty"`
	Kept            string `json:"kept,omitempty"` // where the signed form or the recording lies
	Notes           string `json:"notes,omitempty"`
	Ended           string `json:"ended,omitempty"` // what was said when it was withdrawn
}

// Format says nothing of the person, whatever the verb.
func (Who) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[sealed]")) }

// LogValue says nothing of the person.
func (Who) LogValue() slog.Value { return slog.StringValue("[sealed]") }

// Consent is a consent as it stands, without who gave it.
type Consent struct {
	Terms
	ID       int64
	Version  int
	Ends     time.Time // the end of its last day
	By       string    // who recorded it
	At       time.Time
	Ended    string // empty, [Withdrawn] or [Expired]
	Why      string // one of [Whys] where it was withdrawn
	EndedAt  time.Time
	ErasedAt time.Time // who gave it is not known any more
}

// Ref is the reference by which everybody may name the consent.
func (c Consent) Ref() string { return Ref(c.ID) }

// Holds reports whether it holds at an instant.
func (c Consent) Holds(now time.Time) bool { return c.Ended == "" && now.Before(c.Ends) }

// Ref writes the reference of a consent.
func Ref(id int64) string { return fmt.Sprintf("C-%04d", id) }

var ref = regexp.MustCompile(`^[Cc]-?0*([1-9][0-9]{0,17})$`)

// ParseRef reads a reference, as C-0012 or c12.
func ParseRef(typed string) (int64, error) {
	m := ref.FindStringSubmatch(strings.TrimSpace(typed))
	if m == nil {
		return 0, fault.BadField("consent", "is no reference of a consent; write one such as C-0012")
	}
	return strconv.ParseInt(m[1], 10, 64)
}

// errNone is what everybody gets who may not see the ledger, and who asks for what is not in it.
func errNone() error {
	return fault.New(fault.NotFound, "There is no such consent, or you may not see it.")
}

// Keeper returns NotFound for everybody who may not keep the ledger: only safeguarding leads may who work on all that the charity does.
func Keeper(by people.Person) error {
	if !by.May(people.ConsentKeep) || by.Limited() {
		return errNone()
	}
	return nil
}

// How long the fields of [Who] may be.
const (
	maxLine  = 200
	maxNotes = 4000
)

// latest is how many years ahead the last day of a consent may be: somebody asks again then.
const latest = 10

// check tidies who and what, and says what is wrong, all at once.
func check(who Who, t Terms, now time.Time, zone *time.Location) (Who, Terms, error) {
	var wrong []fault.Problem
	line := func(field string, s *string, most int) {
		*s = strings.TrimSpace(strings.ReplaceAll(*s, "\r\n", "\n"))
		switch _, _, unsafe := text.FirstUnsafe(*s); {
		case unsafe || !utf8.ValidString(*s) || most == maxLine && strings.Contains(*s, "\n"):
			wrong = append(wrong, fault.Wrong(field, "must be plain text"))
		case utf8.RuneCountInString(*s) > most:
			wrong = append(wrong, fault.Wrong(field, "has more than %d characters", most))
		}
	}
	line("name", &who.Name, maxLine)
	line("contact", &who.Contact, maxLine)
	line("guardian", &who.Guardian, maxLine)
	line("guardian contact", &who.GuardianContact, maxLine)
	line("kept", &who.Kept, maxLine)
	line("notes", &who.Notes, maxNotes)
	line("ended", &who.Ended, maxNotes)
	if who.Name == "" {
		wrong = append(wrong, fault.Wrong("name", "say who the person is; it is sealed, and opens for safeguarding leads only"))
	}
	if t.Minor && who.Guardian == "" {
		wrong = append(wrong, fault.Wrong("guardian", "a minor needs a guardian who agreed"))
	}
	if !t.Any() {
		wrong = append(wrong, fault.Wrong("uses", "say what they agreed to: their picture, their name or their words"))
	}
	if !slices.Contains(Hows(), t.How) {
		wrong = append(wrong, fault.Wrong("how", "say how they agreed"))
	}
	today := civil.DateOf(now.In(zone))
	switch {
	case t.Until.IsZero() || !t.Until.Exists():
		wrong = append(wrong, fault.Wrong("until", "give the last day on which it holds"))
	case t.Until.Before(today):
		wrong = append(wrong, fault.Wrong("until", "is past; give a day to come"))
	case t.Until.Year > today.Year+latest:
		wrong = append(wrong, fault.Wrong("until", "is more than %d years ahead; ask the person again by then", latest))
	}
	t.Networks, t.Languages = tidy(t.Networks), tidy(t.Languages)
	return who, t, fault.BadFields(wrong)
}

// tidy sorts words and takes each once.
func tidy(list []string) []string {
	out := []string{}
	for _, one := range list {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
