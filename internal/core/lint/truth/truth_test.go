package truth_test

import (
	"strings"
	"testing"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/lint/truth"
	"daymark/internal/core/observance"
)

var facts = map[string]campaign.Fact{
	"F02": {ID: "F02", Texts: map[string]string{"en": "38% of detected victims are children.", "fr": "38 % des victimes détectées sont des enfants."}, Value: "38%", Kind: campaign.Detected, Scope: "world, detected victims, 2022", Cite: "UNODC, Global Report 2024", Status: campaign.Current, ReviewBy: civil.Date{Year: 2027, Month: 2, Day: 28}},
	"F06": {ID: "F06", Texts: map[string]string{"en": "Of victims detected in 2022, 39% were women, 23% men, 22% girls and 16% boys."}, Value: "39/23/22/16", Kind: campaign.Detected, Scope: "world, 2022", Status: campaign.Current, ReviewBy: civil.Date{Year: 2027, Month: 2, Day: 28}},
	"F11": {ID: "F11", Texts: map[string]string{"en": "41% of identified victims came forward on their own."}, Value: "41%", Kind: campaign.Detected, Scope: "court cases", Status: campaign.Current, ReviewBy: civil.Date{Year: 2027, Month: 2, Day: 28}},
	"F12": {ID: "F12", Texts: map[string]string{"en": "In 2020 detected victims fell 11%."}, Value: "-11%", Kind: campaign.Detected, Scope: "world", Status: campaign.Superseded, SupersededBy: "F02"},
	"F13": {ID: "F13", Texts: map[string]string{"en": "An estimated 27.6 million people were in forced labour on any day in 2021."}, Value: "27.6 million", Kind: campaign.Estimate, Scope: "world, 2021", Status: campaign.Current, ReviewBy: civil.Date{Year: 2027, Month: 9, Day: 30}},
	"F19": {ID: "F19", Texts: map[string]string{"en": "EU countries registered 10,793 victims of trafficking in 2023."}, Value: "10,793", Kind: campaign.Admin, Scope: "EU-27, 2023", Status: campaign.Current, ReviewBy: civil.Date{Year: 2027, Month: 3, Day: 31}},
}

type check = func(*prose.View) []subject.Hit

// post returns a post of one text that names facts.
func post(language, text string, ids ...string) subject.Subject {
	s := subject.Subject{Language: language, Parts: []subject.Part{{Text: text}}, Known: facts, Year: 2027, Day: civil.Date{Year: 2027, Month: 1, Day: 30}}
	for _, id := range ids {
		s.Facts = append(s.Facts, facts[id])
	}
	return s
}

func TestFactsAreStatedAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		run   check
		post  subject.Subject
		quote string // of the first hit; empty when there is none
		say   string
	}{
		{"no source", truth.UnsourcedFigure, post("en", "In short: 38% of victims are children."), "38%", "38%"},
		{"a source", truth.UnsourcedFigure, post("en", "38% of victims are children.", "F02"), "", ""},
		{"a token as source", truth.UnsourcedFigure, post("en", "More than a third of them: {{fact:F02}}"), "", ""},
		{"a vague number is another rule's", truth.UnsourcedFigure, post("en", "Thousands of people"), "", ""},
		{"Arabic without source", truth.UnsourcedFigure, post("ar", "٣٨٪ من الضحايا أطفال."), "٣٨٪", ""},

		{"another share", truth.FigureDiffers, post("en", "48% of detected victims are children.", "F02"), "48%", "F02 says 38%"},
		{"the fact's share", truth.FigureDiffers, post("en", "38% of detected victims are children.", "F02"), "", ""},
		{"the share in words", truth.FigureDiffers, post("en", "Thirty-eight per cent of detected victims are children.", "F02"), "", ""},
		{"one of four shares", truth.FigureDiffers, post("en", "23% of detected victims are men.", "F06"), "", ""},
		{"none of four shares", truth.FigureDiffers, post("en", "33% of detected victims are men.", "F06"), "33%", "F06"},
		{"rounded with a word", truth.FigureDiffers, post("en", "About four in ten identified victims came forward.", "F11"), "", ""},
		{"rounded without a word", truth.FigureDiffers, post("en", "Four in ten identified victims came forward.", "F11"), "Four in ten", "F11"},
		{"rounded too far", truth.FigureDiffers, post("en", "About half of the detected: nearly half.", "F11"), "About half", "F11"},
		{"rounded in French", truth.FigureDiffers, post("fr", "Environ 40 % des victimes identifiées", "F11"), "", ""},
		{"another shape", truth.FigureDiffers, post("en", "38% of detected victims; 2,000 people walked.", "F02"), "", ""},
		{"another million", truth.FigureDiffers, post("en", "26.7 million people were in forced labour.", "F13"), "26.7 million", "27.6 million"},
		{"another million, short", truth.FigureDiffers, post("en", "28m people were in forced labour.", "F13"), "28m", "27.6 million"},
		{"French decimals", truth.FigureDiffers, post("fr", "27,6 millions de personnes", "F13"), "", ""},
		{"Spanish thousands", truth.FigureDiffers, post("es", "10.793 víctimas registradas", "F19"), "", ""},
		{"Arabic digits", truth.FigureDiffers, post("ar", "٤٨٪ من الضحايا المكتشفين أطفال", "F02"), "٤٨٪", "F02"},
		{"a year is no figure", truth.FigureDiffers, post("en", "38% of victims detected in 2022", "F02"), "", ""},

		{"superseded", truth.StaleFact, post("en", "Detected victims fell 11%.", "F12"), "", "superseded"},
		{"superseded, as a token", truth.StaleFact, post("en", "Look: {{fact:F12}}", "F12"), "{{fact:F12}}", "superseded"},
		{"past its review", truth.StaleFact, func() subject.Subject { s := post("en", "38%", "F02"); s.Day.Month = 3; return s }(), "", "holds until"},

		{"detected left out", truth.FactScope, post("en", "38% of victims of trafficking are children.", "F02"), "38%", "detected"},
		{"detected said", truth.FactScope, post("en", "38% of detected victims are children.", "F02"), "", ""},
		{"identified said", truth.FactScope, post("en", "38% of the victims identified by police are children.", "F02"), "", ""},
		{"detected in French", truth.FactScope, post("fr", "38 % des victimes détectées sont des enfants.", "F02"), "", ""},
		{"left out in French", truth.FactScope, post("fr", "38 % des victimes sont des enfants.", "F02"), "38 %", ""},
		{"detected in Spanish", truth.FactScope, post("es", "El 38 % de las víctimas detectadas son menores.", "F02"), "", ""},
		{"detected in Arabic", truth.FactScope, post("ar", "38% من الضحايا المكتشفين أطفال.", "F02"), "", ""},
		{"the EU's said of the world", truth.FactScope, post("en", "Worldwide, 10,793 victims were registered.", "F19"), "10,793", "the EU"},
		{"the EU's said of the EU", truth.FactScope, post("en", "In the EU, 10,793 victims were registered.", "F19"), "", ""},
		{"the world's said of the UK", truth.FactScope, post("en", "In the UK, 38% of detected victims are children.", "F02"), "38%", "the UK"},
		{"the world's said of the world", truth.FactScope, post("en", "Across the world, also in the UK, 38% of detected victims are children.", "F02"), "", ""},
		{"the world's said of our country", truth.FactScope, post("en", "38% of detected victims in our country are children.", "F02"), "38%", "one country"},

		{"forced labour called trafficking", truth.WiderEstimate, post("en", "27.6 million people were trafficked in 2021.", "F13"), "27.6 million", "F13"},
		{"without naming the fact", truth.WiderEstimate, post("en", "27.6 million victims of human trafficking"), "27.6 million", "F13"},
		{"trafficking before it", truth.WiderEstimate, post("en", "Human trafficking has 27.6 million victims.", "F13"), "27.6 million", "F13"},
		{"its own noun", truth.WiderEstimate, post("en", "27.6 million people were in forced labour. Trafficking is part of it.", "F13"), "", ""},
		{"its own noun after trafficking", truth.WiderEstimate, post("en", "On World Day Against Trafficking: 27.6 million people are in forced labour.", "F13"), "", ""},
		{"French", truth.WiderEstimate, post("fr", "27,6 millions de victimes de la traite", "F13"), "27,6 millions", ""},
		{"Spanish", truth.WiderEstimate, post("es", "27,6 millones de víctimas de trata", "F13"), "27,6 millones", ""},
		{"Arabic", truth.WiderEstimate, post("ar", "27.6 مليون ضحية من ضحايا الاتجار", "F13"), "27.6 مليون", ""},

		{"a share of all", truth.DetectedOnly, post("en", "38% of all trafficking victims are children"), "38% of all trafficking victims", ""},
		{"a third", truth.DetectedOnly, post("en", "one third of trafficked persons"), "one third of trafficked persons", ""},
		{"four in ten", truth.DetectedOnly, post("en", "Four in ten victims of trafficking are women."), "Four in ten victims of trafficking", ""},
		{"over a line break", truth.DetectedOnly, post("en", "38% of\nvictims of trafficking"), "38% of\nvictims of trafficking", ""},
		{"detected", truth.DetectedOnly, post("en", "38% of detected trafficking victims"), "", ""},
		{"a share of volunteers", truth.DetectedOnly, post("en", "Half of our volunteers are new."), "", ""},
		{"another sentence", truth.DetectedOnly, post("en", "38% are children. Victims of trafficking need time."), "", ""},
		{"all in French", truth.DetectedOnly, post("fr", "38 % des victimes de la traite"), "38 % des victimes de la traite", ""},
		{"all in Spanish", truth.DetectedOnly, post("es", "El 38 % de las víctimas de trata"), "38 % de las víctimas de trata", ""},
		{"all in Arabic", truth.DetectedOnly, post("ar", "38% من ضحايا الاتجار بالبشر"), "38% من ضحايا الاتجار", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			judge(t, tt.run, tt.post, tt.quote, tt.say)
		})
	}
}

