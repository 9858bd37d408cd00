package access_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/core/lint/access"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

func text(language, s string) subject.Subject {
	return subject.Subject{Language: language, Parts: []subject.Part{{Text: s}}}
}

// quotes returns the words of the hits on a text, and "*" for a hit on all of it.
func quotes(s string, hits []subject.Hit) string {
	var list []string
	for _, h := range hits {
		if h.Start == h.End {
			list = append(list, "*")
			continue
		}
		list = append(list, s[h.Start:h.End])
	}
	return strings.Join(list, "|")
}

func TestTextsThatScreenReadersStumbleOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		run      func(*prose.View) []subject.Hit
		language string
		text     string
		want     string
	}{
		{"small letters", access.TagCase, "en", "Join #endhumantrafficking", "#endhumantrafficking"},
		{"two words", access.TagCase, "en", "#humantrafficking #blueheart", "#humantrafficking|#blueheart"},
		{"French words", access.TagCase, "fr", "#coeurbleu #ensemble", "#coeurbleu"},
		{"unknown and long", access.TagCase, "en", "#somethingnobodyknows", "#somethingnobodyknows"},
		{"capitals", access.TagCase, "en", "#EndHumanTrafficking #16Days #charity #volunteering #together", ""},
		{"low lines", access.TagCase, "en", "#end_human_trafficking", ""},
		{"no case", access.TagCase, "ar", "#لاللاتجاربالبشر", ""},

		{"two inside", access.TagsInSentence, "en", "We #Stand with #Survivors and #Workers today.", "#Survivors"},
		{"one inside", access.TagsInSentence, "en", "We #Stand together. #One #Two", ""},
		{"at the end of a paragraph", access.TagsInSentence, "en", "We stand. #One #Two\n\nMore to say.", ""},
		{"at the end, with a link and an emoji", access.TagsInSentence, "en", "We stand. #One #Two 💙 https://a.org", ""},

		{"four", access.Emoji, "en", "Join 💙 us 🙏 to 🌍 day ✨", "✨"},
		{"twice in a row", access.Emoji, "en", "Join us. 💙💙", "💙"},
		{"twice in a row with selectors", access.Emoji, "en", "Join us. ❤️ ❤", "❤"},
		{"in place of a word", access.Emoji, "en", "We 💙 you", "💙"},
		{"as bullets", access.Emoji, "en", "✅ One thing\n✅ Another thing", "✅"},
		{"one at the end", access.Emoji, "en", "Join us tomorrow. 💙", ""},
		{"a family is one", access.Emoji, "en", "Join us. 👩‍👩‍👧‍👦👍🏽🇳🇵", ""},
		{"before a new sentence", access.Emoji, "en", "Join us! 💙 We begin at nine.", ""},
		{"at the end of a line", access.Emoji, "en", "Join us 💙\nall day", ""},
		{"none", access.Emoji, "en", "© 2027 ™ → 5", ""},

		{"mathematical", access.FancyLetters, "en", "𝗘𝗻𝗱 𝗶𝘁 now, Ⓔⓝⓓ", "𝗘𝗻𝗱 𝗶𝘁|Ⓔⓝⓓ"},
		{"full width", access.FancyLetters, "en", "Ｅｎｄ", "Ｅｎｄ"},
		{"accents", access.FancyLetters, "fr", "Été à Besançon ½ ①", ""},

		{"a long sentence", access.ReadingLevel, "ar", strings.Repeat("كلمة ", 26) + ".", strings.Repeat("كلمة ", 26) + "."},
		{"short sentences", access.ReadingLevel, "ar", strings.Repeat("كلمة كلمة كلمة. ", 10), ""},
		{"plain English", access.ReadingLevel, "en", "You can ask for help. You do not need proof. Talk to someone you trust, or call us. We are here all day and all night.", ""},
		{"hard English", access.ReadingLevel, "en", "Multidimensional exploitation necessitates comprehensive intersectoral collaboration. International organisations, governmental institutions and representative associations coordinate notwithstanding jurisdictional complications.", "*"},
		{"a list is no long sentence", access.ReadingLevel, "en", strings.Repeat("Keep your own papers\n", 10), ""},
		{"plain Spanish", access.ReadingLevel, "es", "Puedes pedir ayuda. No hace falta una prueba. Habla con una persona de confianza o llama. Estamos aquí de día y de noche.", ""},
		{"hard Spanish", access.ReadingLevel, "es", "La institucionalización intersectorial multidimensional necesita colaboraciones gubernamentales internacionales extraordinariamente coordinadas, independientemente de complicaciones jurisdiccionales administrativas correspondientes.", "*"},
		{"plain French", access.ReadingLevel, "fr", "Vous pouvez demander de l'aide. Parlez à une personne de confiance. Gardez vos papiers sur vous. Nous sommes là jour et nuit.", ""},
		{"hard French", access.ReadingLevel, "fr", "L'institutionnalisation intersectorielle multidimensionnelle nécessite des collaborations gouvernementales internationales extraordinairement coordonnées, indépendamment des complications juridictionnelles administratives.", "*"},

		{"unknown", access.UnexplainedAcronym, "en", "The NRM is open. The NRM works.", "NRM"},
		{"explained before", access.UnexplainedAcronym, "en", "The National Referral Mechanism (NRM) is open. The NRM works.", ""},
		{"explained behind", access.UnexplainedAcronym, "en", "The NRM (National Referral Mechanism) is open.", ""},
		{"known", access.UnexplainedAcronym, "en", "The UN and UNICEF, the EU, NGOs and UNODC", ""},
		{"shouting", access.UnexplainedAcronym, "en", "STOP NOW", ""},
		{"in a hashtag or link", access.UnexplainedAcronym, "en", "#NRM https://a.org/NRM", ""},
		{"roman", access.UnexplainedAcronym, "en", "Part XIV", ""},

		{"no groups", access.PhoneFormat, "en", "Call 08001234567 or +442079460958.", "08001234567|+442079460958"},
		{"groups", access.PhoneFormat, "en", "Call 0800 123 4567, 1-888-373-7888, 112 or 116 000.", ""},
		{"money and codes", access.PhoneFormat, "en", "$15000000, A1234567", ""},
		{"Arabic digits", access.PhoneFormat, "ar", "اتصل ٠٨٠٠١٢٣٤٥٦٧", "٠٨٠٠١٢٣٤٥٦٧"},

		{"no language", access.NoLanguage, "", "x", "*"},
		{"undetermined", access.NoLanguage, "und", "x", "*"},
		{"a language", access.NoLanguage, "pt-BR", "x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := quotes(tt.text, tt.run(prose.See(text(tt.language, tt.text)))); strings.TrimSpace(got) != strings.TrimSpace(tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestACapitalisedTagIsSuggested(t *testing.T) {
	t.Parallel()
	s := text("en", "x")
	s.Hashtags = []string{"#16daysagainstviolence"}
	hits := access.TagCase(prose.See(s))
	if len(hits) != 1 || hits[0].Field != subject.Hashtags || hits[0].Suggestion != "Write #16DaysAgainstViolence." {
		t.Errorf("%+v", hits)
	}
}

func TestDescriptionsAreThereAndShort(t *testing.T) {
	t.Parallel()
	s := text("en", "x")
	s.Parts[0].Pictures = []subject.Picture{{Alt: " ", Where: "a.png"}, {Alt: "A heart"}, {Alt: strings.Repeat("é", 251)}, {Alt: strings.Repeat("e", 250)}}
	if hits := access.NoAlt(prose.See(s)); len(hits) != 1 || hits[0].Picture != 0 || !strings.Contains(hits[0].Message, "a.png") {
		t.Errorf("%+v", hits)
	}
	if hits := access.LongAlt(prose.See(s)); len(hits) != 1 || hits[0].Picture != 2 {
		t.Errorf("%+v", hits)
	}
	s.Limits.AltCharacters = 100
	if hits := access.LongAlt(prose.See(s)); len(hits) != 2 || !strings.Contains(hits[1].Message, "takes 100") {
		t.Errorf("%+v", hits)
	}
}

func TestNetworksLimitsAreKept(t *testing.T) {
	t.Parallel()
	s := text("en", "Hello #One #two https://a.org {{link}}")
	s.Hashtags = []string{"#Two", "#Three"}
	s.Parts[0].Length = 301
	runs := map[string]func(*prose.View) []subject.Hit{"many": access.TooManyTags, "unusual": access.UnusualTags, "long": access.TooLong, "link": access.LinkInCaption}
	for name, run := range runs {
		if hits := run(prose.See(s)); len(hits) != 0 {
			t.Errorf("%s without limits: %+v", name, hits)
		}
	}
	s.Limits = subject.Limits{Characters: 300, MaxHashtags: 2, GoodHashtags: [2]int{1, 2}, DeadLinks: true}
	for name, want := range map[string]int{"many": 1, "unusual": 1, "long": 1, "link": 2} {
		if hits := runs[name](prose.See(s)); len(hits) != want {
			t.Errorf("%s: %+v", name, hits)
		}
	}
	s.Limits = subject.Limits{Characters: 301, MaxHashtags: 3, GoodHashtags: [2]int{3, 5}}
	for name, run := range runs {
		if hits := run(prose.See(s)); len(hits) != 0 {
			t.Errorf("%s within limits: %+v", name, hits)
		}
	}
}

func TestACrowdOfAccountsIsFound(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)
	crowd := func(network string, apart time.Duration, accounts ...string) []subject.Subject {
		var list []subject.Subject
		for i, a := range accounts {
			s := text("en", "Wear blue today.")
			s.Network, s.Account, s.At, s.Message = network, a, at.Add(time.Duration(i)*apart), "m1"
			list = append(list, s)
		}
		return list
	}
	for _, tt := range []struct {
		name string
		list []subject.Subject
		want int
	}{
		{"four within ten minutes", crowd("x", time.Minute, "a", "b", "c", "d"), 1},
		{"three", crowd("x", time.Minute, "a", "b", "c"), 0},
		{"one account four times", crowd("x", time.Minute, "a", "a", "a", "a"), 0},
		{"spread", crowd("x", 5*time.Minute, "a", "b", "c", "d", "e"), 0},
		{"two networks", append(crowd("x", time.Minute, "a", "b"), crowd("y", time.Minute, "c", "d")...), 0},
		{"no instants", []subject.Subject{text("en", "a"), text("en", "a"), text("en", "a"), text("en", "a")}, 0},
	} {
		if got := access.Crowd(tt.list); len(got) != tt.want {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}
