// Package outlook is the desk for what may keep posts from going out as planned, what networks show of those that went out, and how
// punctual they were.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. A post's page shows what [Read] returns. The
// desk asks no network itself: internal/flow/dispatch/preflight does, when somebody wants to know now.
package outlook

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/postgres"
)

// patience is how long somebody waits for the networks.
const patience = 25 * time.Second

// Desk is what the answers need.
type Desk struct {
	db       *postgres.DB
	networks preflight.Networks // nil where none is reached
}

// New returns a desk.
func New(db *postgres.DB, networks preflight.Networks) Desk { return Desk{db, networks} }

// AskPost looks at a post now.
func (d Desk) AskPost(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	return d.now(r, risk.Of{Post: id}, fmt.Sprintf("/posts/%d", id))
}

// AskEdition looks at all posts of an edition now.
func (d Desk) AskEdition(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	return d.now(r, risk.Of{Edition: id}, view.EditionURL(id))
}

func (d Desk) now(r ask.Request, of risk.Of, to string) (ask.Answer, error) {
	if d.networks == nil {
		return ask.Answer{}, fault.New(fault.Conflict, "%s", r.Words.T("ahead.none"))
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	n, err := preflight.Ask(ctx, d.db, d.networks, of, r.Person, r.Now)
	if err != nil && ctx.Err() != nil && r.Context().Err() == nil {
		return ask.Answer{}, fault.Wrap(fault.Unavailable, err, "%s", r.Words.T("ahead.slow"))
	}
	if err != nil {
		return ask.Answer{}, err
	}
	a := ask.Answer{To: to, Said: r.Words.T("ahead.well")}
	if n > 0 {
		a.Said = r.Words.T("ahead.found", n)
	}
	return a, nil
}
