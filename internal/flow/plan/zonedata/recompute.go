// Package zonedata moves what is planned when the clocks of a zone will not show what they were expected to show: governments
// change them, and new zone data comes with the system or with a new Daymark.
//
// It is a part of planning beside internal/flow/plan, which lays campaigns on days. It changes no civil time and no words.
package zonedata

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Recomputed is what new zone data changed.
type Recomputed struct {
	Moved    int      // held deliveries that got the new instant
	Held     int      // approved deliveries that moved and have to be approved again
	Problems []string // sentences: zones that no longer exist
}

// Recompute finds the deliveries to come whose instant is not what the clocks of their zone show under the present zone data,
// and moves them there: a date and a clock time in a zone is what people meant. What was approved is held, because reviewers
// approved an instant; each says so.
func Recompute(ctx context.Context, db *postgres.DB, by people.Person, now time.Time) (Recomputed, error) {
	if !by.May(people.PlanMake) {
		return Recomputed{}, fault.New(fault.Forbidden, "Your role does not allow planning.")
	}
	var out Recomputed
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		out = Recomputed{}
		list, err := replan.Waiting(ctx, tx, now)
		if err != nil {
			return err
		}
		moves, approved := out.stale(list)
		moved, err := replan.MoveAll(ctx, tx, moves)
		if err != nil {
			return err
		}
		for _, id := range moved {
			if approved[id] {
				out.Held++
			} else {
				out.Moved++
			}
			if err := audit.Write(ctx, tx, audit.Entry{
				Person: by.ID, Action: "delivery.moved", Kind: "delivery", ID: id,
				Detail: map[string]any{"why": "zone data", "approved": approved[id]},
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// stale returns the moves of the deliveries whose instant is out of date, and which of them were approved.
func (r *Recomputed) stale(list []replan.Delivery) ([]replan.Move, map[int64]bool) {
	var moves []replan.Move
	approved := map[int64]bool{}
	zones := map[string]*time.Location{}
	for _, d := range list {
		zone, known := zones[d.Zone]
		if !known {
			var err error
			if zone, err = time.LoadLocation(d.Zone); err != nil {
				zone = nil
				r.Problems = append(r.Problems, fmt.Sprintf("The zone data of this machine has no zone %s; what is planned on its clock stays where it was.", d.Zone))
			}
			zones[d.Zone] = zone
		}
		if zone == nil || !d.Waits() {
			continue
		}
		// Clock times are to the minute; an instant may have seconds, which are nobody's zone data.
		by := civil.Place(d.Date, d.Clock, zone).Sub(d.DueAt.Truncate(time.Minute))
		if by == 0 {
			continue
		}
		due := d.DueAt.Add(by)
		approved[d.ID] = d.State == post.Scheduled
		moves = append(moves, replan.Move{
			ID: d.ID, Date: d.Date, Clock: d.Clock, Zone: d.Zone, DueAt: due, NotAfter: d.NotAfter.Add(by),
			Why: fmt.Sprintf("The clocks of %s have changed: %s %s is at %s UTC there, not at %s. Send it for review again.",
				d.Zone, d.Date, d.Clock, due.Format("15:04"), d.DueAt.UTC().Format("15:04")),
		})
	}
	return moves, approved
}
