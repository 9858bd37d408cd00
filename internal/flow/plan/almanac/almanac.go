// Package almanac is every day that the charity has in its calendar: the shipped ones, those of loaded campaigns with the dates that
// people announced, and the charity's own, which it took from somebody's calendar file.
//
// The charity's own days are kept here, each with a rule of core/observance as the others. The package plans nothing: a day becomes an
// edition only by a campaign.
package almanac

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/flow/plan"
	"daymark/internal/postgres"
)

// Day is an observance and where it comes from.
type Day struct {
	observance.Observance
	Campaigns []string  // that are loaded for it
	Own       bool      // the charity's own
	Changed   time.Time // when it was entered or its campaign was loaded; zero for a shipped one
}

const sqlCampaigns = `
SELECT id, loaded_at
FROM campaigns
ORDER BY id`

// All returns every day: the shipped ones in their order, then the others. A loaded one wins over a shipped one, because people enter its
// dates.
func All(ctx context.Context, q postgres.Querier, shipped []observance.Observance) ([]Day, error) {
	list := make([]Day, len(shipped))
	for i, o := range shipped {
		list[i].Observance = o
	}
	var loaded []struct {
		ID string    `db:"id"`
		At time.Time `db:"loaded_at"`
	}
	if err := q.SelectContext(ctx, &loaded, sqlCampaigns); err != nil {
		return nil, fmt.Errorf("list the loaded campaigns: %w", err)
	}
	for _, c := range loaded {
		_, o, err := plan.Loaded(ctx, q, c.ID)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(list, func(one Day) bool { return one.ID == o.ID })
		if at < 0 {
			at = len(list)
			list = append(list, Day{})
		}
		list[at].Observance, list[at].Changed = o, c.At.UTC()
		list[at].Campaigns = append(list[at].Campaigns, c.ID)
	}
	own, err := Own(ctx, q)
	return append(list, own...), err
}

const sqlOwn = `
SELECT id, body, entered_at
FROM own_days
WHERE removed_at IS NULL
ORDER BY id`

// Own returns the charity's own days.
func Own(ctx context.Context, q postgres.Querier) ([]Day, error) {
	var rows []struct {
		ID   string    `db:"id"`
		Body []byte    `db:"body"`
		At   time.Time `db:"entered_at"`
	}
	if err := q.SelectContext(ctx, &rows, sqlOwn); err != nil {
		return nil, fmt.Errorf("list the days of the charity's own: %w", err)
	}
	var list []Day
	for _, r := range rows {
		d := Day{Own: true, Changed: r.At.UTC()}
		if err := json.Unmarshal(r.Body, &d.Observance); err != nil {
			return nil, fmt.Errorf("read the day %s: %w", r.ID, err)
		}
		d.ID = r.ID
		list = append(list, d)
	}
	return list, nil
}

// Date is a day in one year.
type Date struct {
	Day
	Year  int
	Range civil.Range
}

// Between returns the dates of days that touch a range, the earliest first. A rule without an answer for a year has none then.
func Between(days []Day, from, to civil.Date) []Date {
	var list []Date
	for _, d := range days {
		for year := from.Year - 1; year <= to.Year; year++ {
			on, ok, err := d.Rule.On(year)
			if err != nil || !ok || on.End.Before(from) || on.Start.After(to) {
				continue
			}
			list = append(list, Date{Day: d, Year: year, Range: on})
		}
	}
	slices.SortStableFunc(list, func(a, b Date) int {
		return cmp.Or(a.Range.Start.Compare(b.Range.Start), strings.Compare(a.ID, b.ID))
	})
	return list
}
