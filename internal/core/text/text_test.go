package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"daymark/internal/core/text"

	"github.com/google/go-cmp/cmp"
)

func words(spans []text.Span) []string {
	var out []string
	for _, s := range spans {
		out = append(out, s.Text)
	}
	return out
}

func TestLinksEndWhereMastodonEndsThem(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]string{
		"no link, example.org has no scheme":         nil,
		"see https://example.org.":                   {"https://example.org"},
		"see https://example.org/a, and more":        {"https://example.org/a"},
		"(https://example.org/a)":                    {"https://example.org/a"},
		"https://en.wikipedia.org/wiki/Heart_(sign)": {"https://en.wikipedia.org/wiki/Heart_(sign)"},
		"https://example.org/?q=a&b=#top!":           {"https://example.org/?q=a&b=#top"},
		"https://example.org? Yes":                   {"https://example.org"},
		"https://example.org/?":                      {"https://example.org/"},
		"HTTP://EXAMPLE.ORG:8080/x":                  {"HTTP://EXAMPLE.ORG:8080/x"},
		"https://a.org/1 https://b.org/2":            {"https://a.org/1", "https://b.org/2"},
		"xhttps://example.org":                       nil,
		"#https://example.org":                       nil,
		"https://localhost/x":                        nil,
		"https://":                                   nil,
		"https://مثال.إختبار/صفحة":                   {"https://مثال.إختبار/صفحة"},
		"https://example.orgالنص":                    {"https://example.org"},
		"رابط: https://example.org/ar نص":            {"https://example.org/ar"},
		"<https://example.org/x>":                    {"https://example.org/x"},
	} {
		if diff := cmp.Diff(want, words(text.Links(s))); diff != "" {
			t.Errorf("%s: %s", s, diff)
		}
	}
}

func TestHashtagsAndMentionsAreFound(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]string{
		"#EndHumanTrafficking now":    {"#EndHumanTrafficking"},
		"#a #b, #c.":                  {"#a", "#b", "#c"},
		"(#inside)":                   nil,
		"#inside) is":                 {"#inside"},
		"#a··b":                       {"#a··b"},
		"#½ #²":                       nil,
		"#x://y":                      nil,
		"a#b":                         nil,
		"#2027":                       nil,
		"#SID2027!":                   {"#SID2027"},
		"#End-Human":                  {"#End"},
		"##double":                    nil,
		"https://example.org/#anchor": nil,
		"#كلمة_أخرى، ثم":              {"#كلمة_أخرى"},
		"＃全角":                         {"＃全角"},
		"#Été":                        {"#Été"},
		"# alone":                     nil,
		"#a·b·":                       {"#a·b"},
	} {
		if diff := cmp.Diff(want, words(text.Hashtags(s))); diff != "" {
			t.Errorf("%s: %s", s, diff)
		}
	}
	for s, want := range map[string][]string{
		"@one and @two@example.org.": {"@one", "@two@example.org"},
		"mail a@example.org":         nil,
		"https://example.org/@who":   nil,
		"@with.dot- and (@bracket)":  {"@with.dot", "@bracket"},
		"@ alone, @@twice":           nil,
	} {
		if diff := cmp.Diff(want, words(text.Mentions(s))); diff != "" {
			t.Errorf("%s: %s", s, diff)
		}
	}
}

