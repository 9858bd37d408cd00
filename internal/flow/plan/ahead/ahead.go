// Package ahead plans the coming editions of every loaded campaign, and lets those that are there follow: it is what the
// daemon does by itself each hour.
//
// It plans nothing that internal/flow/plan would not plan for a person, and never a rehearsal.
package ahead

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Edition is an edition that was looked at, and what planning it changed.
type Edition struct {
	Campaign string
	Year     int
	Made     plan.Made
}

// sqlCampaigns lists the campaigns with the years whose edition somebody has made already.
const sqlCampaigns = `
SELECT c.id, coalesce(e.year, 0) AS year
FROM campaigns c
LEFT JOIN editions e ON e.campaign_id = c.id AND NOT e.rehearsal
ORDER BY c.id, e.year`

// Plan plans each campaign's editions that begin within so many weeks, and those that are there and not over, and returns
// those that changed. One campaign's mistake does not keep the others from being planned: the error has them all.
func Plan(ctx context.Context, db *postgres.DB, by people.Person, now time.Time, weeks int) ([]Edition, error) {
	var rows []struct {
		ID   string `db:"id"`
		Year int    `db:"year"`
	}
	if err := db.SelectContext(ctx, &rows, sqlCampaigns); err != nil {
		return nil, fmt.Errorf("list the campaigns to plan: %w", err)
	}
	made := map[string][]int{}
	var ids []string
	for _, row := range rows {
		if !slices.Contains(ids, row.ID) {
			ids = append(ids, row.ID)
		}
		if row.Year != 0 {
			made[row.ID] = append(made[row.ID], row.Year)
		}
	}
	var changed []Edition
	var failed []error
	for _, id := range ids {
		years, err := coming(ctx, db, id, made[id], now, weeks)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		for _, year := range years {
			m, err := plan.Make(ctx, db, id, year, plan.Options{By: by, Now: now})
			if err != nil {
				failed = append(failed, fmt.Errorf("plan %s %d: %w", id, year, err))
			} else if m.Changed() {
				changed = append(changed, Edition{Campaign: id, Year: year, Made: m})
			}
		}
	}
	return changed, errors.Join(failed...)
}

// coming returns the years of a campaign to plan, in order. A year without a date has no edition.
func coming(ctx context.Context, q postgres.Querier, id string, made []int, now time.Time, weeks int) ([]int, error) {
	c, o, err := plan.Loaded(ctx, q, id)
	if err != nil {
		return nil, err
	}
	today := civil.DateOf(now.UTC())
	horizon := today.AddDays(7 * weeks)
	years := slices.Clone(made)
	for year := today.Year - 1; year <= horizon.Year+1; year++ { // an edition may lie across New Year
		if !slices.Contains(years, year) {
			years = append(years, year)
		}
	}
	slices.Sort(years)
	var list []int
	for _, year := range years {
		days, err := plan.Days(o, year)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		begun := !days.Start.After(horizon) || slices.Contains(made, year)
		if begun && !last(c, days).Before(today.AddDays(-1)) { // it may still be yesterday somewhere
			list = append(list, year)
		}
	}
	return list, nil
}

// last returns the last day on which a campaign says something.
func last(c campaign.Campaign, days civil.Range) civil.Date {
	day := days.Start
	for _, m := range c.Posts {
		on := m.Offset.On(days)
		if m.Series != nil {
			on = m.Series.To.On(days)
		}
		if on.After(day) {
			day = on
		}
	}
	return day
}
