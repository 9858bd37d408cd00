package texts

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func all(t *testing.T) map[string]Words {
	t.Helper()
	list, err := All()
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[string]Words{}
	for _, w := range list {
		byCode[w.Lang] = w
	}
	return byCode
}

// verb finds the places where arguments go.
var verb = regexp.MustCompile(`%(?:\[(\d+)\])?([-+# 0]*\d*(?:\.\d+)?[a-zA-Z%])`)

// verbs returns the arguments that a text uses, each with how it is written. Numbering goes on from an explicit one, as in fmt.
func verbs(text string) map[int]string {
	used, next := map[int]string{}, 1
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1])
		}
		used[next] = m[2]
		next++
	}
	return used
}

// wrongIn says what is wrong with a translation of an English text.
func wrongIn(l Language, english, text string) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	want := map[int]string{}
	for _, form := range strings.Split(english, "|") {
		maps.Copy(want, verbs(form))
	}
	forms := strings.Split(text, "|")
	if len(forms) > 1 && !strings.Contains(english, "|") {
		say("has forms, and the English text has none")
	}
	if len(forms) > 1 && len(forms) != l.Forms() {
		say("has %d forms, want %d", len(forms), l.Forms())
	}
	for i, form := range forms {
		got := verbs(form)
		// "one day" needs no number: the forms for exact numbers may leave it out.
		if exact := len(forms) > 1 && i < len(forms)-1 && i < 3; exact && got[1] == "" && want[1] == "d" {
			got[1] = want[1]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			say("form %d uses other arguments (-English +it):\n%s", i+1, diff)
		}
		if strings.TrimSpace(form) != form || form == "" {
			say("form %d has space around it, or nothing in it", i+1)
		}
	}
	if strings.ContainsAny(text, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u061c") {
		say("has a sign for directions; only isolates, U+2066 to U+2069, keep to themselves")
	}
	if strings.Count(text, isolate)+strings.Count(text, isolateEnglish)+strings.Count(text, "\u2067") != strings.Count(text, endIsolate) {
		say("opens another number of isolates than it ends")
	}
	return wrong
}

func TestEveryTranslationTakesTheArgumentsAndFormsOfItsText(t *testing.T) {
	t.Parallel()
	words, plain := all(t), ruled(t) // what rules say takes no arguments: its percent signs are just that
	english := words["en"]
	for _, code := range slices.Sorted(maps.Keys(words)) {
		w := words[code]
		for _, key := range slices.Sorted(maps.Keys(w.table)) {
			text, known := english.table[key]
			if !known {
				t.Errorf("%s: %q is not in English", code, key)
				continue
			}
			if key == "list.join" {
				continue // what stands between two things of a list is mostly space
			}
			for _, wrong := range wrongIn(w.Language, text, w.table[key]) {
				t.Errorf("%s: %q %s", code, key, wrong)
			}
		}
		for _, format := range slices.Sorted(maps.Keys(w.faults)) {
			text, of := w.faults[format], format
			if slices.Contains(plain, format) {
				text, of = strings.ReplaceAll(text, "%", ""), strings.ReplaceAll(of, "%", "")
			}
			for _, wrong := range wrongIn(w.Language, of, text) {
				t.Errorf("%s: the sentence %q %s", code, format, wrong)
			}
		}
	}
}

func TestWrongTranslationsAreFound(t *testing.T) {
	t.Parallel()
	ar, fr := all(t)["ar"].Language, all(t)["fr"].Language
	for _, tt := range []struct {
		l             Language
		english, text string
		wrong         int
	}{
		{fr, "%d day of %s|%d days of %s", "%d jour de %s|%d jours de %s", 0},
		{fr, "%d day of %s|%d days of %s", "un jour de %[2]s|%d jours de %s", 0},
		{fr, "%d day of %s|%d days of %s", "un jour de %s|%d jours de %s", 1},
		{fr, "%d day|%d days", "%d jours", 0},
		{fr, "%d day|%d days", "un jour|des jours", 1},
		{fr, "%d day|%d days", "%d|%d|%d", 1},
		{fr, "%s and %s", "%[2]s et %[1]s", 0},
		{fr, "%s and %s", "%s", 1},
		{fr, "%s has %d", "%d a %s", 1},
		{fr, "50 %% of %s", "50 %% de %s", 0},
		{ar, "%d day|%d days", "لا أيام|يوم واحد|يومان|%d أيام|%d يومًا|%d يوم", 0},
		{ar, "%d day|%d days", "يوم واحد|%d يوم", 2},
		{ar, "day", "\u200fيوم", 1},
		{ar, "day", "\u2068يوم", 1},
		{ar, "day", " يوم", 1},
	} {
		if got := wrongIn(tt.l, tt.english, tt.text); (len(got) > 0) != (tt.wrong > 0) {
			t.Errorf("%s: %q as %q: found %q, want %d faults", tt.l.Code, tt.english, tt.text, got, tt.wrong)
		}
	}
}

