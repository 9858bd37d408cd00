// Package results is the desk for what editions did: an edition at a glance, over time, in every breakdown, against last year and
// against other campaigns, with the figures that people enter.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask and whether the edition lies within their limits.
// internal/flow/reach adds up, compares and keeps, internal/media/chart draws. Whoever works on some accounts only sees the figures of
// those, and the page says so. The folders below have the year over all campaigns and the counts that people bring.
package results

import (
	"fmt"

	"daymark/internal/face/web/ask"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct{ db *postgres.DB }

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /reach", Needs: people.ReachRead, Answer: d.Edition},
		{Pattern: "GET /reach/{id}", Needs: people.ReachRead, Answer: d.Edition},
		{Pattern: "GET /reach/{id}/charts/{chart}", Needs: people.ReachRead, Answer: d.Chart},
		{Pattern: "POST /reach/{id}/figures", Needs: people.ReachEnter, Answer: d.Enter},
	}
}

func chartURL(edition int64, name string) string {
	return fmt.Sprintf("/reach/%d/charts/%s.svg", edition, name)
}