// judge runs a check and compares the first hit; with neither quote nor say there must be none.
func judge(t *testing.T, run check, s subject.Subject, quote, say string) {
	t.Helper()
	hits := run(prose.See(s))
	if quote == "" && say == "" {
		if len(hits) > 0 {
			t.Errorf("got %+v", hits)
		}
		return
	}
	if len(hits) == 0 {
		t.Fatal("nothing was found")
	}
	got := ""
	if hits[0].Field == subject.Text {
		got = s.Parts[0].Text[hits[0].Start:hits[0].End]
	}
	if got != quote || !strings.Contains(hits[0].Message, say) {
		t.Errorf("got %q, %+v", got, hits[0])
	}
}

func TestAStaleFactNamesItsReplacement(t *testing.T) {
	t.Parallel()
	hits := truth.StaleFact(prose.See(post("en", "x", "F12")))
	if len(hits) != 1 || !strings.Contains(hits[0].Suggestion, "F02: “38% of detected victims are children” (UNODC, Global Report 2024)") {
		t.Errorf("%+v", hits)
	}
}

func TestWeekdaysFitTheirDates(t *testing.T) {
	t.Parallel()
	// 30 July 2027 is a Friday, 30 January 2027 a Saturday.
	for _, tt := range []struct{ language, text, want string }{
		{"en", "Join us on Monday, 30 July 2027.", "Monday"},
		{"en", "Join us on Friday, 30 July 2027.", ""},
		{"en", "Join us on Friday 30 July.", ""},
		{"en", "Join us on Tuesday, July 30th!", "Tuesday"},
		{"en", "30 July 2027 (Thursday)", "Thursday"},
		{"en", "On Thursday, 30 July 2026, we met.", ""},
		{"en", "Every Monday we meet. The day is 30 July.", ""},
		{"en", "Today is Monday.", "Monday"},
		{"en", "Today is Saturday.", ""},
		{"en", "#Monday 30 July", ""},
		{"fr", "Rendez-vous lundi 30 juillet 2027.", "lundi"},
		{"fr", "Rendez-vous le vendredi 30 juillet 2027.", ""},
		{"fr", "Aujourd’hui, c’est samedi.", ""},
		{"es", "Lunes, 30 de julio de 2027", "Lunes"},
		{"es", "El viernes 30 de julio", ""},
		{"ar", "يوم الاثنين 30 يوليو 2027", "الاثنين"},
		{"ar", "يوم الجمعة ٣٠ تموز ٢٠٢٧", ""},
		{"de", "Montag, 30. Juli 2027", ""},
	} {
		hits := truth.WrongWeekday(prose.See(post(tt.language, tt.text)))
		got := ""
		if len(hits) > 0 {
			got = tt.text[hits[0].Start:hits[0].End]
		}
		if got != tt.want {
			t.Errorf("%s %q: got %q, want %q", tt.language, tt.text, got, tt.want)
		}
	}
}

func TestThemesOfOtherYearsAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"This year: Reach every victim, leave no one behind.":      "Reach every victim, leave no one behind",
		"reach every\nvictim, leave no one behind!":                "reach every\nvictim, leave no one behind",
		"In 2023 we said: reach every victim, leave no one behind": "",
		"Trafficking is organised crime.":                          "",
		"#LeaveNoOneBehind":                                        "#LeaveNoOneBehind",
		"End it together":                                          "",
	} {
		s := post("en", text)
		s.Theme = "Trafficking is organised crime"
		s.Themes = []observance.Theme{{Year: 2023, Text: "Reach every victim, leave no one behind", Hashtag: "#LeaveNoOneBehind"}, {Year: 2026, Text: "End it"}, {Year: 2027, Text: "Trafficking is organised crime"}}
		hits := truth.OldTheme(prose.See(s))
		got := ""
		if len(hits) > 0 {
			got = text[hits[0].Start:hits[0].End]
		}
		if got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
