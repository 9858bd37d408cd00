package safety_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/safety"
	"daymark/internal/core/lint/subject"
)

func text(language, s string) subject.Subject {
	return subject.Subject{Language: language, Parts: []subject.Part{{Text: s}}}
}

func quote(s subject.Subject, hits []subject.Hit) string {
	if len(hits) == 0 {
		return ""
	}
	return s.Parts[0].Text[hits[0].Start:hits[0].End]
}

func TestAgeWithPlaceIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ language, text, want string }{
		{"en", "a 14-year-old girl from Leeds", "14-year-old girl from Leeds"},
		{"en", "Maria, aged 15, taken in Porto", "aged 15, taken in Porto"},
		{"en", "She was 15 years old and lived near Cardiff.", "15 years old and lived near Cardiff"},
		{"en", "a fourteen year old boy in Lagos", "fourteen year old boy in Lagos"},
		{"en", "a 14‑year‑old from\nLeeds", "14‑year‑old from\nLeeds"},
		{"en", "From Porto came Maria, 15, alone.", "From Porto came Maria, 15,"},
		{"en", "a teenager in the north", ""},
		{"en", "14-year-olds deserve safety in Leeds", ""},
		{"en", "Children aged 10 to 15 in Leeds", ""},
		{"en", "a 10-year-old charity in Berlin", ""},
		{"en", "a 14-year-old girl. We met in Leeds.", ""},
		{"en", "a 14-year-old girl, taken in July", ""},
		{"en", "Join us in Leeds on 14 July.", ""},
		{"en", "a 15-year-old learned it in school", ""},
		{"fr", "une fille de 14 ans, originaire de Lyon", " de 14 ans, originaire de Lyon"},
		{"fr", "âgée de 15 ans, elle vivait à Lille", "âgée de 15 ans, elle vivait à Lille"},
		{"fr", "les jeunes de 14 ans à Lyon", ""},
		{"es", "una niña de 14 años de Sevilla", "de 14 años de Sevilla"},
		{"es", "hace 14 años en Sevilla", ""},
		{"ar", "فتاة عمرها 14 عاما من مدينة حلب", "عمرها 14 عاما من مدينة حلب"},
	} {
		s := text(tt.language, tt.text)
		if got := quote(s, safety.AgeAndPlace(prose.See(s))); strings.TrimSpace(got) != strings.TrimSpace(tt.want) {
			t.Errorf("%s %q: got %q, want %q", tt.language, tt.text, got, tt.want)
		}
	}
}

func TestLinksLeadOnlyToListedHosts(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]bool{
		"https://charity.example/a": false, "https://www.charity.example/a": false, "https://CHARITY.example": false, "http://blog.charity.example:8080/x": false,
		"https://notcharity.example/": true, "https://charity.example.spam.example/": true, "https://spam.example/charity.example": true,
	} {
		s := text("en", "See "+link)
		s.Hosts = []string{"other.example", " www.Charity.example "}
		if got := len(safety.LinkHost(prose.See(s))) > 0; got != want {
			t.Errorf("%s: found %v", link, got)
		}
	}
	if hits := safety.LinkHost(prose.See(text("en", "https://spam.example"))); hits != nil {
		t.Errorf("without a list: %v", hits)
	}
}

func TestSensitivePostsNameHelpAndTheirTopic(t *testing.T) {
	t.Parallel()
	sensitive := func(s string) subject.Subject {
		sub := text("en", s)
		sub.Sensitive = true
		return sub
	}
	for s, want := range map[string]bool{
		"They took her papers.": true, "They took her papers. {{helpline}}": false, "{{support}}": false, "{{resources_at_risk}}": false, "{{link}}": true,
		"In danger, call 112.": false, "Call the emergency number.": false, "An emergency of the heart.": true,
	} {
		if got := len(safety.NoHelpline(prose.See(sensitive(s)))) > 0; got != want {
			t.Errorf("helpline of %q: %v", s, got)
		}
	}
	filled := sensitive("Call the Blue Line.")
	filled.Parts[0].Inserted = []subject.Inserted{{Token: "helpline", Start: 0, End: 19}}
	if hits := safety.NoHelpline(prose.See(filled)); hits != nil {
		t.Errorf("a filled helpline: %v", hits)
	}
	if hits := safety.NoHelpline(prose.See(text("en", "Wear blue."))); hits != nil {
		t.Errorf("a post that is not sensitive: %v", hits)
	}
	for s, want := range map[string]bool{"They took her papers.": true, "Content note: exploitation. They took her papers.": false, "CW: abuse": false, "Our content: read it": true} {
		if got := len(safety.NoContentNote(prose.See(sensitive(s)))) > 0; got != want {
			t.Errorf("content note of %q: %v", s, got)
		}
	}
	noted := sensitive("They took her papers.")
	noted.ContentNote = "Content note: exploitation"
	if hits := safety.NoContentNote(prose.See(noted)); hits != nil {
		t.Errorf("%v", hits)
	}
}

