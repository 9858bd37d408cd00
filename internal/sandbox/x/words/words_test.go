package words_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"daymark/internal/sandbox/x/words"
)

func TestLength(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                    0,
		"Hello":               5,
		"ünï":                 3,
		"e\u0301":             1, // composed before it is counted
		"日本":                  4,
		"“quoted” – yes…":     16, // the ellipsis is outside of the light ranges
		"👍":                   2,
		"👍🏽":                  2,
		"👨‍👩‍👧‍👦":             2,
		"🇫🇷":                  2,
		"1️⃣":                 2,
		"🏴󠁧󠁢󠁥󠁮󠁧󠁿":             2,
		"☀️":                  2,
		"☀":                   2,
		"©":                   1,
		"©️":                  2,
		"https://example.org": 23,
		"https://example.org/a/very/long/path/that/goes/on?and=on": 23,
		"see example.org now":            4 + 23 + 4,
		"example.invalid":                15,
		"v1.2.3":                         6,
		"me@example.org":                 14,
		"(https://example.org/a_(b))":    25,
		"https://example.org/a.":         24,
		"https://example.org/?q=é":       24,
		"https://münchen.de/":            23,
		"a https://x.org b http://y.org": 2 + 23 + 3 + 23,
	} {
		if got := words.Length(text); got != want {
			t.Errorf("%q counts %d, want %d (links %+v)", text, got, want, words.Links(text))
		}
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	text, entities := words.Show("1", "A & B: https://example.org/x (c) 日", []string{"3_7", "3_8"}, "https://x.com/hope/status/1")
	if !strings.HasPrefix(text, "A &amp; B: https://t.co/") || len(entities) != 3 {
		t.Fatalf("%q %+v", text, entities)
	}
	runes := []rune(text)
	for _, e := range entities {
		if string(runes[e.Start:e.End]) != e.URL {
			t.Errorf("%+v does not name its place in %q", e, text)
		}
	}
	if entities[0].ExpandedURL != "https://example.org/x" || entities[1].MediaKey != "3_7" || entities[2].MediaKey != "3_8" {
		t.Errorf("%+v", entities)
	}
}

func FuzzLinks(f *testing.F) {
	f.Add("see https://example.org/a?b=c#d, and example.com/x_(y) 日本.jp")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		at := 0
		for _, l := range words.Links(text) {
			if l.Start < at || l.End <= l.Start || l.End > len(text) || !utf8.ValidString(text[l.Start:l.End]) {
				t.Fatalf("%+v in %q", l, text)
			}
			at = l.End
		}
		if words.Length(text) < 0 {
			t.Error("below zero")
		}
		words.Show("1", text, []string{"3_1"}, "https://x.com")
	})
}
