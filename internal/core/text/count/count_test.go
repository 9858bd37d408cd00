package count_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"daymark/internal/core/text"
	"daymark/internal/core/text/count"
	"daymark/internal/core/text/x"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestOffsetsAreBytesOfTheText(t *testing.T) {
	t.Parallel()
	const s = "世界 #Tag @a.org https://b.org"
	want := map[string]count.Answer{
		"x": {
			Hashtags: []text.Span{{Start: 7, End: 11, Text: "Tag"}}, Mentions: []text.Span{{Start: 12, End: 14, Text: "@a"}},
			URLs: []text.Span{{Start: 19, End: 32, Text: "https://b.org"}},
		},
		"bluesky": {
			Hashtags: []text.Span{{Start: 7, End: 11, Text: "Tag"}}, Mentions: []text.Span{{Start: 12, End: 18, Text: "@a.org"}},
			URLs: []text.Span{{Start: 19, End: 32, Text: "https://b.org"}},
		},
		"mastodon": {
			Hashtags: []text.Span{{Start: 7, End: 11, Text: "Tag"}}, Mentions: []text.Span{{Start: 12, End: 18, Text: "@a.org"}},
			URLs: []text.Span{{Start: 19, End: 32, Text: "https://b.org"}},
		},
	}
	for network, w := range want {
		rules, _ := count.For(network)
		got := rules.Count(s, "")
		if diff := cmp.Diff([][]text.Span{w.Hashtags, w.Mentions, w.URLs}, [][]text.Span{got.Hashtags, got.Mentions, got.URLs}); diff != "" {
			t.Errorf("%s: %s", network, diff)
		}
	}
}

func TestAProblemSaysWhyATextIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		network, text string
		want          count.Problem
	}{
		{"x", "Hello", ""},
		{"x", " ", count.Empty},
		{"x", strings.Repeat("a", 281), count.TooLong},
		{"x", "a\ufffe", count.Forbidden},
		{"bluesky", strings.Repeat("👩‍👩‍👧‍👦", 130), count.TooHeavy},
		{"mastodon", strings.Repeat("a", 501), count.TooLong},
	} {
		rules, _ := count.For(tt.network)
		if got := rules.Count(tt.text, "").Problem; got != tt.want {
			t.Errorf("%s: %.20q has the problem %q, want %q", tt.network, tt.text, got, tt.want)
		}
	}
	if _, ok := count.For("myspace"); ok {
		t.Error("a network that nobody knows has rules")
	}
}

func TestAPartThatBreaksAnotherLimitMeasuresTooLong(t *testing.T) {
	t.Parallel()
	rules, _ := count.For("bluesky")
	measure := rules.Measure("")
	if n := measure(strings.Repeat("👩‍👩‍👧‍👦", 121)); n <= rules.Limit {
		t.Errorf("3,025 bytes measure %d", n)
	}
	if n := measure("Hello"); n != 5 {
		t.Errorf("a short part measures %d", n)
	}
}

func TestXCountsWordsApartAsTogether(t *testing.T) {
	t.Parallel()
	words := []string{"word", "世界", "👩‍👩‍👧", "🇳🇵", "1️⃣", "https://example.org/a", "example.org", "#Tag", "@name", "e\u0301", "“quoted”", "नमस्ते", "."}
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.SampledFrom(words), 1, 20).Draw(t, "words")
		want := len(list) - 1
		for _, w := range list {
			want += x.Length(w)
		}
		if got := x.Length(strings.Join(list, " ")); got != want {
			t.Fatalf("%q counts %d, its words and spaces %d", list, got, want)
		}
	})
}

func FuzzCount(f *testing.F) {
	for _, s := range []string{
		"", "See https://a.org/(b). #Tag @me@there.org {{org}}", "#\u200c", "https://ä.öü/?", "@a@", "＃全角 👩‍👧 \xff\xfe", "1️⃣🇳🇵🏴󠁧󠁢󠁳󠁣󠁴󠁿👩\u200d",
		"a_b.c-d.com:80/x(y)?z", "École.com中example.みんなt.co/abc", "(a.notatld(#b,#c", "e\u0301\u1112\u1161\u11ab",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, network := range count.Networks {
			rules, _ := count.For(network)
			a := rules.Count(s, "")
			if a.Length < 0 || (a.Length == 0) != (s == "") || a.Length+a.Remaining != a.Limit || a.Length != rules.Length(s, "") {
				t.Fatalf("%s: %q counts %+v", network, s, a)
			}
			for name, spans := range map[string][]text.Span{"hashtags": a.Hashtags, "links": a.URLs, "mentions": a.Mentions} {
				checkSpans(t, s, network+" "+name, spans)
			}
		}
		checkSpans(t, s, "whole", count.Whole(s))
	})
}

// checkSpans wants parts of the text in order, without overlap, that cut no code point.
func checkSpans(t *testing.T, s, name string, spans []text.Span) {
	t.Helper()
	at := 0
	for _, span := range spans {
		if span.Start < at || span.End <= span.Start || span.End > len(s) || !strings.HasSuffix(s[span.Start:span.End], span.Text) {
			t.Fatalf("%s of %q: %+v", name, s, spans)
		}
		if utf8.ValidString(s) && !utf8.ValidString(s[span.Start:span.End]) {
			t.Fatalf("%s of %q cuts a character: %+v", name, s, span)
		}
		at = span.End
	}
}

// The posts of the benchmark are what charities write: a link, a hashtag or two, an emoji, in several scripts.
var posts = []string{
	"Tomorrow is the World Day Against Trafficking in Persons. Traffickers look for people who need work, papers or a home. Know the signs, and know whom to call: https://example.org/know-the-signs #EndHumanTrafficking #BlueHeart 💙",
	"Demain, c’est la Journée mondiale de la lutte contre la traite d’êtres humains. Apprenez à reconnaître les signes, et sachez qui appeler : https://example.org/fr/signes #StopTraite 💙",
	"غدًا هو اليوم العالمي لمكافحة الاتجار بالأشخاص. تعرّف على العلامات، واعرف بمن تتصل: https://example.org/ar #القلب_الأزرق 💙",
	"明天是世界打击贩运人口行为日。请了解迹象，知道该打电话给谁。https://example.org/zh #蓝心 👩‍👩‍👧",
}

// BenchmarkCount wants 50,000 counts a second on one core.
func BenchmarkCount(b *testing.B) {
	const least = 50_000
	for _, network := range count.Networks {
		rules, _ := count.For(network)
		b.Run(network, func(b *testing.B) {
			n := 0
			for b.Loop() {
				if !rules.Count(posts[n%len(posts)], "").Valid() {
					b.Fatal("a post is too long")
				}
				n++
			}
			rate := float64(n) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "counts/s")
			if verdict := "PASS"; n > 1000 {
				if rate < least {
					verdict = "FAIL"
				}
				b.Logf("%s: %.0f counts/s on one core, at least %d wanted", verdict, rate, least)
			}
		})
	}
}
