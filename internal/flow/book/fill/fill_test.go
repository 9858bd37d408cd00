package fill_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/campaign"
	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/org/helpline"
	"daymark/internal/org/profile"
)

var (
	now = time.Date(2027, 7, 28, 9, 0, 0, 0, time.UTC)
	due = now.Add(48 * time.Hour)
)

// values are those of a charity with a checked helpline in Ghana, where channel 1 has its readers.
func values() fill.Values {
	return fill.Values{
		Profile: profile.Profile{
			Name: "Open Doors", Link: "https://charity.example", Support: map[string]string{"en": "Talk to us."},
			Resources: map[string]string{"professionals": "https://charity.example/staff"},
		},
		Edition: book.Edition{ID: 1, Year: 2027, Theme: "Leave no one behind"},
		Facts: map[string]campaign.Fact{"F02": {
			ID: "F02", Texts: map[string]string{"en": "38% of detected victims are children."}, Cite: "UNODC, 2024",
		}},
		Lines: []helpline.Record{{
			Helpline: campaign.Helpline{
				ID: "hope", Country: "GH", Name: "Hope Line", Phone: "0800 111 222", For: "everyone", Purpose: campaign.Support,
			},
			Version: 3, Last: &helpline.Check{Version: 3, Result: helpline.Works, At: now, Until: due.Add(time.Hour)},
		}},
		Channels: map[int64]fill.Channel{1: {Country: "GH"}, 2: {}},
	}
}

func filled(s post.Source, language, network string, channel int64) fill.Filled {
	e := book.Entry{Channel: channel, Platform: network, Language: language, DueAt: due, NotAfter: due.Add(time.Hour)}
	return values().Entry(book.Post{ID: 7, Source: s}, e, now)
}

func english(text string) post.Source {
	return post.Source{Parts: []post.SourcePart{{Texts: map[string]string{"en": text}}}}
}

func TestWordsAreThoseOfTheNetwork(t *testing.T) {
	t.Parallel()
	source := post.Source{
		Message:  "m",
		Hashtags: []string{"#EndHumanTrafficking"},
		Parts:    []post.SourcePart{{Texts: map[string]string{"en": "Read more: {{link}}", "fr": "Lire : {{link}}"}}},
		Variants: []post.Variant{{Part: 1, Language: "en", Network: "x", Text: "Short. {{link}}"}},
		NetworkTags: map[string][]string{
			"x": {"#BlueHeart"},
		},
		Mentions: map[string][]string{"mastodon": {"@partner@example.org"}},
		Link:     "https://hopeline.example/professionals",
	}
	for _, tt := range []struct{ language, network, want string }{
		{"en", "mastodon", "Read more: https://hopeline.example/professionals @partner@example.org\n\n#EndHumanTrafficking"},
		{"en", "x", "Short. https://hopeline.example/professionals\n\n#BlueHeart"},
		{"fr", "x", "Lire : https://hopeline.example/professionals\n\n#BlueHeart"},
	} {
		f := filled(source, tt.language, tt.network, 2)
		if len(f.Missing) > 0 {
			t.Errorf("%s on %s waits: %v", tt.language, tt.network, f.Missing)
			continue
		}
		if diff := cmp.Diff(tt.want, f.Final.Parts[0].Text); diff != "" {
			t.Errorf("%s on %s (-want +got):\n%s", tt.language, tt.network, diff)
		}
	}
}

func TestRulesReadWhatPeopleWroteAndWhatTokensPutThere(t *testing.T) {
	t.Parallel()
	source := english("{{org}}: {{fact:F02}} #Help {{resources_professionals}} ")
	source.Hashtags = []string{"#help", "#BlueHeart"}
	f := filled(source, "en", "mastodon", 2)
	want := fill.Words{
		Parts: []lint.Part{{
			Text: "Open Doors: 38% of detected victims are children (UNODC, 2024). #Help https://charity.example/staff",
			Inserted: []lint.Inserted{
				{Token: "org", Start: 0, End: 10},
				{Token: "fact:F02", Start: 12, End: 63},
				{Token: "resources_professionals", Start: 70, End: 99},
			},
		}},
		Hashtags: []string{"#BlueHeart"},
	}
	if diff := cmp.Diff(want, f.Words); diff != "" {
		t.Errorf("rules read (-want +got):\n%s", diff)
	}
	if got := f.Final.Parts[0].Text; got != want.Parts[0].Text+"\n\n#BlueHeart" {
		t.Errorf("the release says %q", got)
	}
	if diff := cmp.Diff([]string{"F02"}, f.Final.Facts); diff != "" || len(f.Missing) > 0 {
		t.Errorf("it waits for %v and states (-want +got):\n%s", f.Missing, diff)
	}
}

