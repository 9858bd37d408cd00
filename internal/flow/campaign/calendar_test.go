package campaign_test

import (
	"encoding/json"
	"testing"

	"daymark/internal/flow/campaign"
)

func TestEveryShippedDayWithoutSourcesComesBackFromItsExport(t *testing.T) {
	t.Parallel()
	all, err := campaign.ShippedObservances()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, o := range all {
		o.Sources, o.Themes = nil, nil
		o.Since.Proclaimed, o.Since.FirstObserved, o.Since.Instrument, o.Since.WhyDate = 0, 0, "", ""
		out, whole, err := campaign.ExportObservance(o)
		if err != nil || !whole {
			t.Errorf("%s (%s): %v\n%s", o.ID, o.Rule.Kind, err, out)
			continue
		}
		kinds[string(o.Rule.Kind)] = true
		back, problems := campaign.ReadObservances("out.yaml", out)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		ours, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := json.Marshal(back[0])
		if err != nil || string(ours) != string(theirs) {
			t.Errorf("%s\n%s\n%v", ours, theirs, err)
		}
	}
	if len(kinds) < 8 {
		t.Errorf("only rules of the kinds %v were tried", kinds)
	}
}

func TestADayThatAFileOfItsOwnCannotSayIsNotExported(t *testing.T) {
	t.Parallel()
	all, err := campaign.ShippedObservances()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if len(o.Sources) == 0 {
			continue
		}
		if _, whole, err := campaign.ExportObservance(o); whole || err != nil {
			t.Errorf("%s: its sources are lost, %v", o.ID, err)
		}
		return
	}
	t.Error("no shipped day has a source")
}
