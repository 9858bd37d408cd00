package fields_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/channel"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var (
	languages = []string{"en", "fr", "ar", "pt-BR"}
	networks  = []string{"x", "bluesky", "mastodon"}
)

// words are texts as people write them: of several lines, in two scripts, with what forms like to change.
func words(t *rapid.T, label string) string {
	return rapid.SampledFrom([]string{
		"Tomorrow is the day.", " Two\nlines ", "سطر واحد", "{{fact:F02}} & <b>", "a\n\n\nb", "\"quoted\" 'twice'", "+%&=;#", "💙",
	}).Draw(t, label)
}

func some[T any](t *rapid.T, label string, from []T) []T {
	return rapid.SliceOfN(rapid.SampledFrom(from), 0, len(from)).Draw(t, label)
}

// source is any source that a post can have.
func source(t *rapid.T) post.Source {
	s := post.Source{
		Message: "blue-heart", Kind: "fact", Hashtags: some(t, "tags", []string{"#BlueHeart", "#July30"}), Sensitive: rapid.Bool().Draw(t, "sensitive"),
		Facts: []string{"F02"}, When: post.When{Date: "2027-07-30", Clock: "09:00", Zone: rapid.SampledFrom([]string{"", "Europe/London"}).Draw(t, "zone")},
		Link: rapid.SampledFrom([]string{"", "https://charity.example/a?b=c"}).Draw(t, "link"), Approvals: 2, Roles: []string{"safeguarding"},
		Helpline: rapid.SampledFrom([]string{"", "GB"}).Draw(t, "helpline"), HelplineFor: rapid.SampledFrom([]string{"", "children"}).Draw(t, "for"), Audience: "youth", CTA: "learn",
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "parts") {
		part := post.SourcePart{Texts: map[string]string{}}
		for _, language := range some(t, "languages", languages) {
			part.Texts[language] = words(t, "text")
		}
		for n := range rapid.IntRange(0, 2).Draw(t, "pictures") {
			part.Pictures = append(part.Pictures, post.SourcePicture{
				SHA256: strings.Repeat(fmt.Sprint(n), 64), Alt: map[string]string{"en": words(t, "alt")}, NoAlt: rapid.SampledFrom([]string{"", "It is a line."}).Draw(t, "noalt"),
			})
		}
		s.Parts = append(s.Parts, part)
		if rapid.Bool().Draw(t, "own") {
			s.Variants = append(s.Variants, post.Variant{Part: i + 1, Language: "pt-BR", Network: "x", Text: words(t, "own text")})
		}
	}
	for _, language := range some(t, "notes", languages) {
		if s.ContentNote == nil {
			s.ContentNote = map[string]string{}
		}
		s.ContentNote[language] = words(t, "note")
	}
	for _, network := range some(t, "tagged", networks) {
		if s.NetworkTags == nil {
			s.NetworkTags, s.Mentions = map[string][]string{}, map[string][]string{}
		}
		s.NetworkTags[network], s.Mentions[network] = some(t, "their tags", []string{"#One", "#Two"}), []string{"@a.example", "@b"}
	}
	return s
}

// sent is a form as a browser sends it: with line ends of its own.
func sent(form url.Values) url.Values {
	out := url.Values{"where": {"yes"}, "pictures": {"yes"}}
	for field, values := range form {
		for _, v := range values {
			out.Add(field, strings.ReplaceAll(v, "\n", "\r\n"))
		}
	}
	back, err := url.ParseQuery(out.Encode())
	if err != nil {
		panic(err)
	}
	return back
}

var channels = []channel.Channel{
	{ID: 1, Platform: "x", Languages: []string{"en", "fr"}, Zone: "Europe/London"},
	{ID: 2, Platform: "mastodon", Languages: []string{"en", "ar"}, Zone: "Asia/Beirut", Labels: []string{"east"}},
}

func TestAPostThatIsOpenedAndSentUnchangedIsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := edit.Change{
			Read: 3, Source: source(t), Window: rapid.SampledFrom([]time.Duration{0, time.Hour, 90 * time.Second}).Draw(t, "window"),
			Places: []edit.Place{{Channel: 1, Language: "en"}, {Channel: 2, Language: "ar"}, {Channel: 9, Language: "en"}}[:rapid.IntRange(0, 3).Draw(t, "places")],
		}
		got := fields.Reader{Channels: channels}.Read(sent(fields.Of(now, languages)), now)
		if diff := cmp.Diff(now, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-was +is):\n%s", diff)
		}
		if same, err := edit.Same(now.Source, got.Source); err != nil || !same {
			t.Fatalf("its canonical form differs: %v\n%s", err, cmp.Diff(now.Source, got.Source))
		}
	})
}

func TestAPostThatIsTypedFromNothingIsWhatWasTyped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := source(t)
		none := edit.Change{Source: post.Source{
			Parts: []post.SourcePart{{Texts: map[string]string{}}}, Kind: want.Kind, Facts: want.Facts, Approvals: want.Approvals, Roles: want.Roles, Audience: want.Audience, CTA: want.CTA,
		}}
		var pictures []post.SourcePicture
		for n := range 2 {
			pictures = append(pictures, post.SourcePicture{SHA256: strings.Repeat(fmt.Sprint(n), 64), Alt: map[string]string{}})
		}
		tidied(&want)
		got := fields.Reader{Channels: channels, Pictures: pictures}.Read(sent(fields.Of(edit.Change{Source: want}, languages)), none)
		if diff := cmp.Diff(want, got.Source, cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b post.Variant) bool { return a.Part < b.Part })); diff != "" {
			t.Fatalf("(-typed +read):\n%s", diff)
		}
	})
}

