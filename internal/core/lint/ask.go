package lint

import (
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/safety"
)

// conditions say when a rule's question is asked, by the names that rules use.
var conditions = map[string]func(*prose.View) bool{
	"has_picture":  func(v *prose.View) bool { return len(pictures(v.Subject)) > 0 },
	"is_sensitive": func(v *prose.View) bool { return v.Sensitive },
	"has_quote":    safety.HasQuote,
	"asks_money":   safety.AsksMoney,
}

// Ask returns the questions that a person has to answer about the subject: in the order of the rules, and for a rule about
// pictures one for each picture.
func (s *Set) Ask(sub Subject) []Question {
	s = s.ready()
	var list []Question
	var v *prose.View
	for _, r := range s.rules {
		if r.How != Asked || exempt(r, sub) {
			continue
		}
		if r.When != "" {
			if v == nil {
				v = prose.See(sub)
			}
			if !conditions[r.When](v) {
				continue
			}
		}
		q := Question{Rule: r.ID, Severity: r.Severity, About: r.About, Question: r.Question, Right: r.Right, Message: r.Message, Advice: r.Suggestion}
		if r.About != AboutPicture {
			list = append(list, q)
			continue
		}
		for _, sha := range pictures(sub) {
			q.Picture = sha
			list = append(list, q)
		}
	}
	return list
}

// pictures returns the pictures of a subject, each once.
func pictures(s Subject) []string {
	var list []string
	seen := map[string]bool{}
	for _, part := range s.Parts {
		for _, p := range part.Pictures {
			if !seen[p.SHA256] {
				seen[p.SHA256] = true
				list = append(list, p.SHA256)
			}
		}
	}
	return list
}
