package thread_test

import (
	"strings"
	"testing"
	"unicode"

	"daymark/internal/core/fault"
	"daymark/internal/core/text/count"
	"daymark/internal/core/text/thread"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// seen counts as a network would that counts what people see.
func seen(s string) int {
	n := 0
	for clusters := graphemes.FromString(s); clusters.Next(); {
		n++
	}
	return n
}

func TestTextsAreCutWherePeopleWould(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		limit      int
		want       []string
	}{
		{"nothing", " \n ", 10, nil},
		{"what fits stays whole", "One. Two.", 9, []string{"One. Two."}},
		{"white space around it goes", "  One.\n", 10, []string{"One."}},
		{"between sentences", "The first one is here. The second follows.", 30, []string{"The first one is here.", "The second follows."}},
		{"between paragraphs rather than sentences", "A first line. And more.\n\nA second. And a third one.", 35, []string{"A first line. And more.", "A second. And a third one."}},
		{"between lines", "- one and two\n- three and four\n- five", 32, []string{"- one and two\n- three and four", "- five"}},
		{"between clauses when a sentence is too long", "When the day comes and all is ready, we shall say it", 45, []string{"When the day comes and all is ready,", "we shall say it"}},
		{"between words else", "one two three four five six", 13, []string{"one two three", "four five six"}},
		{"within a word only when it is too long itself", "abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"not behind a title", "They are asked by Dr. Smith to come on Monday. Do come.", 25, []string{"They are asked by Dr.", "Smith to come on Monday.", "Do come."}},
		{"not behind a short form that goes on", "Bring food, e.g. bread and milk, for all. Thanks.", 44, []string{"Bring food, e.g. bread and milk, for all.", "Thanks."}},
		{"quotes stay with their sentence", "“Stop it now.” She said so. And they did.", 27, []string{"“Stop it now.” She said so.", "And they did."}},
		{"a link stays whole", "Read all of it at https://example.org/a/b today", 25, []string{"Read all of it at", "https://example.org/a/b", "today"}},
		{"Arabic sentences", "هل تعرف العلامات؟ اتصل بنا الآن.", 20, []string{"هل تعرف العلامات؟", "اتصل بنا الآن."}},
		{"Chinese without spaces", "今天是世界打击贩运人口日。我们一起行动。", 14, []string{"今天是世界打击贩运人口日。", "我们一起行动。"}},
		{"Chinese within a sentence, and no mark begins a part", "一二三四五六七八，九十", 8, []string{"一二三四五六七", "八，九十"}},
		{"Hindi sentences", "यह पहला है। यह दूसरा वाक्य है।", 16, []string{"यह पहला है।", "यह दूसरा वाक्य है।"}},
		{"a family is one character", strings.Repeat("👩‍👩‍👧", 5), 2, []string{"👩‍👩‍👧👩‍👩‍👧", "👩‍👩‍👧👩‍👩‍👧", "👩‍👩‍👧"}},
		{"a space that does not break", "Il faut 10\u00a0000\u00a0€ pour agir", 15, []string{"Il faut", "10\u00a0000\u00a0€ pour", "agir"}},
		{"a hashtag alone joins the words before it", "One two three four. Five six seven. #Tag", 24, []string{"One two three four.", "Five six seven. #Tag"}},
		{"a hashtag alone gets words", "One two three four five six. #LongHashtagHere", 29, []string{"One two three four five", "six. #LongHashtagHere"}},
		{"a token stays whole", "Call us at {{helpline:children}} now", 24, []string{"Call us", "at {{helpline:children}}", "now"}},
		{"isolates stay whole when they can", "one \u2067two three\u2069 four", 12, []string{"one", "\u2067two three\u2069", "four"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := thread.Split(tt.text, seen, tt.limit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatCannotBeCutIsNamed(t *testing.T) {
	t.Parallel()
	_, err := thread.Split("See https://example.org/a/very/long/way", seen, 20)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "https://example.org/a/very/long/way") {
		t.Errorf("got %v", err)
	}
}

func TestPartsAreNumbered(t *testing.T) {
	t.Parallel()
	got, err := thread.Numbered("One two three. Four five six. Seven.", seen, 18)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"One two three.\n1/3", "Four five six.\n2/3", "Seven.\n3/3"}, got); diff != "" {
		t.Error(diff)
	}
	many, err := thread.Numbered(strings.Repeat("word word. ", 60), seen, 17)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range many {
		if seen(part) > 17 {
			t.Errorf("%q is longer than 17", part)
		}
	}
	if len(many) < 10 || !strings.HasSuffix(many[0], "\n1/60") {
		t.Errorf("%d parts, the first %q", len(many), many[0])
	}
	if one, _ := thread.Numbered("One.", seen, 10); len(one) != 1 || one[0] != "One." {
		t.Errorf("a single part is %q", one)
	}
}

// pieces are what texts in the property are made of.
var pieces = []string{
	"word", "Sentence.", "clause,", "https://example.org/path", "example.com/a", "#Tag", "#الأمل", "@name", "@name@server.example.org", "@charity.bsky.social",
	"{{link}}", "{{helpline}}", "👩‍👩‍👧", "👍🏽", "🇳🇵", "1️⃣", "e\u0301", "नमस्ते", "क्षत्रिय", "今天是世界打击贩运人口日。", "我们", "สวัสดี", "هل تعرف؟", "اتصل بنا،", "\u2067אבג דהו\u2069",
	"“Quoted.”", "(in brackets)", "10\u00a0000", "Dr.", "\n", "\n\n", "…", "—", "¡Hola!", "a-b", "\u200f", "#", "@",
}

func TestPartsAreTheText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 60).Draw(t, "pieces") {
			b.WriteString(p)
			b.WriteString(rapid.SampledFrom([]string{" ", " ", " ", "", "  ", "\n"}).Draw(t, "between"))
		}
		rules, _ := count.For(rapid.SampledFrom(count.Networks).Draw(t, "network"))
		rules.Limit = rapid.IntRange(60, 120).Draw(t, "limit")
		check(t, b.String(), rules)
	})
}

