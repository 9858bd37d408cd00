package library

import (
	"cmp"
	"slices"
	"strings"

	"daymark/internal/core/lint"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
)

// rulesPage lists the rules of content.
type rulesPage struct {
	page.Frame
	Groups []ruleGroup
}

// ruleGroup is the rules of one way: found by themselves, asked of a person, or retired.
type ruleGroup struct {
	ID    string
	Name  string
	Text  string
	Rules []rule
}

// rule is one rule for people.
type rule struct {
	ID        string
	Mark      page.Mark
	Message   string
	Advice    string
	Question  string
	Answer    string // the one with which nothing is wrong
	Languages string // those it reads; empty for all
	Fixed     bool   // no waiver helps
	Reason    string // why it is retired
	Sources   []source
}

// source is a page that a rule rests on.
type source struct {
	Name string
	URL  string
}

// Rules answers with the rules of content.
func (d Desk) Rules(r ask.Request) (ask.Answer, error) {
	p := &rulesPage{Frame: page.Frame{Template: "rules", Title: r.Words.T("lib.rules.title"), Door: "rules"}}
	all := d.rules.Rules()
	for _, how := range []lint.How{lint.Automatic, lint.Asked, lint.Retired} {
		g := ruleGroup{ID: string(how), Name: r.Words.T("lib.rules." + string(how)), Text: r.Words.T("lib.rules." + string(how) + ".text")}
		for _, one := range all {
			if one.How == how {
				g.Rules = append(g.Rules, ruleOf(r, one))
			}
		}
		slices.SortStableFunc(g.Rules, func(a, b rule) int { return cmp.Compare(graves[a.Mark.ID], graves[b.Mark.ID]) })
		p.Groups = append(p.Groups, g)
	}
	return ask.Shown(p), nil
}

// graves orders severities.
var graves = map[string]int{string(lint.Error): 0, string(lint.Warning): 1, string(lint.Note): 2, string(lint.Retired): 3}

func ruleOf(r ask.Request, one lint.Rule) rule {
	out := rule{
		ID: one.ID, Message: one.Message, Advice: one.Suggestion, Question: one.Question, Fixed: one.Fixed, Reason: one.Reason,
	}
	if one.Right != "" {
		out.Answer = r.Words.T("lib." + one.Right)
	}
	id, icon, tone := string(one.Severity), "message-square", "quiet"
	switch {
	case one.How == lint.Retired:
		id, icon = string(lint.Retired), "ban"
	case one.Severity == lint.Error:
		icon, tone = "octagon-x", "harm"
	case one.Severity == lint.Warning:
		icon, tone = "triangle-alert", "look"
	case one.Severity == lint.Note:
	}
	out.Mark = page.Mark{ID: id, Icon: icon, Word: r.Words.T("lib.rules.mark." + id), Tone: tone}
	for _, s := range one.Sources {
		out.Sources = append(out.Sources, source{cmp.Or(s.Name, s.ID), view.HTTPOnly(s.URL)})
	}
	var languages []string
	for _, p := range one.Patterns {
		if p.Language == "" {
			return out
		}
		if name := r.Words.Tongue(strings.ToLower(p.Language)); !slices.Contains(languages, name) {
			languages = append(languages, name)
		}
	}
	out.Languages = r.Words.Joined(languages)
	return out
}
