package agenda

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/postgres"
)

const (
	sqlObservances = `
SELECT id, observance
FROM campaigns
ORDER BY id`

	sqlAnnounced = `
SELECT campaign_id AS campaign, year, first_day, last_day
FROM announced_dates`

	sqlLabels = `
SELECT DISTINCT l.label
FROM channels c, unnest(c.labels) AS l (label)
WHERE c.archived_at IS NULL
  AND (NOT $1 OR may_see_channel($2, c.id))
ORDER BY l.label`

	sqlZones = `
SELECT DISTINCT zone
FROM channels
WHERE archived_at IS NULL
ORDER BY zone`

	sqlNetworks = `
SELECT DISTINCT platform
FROM channels
WHERE archived_at IS NULL
ORDER BY platform`
)

// Observances returns the observance of each loaded campaign, with the days that people entered for it.
func Observances(ctx context.Context, q postgres.Querier) (map[string]observance.Observance, error) {
	var rows []struct {
		ID   string `db:"id"`
		Rule []byte `db:"observance"`
	}
	if err := q.SelectContext(ctx, &rows, sqlObservances); err != nil {
		return nil, fmt.Errorf("read the observances of campaigns: %w", err)
	}
	var dates []struct {
		Campaign string     `db:"campaign"`
		Year     int        `db:"year"`
		First    civil.Date `db:"first_day"`
		Last     civil.Date `db:"last_day"`
	}
	if err := q.SelectContext(ctx, &dates, sqlAnnounced); err != nil {
		return nil, fmt.Errorf("read the announced days: %w", err)
	}
	all := make(map[string]observance.Observance, len(rows))
	for _, r := range rows {
		var o observance.Observance
		if err := json.Unmarshal(r.Rule, &o); err != nil {
			return nil, fmt.Errorf("read the observance of %s: %w", r.ID, err)
		}
		if o.Rule.Kind == observance.Announced {
			known := map[int]civil.Range{}
			maps.Copy(known, o.Rule.Dates)
			for _, d := range dates {
				if d.Campaign == r.ID {
					known[d.Year] = civil.Range{Start: d.First, End: d.Last}
				}
			}
			o.Rule.Dates = known
		}
		all[r.ID] = o
	}
	return all, nil
}

// Choices are what filters can choose from.
type Choices struct {
	Labels, Zones, Networks []string
}

// Chosen reads the labels within a person's limits, and the zones and networks, of the accounts in use.
func Chosen(ctx context.Context, q postgres.Querier, limited bool, person int64) (Choices, error) {
	var c Choices
	if err := q.SelectContext(ctx, &c.Labels, sqlLabels, limited, person); err != nil {
		return c, fmt.Errorf("list the labels of accounts: %w", err)
	}
	if err := q.SelectContext(ctx, &c.Zones, sqlZones); err != nil {
		return c, fmt.Errorf("list the zones of accounts: %w", err)
	}
	if err := q.SelectContext(ctx, &c.Networks, sqlNetworks); err != nil {
		return c, fmt.Errorf("list the networks of accounts: %w", err)
	}
	return c, nil
}