func TestMastodonCountsSeenCharacters(t *testing.T) {
	t.Parallel()
	family := "👩‍👩‍👧‍👦"
	tests := []struct {
		name, body, note string
		want             int
	}{
		{"nothing", "", "", 0},
		{"letters", "hello", "", 5},
		{"an accent of its own is part of its letter", "e\u0301", "", 1},
		{"a family is one", family, "", 1},
		{"a flag is one", "🇳🇵", "", 1},
		{"a keycap is one", "1️⃣", "", 1},
		{"a short link is 23", "https://a.org", "", 23},
		{"a long link is 23", "https://example.org/" + strings.Repeat("a", 200), "", 23},
		{"a link with a full stop", "See https://a.org.", "", 28},
		{"two links", "https://a.org https://b.org", "", 47},
		{"a link without a scheme is as long as it is", "example.org", "", 11},
		{"a host without a dot is no link", "http://localhost", "", 16},
		{"someone on this server", "@name hi", "", 8},
		{"someone elsewhere is as long as the name", "@name@a.very.long.example.org hi", "", 8},
		{"a mention within a link", "https://example.org/@name@other.org", "", 23},
		{"the content note counts", "hello", "note", 9},
		{"a link in a note is not shortened", "", "https://a.org", 13},
		{"Arabic", "القلب الأزرق", "", 12},
		{"a new line is one", "a\nb", "", 3},
		{"a hashtag is as long as it is", "#HumanTrafficking", "", 17},
		{"Devanagari", "नमस्ते", "", 4},
		{"CJK", "世界打击贩运人口日", "", 9},
		{"an e-mail address is no mention", "a@example.org", "", 13},
		{"a heart with its selector", "❤️", "", 1},
		{"a skin tone", "👍🏽", "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := text.DefaultMastodon.Count(tt.body, tt.note); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
	own := text.MastodonLimits{MaxCharacters: 100, CharactersPerURL: 30}
	if got := own.Remaining("https://a.org", ""); got != 70 {
		t.Errorf("another server's link leaves %d, want 70", got)
	}
}

func TestHashtagsValidEverywhere(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"#EndHumanTrafficking", "HumanTrafficking", "#SID2027", "#16Days", "#القلب_الأزرق", "#C189", "#Été"} {
		if err := text.ValidHashtag(tag); err != nil {
			t.Errorf("%q: %v", tag, err)
		}
	}
	for _, tag := range []string{"", "#", "#End Human", "#End-Human", "#2027", "##x", "#don't", "#heart💙", "#a.b", "#" + strings.Repeat("a", 65), "#\xff"} {
		if text.ValidHashtag(tag) == nil {
			t.Errorf("%q was taken", tag)
		}
	}
}

func TestHashtagsGoToTheEndOnce(t *testing.T) {
	t.Parallel()
	tests := []struct{ body, want string }{
		{"Hello.", "Hello.\n\n#One #Two"},
		{"Hello #two.\n", "Hello #two.\n\n#One"},
		{"#ONE #two", "#ONE #two"},
		{"", "#One #Two"},
	}
	for _, tt := range tests {
		if got := text.Compose(tt.body, []string{"#One", "Two", "#one"}); got != tt.want {
			t.Errorf("%q gave %q, want %q", tt.body, got, tt.want)
		}
	}
}

func TestTokensAreFilledOrNamed(t *testing.T) {
	t.Parallel()
	values := map[string]string{"org": "Blue House", "link": "https://a.org", "theme": ""}
	tests := []struct {
		in, want string
		missing  []string
	}{
		{"{{org}}: {{ link }}", "Blue House: https://a.org", nil},
		{"{{theme}} Hello {{theme}} you {{theme}}", "Hello you", nil},
		{"{{reach}} of {{reach}} and {{visits}}", "{{reach}} of {{reach}} and {{visits}}", []string{"reach", "visits"}},
		{"no tokens {org}", "no tokens {org}", nil},
	}
	for _, tt := range tests {
		got, missing := text.Fill(tt.in, values)
		if got != tt.want {
			t.Errorf("%q gave %q, want %q", tt.in, got, tt.want)
		}
		if diff := cmp.Diff(tt.missing, missing); diff != "" {
			t.Errorf("%q: %s", tt.in, diff)
		}
	}
	for _, s := range []string{"{{", "a }}", "{{org}", "{{}}", "{{two words}}", "{{{{org}}"} {
		if !text.StrayBraces(s) {
			t.Errorf("%q has no stray braces", s)
		}
	}
	if text.StrayBraces("{{org}} {a}") {
		t.Error("a token and single braces are no stray ones")
	}
}

func TestValuesAreNotFilledTwice(t *testing.T) {
	t.Parallel()
	got, missing := text.Fill("{{org}}", map[string]string{"org": "{{link}}", "link": "x"})
	if got != "{{link}}" || missing != nil {
		t.Errorf("got %q, %v", got, missing)
	}
}

func TestMisspeltWordsFindTheirNeighbour(t *testing.T) {
	t.Parallel()
	known := []string{"offset", "time", "hashtags", "content_note", "text"}
	for word, want := range map[string]string{"ofset": "offset", "tmie": "time", "hashtag": "hashtags", "Text": "text", "contentnote": "content_note", "zzz": "", "": ""} {
		if got, ok := text.Nearest(word, known); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestCharactersThatDeceiveAreFound(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a\u202eb", "\u200f", "\u2066x\u2069", "\u061c", "a\x00", "a\x1b[0m", "\xff", "\ufeffa", "a\u0085", "a\u2028b"} {
		if _, _, found := text.FirstUnsafe(s); !found {
			t.Errorf("%+q was taken", s)
		}
	}
	for _, s := range []string{"", "a\n\tb", "القلب الأزرق", "👩‍👧", "می\u200cخواهم", "\ufffd"} {
		if r, at, found := text.FirstUnsafe(s); found {
			t.Errorf("%+q: %U at %d", s, r, at)
		}
	}
}

func FuzzCountAndExtract(f *testing.F) {
	for _, s := range []string{"", "See https://a.org/(b). #Tag @me@there.org {{org}}", "#\u200c", "https://ä.öü/?", "@a@", "＃全角 👩‍👧 \xff\xfe", "https://a.org/((((", "{{{{}}", "https://a.b1/..."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, spans := range map[string][]text.Span{"links": text.Links(s), "hashtags": text.Hashtags(s), "mentions": text.Mentions(s)} {
			at := 0
			for _, span := range spans {
				if span.Start < at || span.End <= span.Start || span.End > len(s) || s[span.Start:span.End] != span.Text {
					t.Fatalf("%s of %q: %+v", name, s, spans)
				}
				at = span.End
			}
		}
		if n := text.DefaultMastodon.Count(s, ""); n < 0 || (n == 0) != (s == "") {
			t.Fatalf("%q counts %d", s, n)
		}
		composed := text.Compose(s, []string{"#Tag"})
		if again := text.Compose(composed, []string{"#Tag"}); utf8.ValidString(s) && again != composed {
			t.Fatalf("%q composed twice gave %q, then %q", s, composed, again)
		}
		if filled, missing := text.Fill(s, nil); filled != s || len(missing) > len(text.Tokens(s)) {
			t.Fatalf("%q filled with nothing gave %q", s, filled)
		}
	})
}
