package engagement

import (
	"fmt"
	"math"
	"strings"

	"daymark/internal/flow/engagement/ledger"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/platform"
)

// sum adds the counts of the parts of a delivery. A count is nil only if no part tells it. The delivery is gone only if every part is;
// while some parts are gone, the rest is counted. Of a count that cannot be in some part nothing is taken, and the sentence says so.
func sum(delivery int64, parts []platform.Counts) (ledger.Answer, string) {
	total := ledger.Answer{Delivery: delivery, Gone: len(parts) > 0}
	var odd []string
	for _, part := range parts {
		total.Gone = total.Gone && part.Gone
		if part.Gone {
			continue
		}
		for i, n := range rollup.Of(part) {
			have := total.Figures[i]
			switch {
			case n == nil:
			case !ledger.Possible(*n) || (have != nil && *have > math.MaxInt32-*n):
				odd = append(odd, fmt.Sprintf("%d %s", *n, rollup.Names[i]))
				if total.Impossible[i] == nil {
					total.Impossible[i] = n
				}
			case have == nil:
				total.Figures[i] = new(*n)
			default:
				total.Figures[i] = new(*have + *n)
			}
		}
	}
	for i := range total.Impossible {
		if total.Impossible[i] != nil {
			total.Figures[i] = nil
		}
	}
	if len(odd) > 0 {
		return total, "The network reported " + strings.Join(odd, ", ") + ", which cannot be; left out."
	}
	return total, ""
}