// tidied is a source as people can type it: no spaces around a text.
func tidied(s *post.Source) {
	for i := range s.Parts {
		for language, text := range s.Parts[i].Texts {
			s.Parts[i].Texts[language] = strings.TrimSpace(text)
		}
		for _, p := range s.Parts[i].Pictures {
			for language, alt := range p.Alt {
				p.Alt[language] = strings.TrimSpace(alt)
			}
		}
	}
	for i := range s.Variants {
		s.Variants[i].Text = strings.TrimSpace(s.Variants[i].Text)
	}
	for language, note := range s.ContentNote {
		s.ContentNote[language] = strings.TrimSpace(note)
	}
}

func TestAFieldThatWasNotSentKeepsWhatItHad(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := edit.Change{Read: 3, Source: source(t), Places: []edit.Place{{Channel: 1, Language: "en"}}}
		if diff := cmp.Diff(now, fields.Reader{Channels: channels}.Read(url.Values{}, now)); diff != "" {
			t.Fatalf("(-was +is):\n%s", diff)
		}
	})
}

func TestButtonsChangeTheFormWithoutScript(t *testing.T) {
	t.Parallel()
	begin := func() *edit.Change {
		return &edit.Change{Source: post.Source{
			Parts:    []post.SourcePart{{Texts: map[string]string{"en": "One"}}, {Texts: map[string]string{"en": "Two"}}},
			Variants: []post.Variant{{Part: 1, Language: "en", Network: "x", Text: "1"}}, Hashtags: []string{"#A"},
		}}
	}
	for do, tt := range map[string]struct {
		into, tag, focus string
		want             func(s post.Source) string
		is               string
	}{
		"part":                       {"", "", "text-3-en", func(s post.Source) string { return fmt.Sprint(len(s.Parts)) }, "3"},
		"down:1":                     {"", "", "text-2-en", func(s post.Source) string { return s.Parts[0].Texts["en"] + fmt.Sprint(s.Variants[0].Part) }, "Two2"},
		"up:2":                       {"", "", "text-1-en", func(s post.Source) string { return s.Parts[1].Texts["en"] + fmt.Sprint(s.Variants[0].Part) }, "One2"},
		"drop:1":                     {"", "", "text-1-en", func(s post.Source) string { return s.Parts[0].Texts["en"] + fmt.Sprint(len(s.Variants)) }, "Two0"},
		"own:2:en:bluesky":           {"", "", "own-2-en-bluesky", func(s post.Source) string { return s.Variants[1].Text }, "Two"},
		"disown:1:en:x":              {"", "", "text-1-en", func(s post.Source) string { return fmt.Sprint(len(s.Variants)) }, "0"},
		"tags:x":                     {"", "", "tags-x", func(s post.Source) string { return fmt.Sprint(s.NetworkTags["x"]) }, "[#A]"},
		"insert:{{fact:F02}}":        {"text-2-en", "", "text-2-en", func(s post.Source) string { return s.Parts[1].Texts["en"] }, "Two {{fact:F02}}"},
		"insert:{{link}}":            {"own-1-en-x", "", "own-1-en-x", func(s post.Source) string { return s.Variants[0].Text }, "1 {{link}}"},
		"tag:#B":                     {"", "", "hashtags", func(s post.Source) string { return fmt.Sprint(s.Hashtags) }, "[#A #B]"},
		"camel":                      {"", "end human  trafficking", "hashtags", func(s post.Source) string { return fmt.Sprint(s.Hashtags) }, "[#A #EndHumanTrafficking]"},
		"mention:bluesky:@b.example": {"", "", "mentions-bluesky", func(s post.Source) string { return fmt.Sprint(s.Mentions["bluesky"]) }, "[@b.example]"},
	} {
		c := begin()
		focus, ok := fields.Apply(do, tt.into, tt.tag, c)
		if got := tt.want(c.Source); !ok || focus != tt.focus || got != tt.is {
			t.Errorf("%s: %q, go on in %q (%v), want %q in %q", do, got, focus, ok, tt.is, tt.focus)
		}
	}
	for _, do := range []string{"", "nothing", "drop:9", "up:1", "down:2", "own:9:en:x", "own:x", "insert:plain", "insert:{{a}} x"} {
		if _, ok := fields.Apply(do, "text-9-en", "", begin()); ok {
			t.Errorf("%q is a button", do)
		}
	}
}

func TestAccountsAreChosenByHandByNetworkOrByLabel(t *testing.T) {
	t.Parallel()
	now := edit.Change{Source: post.Source{Parts: []post.SourcePart{{Texts: map[string]string{"en": "a", "ar": "b"}}}}, Places: []edit.Place{{Channel: 7, Language: "en"}}}
	for name, tt := range map[string]struct {
		tick url.Values
		want []edit.Place
	}{
		"none":          {url.Values{}, []edit.Place{{Channel: 7, Language: "en"}}},
		"by hand":       {url.Values{"place": {"1:en", "x", "2:"}}, []edit.Place{{Channel: 7, Language: "en"}, {Channel: 1, Language: "en"}}},
		"by network":    {url.Values{"net": {"mastodon"}}, []edit.Place{{Channel: 7, Language: "en"}, {Channel: 2, Language: "en"}, {Channel: 2, Language: "ar"}}},
		"by label":      {url.Values{"label": {"east", "west"}, "place": {"2:en"}}, []edit.Place{{Channel: 7, Language: "en"}, {Channel: 2, Language: "en"}, {Channel: 2, Language: "ar"}}},
		"not asked for": {nil, []edit.Place{{Channel: 7, Language: "en"}}},
	} {
		if tt.tick != nil {
			tt.tick.Set("where", "yes")
		}
		if diff := cmp.Diff(tt.want, fields.Reader{Channels: channels}.Read(tt.tick, now).Places); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
