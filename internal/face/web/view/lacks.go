package view

import (
	"daymark/internal/face/web/page"
	"daymark/internal/flow/reach"
)

// Lacks says in sentences what networks have not told.
func Lacks(words page.Words, list []reach.Lack) []string {
	var all []string
	for _, l := range list {
		network := words.Network(l.Network)
		figures := make([]string, len(l.Figures))
		for i, id := range l.Figures {
			figures[i] = words.T("figure." + id)
		}
		switch l.Kind {
		case reach.Unasked:
			all = append(all, words.T("lack.unasked", network, l.Posts, l.Of))
		case reach.Some:
			all = append(all, words.T("lack.some", words.Joined(figures), network, l.Posts, l.Of))
		default:
			all = append(all, words.T("lack.never", network, words.Joined(figures)))
		}
	}
	return all
}
