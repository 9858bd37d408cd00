// Package judged makes the screens about words: a post with everything known about it, the review queue and its cards, and takes
// what people say there: verdicts, answers to the questions of rules, and reasons to let a finding stand.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask, keeps sessions and writes the answer.
// The desk decides nothing about posts: internal/flow/review, book/judge and book/answer do.
package judged

import (
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/review"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db     *postgres.DB
	checks review.Checks
}

// New returns a desk that judges posts by checks.
func New(db *postgres.DB, checks review.Checks) Desk { return Desk{db: db, checks: checks} }

// viewer is who looks, with the helpers of this package.
type viewer struct{ written.Writer }

func viewerOf(who view.Viewer) viewer { return viewer{written.Writer{Viewer: who}} }
