// Package view is what the screens share: who is looking ([Viewer]), deliveries with their standing ([Stand]), and the lines and
// moments made of them.
//
// It reads through flow/book and changes nothing. The screens themselves are in the folders beside it: planned, judged, sent.
// None of them checks whether somebody may look, which the route table of face/web does, and none knows HTTP.
package view

import (
	"strings"
	"time"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/pause"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
)

// Viewer is who looks at a page, from where and when.
type Viewer struct {
	Person people.Person
	Zone   *time.Location // the team's zone
	Now    time.Time      // product time
	Words  page.Words
	Within scope.Limits // what of long lists they see
}

// Stop says what a pause stops and why.
func Stop(words page.Words, p pause.Standing) string {
	reason := strings.TrimSuffix(p.Reason, ".") + "."
	if p.Scope == licence.Everything {
		return words.T("stop.everything", reason)
	}
	name := p.Name
	if p.Scope == licence.Network {
		name = words.Network(name)
	}
	return words.T("stop."+string(p.Scope), name, reason)
}

// Stopped writes what a pause stops, by its scope and how people call it.
func Stopped(words page.Words, scope licence.Scope, called, handle string) string {
	switch scope {
	case licence.Network:
		return words.T("pause.of.network", words.Network(called))
	case licence.OneChannel:
		if handle != "" {
			called += " (@" + handle + ")"
		}
		return words.T("pause.of.channel", called)
	case licence.Campaign:
		return words.T("pause.of.campaign", called)
	case licence.Everything:
	}
	return words.T("pause.of.everything")
}