func TestEachLanguageCountsInItsForms(t *testing.T) {
	t.Parallel()
	words := all(t)
	for _, tt := range []struct {
		lang, text string
		want       map[int64]string
	}{
		{"en", "one|other", map[int64]string{0: "other", 1: "one", 2: "other", -1: "one"}},
		{"fr", "one|other", map[int64]string{0: "one", 1: "one", 2: "other"}},
		{"es", "one|other", map[int64]string{0: "other", 1: "one", 2: "other"}},
		{"ar", "zero|one|two|few|many|other", map[int64]string{
			0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many", 100: "other", 102: "other", 103: "few", 1_000_000_003: "few",
		}},
		{"ar", "the same", map[int64]string{0: "the same", 5: "the same"}},
	} {
		for n, want := range tt.want {
			if got := words[tt.lang].form(tt.text, n); got != want {
				t.Errorf("%s: %d takes the form %q, want %q", tt.lang, n, got, want)
			}
		}
	}
}

func TestATextTakesItsArguments(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		"days": "no day|one day|two days|%d few days|%d many days|%d days", "who": "%[2]s, then %[1]s", "share": "%d %%", "plain": "100 %", "year": "the year %d",
	}
	ar := Words{Language: languages[3], Lang: "ar", table: texts, instead: &Words{Language: languages[0], Lang: "en", table: map[string]string{"left": "%d post|%d posts"}}}
	en := Words{Language: languages[0], Lang: "en", table: texts}
	for _, tt := range []struct {
		w    Words
		key  string
		args []any
		want string
	}{
		{ar, "days", []any{1}, "one day"},
		{ar, "days", []any{int64(2)}, "two days"},
		{ar, "days", []any{7}, "7 few days"},
		{ar, "days", []any{"many"}, "%!d(string=many) days"},
		{ar, "days", []any{12_100}, "12,100 days"},
		{ar, "year", []any{2027}, "the year 2027"},
		{ar, "who", []any{"Rosa", "سلمى"}, "سلمى, then \u2068Rosa\u2069"},
		{en, "who", []any{"Rosa", "سلمى"}, "\u2068سلمى\u2069, then Rosa"},
		{en, "who", []any{"\u2068سلمى\u2069", "Rosa"}, "Rosa, then \u2068سلمى\u2069"},
		{en, "share", []any{40}, "40 %"},
		{en, "plain", nil, "100 %"},
		{ar, "left", []any{1}, "\u20661 post\u2069"},
		{ar, "nothing", nil, "[nothing]"},
		{en, "left", []any{1}, "[left]"},
	} {
		if got := tt.w.T(tt.key, tt.args...); got != tt.want {
			t.Errorf("%s: T(%q, %v) = %q, want %q", tt.w.Lang, tt.key, tt.args, got, tt.want)
		}
	}
}

func TestAnEnglishSentenceIsMarkedInOtherLanguagesOnly(t *testing.T) {
	t.Parallel()
	words := all(t)
	for code, w := range words {
		other := code != "en"
		stop, quoted := w.InEnglish("Stop."), w.InEnglish("Not \u2068نص\u2069.")
		for sentence, want := range map[string][]Run{
			w.InEnglish(stop):           {{"Stop.", other}},
			"Stop.":                     {{"Stop.", false}},
			"":                          {{"", false}},
			quoted:                      {{"Not \u2068نص\u2069.", other}},
			"\u2066begun":               {{"\u2066begun", false}},
			"\u2068Rosa\u2069: " + stop: {{"\u2068Rosa\u2069: ", false}, {"Stop.", true}},
		} {
			if code == "en" && len(want) > 1 {
				want = []Run{{sentence, false}}
			}
			if diff := cmp.Diff(want, w.Runs(sentence)); diff != "" {
				t.Errorf("%s: %q (-want +got):\n%s", code, sentence, diff)
			}
		}
	}
}

func TestASentenceOfAnErrorIsFoundByWhatItWasMadeFrom(t *testing.T) {
	t.Parallel()
	fr := Words{
		Language: languages[1], Lang: "fr", instead: &Words{}, table: map[string]string{"fault": "Cette adresse ne mène nulle part."},
		faults: map[string]string{"There is no post %d.": "Il n’y a pas de publication %d.", "is empty": "est vide"},
	}
	for _, tt := range []struct {
		format  string
		args    []any
		message string
		want    string
	}{
		{"There is no post %d.", []any{7}, "There is no post 7.", "Il n’y a pas de publication 7."},
		{"%s", []any{"is empty"}, "is empty", "est vide"},
		{"", nil, "is empty", "est vide"},
		{"%s", []any{"Cette adresse ne mène nulle part."}, "Cette adresse ne mène nulle part.", "Cette adresse ne mène nulle part."},
		{"No %s.", []any{"luck"}, "No luck.", "\u2066No luck.\u2069"},
		{"", nil, "", ""},
	} {
		if got := fr.Fault(tt.format, tt.args, tt.message); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.message, got, tt.want)
		}
	}
	if got := (Words{}).Fault("No %s.", []any{"luck"}, "No luck."); got != "No luck." {
		t.Errorf("in English: %q", got)
	}
}

func TestNumbersHaveTheSignsOfTheirLanguage(t *testing.T) {
	t.Parallel()
	words := all(t)
	for code, want := range map[string][]string{
		"en": {"999", "1,000", "1,234,567", "-12,000", "45%"},
		"fr": {"999", "1\u202f000", "1\u202f234\u202f567", "-12\u202f000", "45\u00a0%"},
		"es": {"999", "1000", "1.234.567", "-12.000", "45\u00a0%"},
		"ar": {"999", "1,000", "1,234,567", "-12,000", "45%"},
	} {
		w := words[code]
		if diff := cmp.Diff(want, []string{w.Number(999), w.Number(1000), w.Number(1234567), w.Number(-12000), w.Percent(45)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
	}
}
