package messages

import (
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/lint"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/campaigning/typed"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/campaign/content"

	core "daymark/internal/core/campaign"
)

// look shows the form again with what the rules say of its words. Nothing is saved.
func (d Desk) look(r ask.Request, p *typed.Page, s compose.Sheet, at int) (ask.Answer, error) {
	c, problems, err := s.Judge(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Form.Mend(r.PostForm, typed.Problems(r.Words, s, problems, prefix(at)))
	if len(problems) > 0 {
		return ask.Again(p), nil
	}
	p.Looked = true
	c.Posts = []core.Message{c.Posts[at]}
	known, err := compose.Facts(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	today := civil.DateOf(r.Now.In(r.Zone))
	year, days, _ := typed.Next(s.Day.Rule, today)
	for _, f := range content.Check(d.rules, content.Words{Campaign: c, Observance: s.Day, Facts: known, Year: year, Days: days, Today: today}) {
		p.Findings = append(p.Findings, findingOf(r.Words, f))
	}
	return ask.Shown(p), nil
}

func findingOf(words page.Words, f content.Found) typed.Finding {
	one := typed.Finding{Quote: page.NewText(f.Language, strings.Join(strings.Fields(f.Quote), " ")), Message: f.Finding.Message, Suggestion: f.Suggestion, Rule: f.Rule}
	if f.Language != "" {
		one.Where = words.Tongue(f.Language)
	}
	one.Mark = page.Mark{ID: "note", Icon: "circle-alert", Word: words.T("finding.note"), Tone: "quiet"}
	switch f.Severity {
	case lint.Error:
		one.Mark = page.Mark{ID: "error", Icon: "octagon-x", Word: words.T("finding.error"), Tone: "harm"}
	case lint.Warning:
		one.Mark = page.Mark{ID: "warning", Icon: "triangle-alert", Word: words.T("finding.warning"), Tone: "look"}
	}
	return one
}
