package content_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"daymark/internal/core/civil"
	"daymark/internal/core/lint"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/content"
	"daymark/internal/flow/campaign/rules"
	"daymark/internal/flow/campaign/source"
)

const calendar = `daymark: 1
sources:
  - {id: S, name: "Charter", url: "https://charity.example", level: ngo}
observances:
  - {id: own-day, names: {en: "Our day", fr: "Notre jour"}, date: {type: fixed, month: 7, day: 30}, observed_by: "us", since: {first_observed: 2020}, sources: [S]}
`

const file = `daymark: 1
id: own
observance: own-day
title: {en: "Our day", fr: "Notre jour"}
languages: [en, fr]
hashtags: ["#EndHumanTrafficking"]
posts:
  - id: one
    offset: D-1
    time: "09:00"
    text:
      en: "Help us end child prostitution. Read on."
      fr: "Bonjour à toutes et à tous."
    variants:
      - {language: en, network: x, text: "We save victims every day."}
  - id: two
    offset: D0
    time: "09:00"
    text: {en: 'It is "calm" here.', fr: "Calme."}
    thread:
      - text:
          en: >
            A second part that says
            child pornography.
          fr: "Suite."
`

func load(t *testing.T) campaign.Loaded {
	t.Helper()
	fsys := fstest.MapFS{"own/campaign.yaml": {Data: []byte(file)}, "own/observances.yaml": {Data: []byte(calendar)}}
	l, err := campaign.Load(fsys, "own")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestFindingsStandAtTheirPlaceInTheFile(t *testing.T) {
	t.Parallel()
	set, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	l := load(t)
	_, root := source.Parse(l.File, l.Source)
	got := map[string]string{}
	for _, f := range content.Check(set, content.Words{Campaign: l.Campaign, Observance: l.Observance, Facts: l.Facts}) {
		if strings.HasPrefix(f.Rule, "LANG-") {
			p := f.Problem(l.File, l.Source, root)
			got[f.Rule+" "+p.String()[:strings.Index(p.String(), ": ")]+" "+p.Field] = f.Message + " " + f.Network
		}
	}
	for place, about := range map[string]string{
		"LANG-002 own/campaign.yaml:12:24 posts[0].text.en":           "one ",  // behind the quotation mark, where the words stand
		"LANG-001 own/campaign.yaml:15:46 posts[0].variants[0].text":  "one x", // the words of one network
		"LANG-005 own/campaign.yaml:15:51 posts[0].variants[0].text":  "one x",
		"LANG-002 own/campaign.yaml:22:15 posts[1].thread[0].text.en": "two ", // folded over lines: where the text begins
	} {
		if got[place] != about {
			t.Errorf("%s: %q, want %q", place, got[place], about)
		}
		delete(got, place)
	}
	for place, about := range got {
		t.Errorf("found besides: %s %s", place, about)
	}
}

func TestWhatIsShippedHasNoErrors(t *testing.T) {
	t.Parallel()
	set, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	ids, err := campaign.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		l, err := campaign.LoadShipped(id)
		if err != nil {
			t.Fatal(err)
		}
		days, ok, err := l.Observance.Rule.On(2027)
		if err != nil || !ok {
			days = civil.Range{}
		}
		for _, f := range content.Check(set, content.Words{Campaign: l.Campaign, Observance: l.Observance, Facts: l.Facts, Year: 2027, Days: days, Today: civil.Date{Year: 2026, Month: 12, Day: 1}}) {
			if f.Severity == lint.Error {
				t.Errorf("%s %s %s: %s", id, f.Path, f.Language, f.Say())
			} else {
				t.Logf("%s %s %s: %s", id, f.Path, f.Language, f.Say())
			}
		}
	}
}
