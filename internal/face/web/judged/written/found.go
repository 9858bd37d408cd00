package written

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/core/lint"
	"daymark/internal/core/locale"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/judge"
)

// Findings are what rules found about one text, by gravity.
type Findings struct {
	Errors   []Finding
	Warnings []Finding
	Notes    []Finding
}

// Any reports whether there is a finding.
func (f Findings) Any() bool { return len(f.Errors)+len(f.Warnings)+len(f.Notes) > 0 }

// All returns pointers to every finding.
func (f *Findings) All() []*Finding {
	var list []*Finding
	for _, some := range [][]Finding{f.Errors, f.Warnings, f.Notes} {
		for i := range some {
			list = append(list, &some[i])
		}
	}
	return list
}

// Finding is one thing that a rule found.
type Finding struct {
	ID         string
	Mark       page.Mark
	Rule       string
	Quote      page.Text // the words it is about
	Where      string    // in which field and part, and at which places if not everywhere
	Message    string
	Suggestion string
	Sources    []Source

	Waived bool
	By     string
	When   page.Moment
	Reason string

	Action   string // where the form that lets it stand is sent, with the finding's language and name
	Language string
	Key      string
	MayWaive bool
	Fixed    bool // no reason lets it stand
	Why      page.Field
}

// Source is where a rule comes from.
type Source struct {
	Name string // of the site, or a title
	URL  string // empty for a title
}

// severity returns the mark of a severity.
func (w Writer) severity(s lint.Severity) page.Mark {
	m := page.Mark{ID: string(s), Icon: "circle-alert", Word: w.Words.T("finding." + string(s)), Tone: "quiet"}
	switch s {
	case lint.Error:
		m.Icon, m.Tone = "octagon-x", "harm"
	case lint.Warning:
		m.Icon, m.Tone = "triangle-alert", "look"
	case lint.Note:
	}
	return m
}

// Findings writes what rules found in a language. With an action, each error and warning has a form to let it stand.
func (w Writer) Findings(list []judge.Found, code, prefix, action string) Findings {
	var all Findings
	for i, f := range list {
		one := Finding{
			ID: fmt.Sprintf("%s-%d", prefix, i+1), Mark: w.severity(f.Severity), Rule: f.Rule, Quote: page.NewText(code, f.Quote), Where: w.where(f),
			Message: f.Message, Suggestion: f.Suggestion, Action: action, Language: code, Key: hex.EncodeToString(f.Key[:]), Fixed: f.Fixed,
		}
		for _, s := range f.Sources {
			one.Sources = append(one.Sources, sourceOf(s))
		}
		if f.Waiver != nil {
			one.Waived, one.By, one.Reason, one.When = true, f.Waiver.Person, f.Waiver.Reason, w.Words.Moment(f.Waiver.At, w.Zone)
		}
		one.MayWaive = action != "" && !f.Fixed && f.Waiver == nil && f.Severity != lint.Note
		one.Why = page.Field{ID: "reason-" + one.ID, Label: w.Words.T("finding.reason"), Hint: w.Words.T("finding.reason.hint")}
		switch f.Severity {
		case lint.Error:
			all.Errors = append(all.Errors, one)
		case lint.Warning:
			all.Warnings = append(all.Warnings, one)
		case lint.Note:
			all.Notes = append(all.Notes, one)
		}
	}
	return all
}

// sourceOf writes a source: by the site it is on when it is an address.
func sourceOf(s string) Source {
	address := view.HTTPOnly(s)
	if u, err := url.Parse(address); address != "" && err == nil {
		return Source{Name: strings.TrimPrefix(u.Host, "www."), URL: address}
	}
	return Source{Name: s}
}

// where says what a finding is about.
func (w Writer) where(f judge.Found) string {
	var list []string
	if f.Part > 0 {
		list = append(list, w.Words.T("words.part", f.Part+1))
	}
	if key := "finding.in." + f.Field; w.Words.Has(key) {
		list = append(list, w.Words.T(key))
	}
	if len(f.Places) > 0 {
		places := make([]string, len(f.Places))
		for i, p := range f.Places {
			places[i] = "@" + p
		}
		list = append(list, w.Words.T("finding.only", w.Words.Joined(places)))
	}
	return strings.Join(list, " · ")
}

// Question is what a rule asks a person.
type Question struct {
	ID       string
	Action   string // where the answer is sent
	Rule     string
	About    string // names what is asked about, for the form
	Mark     page.Mark
	Text     string
	Pictures []Picture // the one it is about
	Must     bool      // nobody approves before it is answered rightly
	Open     bool
	Wrong    bool // the answer says that something has to be mended
	Advice   string
	Answer   string // in words; empty while nobody has answered
	By       string
	When     page.Moment
	Comment  string
	May      bool // the person looking at it may answer
	Note     page.Field
}

// Asks returns what a form names as asked.
func Asks(rule, about string) (answer.About, bool) {
	raw, err := hex.DecodeString(about)
	if err != nil || len(raw) != len(answer.About{}.Hash) {
		return answer.About{}, false
	}
	return answer.About{Rule: rule, Hash: [32]byte(raw)}, true
}

// Questions writes what is asked about releases in a language, the open ones first.
func (w Writer) Questions(list []judge.Asked, code string, releases []Release, prefix, action string, may bool) (open, answered []Question) {
	for i, a := range list {
		q := Question{
			ID: fmt.Sprintf("%s-%d", prefix, i+1), Action: action, Rule: a.Rule, About: hex.EncodeToString(a.AboutKey[:]), Mark: w.severity(a.Severity),
			Text: a.Question.Question, Must: a.Severity == lint.Error, Open: a.Open, May: may,
		}
		q.Note = page.Field{ID: "comment-" + q.ID, Label: w.Words.T("question.comment")}
		if a.About == lint.AboutPicture {
			q.Pictures = []Picture{picked(releases, a.Picture, code, q.ID)}
		}
		if a.Answer != nil {
			q.Answer, q.By, q.When, q.Comment = w.Words.T("question."+a.Answer.Answer), a.Answer.Person, w.Words.Moment(a.Answer.At, w.Zone), a.Answer.Comment
			if q.Wrong = a.Open; q.Wrong {
				q.Advice = strings.TrimSpace(a.Message + " " + a.Advice)
			}
		}
		if a.Open {
			open = append(open, q)
		} else {
			answered = append(answered, q)
		}
	}
	return open, answered
}

// picked returns the picture that a question is about, as a release shows it.
func picked(releases []Release, sum, code, id string) Picture {
	p := Picture{URL: "/media/" + sum, Alt: Words{Text: page.Text{Lang: code, Dir: locale.Dir(code)}}}
	for _, r := range releases {
		for _, part := range r.Parts {
			if at := slices.IndexFunc(part.Pictures, func(one Picture) bool { return one.URL == p.URL }); at >= 0 {
				p = part.Pictures[at]
			}
		}
	}
	p.ID, p.Late = "asked-"+id, true
	return p
}
