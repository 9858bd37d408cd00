// Package found writes on a plan's page what the rules of content found in its posts: errors openly under their post, the rest to
// be unfolded, and all of it counted on top.
//
// It reads and changes nothing; internal/flow/book/judge has judged.
package found

import (
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/lint"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/judge"
)

// Write writes what the rules say of those posts of a plan that have yet to go out, each under its post and counted on
// top.
func Write(r ask.Request, p *page.Edition, of judge.OfEdition, live map[int64]bool) {
	errors, warnings, about := 0, 0, 0
	for i := range p.Posts {
		one := &p.Posts[i]
		at := slices.IndexFunc(of.Posts, func(o judge.OfPost) bool { return one.ID == PostID(o.Post.ID) })
		if at < 0 || !live[of.Posts[at].Post.ID] {
			continue
		}
		count(r, one, of.Posts[at])
		errors, warnings = errors+one.Errors, warnings+one.Warnings
		if one.Errors+one.Warnings > 0 {
			about++
		}
	}
	for _, f := range of.Whole {
		if f.Severity != lint.Note {
			p.Whole = append(p.Whole, look(r, "", judge.Found{Finding: f}))
		}
	}
	if about > 0 {
		p.Found = r.Words.T("edition.found", r.Words.T("edition.errors", errors), r.Words.T("edition.warnings", warnings), r.Words.T("edition.about", about))
	}
}

// count fills in what the rules found in one post. Errors that nobody has waived stand openly; the rest can be unfolded.
func count(r ask.Request, one *page.PlannedPost, of judge.OfPost) {
	asked := map[answer.About]bool{} // what is asked about a picture is asked once for all languages
	for _, l := range of.Languages {
		for _, f := range l.Findings {
			switch {
			case f.Severity == lint.Error && f.Waiver == nil:
				one.Errors++
				one.Wrong = append(one.Wrong, look(r, l.Language, f))
			case f.Severity != lint.Note:
				if f.Waiver == nil {
					one.Warnings++
				}
				one.Odd = append(one.Odd, look(r, l.Language, f))
			}
		}
		for _, q := range l.Questions {
			if q.Open && q.Severity == lint.Error {
				asked[q.Asks()] = true
			}
		}
	}
	one.Asked = len(asked)
}

// look writes a finding in a language, or about a whole edition. Words in another direction are set apart from the sentence by
// the signs for that (https://www.w3.org/International/questions/qa-bidi-unicode-controls).
func look(r ask.Request, code string, f judge.Found) page.Look {
	l := page.Look{Mark: page.Mark{ID: string(f.Severity), Icon: "triangle-alert", Word: r.Words.T("finding." + string(f.Severity)), Tone: "look"}}
	if f.Severity == lint.Error {
		l.Mark.Icon, l.Mark.Tone = "octagon-x", "harm"
	}
	if code != "" {
		l.Text = r.Words.Tongue(code) + ": "
	}
	if f.Quote != "" {
		l.Text += "“\u2068" + strings.Join(strings.Fields(f.Quote), " ") + "\u2069” "
	}
	l.Text += strings.TrimSpace(r.Words.Fault("", nil, f.Message) + " " + r.Words.Fault("", nil, f.Suggestion))
	if f.Waiver != nil {
		l.Text += " " + r.Words.T("edition.waived", f.Waiver.Person, "\u2068"+f.Waiver.Reason+"\u2069")
	}
	return l
}

// PostID names a post on a plan's page.
func PostID(id int64) string { return fmt.Sprintf("post-%d", id) }
