package metrics_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"daymark/internal/app/metrics"
	"daymark/internal/flow/dispatch/punctual"
)

var (
	name  = regexp.MustCompile(`daymark_[a-z_]+`)
	label = regexp.MustCompile(`by \(([a-z]+)\)|\{\{([a-z]+)\}\}`)
)

// TestTheDashboardKnowsEveryFigureAndNoOther holds docs/grafana/daymark.json against what is shown to a monitoring system.
func TestTheDashboardKnowsEveryFigureAndNoOther(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../docs/grafana/daymark.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title  string `json:"title"`
		Panels []struct {
			Title, Description string
			GridPos            struct{ H, W, X, Y int }
			Targets            []struct{ Expr, LegendFormat string }
		} `json:"panels"`
	}
	if err := json.Unmarshal(raw, &board); err != nil || board.Title == "" {
		t.Fatal(err)
	}
	var shown strings.Builder
	one := map[string]int{"x": 1}
	if err := metrics.Write(&shown, punctual.Snapshot{States: one, Held: one, Ended: one, Attempts: one, Reasons: one}); err != nil {
		t.Fatal(err)
	}
	labels, families := map[string]string{}, map[string]bool{}
	for l := range strings.Lines(shown.String()) {
		if family, ok := strings.CutPrefix(l, "# TYPE "); ok {
			families[strings.Fields(family)[0]] = true
		} else if of, rest, ok := strings.Cut(l, "{"); ok && !strings.HasPrefix(l, "#") {
			labels[of], _, _ = strings.Cut(rest, "=")
		}
	}
	drawn := map[string]bool{}
	for _, p := range board.Panels {
		if p.Description == "" || p.GridPos.X+p.GridPos.W > 24 || len(p.Targets) == 0 {
			t.Errorf("panel %q: %+v", p.Title, p)
		}
		for _, q := range p.Targets {
			of := name.FindString(q.Expr)
			if drawn[of] = true; !families[of] {
				t.Errorf("panel %q asks for %q, which is not shown", p.Title, of)
			}
			for _, m := range label.FindAllStringSubmatch(q.Expr+q.LegendFormat, -1) {
				if got := m[1] + m[2]; got != labels[of] {
					t.Errorf("panel %q parts %s by %q, which has %q", p.Title, of, got, labels[of])
				}
			}
		}
	}
	for family := range families {
		if !drawn[family] {
			t.Errorf("no panel shows %s", family)
		}
	}
}
