// Package moving is the desk that moves posts to another time, one with its own form or many that were chosen in the calendar, and that
// holds the chosen or sends them for review.
//
// Each way goes the same three steps: what is to happen is asked for, the page says what that does to every post, and afterwards it
// says what was done, and by name what could not be. A move that costs nobody's approval skips the second step. Every post is one
// transaction of its own: it moves whole or not at all. internal/flow/draft/move knows what a move is, internal/flow/dispatch/decide
// gives a new time to what was missed.
package moving

import (
	"daymark/internal/face/web/ask"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db     *postgres.DB
	checks review.Checks
}

// New returns a desk; the checks are those that posts must pass when they are sent for review again.
func New(db *postgres.DB, checks review.Checks) Desk { return Desk{db: db, checks: checks} }

// Routes are what the desk answers.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /posts/{id}/move", Needs: people.PostEdit, Answer: d.Post},
		{Pattern: "POST /posts/{id}/move", Needs: people.PostEdit, Answer: d.MovePost},
		{Pattern: "GET /deliveries/{id}/move", Needs: people.PostEdit, Answer: d.Place},
		{Pattern: "POST /deliveries/{id}/move", Needs: people.PostEdit, Answer: d.MovePlace},
		{Pattern: "POST /calendar/move", Needs: people.PostEdit, Answer: d.Move},
		{Pattern: "POST /calendar/hold", Needs: people.PostHold, Answer: d.Hold},
		{Pattern: "POST /calendar/submit", Needs: people.PostSubmit, Answer: d.Submit},
	}
}
