package campaign_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"daymark/internal/core/observance"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/source"

	"github.com/google/go-cmp/cmp"
)

// dated is a line of what daymark dates prints as JSON.
type dated struct {
	ID    string `json:"id"`
	Year  int    `json:"year"`
	Start string `json:"start"`
	End   string `json:"end"`
}

func TestFiftyRulesOfEveryKindGiveTheirDays(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/fifty-rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, problems := campaign.ReadObservances("fifty-rules.yaml", src)
	if len(problems) > 0 {
		t.Fatal(source.Text(problems))
	}
	kinds := map[observance.Kind]bool{}
	var got []dated
	for _, o := range all {
		kinds[o.Rule.Kind] = true
		for year := 2026; year <= 2030; year++ {
			days, ok, err := o.Rule.On(year)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				got = append(got, dated{o.ID, year, days.Start.String(), days.End.String()})
			}
		}
	}
	if len(all) != 50 || len(kinds) != len(observance.Kinds) {
		t.Errorf("%d rules of %d kinds", len(all), len(kinds))
	}
	var want []dated
	src, err = os.ReadFile("testdata/fifty-rules.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(src, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkAllObservances asks every shipped observance for the days of a hundred years.
func BenchmarkAllObservances(b *testing.B) {
	const budget = 50 * time.Millisecond
	all, err := campaign.ShippedObservances()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, o := range all {
			for year := 2000; year < 2100; year++ {
				if _, _, err := o.Rule.On(year); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	each := b.Elapsed() / time.Duration(b.N)
	verdict := "PASS"
	if each > budget {
		verdict = "FAIL"
	}
	b.Logf("%s: %d observances for 100 years took %s; the budget is %s", verdict, len(all), each, budget)
}
