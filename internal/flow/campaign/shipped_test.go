package campaign_test

import (
	"slices"
	"strings"
	"testing"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign"
)

func TestTheShippedObservancesAllHaveDates(t *testing.T) {
	t.Parallel()
	all, err := campaign.ShippedObservances()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 49 {
		t.Errorf("only %d observances", len(all))
	}
	byID := map[string]observance.Observance{}
	for _, o := range all {
		byID[o.ID] = o
		if len(o.Sources) == 0 {
			t.Errorf("%s has no source", o.ID)
		}
		for year := 2000; year <= 2100; year++ {
			if _, ok, err := o.Rule.On(year); err != nil || (!ok && o.Rule.Kind != observance.Announced) {
				t.Errorf("%s in %d: %t, %v", o.ID, year, ok, err)
			}
		}
	}
	for _, tt := range []struct {
		id   string
		year int
		want string
	}{
		{"un-trafficking-day", 2027, "2027-07-30"},
		{"safer-internet-day", 2024, "2024-02-06"},
		{"safer-internet-day", 2026, "2026-02-10"},
		{"sixteen-days", 2026, "2026-11-25 to 2026-12-10"},
		{"us-trafficking-prevention-month", 2027, "2027-01-01 to 2027-01-31"},
		{"uk-anti-slavery-week", 2026, "2026-10-12 to 2026-10-18"},
		{"giving-tuesday", 2027, "2027-11-30"},
		{"migrants-refugees-sunday", 2025, "2025-10-04 to 2025-10-05"},
		{"cnn-myfreedomday", 2019, "2019-03-14"},
	} {
		days, ok, err := byID[tt.id].Rule.On(tt.year)
		if err != nil || !ok || days.String() != tt.want {
			t.Errorf("%s in %d: %s, %t, %v; want %s", tt.id, tt.year, days, ok, err, tt.want)
		}
	}
	if theme, ok := byID["un-trafficking-day"].Theme(2025); !ok || !strings.Contains(theme.Text, "organized crime") || theme.Unverified {
		t.Errorf("the theme of 2025 is %+v", theme)
	}
	if byID["un-trafficking-day"].Unverified || !byID["street-children-day"].Unverified {
		t.Error("the marks of what was verified are lost")
	}
}

func TestTheJuly30CampaignFillsItsDays(t *testing.T) {
	t.Parallel()
	l, err := campaign.LoadShipped("july-30")
	if err != nil {
		t.Fatal(err)
	}
	days, _, err := l.Observance.Rule.On(2027)
	if err != nil {
		t.Fatal(err)
	}
	d0 := days.Start
	around, onTheDay := 0, 0
	for _, m := range l.Campaign.Posts {
		on := m.Offset.On(days)
		if (civil.Range{Start: d0.AddDays(-1), End: d0.AddDays(2)}).Contains(on) {
			around++
		}
		if on == d0 {
			onTheDay++
		}
		if len(m.Media) != 1 || m.Media[0].File != "heart.png" || !strings.Contains(m.Media[0].Alt["en"], "blue heart") {
			t.Errorf("%s has the pictures %+v", m.ID, m.Media)
		}
		if m.Sensitive && m.ContentNote["en"] == "" {
			t.Errorf("%s is sensitive and has no content note", m.ID)
		}
		for _, tag := range []string{"#EndHumanTrafficking", "#HumanTrafficking"} {
			if !slices.Contains(m.Hashtags, tag) {
				t.Errorf("%s lacks %s", m.ID, tag)
			}
		}
	}
	if len(l.Campaign.Posts) < 18 || around < 12 || onTheDay > 7 {
		t.Errorf("%d messages, %d from D-1 to D+2, %d on the day", len(l.Campaign.Posts), around, onTheDay)
	}
	p := l.Pictures["heart.png"]
	if p.MIME != "image/png" || p.Width != 1200 || p.Height != 1200 || len(p.SHA256) != 64 || l.Campaign.Posts[0].Media[0].SHA256 != p.SHA256 {
		t.Errorf("the heart is %s, %d by %d, %s", p.MIME, p.Width, p.Height, p.SHA256)
	}
}

func TestTheJuly30TextsFitMastodonWhenFilled(t *testing.T) {
	t.Parallel()
	l, err := campaign.LoadShipped("july-30")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{
		"org": strings.Repeat("o", 25), "link": "https://example.org/july-30/" + strings.Repeat("a", 50), "helpline": strings.Repeat("h", 80), "year": "2027", "theme": strings.Repeat("t", 60),
	}
	later := map[string]string{"reach": "1,234,567", "visits": "123,456"}
	seen := map[string]string{}
	longest := 0
	for _, m := range l.Campaign.Posts {
		for _, lang := range []string{"en", "fr", "es", "ar"} {
			body, missing := text.Fill(m.Texts[lang], withFacts(l, lang, known))
			if len(missing) > 0 && m.ID != "j30-15" {
				t.Errorf("%s in %s needs %v, which nobody knows in advance", m.ID, lang, missing)
			}
			body, _ = text.Fill(body, later)
			if first, twice := seen[body]; twice {
				t.Errorf("%s in %s says the same as %s", m.ID, lang, first)
			}
			seen[body] = m.ID
			composed := text.Compose(body, m.Hashtags)
			n := text.DefaultMastodon.Count(composed, m.ContentNote[lang])
			longest = max(longest, n)
			if n > text.DefaultMastodon.MaxCharacters {
				t.Errorf("%s in %s has %d characters", m.ID, lang, n)
			}
			if !strings.HasSuffix(composed, "\n\n#EndHumanTrafficking #HumanTrafficking") {
				t.Errorf("%s in %s ends with %q", m.ID, lang, composed[max(0, len(composed)-60):])
			}
			for _, tail := range []string{"+", "00", "116"} {
				if strings.Contains(m.Texts[lang], tail) {
					t.Errorf("%s in %s may have a telephone number", m.ID, lang)
				}
			}
		}
	}
	t.Logf("the longest text has %d characters", longest)
}

func TestTheSameFileGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	var first []byte
	for range 5 {
		l, err := campaign.LoadShipped("july-30")
		if err != nil {
			t.Fatal(err)
		}
		b, err := campaign.Canonical(l.Campaign)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if string(b) != string(first) {
			t.Fatal("the bytes differ")
		}
	}
	l, err := campaign.LoadShipped("july-30")
	if err != nil {
		t.Fatal(err)
	}
	l.Campaign.Posts[3].Texts["fr"] += "."
	if b, err := campaign.Canonical(l.Campaign); err != nil || string(b) == string(first) {
		t.Errorf("a changed text is not seen: %v", err)
	}
}

func TestAMisspeltShippedCampaignIsSuggested(t *testing.T) {
	t.Parallel()
	_, err := campaign.LoadShipped("july30")
	if err == nil || !strings.Contains(err.Error(), `did you mean "july-30"?`) {
		t.Errorf("got %v", err)
	}
}