func TestHelplinesAreCheckedAndOfTheCountry(t *testing.T) {
	t.Parallel()
	s := text("en", "x")
	s.Country = "GB"
	s.Helplines = []subject.Helpline{{ID: "gb", Country: "GB", Valid: true}, {ID: "eu", Country: "EU", Valid: true}, {ID: "old", Country: "GB", Until: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)}, {ID: "us", Country: "US", Valid: true}, {ID: "police", Country: "GB", Reporting: true, Valid: true}}
	unchecked := safety.HelplineUnchecked(prose.See(s))
	if len(unchecked) != 1 || !strings.Contains(unchecked[0].Message, "old holds only until 2 January 2027") {
		t.Errorf("%+v", unchecked)
	}
	country := safety.HelplineCountry(prose.See(s))
	if len(country) != 2 || !strings.Contains(country[0].Message, "us is for US") || !strings.Contains(country[1].Message, "police") {
		t.Errorf("%+v", country)
	}
	s.Countries = []string{"US", "GB"}
	if country := safety.HelplineCountry(prose.See(s)); len(country) != 1 {
		t.Errorf("%+v", country)
	}
}

func TestTokensAreNotLeftOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text   string
		filled bool
		want   []string
	}{
		{"See {{link}} now", true, []string{"{{link}}"}},
		{"See {{link}} now", false, nil},
		{"See {{link now", false, []string{"{{link"}},
		{"See link}} now", true, []string{"link}}"}},
		{"{{}} {{two words}}", false, []string{"{{}}", "{{two", "words}}"}},
		{"{one} brace", true, nil},
	} {
		s := text("en", tt.text)
		s.Filled = tt.filled
		s.Parts[0].Pictures = []subject.Picture{{Alt: "{{a}}"}}
		s.ContentNote = "{{"
		var got []string
		others := 0
		for _, h := range safety.LeftoverToken(prose.See(s)) {
			if h.Field == subject.Text {
				got = append(got, tt.text[h.Start:h.End])
			} else {
				others++
			}
		}
		if strings.Join(got, "|") != strings.Join(tt.want, "|") || (others == 2) != tt.filled {
			t.Errorf("%q: %q and %d elsewhere", tt.text, got, others)
		}
	}
}

func TestQuotesAndRequestsForMoneyAreSeen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		language, text string
		quote, money   bool
	}{
		{"en", "“I could not leave the house,” she remembers.", true, false},
		{"en", "She told us how it began.", true, false},
		{"en", "Our \"Blue Heart\" day", false, false},
		{"en", "It isn't the workers' fault, it's theirs", false, false},
		{"en", "The law says so.", false, false},
		{"en", "Donate today.", false, true},
		{"en", "Give £5 a month", false, true},
		{"en", "£10 could pay for a safe night", false, true},
		{"en", "Give people time to answer.", false, false},
		{"fr", "« Je ne pouvais pas partir de là »", true, false},
		{"fr", "Faites un don.", false, true},
		{"fr", "Nous donnons la parole", false, false},
		{"es", "«No podía salir de la casa»", true, false},
		{"es", "Dona hoy", false, true},
		{"es", "Haz una donación", false, true},
		{"ar", "قالت لنا إنها خافت", true, false},
		{"ar", "تبرعوا اليوم", false, true},
	} {
		v := prose.See(text(tt.language, tt.text))
		if got := safety.HasQuote(v); got != tt.quote {
			t.Errorf("quote in %q: %v", tt.text, got)
		}
		if got := safety.AsksMoney(v); got != tt.money {
			t.Errorf("money in %q: %v", tt.text, got)
		}
	}
}

func TestBleakCampaignsAndIdlePostsAreFound(t *testing.T) {
	t.Parallel()
	list := func(harm, hope, other int) []subject.Subject {
		var all []subject.Subject
		for range harm {
			all = append(all, subject.Subject{Sensitive: true, Kind: "fact"})
		}
		for range hope {
			all = append(all, subject.Subject{Kind: "helpline"})
		}
		for range other {
			all = append(all, subject.Subject{Kind: "fact"})
		}
		return all
	}
	for _, tt := range []struct {
		harm, hope, other int
		want              bool
	}{{7, 1, 2, true}, {7, 2, 1, false}, {6, 1, 3, false}, {3, 0, 1, false}, {5, 0, 0, true}} {
		if got := len(safety.BleakCampaign(list(tt.harm, tt.hope, tt.other))) > 0; got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
	for s, want := range map[string]bool{"The day was proclaimed in 2013.": true, "Learn five signs.": false, "Who do you know?": false, "See https://example.org": false, "It was long ago. {{link}}": false} {
		sub := text("en", s)
		sub.Kind = "fact"
		if got := len(safety.NoAction(prose.See(sub))) > 0; got != want {
			t.Errorf("action in %q: %v", s, got)
		}
	}
}
