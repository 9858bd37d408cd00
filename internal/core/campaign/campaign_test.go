package campaign_test

import (
	"encoding/json"
	"testing"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"

	"pgregory.net/rapid"
)

func TestOffsetsAreDaysFromTheFirstOrTheLast(t *testing.T) {
	t.Parallel()
	days := civil.Range{Start: civil.Date{Year: 2027, Month: 11, Day: 25}, End: civil.Date{Year: 2027, Month: 12, Day: 10}}
	for s, want := range map[string]string{
		"D-14": "2027-11-11", "D0": "2027-11-25", "D+0": "2027-11-25", "D+2": "2027-11-27", "D\u22121": "2027-11-24",
		"start": "2027-11-25", "start+1": "2027-11-26", "end": "2027-12-10", "end-1": "2027-12-09", "end+30": "2028-01-09",
	} {
		o, err := campaign.ParseOffset(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if got := o.On(days).String(); got != want {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
	for _, s := range []string{"", "D", "D1", "d-1", "-14", "D-", "D--1", "D-1.5", "end2", "D-367", "D+99999", "start 1", "middle"} {
		if o, err := campaign.ParseOffset(s); err == nil {
			t.Errorf("%q was read as %s", s, o)
		}
	}
}

func TestOffsetsComeBackFromJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := campaign.Offset{FromEnd: rapid.Bool().Draw(t, "end"), Days: rapid.IntRange(-campaign.MaxOffset, campaign.MaxOffset).Draw(t, "days")}
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		var back campaign.Offset
		if err := json.Unmarshal(b, &back); err != nil || back != o {
			t.Fatalf("%+v came back from %s as %+v: %v", o, b, back, err)
		}
	})
}

func TestANetworksOwnTextWins(t *testing.T) {
	t.Parallel()
	m := campaign.Message{
		ID:       "a",
		Texts:    map[string]string{"en": "base", "fr": "fond"},
		Variants: []campaign.Variant{{Language: "en", Network: "x", Text: "short"}},
	}
	for _, tt := range []struct{ language, network, want string }{{"en", "x", "short"}, {"en", "mastodon", "base"}, {"fr", "x", "fond"}, {"ar", "x", ""}} {
		got, ok := m.Text(tt.language, tt.network)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s on %s: %q, %t", tt.language, tt.network, got, ok)
		}
	}
	c := campaign.Campaign{Posts: []campaign.Message{m}}
	if _, ok := c.Message("a"); !ok {
		t.Error("the message was not found")
	}
	if _, ok := c.Message("b"); ok {
		t.Error("a message was found that is not there")
	}
}
