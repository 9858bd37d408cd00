// Package view is what the screens share: who is looking ([Viewer]), deliveries with their standing ([Stand]), and the lines and
// moments made of them.
//
// It reads through flow/book and changes nothing. The screens themselves are in the folders beside it: planned, judged, sent.
// None of them checks whether somebody may look, which the route table of face/web does, and none knows HTTP.
package view

import (
	"time"

	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
)

// Viewer is who looks at a page, from where and when.
type Viewer struct {
	Person people.Person
	Zone   *time.Location // the team's zone
	Now    time.Time      // product time
	Words  page.Words
}