func TestWhatIsNotKnownIsSaidInASentence(t *testing.T) {
	t.Parallel()
	picture := func(s post.Source, alt string) post.Source {
		s.Parts[0].Pictures = []post.SourcePicture{{SHA256: "aa", Alt: map[string]string{"en": alt}}}
		return s
	}
	for _, tt := range []struct {
		name   string
		source post.Source
		want   []string
	}{
		{"all is known", picture(english("{{org}} {{theme}} {{year}} {{support}} {{helpline}}"), "{{org}}"), nil},
		{"a number of after the day", english("{{reach}} {{reach}}"), []string{"{{reach}} is not known yet."}},
		{"a page that is not in the profile", english("{{resources_at_risk}}"), []string{"{{resources_at_risk}} is not known yet: an admin writes it in the organisation's profile."}},
		{"a fact that is not there", english("{{fact:F9}}"), []string{`{{fact:F9}} states a fact that nobody has written down: there is no fact "F9".`}},
		{"a description", picture(english("A"), " "), []string{"its picture has no description (alt text) in this language."}},
		{"a token in a description", picture(english("A"), "{{reach}}"), []string{"{{reach}} in the picture's description is not known yet."}},
		{"no text", english(" "), []string{"it has no text yet."}},
		{"a note", post.Source{Sensitive: true, Parts: english("A").Parts}, []string{"a sensitive post needs a content note in this language."}},
		{"a thread", post.Source{Parts: append(english("A").Parts, english("B").Parts...)}, nil},
	} {
		if diff := cmp.Diff(tt.want, filled(tt.source, "en", "mastodon", 1).Missing); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestANumberComesWithTheTextWithoutIt(t *testing.T) {
	t.Parallel()
	const sentence = "If someone is in danger now, call the local emergency number."
	source := english("{{helpline}}")
	f := filled(source, "en", "mastodon", 1)
	if f.Final.Parts[0].Text != "Hope Line: 0800 111 222" || f.Final.Without[0].Text != sentence || f.Line == nil {
		t.Errorf("it says %+v and without the number %+v", f.Final.Parts, f.Final.Without)
	}
	if diff := cmp.Diff([]post.FinalHelpline{{ID: "hope", Version: 3}}, f.Final.Helplines); diff != "" {
		t.Errorf("it shows (-want +got):\n%s", diff)
	}
	for name, f := range map[string]fill.Filled{
		"a channel without a country": filled(source, "en", "mastodon", 2),
		"a text without the token":    filled(english("Remember"), "en", "mastodon", 1),
	} {
		if f.Final.Helplines != nil || f.Final.Without != nil || f.Line != nil {
			t.Errorf("%s shows %+v, without it %+v", name, f.Final.Helplines, f.Final.Without)
		}
	}
	source.Parts[0].Texts["de"] = "{{helpline}}" // no emergency sentence: the text without the number would have nothing in its place
	if f := filled(source, "de", "mastodon", 1); len(f.Missing) != 1 || !strings.Contains(f.Missing[0], "{{helpline}}") || f.Final.Helplines != nil {
		t.Errorf("German waits for %v and shows %v", f.Missing, f.Final.Helplines)
	}
	alt := english("Remember")
	alt.Parts[0].Pictures = []post.SourcePicture{{SHA256: "aa", Alt: map[string]string{"en": "A card: {{helpline}}"}}}
	if f := filled(alt, "en", "mastodon", 1); len(f.Final.Without) != 1 || f.Final.Without[0].Pictures[0].Alt != "A card: "+sentence {
		t.Errorf("a number in a description has no text without it: %+v", f.Final.Without)
	}
}
