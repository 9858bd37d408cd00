package campaign_test

import (
	"slices"
	"testing"

	core "daymark/internal/core/campaign"
	"daymark/internal/core/text"
	"daymark/internal/core/text/count"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/helplines"
	"daymark/internal/org/helpline"
	"daymark/internal/platform/bluesky/rules"
	"daymark/internal/platform/x"
)

// composers put a content note where X and Bluesky show it: they have no place of its own for it, so it counts with the text.
var composers = map[string]func(note, body string) string{"x": x.Compose, "bluesky": rules.Compose}

func TestEveryJuly30PostFitsXAndBlueskyAsItGoesOut(t *testing.T) {
	t.Parallel()
	l, err := campaign.LoadShipped("july-30")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := helplines.Shipped()
	if err != nil || len(lines) == 0 {
		t.Fatalf("%d helplines, %v", len(lines), err)
	}
	for network, compose := range composers {
		limits, ok := count.For(network)
		if !ok {
			t.Fatalf("nobody knows how %s counts", network)
		}
		for _, language := range []string{"en", "fr", "es", "ar"} {
			longest, ok := helpline.Emergency(language)
			if !ok {
				t.Fatalf("there is no emergency sentence in %s", language)
			}
			// A post shows one support line or the emergency sentence; the longest of them leaves the least room.
			for _, line := range lines {
				if said := (helpline.Record{Helpline: line}).Say(language); line.Purpose == core.Support && limits.Length(said, "") > limits.Length(longest, "") {
					longest = said
				}
			}
			// The link ends in a top level domain that X does not know, so that X counts it in full, as it does not with most.
			values := withFacts(l, language, map[string]string{
				"org": "Hope Line", "link": "https://hopeline.example/july30", "helpline": longest, "reach": "12,345", "visits": "12,345",
			})
			for _, m := range l.Campaign.Posts {
				words, ok := m.Text(language, network)
				if !ok || m.Parts() != 1 {
					t.Errorf("%s in %s has %d parts, and the first has no words: %t", m.ID, language, m.Parts(), !ok)
				}
				filled, missing := text.Fill(words, values)
				whole := compose(m.ContentNote[language], text.Compose(filled, m.TagsOn(network)))
				if a := limits.Count(whole, ""); !a.Valid() || len(missing) > 0 {
					t.Errorf("%s in %s on %s: %s, %d of %d, without %v:\n%s", m.ID, language, network, a.Problem, a.Length, a.Limit, missing, whole)
				}
			}
		}
	}
}

func TestShorterTextsKeepTheHelplineAndTheFacts(t *testing.T) {
	t.Parallel()
	l, err := campaign.LoadShipped("july-30")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, m := range l.Campaign.Posts {
		for _, v := range m.Variants {
			seen++
			kept := needed(v.Text)
			if want := needed(m.Texts[v.Language]); !slices.Equal(kept, want) {
				t.Errorf("%s in %s on %s has the tokens %v, want %v", m.ID, v.Language, v.Network, kept, want)
			}
			if limits, _ := count.For(v.Network); limits.Length(v.Text, "") >= limits.Length(m.Texts[v.Language], "") {
				t.Errorf("%s in %s on %s is not shorter than the text for all networks", m.ID, v.Language, v.Network)
			}
			if _, composed := composers[v.Network]; !composed {
				t.Errorf("%s in %s has words for %q, which the campaign does not shorten for", m.ID, v.Language, v.Network)
			}
			other := slices.IndexFunc(m.Variants, func(o core.Variant) bool { return o.Language == v.Language && o.Network == v.Network })
			if m.Variants[other] != v {
				t.Errorf("%s in %s has two texts for %s", m.ID, v.Language, v.Network)
			}
		}
	}
	if seen == 0 {
		t.Error("no post has words for a single network")
	}
}

// needed returns the tokens that no shorter text may leave out: the helpline and the facts, in order of their names.
func needed(words string) []string {
	var names []string
	for _, token := range text.Tokens(words) {
		if _, fact := token.Fact(); fact || token.Name == "helpline" {
			names = append(names, token.Name)
		}
	}
	slices.Sort(names)
	return names
}
