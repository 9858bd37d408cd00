package app

import (
	"context"

	"daymark/internal/flow/plan/ahead"
	"daymark/internal/flow/plan/zonedata"
	"daymark/internal/org/people"
)

// lockPlanner is the advisory lock of the replica that plans.
const lockPlanner = 30072014002

// planAhead plans the coming editions and moves what new zone data moved, on one replica. What it did is in the log and in
// the audit log. With no weeks set nothing is planned: tools and the demo plan for themselves.
func (a *App) planAhead(ctx context.Context) error {
	if a.Settings.PlanWeeks <= 0 {
		return nil
	}
	_, err := a.DB.Leader(ctx, lockPlanner, func(ctx context.Context) error {
		by, err := people.System(ctx, a.DB)
		if err != nil {
			return err
		}
		now := a.Clock.Now()
		moved, err := zonedata.Recompute(ctx, a.DB, by, now)
		if err != nil {
			return err
		}
		if moved.Moved+moved.Held > 0 {
			a.Log.WarnContext(ctx, "zone data changed: deliveries moved to what their clocks show now", "moved", moved.Moved, "to_approve_again", moved.Held)
		}
		for _, problem := range moved.Problems {
			a.Log.WarnContext(ctx, "zone data", "problem", problem)
		}
		// What could be planned is planned, even when a campaign cannot be.
		planned, err := ahead.Plan(ctx, a.DB, by, now, a.Settings.PlanWeeks)
		for _, e := range planned {
			a.Log.InfoContext(ctx, "an edition was planned", "campaign", e.Campaign, "year", e.Year, "posts", e.Made.Posts,
				"deliveries", e.Made.Deliveries, "followed", e.Made.Followed, "moved", e.Made.Moved, "withdrawn", e.Made.Withdrawn,
				"offered", e.Made.Offered, "tasks", e.Made.Tasks, "problems", e.Made.Problems)
		}
		return err
	})
	return err
}
