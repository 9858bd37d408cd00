package campaign_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	core "daymark/internal/core/campaign"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign"
)

// shipped returns every campaign that comes with Daymark.
func shipped(t *testing.T) []campaign.Loaded {
	t.Helper()
	ids, err := campaign.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var all []campaign.Loaded
	for _, id := range ids {
		l, err := campaign.LoadShipped(id)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

func TestTheShippedCampaignsAreThese(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for _, l := range shipped(t) {
		got[l.Campaign.ID] = l.Campaign.Languages
		if n := len(l.Campaign.Posts); n < 5 || (n > 9 && l.Campaign.ID != "july-30") {
			t.Errorf("%s has %d posts", l.Campaign.ID, n)
		}
		for _, tag := range l.Campaign.Hashtags {
			if !slices.Contains(l.Observance.Hashtags, tag) {
				t.Errorf("%s: %s is not a hashtag of the day", l.Campaign.ID, tag)
			}
		}
		if len(l.Campaign.Tasks) == 0 && l.Campaign.ID != "july-30" {
			t.Errorf("%s asks nobody to check anything", l.Campaign.ID)
		}
	}
	for id, languages := range map[string]string{
		"july-30": "en fr es ar", "eu-anti-trafficking-day": "en fr es ar", "safer-internet-day": "en fr es ar", "child-labour-day": "en fr es ar",
		"sixteen-days": "en fr es", "missing-childrens-day": "en fr es", "us-prevention-month": "en es",
	} {
		if strings.Join(got[id], " ") != languages {
			t.Errorf("%s speaks %v", id, got[id])
		}
	}
}

var (
	figure    = regexp.MustCompile(`[0-9]+(?:[.,][0-9]+)? ?%|[0-9]+[,  ][0-9]{3}|[0-9]+ (?:million|billion|milliard|millones)`)
	longNumer = regexp.MustCompile(`\+[0-9]|116|(?:[0-9][ -]?){8,}`)
	citation  = regexp.MustCompile(`\{\{fact:|Source ?: |Fuente: |المصدر: `)
)

// eachText calls f with every text of a message, whatever part or network it is for.
func eachText(m core.Message, f func(language, s string)) {
	for i := range m.Parts() {
		texts := m.Texts
		if i > 0 {
			texts = m.Thread[i-1].Texts
		}
		for language, s := range texts {
			f(language, s)
		}
	}
	for _, v := range m.Variants {
		f(v.Language, v.Text)
	}
}

func TestShippedTextsKeepTheRules(t *testing.T) {
	t.Parallel()
	for _, l := range shipped(t) {
		said := map[string]string{}
		for _, m := range l.Campaign.Posts {
			where := l.Campaign.ID + " " + m.ID
			if m.Sensitive != (len(m.ContentNote) > 0) {
				t.Errorf("%s: a sensitive post has a content note, and only such a one", where)
			}
			eachText(m, func(language, s string) {
				if longNumer.MatchString(s) {
					t.Errorf("%s in %s may have a telephone number: %s", where, language, s)
				}
				if figure.MatchString(s) && len(m.Facts) == 0 {
					t.Errorf("%s in %s has a figure and names no fact: %s", where, language, s)
				}
				if len(m.Facts) > 0 && !citation.MatchString(s) {
					t.Errorf("%s in %s does not say where its fact is from: %s", where, language, s)
				}
				if m.Sensitive && !strings.Contains(s, "{{helpline}}") {
					t.Errorf("%s in %s is sensitive and does not say where help is", where, language)
				}
				if other, twice := said[s]; twice && other != where { // networks of one post may share a text
					t.Errorf("%s says the same as %s", where, other)
				}
				said[s] = where
			})
			if slices.ContainsFunc(m.Media, func(p core.Media) bool { return p.File != "heart.png" }) {
				t.Errorf("%s has a picture that we did not draw", where)
			}
		}
	}
}

func TestShippedTextsFitMastodonWhenFilled(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"org": strings.Repeat("o", 25), "link": "https://example.org/campaign/" + strings.Repeat("a", 50), "helpline": strings.Repeat("h", 80),
		"year": "2027", "theme": strings.Repeat("t", 60), "reach": "1,234,567", "visits": "123,456",
	}
	for _, l := range shipped(t) {
		for _, m := range l.Campaign.Posts {
			eachText(m, func(language, s string) {
				filled, missing := text.Fill(s, withFacts(l, language, values))
				if n := text.DefaultMastodon.Count(text.Compose(filled, m.Hashtags), m.ContentNote[language]); n > text.DefaultMastodon.MaxCharacters || len(missing) > 0 {
					t.Errorf("%s %s in %s has %d characters, without %v", l.Campaign.ID, m.ID, language, n, missing)
				}
			})
		}
	}
}

// withFacts returns the values with what each fact says in a language.
func withFacts(l campaign.Loaded, language string, values map[string]string) map[string]string {
	all := maps.Clone(values)
	for id, fact := range l.Facts {
		if said, ok := fact.Say(language); ok {
			all[text.FactToken(id)] = said
		}
	}
	return all
}

func TestTextsWithFactsFitBlueskyAndX(t *testing.T) {
	t.Parallel()
	// Bluesky takes 300 graphemes (app.bsky.feed.post in https://github.com/bluesky-social/atproto), X 280 units with 23 for a
	// link (https://docs.x.com/resources/fundamentals/counting-characters); the letters of our languages count one each, an emoji two.
	emergency := map[string]string{
		"en": "If someone is in danger now, call the local emergency number.", "fr": "En cas de danger immédiat, appelez le numéro d'urgence local.",
		"es": "Si alguien está en peligro ahora, llama al número de emergencias local.", "ar": "إذا كان أحد في خطر الآن، اتصلوا برقم الطوارئ المحلي.",
	}
	seen := 0
	for _, l := range shipped(t) {
		for _, m := range l.Campaign.Posts {
			for _, language := range l.Campaign.Languages {
				for network, most := range map[string]int{"bluesky": 300, "x": 280} {
					s, _ := m.Text(language, network)
					if !strings.Contains(s, "{{fact:") {
						continue
					}
					seen++
					filled, missing := text.Fill(s, withFacts(l, language, map[string]string{"helpline": emergency[language], "link": strings.Repeat("l", 23)}))
					if n := text.Graphemes(text.Compose(filled, m.TagsOn(network))); n > most || len(missing) > 0 {
						t.Errorf("%s %s in %s has %d characters on %s, without %v:\n%s", l.Campaign.ID, m.ID, language, n, network, missing, filled)
					}
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no text states a fact by its token")
	}
}

func TestShippedCampaignsHaveTheirDaysInEveryYear(t *testing.T) {
	t.Parallel()
	for _, l := range shipped(t) {
		for year := 2024; year < 2052; year++ {
			days, ok, err := l.Observance.Rule.On(year)
			if err != nil || !ok {
				t.Fatalf("%s in %d: %t, %v", l.Campaign.ID, year, ok, err)
			}
			for _, m := range l.Campaign.Posts {
				all, err := m.Expand(days)
				if err != nil || (m.Series != nil && len(all) != 3) {
					t.Errorf("%s %s in %d comes %d times, %v", l.Campaign.ID, m.ID, year, len(all), err)
				}
			}
		}
	}
	// Wear Blue Day is 11 January, the last of the 16 days is Human Rights Day.
	for _, tt := range []struct{ campaign, post, want string }{{"us-prevention-month", "month-03", "2027-01-11"}, {"sixteen-days", "days-07", "2027-12-10"}, {"safer-internet-day", "sid-04", "2027-02-09"}} {
		l, err := campaign.LoadShipped(tt.campaign)
		if err != nil {
			t.Fatal(err)
		}
		days, _, _ := l.Observance.Rule.On(2027)
		if m, ok := l.Campaign.Message(tt.post); !ok || m.Offset.On(days).String() != tt.want {
			t.Errorf("%s %s is on %s", tt.campaign, tt.post, m.Offset.On(days))
		}
	}
}