// failer is a test of either kind.
type failer interface {
	Fatalf(format string, args ...any)
}

// check holds the promises of Split against one text.
func check(t failer, s string, rules count.Rules) {
	measure := rules.Measure("")
	parts, err := thread.Split(s, measure, rules.Limit)
	if err != nil {
		if !fault.Is(err, fault.Invalid) {
			t.Fatalf("%q: %v", s, err)
		}
		return
	}
	if bare(strings.Join(parts, "")) != bare(s) {
		t.Fatalf("%q became %q", s, parts)
	}
	borders := map[int]bool{}
	for clusters := graphemes.FromString(s); clusters.Next(); {
		borders[clusters.Start()] = true
	}
	at, cuts := 0, []int{}
	for i, part := range parts {
		if measure(part) > rules.Limit {
			t.Fatalf("%s: part %d of %q counts %d, more than %d: %q", rules.Network, i, s, measure(part), rules.Limit, part)
		}
		if part == "" {
			t.Fatalf("%q has an empty part: %q", s, parts)
		}
		start := at + strings.Index(s[at:], part)
		if !borders[start] {
			t.Fatalf("%q is cut within a character before %q", s, part)
		}
		cuts = append(cuts, start)
		at = start + len(part)
	}
	for _, whole := range count.Whole(s) {
		for _, cut := range cuts {
			if whole.Start < cut && cut < whole.End {
				t.Fatalf("%q is cut in %q: %q", s, whole.Text, parts)
			}
		}
	}
}

// bare returns a text without white space.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"One. Two. https://a.org #Tag", "今天是世界打击贩运人口日。我们", "a\u0301 \u0301b", "\r\n\u2067x\u2069", "{{link}} @a@b.org", "👩‍👩‍👧 🇳🇵🇳🇵"} {
		f.Add(s, 30, uint8(0))
	}
	f.Fuzz(func(t *testing.T, s string, limit int, network uint8) {
		rules, _ := count.For(count.Networks[int(network)%len(count.Networks)])
		rules.Limit = max(1, min(limit, 1000))
		check(t, strings.ToValidUTF8(s, "\ufffd"), rules) // texts are UTF-8 where they come in
	})
}

func BenchmarkSplit(b *testing.B) {
	s := strings.Repeat("Tomorrow is the day, and we need you. Read more at https://example.org/day #EndHumanTrafficking ", 20)
	rules, _ := count.For("bluesky")
	for b.Loop() {
		if _, err := thread.Split(s, rules.Measure(""), rules.Limit); err != nil {
			b.Fatal(err)
		}
	}
}
