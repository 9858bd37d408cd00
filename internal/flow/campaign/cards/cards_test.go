package cards_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"daymark/campaigns"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/cards"
	"daymark/internal/media/card"
	"daymark/internal/media/card/lettering"
)

// TestTheShippedCardsAreDrawn lays out every card of every shipped campaign in its languages, and draws the first.
func TestTheShippedCardsAreDrawn(t *testing.T) {
	t.Parallel()
	ids, err := campaign.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	fonts := lettering.NewFonts(nil)
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			loaded, err := campaign.LoadShipped(id)
			if err != nil {
				t.Fatal(err)
			}
			src, err := fs.ReadFile(campaigns.Files, id+"/"+cards.FileName)
			if errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%s has no cards", id)
			}
			all, problems := cards.Read(id, src, loaded.Campaign)
			if len(problems) > 0 || len(all) == 0 {
				t.Fatal(problems)
			}
			facts, err := campaign.ShippedFacts()
			if err != nil {
				t.Fatal(err)
			}
			on := cards.Setting{Campaign: loaded.Campaign, Facts: facts, Day: civil.Date{Year: 2027, Month: 7, Day: 30}, Today: civil.Date{Year: 2026, Month: 11, Day: 22}, Org: "Harbour Light"}
			for i, c := range all {
				format := []string{"1:1", "4:5", "16:9", "header", "9:16"}[i%5]
				for _, tag := range loaded.Campaign.Languages {
					drawn, err := c.In(tag, format, on)
					if err != nil {
						t.Errorf("%s in %s: %v", c.ID, tag, err)
						continue
					}
					if err := card.Check(drawn, fonts); err != nil {
						t.Errorf("%s in %s as %s: %v", c.ID, tag, format, err)
					}
					if i == 0 {
						if _, err := card.Draw(drawn, fonts); err != nil {
							t.Errorf("%s in %s as %s: %v", c.ID, tag, format, err)
						}
					}
					if alt, err := card.Alt(drawn); err != nil || !strings.Contains(alt, "Harbour Light") {
						t.Errorf("%s in %s: %q, %v", c.ID, tag, alt, err)
					}
				}
			}
		})
	}
}

func TestAFigureIsWrittenAsTheSentenceWritesIt(t *testing.T) {
	t.Parallel()
	facts, err := campaign.ShippedFacts()
	if err != nil {
		t.Fatal(err)
	}
	today := civil.Date{Year: 2026, Month: 11, Day: 22}
	for _, tt := range []struct{ fact, tag, want string }{
		{"F02", "en", "38%"},
		{"F02", "fr", "38 %"},
		{"F02", "ar", "38%"},
		{"F04", "en", "+47%"},
		{"F19", "en", "10,793"},
		{"F27", "en", "116 000"},
		{"F11", "en", ""},
		{"F15", "en", ""},
		{"F22", "en", ""},
	} {
		c := card.Card{Language: tt.tag}
		if err := cards.State(&c, facts[tt.fact], today); err != nil {
			t.Fatal(err)
		}
		if c.Value != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.fact, tt.tag, c.Value, tt.want)
		}
	}
	c := card.Card{Language: "en"}
	if err := cards.State(&c, facts["F02"], civil.Date{Year: 2040, Month: 1, Day: 1}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a fact nobody has looked at for years: %v", err)
	}
}

func TestMistakesInAFileOfCardsAreNamedWithTheirPlace(t *testing.T) {
	t.Parallel()
	loaded, err := campaign.LoadShipped("july-30")
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"template: poster":                         "cards.yaml:4",
		"template: quote":                          "cards.yaml:4",
		"template: fact":                           "names it",
		"template: date\n    posts: [j30-99]":      "no message",
		"template: date\n    text: {en: Hello}":    `"ar" is missing`,
		"template: date\n    text: {sv: Hej}":      `not in "sv"`,
		"template: countdown\n    days: 0":         "days",
		"template: date\n    number: 3\n    of: 2": "number",
		"template: series":                         "of how many",
		"template: date\n    colour: blue":         "colour",
		"template: steps\n    items: [{label: a}]": "text",
	} {
		_, problems := cards.Read("cards.yaml", []byte("daymark: 1\ncards:\n  - id: one\n    "+line+"\n"), loaded.Campaign)
		if said := fmt.Sprint(problems); !strings.Contains(said, want) {
			t.Errorf("%s: %s", line, said)
		}
	}
}
