// Package form is the forms of the library's pages: fields that say what is wrong with them and keep what was typed.
//
// A form is made from what is kept. When a person's words cannot be taken, [Form.Mend] puts them back with what is wrong under each;
// when somebody else was faster, [Form.Meanwhile] puts them back beside what is kept by now. The package reads no database.
package form

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/locale"
	"daymark/internal/core/text"
	"daymark/internal/face/web/page"
)

// Form is a form as a page shows it.
type Form struct {
	ID       string
	Action   string
	Button   string
	Main     bool   // its button is the page's next action
	Seen     string // what the person has before their eyes: a version or a [Print]
	Groups   []Group
	Problems []page.Field // what is wrong, for the summary on top; without an id where it is about no field
	Clash    string       // somebody changed the thing meanwhile: what to do
}

// Group is some fields under a heading of their own, or under none.
type Group struct {
	Legend   string
	Controls []Control
}

// Control is a field: a line, an area of some lines, or a choice where there are options.
type Control struct {
	page.Field
	Known   string // what problems call it
	Tongue  string // the language of what is written in it
	Run     string // the direction of its text; empty for what is no text
	Rows    int    // of an area
	Options []page.Option
	Now     string // what is kept by now, where that is something else than what was typed
}

// Line returns a field of one line that a person writes words into.
func Line(id, label, value string) Control {
	return Control{Field: page.Field{ID: id, Label: label, Type: "text", Value: value}, Known: id, Run: "auto"}
}

// Exact returns a field of one line of a kind that browsers know: url, date or number.
func Exact(id, kind, label, value string) Control {
	return Control{Field: page.Field{ID: id, Label: label, Type: kind, Value: value}, Known: id}
}

// Area returns a field of some lines.
func Area(id, label, value string, rows int) Control {
	c := Line(id, label, value)
	c.Rows = rows
	return c
}

// Choice returns a field with options.
func Choice(id, label, value string, options []page.Option) Control {
	c := Control{Field: page.Field{ID: id, Label: label}, Known: id, Options: options}
	c.put(value)
	return c
}

// In returns the field for words of one language.
func (c Control) In(language string) Control {
	c.Tongue, c.Run = language, locale.Dir(language)
	return c
}

// As returns the field with what problems call it.
func (c Control) As(known string) Control {
	c.Known = known
	return c
}

// Completed returns the field with the token by which a browser fills in what it knows of the person.
func (c Control) Completed(token string) Control {
	c.Complete = token
	return c
}

// Hinted returns the field with a hint.
func (c Control) Hinted(hint string) Control {
	c.Hint = hint
	return c
}

func (c *Control) put(value string) {
	if c.Type == "password" {
		value = "" // no page repeats one
	}
	c.Value = value
	c.Options = slices.Clone(c.Options)
	for i := range c.Options {
		c.Options[i].Chosen = c.Options[i].Value == value
	}
}

// each calls do for every field.
func (f *Form) each(do func(*Control)) {
	for i := range f.Groups {
		for j := range f.Groups[i].Controls {
			do(&f.Groups[i].Controls[j])
		}
	}
}

// Mend puts back what was typed, with what is wrong.
func (f *Form) Mend(typed url.Values, problems []fault.Problem) {
	left := slices.Clone(problems)
	f.each(func(c *Control) {
		c.put(typed.Get(c.ID))
		var wrong []string
		left = slices.DeleteFunc(left, func(p fault.Problem) bool {
			mine := p.Field == c.Known
			if mine {
				wrong = append(wrong, p.Message)
			}
			return mine
		})
		if c.Problem = strings.Join(wrong, "; "); c.Problem != "" {
			f.Problems = append(f.Problems, c.Field)
		}
	})
	for _, p := range left {
		f.Problems = append(f.Problems, page.Field{Label: page.Name(p.Field), Problem: p.Message})
	}
}

// Meanwhile puts back what was typed, beside what somebody else wrote since. Saving once more then takes what was typed.
func (f *Form) Meanwhile(typed url.Values, clash string) {
	f.Clash = clash
	f.each(func(c *Control) {
		now := c.Value
		c.put(typed.Get(c.ID))
		if plain(now) != plain(c.Value) {
			c.Now = now
			if at := slices.IndexFunc(c.Options, func(o page.Option) bool { return o.Value == now }); at >= 0 {
				c.Now = c.Options[at].Word
			}
		}
	})
}

// plain is a text as browsers send it back: with other line ends.
func plain(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// Print is a fingerprint of something, to see later whether it is still the same.
func Print(of any) string {
	b, err := json.Marshal(of)
	if err != nil {
		return "" // of nothing that comes here; a form without one is refused as old
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Number reads a whole number; what is none is zero, which no field takes.
func Number(typed string) int {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil {
		return 0
	}
	return n
}

// Year writes a year for a field; zero is none.
func Year(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Tongues returns languages, each once: the shipped ones first, then the others in order.
func Tongues(lists ...[]string) []string {
	all := []string{"en", "fr", "es", "ar"}
	others := slices.Concat(lists...)
	slices.Sort(others)
	for _, l := range others {
		if l != "" && !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}

// Texts reads the fields of a text in several languages, whose ids are the prefix with the language. A language whose field was
// not sent keeps what it had.
func Texts(typed url.Values, prefix string, had map[string]string) map[string]string {
	texts := map[string]string{}
	for language, words := range had {
		texts[language] = words
	}
	for id, values := range typed {
		if language, mine := strings.CutPrefix(id, prefix); mine && len(values) > 0 {
			texts[language] = values[0]
		}
	}
	return texts
}

// Reason tidies a reason that a person gives, or says in a sentence why it cannot be taken.
func Reason(words page.Words, typed string, most int) (reason, wrong string) {
	reason = strings.Join(strings.Fields(typed), " ")
	_, _, unsafe := text.FirstUnsafe(reason)
	switch {
	case reason == "":
		return "", words.T("lib.reason.none")
	case utf8.RuneCountInString(reason) > most:
		return "", words.T("lib.reason.long", most)
	case unsafe:
		return "", words.T("lib.reason.plain")
	}
	return reason, ""
}
