// Package campaigning is the desk for campaigns in the browser: one made from scratch, its tasks, its plan for a year and its export. Its
// messages are the business of the folder messages; what was learnt from a year that of internal/face/web/learning.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. What is wrong with a form is found by the
// reader of campaign files and said under the field; everything typed stays. The desk decides nothing: internal/flow/campaign/compose writes
// campaigns and internal/flow/plan plans them.
package campaigning

import (
	"context"
	"slices"
	"strings"

	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/flow/plan/almanac"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db      *postgres.DB
	shipped []observance.Observance
}

// New returns a desk with the calendar that Daymark ships.
func New(db *postgres.DB, shipped []observance.Observance) Desk {
	return Desk{db: db, shipped: shipped}
}

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /new-campaign", Needs: people.CampaignLoad, Answer: d.Begin},
		{Pattern: "POST /new-campaign", Needs: people.CampaignLoad, Answer: d.Make},
		{Pattern: "GET /campaigns/{campaign}", Needs: people.PostRead, Answer: d.Show},
		{Pattern: "GET /campaigns/{campaign}/export", Needs: people.PostRead, Answer: d.Export},
		{Pattern: "POST /campaigns/{campaign}/plan", Needs: people.PlanMake, Answer: d.Plan},
		{Pattern: "GET /campaigns/{campaign}/basics", Needs: people.CampaignLoad, Answer: d.Basics},
		{Pattern: "POST /campaigns/{campaign}/basics", Needs: people.CampaignLoad, Answer: d.Change},
	}
}

// days returns every day that a campaign may be for, by name.
func (d Desk) days(ctx context.Context, language string) ([]observance.Observance, error) {
	all, err := almanac.All(ctx, d.db, d.shipped)
	if err != nil {
		return nil, err
	}
	list := make([]observance.Observance, len(all))
	for i, one := range all {
		list[i] = one.Observance
	}
	slices.SortStableFunc(list, func(a, b observance.Observance) int { return strings.Compare(a.Name(language), b.Name(language)) })
	return list, nil
}
