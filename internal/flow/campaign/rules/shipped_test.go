package rules

import (
	"testing"

	"daymark/internal/core/lint"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/content"
)

// explained are the warnings that the shipped campaigns keep, by rule and message, with the reason. docs/content-rules.md tells it
// to people.
var explained = map[string]string{}

// next is the first year for which facts have to be looked at again.
const next = 2027

func TestTheShippedCampaignsHaveNoErrorsAndTheirWarningsAreExplained(t *testing.T) {
	t.Parallel()
	set, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	ids, err := campaign.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	notes, used := map[string]int{}, map[string]bool{}
	for _, id := range ids {
		l, err := campaign.LoadShipped(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, year := range []int{next - 1, next} {
			days, _, err := l.Observance.Rule.On(year)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range content.Check(set, content.Words{Campaign: l.Campaign, Observance: l.Observance, Facts: l.Facts, Year: year, Days: days}) {
				key := f.Rule + " " + id + "/" + f.Message
				switch {
				case f.Severity == lint.Note:
					notes[f.Rule]++
				case f.Rule == "STAT-002" && year == next: // a fact holds until somebody looks at it again: planning says so in time
				case explained[key] != "" && f.Severity == lint.Warning:
					used[key] = true
				default:
					t.Errorf("%d %s: %s: %s", year, key, f.Path, f.Say())
				}
			}
		}
	}
	for key := range explained {
		if !used[key] {
			t.Errorf("nothing is found at %s any more: take the reason out", key)
		}
	}
	t.Log("notes by rule: ", notes)
}
