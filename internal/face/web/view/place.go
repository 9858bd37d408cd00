package view

import (
	"context"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/glance"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/postgres"
)

// Places gives places of posts the standing that people see, with what is at risk.
func Places(ctx context.Context, q postgres.Querier, list []glance.Place) ([]Stand, error) {
	risks, err := glance.RisksOf(ctx, q, list)
	if err != nil {
		return nil, err
	}
	all := make([]Stand, len(list))
	for i, p := range list {
		all[i] = Stand{Entry: p.Entry, Standing: page.StandingOf(p.State, p.Hold, page.Standing(p.Review))}
		if say := risks[p.Delivery]; say != "" {
			all[i].Risks = []risk.Risk{{Delivery: p.Delivery, Say: say}}
		}
	}
	return all, nil
}
