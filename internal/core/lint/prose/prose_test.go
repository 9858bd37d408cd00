package prose_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"daymark/internal/core/lint/prose"
)

func TestTextsAreFoldedToPlainSigns(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"Don’t “go”":             `Don't "go"`,
		"modern‑day – now":       "modern-day - now",
		"a\u00a0b\u202fc\u2009d": "a b c d",
		"a\nb":                   "a b",
		"a \n b":                 "a b",
		"a\n\nb":                 "a\nb",
		"a 💙 b":                  "a b",
		"a💙b":                    "a b",
		"ha\u00adve\u200b":       "have",
		"❤️ a":                   "a",
		"𝗘𝗻𝗱":                    "End",
		"e\u0301te\u0301":        "été",
		"٣٨٪":                    "38%",
		"العَبِيد":               "العبيد",
		"ｆｕｌｌ":                   "full",
		"«mot»":                  `"mot"`,
		"":                       "",
		"  ":                     "",
	} {
		if got := prose.Fold(raw, nil).Plain; got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestTheWayBackLeadsToWhatWasWritten(t *testing.T) {
	t.Parallel()
	raw := "é modern‑day 💙 𝗲nd {{link}} x"
	f := prose.Fold(raw, []prose.Stretch{{Start: strings.Index(raw, "{{"), End: strings.Index(raw, "}}") + 2}})
	for plain, want := range map[string]string{"modern-day": "modern‑day", "day end": "day 💙 𝗲nd", "end": "𝗲nd", string(prose.Gap): "{{link}}", "x": "x"} {
		at := strings.Index(f.Plain, plain)
		if at < 0 {
			t.Errorf("%q is not in %q", plain, f.Plain)
			continue
		}
		if s := f.Back(at, at+len(plain)); raw[s.Start:s.End] != want {
			t.Errorf("%q leads to %q", plain, raw[s.Start:s.End])
		}
	}
	if len(f.Lower) != len(f.Plain) {
		t.Error("small letters have another length")
	}
}

func TestSentencesEndWhereReadersStop(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"One. Two! Three? Four":          "One.|Two!|Three?|Four",
		"Dr. Who came at 9.30. He left.": "Dr. Who came at 9.30.|He left.",
		"e.g. this one. That.":           "e.g. this one.|That.",
		"He said \"no.\" Then he left.":  "He said \"no.\"|Then he left.",
		"First\n\nSecond":                "First|Second",
		"هل تعرف؟ نعم.":                  "هل تعرف؟|نعم.",
		"27.6 million people":            "27.6 million people",
	} {
		f := prose.Fold(text, nil)
		var got []string
		for _, s := range f.Sentences() {
			got = append(got, strings.TrimSpace(f.Plain[s.Start:s.End]))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	f := prose.Fold("one\ntwo. three", nil)
	if got := len(f.Lines(f.Sentences())); got != 3 {
		t.Errorf("%d lines", got)
	}
}

func TestNumbersInWordsAreRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		language, text string
		value          float64
		size           int
	}{
		{"en", "thirty-eight per cent", 38, 12},
		{"en", "twenty one", 21, 10},
		{"en", "one hundred and fifty million", 150, 21},
		{"en", "a hundred", 100, 9},
		{"en", "one in", 1, 3},
		{"en", "onerous", 0, 0},
		{"en", "two and a half", 2, 3},
		{"fr", "quatre-vingt-dix-sept", 97, 21},
		{"fr", "vingt et un", 21, 11},
		{"fr", "deux cents", 200, 10},
		{"fr", "soixante-dix", 70, 12},
		{"es", "treinta y ocho", 38, 14},
		{"es", "ciento cincuenta", 150, 16},
		{"ar", "ثمانية وثلاثين", 38, len("ثمانية وثلاثين")},
		{"de", "zwei", 0, 0},
	} {
		if value, size := prose.Numeral(tt.text, tt.language); value != tt.value || size != tt.size {
			t.Errorf("%s %q: %v, %d", tt.language, tt.text, value, size)
		}
	}
}

func TestSyllablesAreCounted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		language, word string
		want           int
	}{{"en", "help", 1}, {"en", "people", 2}, {"en", "made", 1}, {"en", "asked", 1}, {"en", "needed", 2}, {"en", "organisation", 5}, {"fr", "aide", 1}, {"fr", "personne", 2}, {"es", "ayuda", 3}, {"es", "teatro", 3}, {"es", "persona", 3}} {
		if got := prose.Syllables(tt.word, tt.language); got != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.language, tt.word, got, tt.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "a’b\u0301 💙\xff", "ﷺ½", "\n\n \n", "👩‍👩‍👧‍👦", "{{a}}"} {
		f.Add(s, 0, 2)
	}
	f.Fuzz(func(t *testing.T, s string, from, to int) {
		var masks []prose.Stretch
		if from >= 0 && from < to && to <= len(s) {
			masks = []prose.Stretch{{Start: from, End: to}}
		}
		got := prose.Fold(s, masks)
		if len(got.Lower) != len(got.Plain) || !utf8.ValidString(got.Plain) {
			t.Fatalf("%q: %q, %q", s, got.Plain, got.Lower)
		}
		last := 0
		for i := range got.Plain {
			b := got.Back(i, i+1)
			if b.Start < last || b.End <= b.Start || b.End > len(s) {
				t.Fatalf("%q: %d leads to %+v", s, i, b)
			}
			last = b.Start
		}
	})
}
