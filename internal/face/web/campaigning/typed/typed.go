// Package typed is what the forms for campaigns share: what they look like, how their fields are read, and by which names they know what
// the reader of campaign files says.
//
// It keeps no campaign and answers no route.
package typed

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	core "daymark/internal/core/campaign"
)

// Words reads some lines as a person typed them, with the line ends that texts have here.
func Words(typed url.Values, id string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(typed.Get(id)))
}

// Line reads one line.
func Line(typed url.Values, id string) string { return strings.TrimSpace(typed.Get(id)) }

// Split reads a list that is parted by commas or spaces.
func Split(typed string) []string {
	return strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == '،' || r == ';' || unicode.IsSpace(r) })
}

var (
	// missing is what the reader of files says of a field that is not there at all; a form has it, and it is empty.
	missing = regexp.MustCompile(`^the field "([a-z_]+)" is missing$`)
	// item is the number of one of a list that is a single field here.
	item = regexp.MustCompile(`^((?:.*\.)?(?:hashtags|labels|without_labels|networks|facts|roles|languages))\[[0-9]+\]$`)
	// post is the number of a message.
	post = regexp.MustCompile(`^posts\[([0-9]+)\]`)
)

// Problems returns what the reader of files says, by the names that the fields of a form have for it. What is about the message with
// the prefix loses it; what is about another is said with its name.
func Problems(w page.Words, s compose.Sheet, list []campaign.Problem, prefix string) []fault.Problem {
	var all []fault.Problem
	for _, p := range list {
		field := p.Field
		if m := missing.FindStringSubmatch(p.Message); m != nil {
			field = strings.TrimPrefix(field+"."+m[1], ".")
		}
		if own, mine := strings.CutPrefix(field, prefix); mine && prefix != "" {
			field = own
		} else if m := post.FindStringSubmatch(field); m != nil {
			field = nameOf(s, m[1]) + ": " + strings.TrimPrefix(field[len(m[0]):], ".")
		}
		field = item.ReplaceAllString(field, "$1")
		all = append(all, fault.Problem{Field: field, Message: w.Fault("", nil, p.Message)})
	}
	return all
}

func nameOf(s compose.Sheet, number string) string {
	n := 0
	for _, digit := range number {
		n = n*10 + int(digit-'0')
	}
	if n < len(s.Posts) {
		return s.Posts[n].ID
	}
	return number
}

// Page is a form for a campaign or for a message of it.
type Page struct {
	page.Frame
	BackURL   string
	BackWord  string
	Lede      string
	Form      form.Form
	Upload    string // the label of the field for a picture; empty where there is none
	Wrong     string // what is wrong with the picture that was sent
	MayLook   bool   // the words can be looked at by the rules
	Looked    bool
	Findings  []Finding
	RemoveURL string
}

// Finding is what a rule says of the words of a message.
type Finding struct {
	Mark       page.Mark
	Where      string
	Quote      page.Text
	Message    string
	Suggestion string
	Rule       string
}

// Address is where a campaign is shown.
func Address(id string) string { return "/campaigns/" + id }

// Said says that something was saved, or that it was so already.
func Said(words page.Words, changed bool) string {
	if changed {
		return words.T("campaign.saved")
	}
	return words.T("campaign.same")
}

// Kept reads a campaign for somebody who may see it. One that names no language is written in English: its forms need one.
func Kept(ctx context.Context, q postgres.Querier, by people.Person, id string) (compose.Sheet, core.Campaign, error) {
	if err := compose.MaySee(by, id); err != nil {
		return compose.Sheet{}, core.Campaign{}, err
	}
	s, c, err := compose.Read(ctx, q, id)
	if err == nil && len(s.Languages) == 0 {
		s.Languages = []string{"en"}
	}
	return s, c, err
}

// Next returns the next days of a rule from a day on, with their year; without any within five years the year of today.
func Next(rule observance.Rule, today civil.Date) (int, civil.Range, bool) {
	for year := today.Year; year <= min(today.Year+5, observance.LastYear); year++ {
		if on, ok, err := rule.On(year); err == nil && ok && !on.End.Before(today) {
			return year, on, true
		}
	}
	return today.Year, civil.Range{}, false
}
