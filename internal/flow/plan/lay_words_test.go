package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/plan"

	"github.com/google/go-cmp/cmp"
)

// january is the days of an edition that lasts a month.
var january = civil.Range{Start: civil.Date{Year: 2027, Month: 1, Day: 1}, End: civil.Date{Year: 2027, Month: 1, Day: 31}}

func rich() campaign.Campaign {
	return campaign.Campaign{
		ID: "rich", Languages: []string{"en", "fr"}, Resources: map[string]string{campaign.General: "https://example.org/", campaign.AtRisk: "https://example.org/help"},
		Posts: []campaign.Message{
			{
				ID: "weekly", Mode: campaign.Local, Texts: map[string]string{"en": "Help is near.", "fr": "De l'aide existe."}, Audience: campaign.AtRisk, Helpline: "GB",
				Series: &campaign.Series{Cron: "0 12 * * MON", To: campaign.Offset{FromEnd: true}},
				CTA:    &campaign.CTA{Kind: "learn", Label: map[string]string{"en": "Read", "fr": "Lire"}},
			},
			{
				ID: "thread", Mode: campaign.Local, Time: civil.Clock{Hour: 9}, Texts: map[string]string{"en": "One", "fr": "Un"},
				Thread:   []campaign.Part{{Texts: map[string]string{"en": "Two", "fr": "Deux"}, Media: []campaign.Media{{File: "a.png", SHA256: "aa"}}}},
				Variants: []campaign.Variant{{Language: "en", Network: "bluesky", Part: 2, Text: "2"}, {Language: "en", Network: "bluesky", Text: "1"}},
				Hashtags: []string{"#A", "#B"}, NetworkTags: map[string][]string{"bluesky": {"#A"}, "x": {}},
				Mentions:      map[string][]string{"mastodon": {"@a@b.example"}},
				WithoutLabels: []string{"quiet"}, Networks: []string{"mastodon", "bluesky", "x"},
			},
		},
	}
}

func TestWordsAreThoseOfThePlacesNetworkAndLanguage(t *testing.T) {
	t.Parallel()
	laid, err := plan.Lay(rich(), january, []plan.Place{
		{Channel: 1, Platform: "mastodon", Zone: "Europe/Paris", Languages: []string{"en", "fr"}},
		{Channel: 2, Platform: "bluesky", Zone: "Europe/London", Languages: []string{"en"}},
		{Channel: 3, Platform: "x", Zone: "Europe/London", Languages: []string{"fr"}},
		{Channel: 4, Platform: "linkedin", Zone: "Europe/London", Languages: []string{"en"}},
		{Channel: 5, Platform: "mastodon", Zone: "Europe/London", Languages: []string{"en"}, Labels: []string{"quiet"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, l := range laid {
		for _, s := range l.Slots {
			got[l.Source.Message] = append(got[l.Source.Message], fmt.Sprintf("%d %s %v %v %v", s.Place.Channel, s.Language, s.Words.Parts, s.Words.Hashtags, s.Words.Mentions))
		}
	}
	want := []string{
		"1 en [One Two] [#A #B] [@a@b.example]", "1 fr [Un Deux] [#A #B] [@a@b.example]", "2 en [1 2] [#A] []", "3 fr [Un Deux] [] []",
	}
	if diff := cmp.Diff(want, got["thread"]); diff != "" {
		t.Error(diff)
	}
	if laid[0].Source.Message != "thread" || len(laid[0].Source.Parts) != 2 || laid[0].Source.Parts[1].Pictures[0].SHA256 != "aa" || laid[0].Slots[0].Words.Link != "https://example.org/" {
		t.Errorf("the thread is %+v", laid[0].Source)
	}
}

func TestASeriesIsPlacedOnEachPlacesClock(t *testing.T) {
	t.Parallel()
	laid, err := plan.Lay(rich(), january, []plan.Place{{Channel: 1, Platform: "mastodon", Zone: "Asia/Kathmandu", Languages: []string{"fr"}}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range laid[1:] {
		s := l.Slots[0]
		got = append(got, fmt.Sprintf("%s %s %s %s %s %s", l.Source.Message, s.DueAt.Format("01-02T15:04"), l.Source.When.Clock, s.Words.CTA, s.Words.Link, s.Words.Country))
	}
	want := []string{
		"weekly#1 01-04T06:15 12:00 Lire https://example.org/help GB", "weekly#2 01-11T06:15 12:00 Lire https://example.org/help GB",
		"weekly#3 01-18T06:15 12:00 Lire https://example.org/help GB", "weekly#4 01-25T06:15 12:00 Lire https://example.org/help GB",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestASeriesWithoutATimeInTheYearIsRefused(t *testing.T) {
	t.Parallel()
	c := rich()
	c.Posts[0].Series = &campaign.Series{Cron: "0 12 29 2 *", To: campaign.Offset{FromEnd: true}}
	_, err := plan.Lay(c, january, nil)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "does not come from 2027-01-01 to 2027-01-31") {
		t.Errorf("got %v", err)
	}
}
