package engagement

import (
	"fmt"
	"math"
	"strings"

	"daymark/internal/platform"
)

// figures lists the counts of a post in the order of the columns of snapshots and latest_counts.
var figures = []struct {
	name string
	of   func(*platform.Counts) **int64
}{
	{"favourites", func(c *platform.Counts) **int64 { return &c.Favourites }},
	{"boosts", func(c *platform.Counts) **int64 { return &c.Boosts }},
	{"replies", func(c *platform.Counts) **int64 { return &c.Replies }},
	{"quotes", func(c *platform.Counts) **int64 { return &c.Quotes }},
	{"impressions", func(c *platform.Counts) **int64 { return &c.Impressions }},
	{"clicks", func(c *platform.Counts) **int64 { return &c.Clicks }},
}

// sum adds the counts of the parts of a delivery. A count is nil only if no part tells it. The delivery is gone only if
// every part is; while some parts are gone, the rest is counted. A count that cannot be (below zero, or above what a column
// holds) is left out, and the sentence says so.
func sum(parts []platform.Counts) (platform.Counts, string) {
	var total platform.Counts
	var odd []string
	total.Gone = len(parts) > 0
	for _, part := range parts {
		total.Gone = total.Gone && part.Gone
		if part.Gone {
			continue
		}
		for _, f := range figures {
			n, have := *f.of(&part), f.of(&total)
			switch {
			case n == nil:
			case *n < 0 || *n > math.MaxInt32 || (*have != nil && **have > math.MaxInt32-*n):
				odd = append(odd, fmt.Sprintf("%d %s", *n, f.name))
			case *have == nil:
				*have = new(*n)
			default:
				*have = new(**have + *n)
			}
		}
	}
	if len(odd) > 0 {
		return total, "The network reported " + strings.Join(odd, ", ") + ", which cannot be; left out."
	}
	return total, ""
}
