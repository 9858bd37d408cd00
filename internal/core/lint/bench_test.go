package lint_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/lint"
	"daymark/internal/core/lint/subject"
)

// posts returns ten thousand different posts of the kind that campaigns send, in four languages.
func posts() []lint.Subject {
	texts := []struct{ language, text string }{
		{"en", "Someone you meet at work may not be free to leave. Learn five signs that people often miss, and who to call. You do not need proof to ask for help. {{link}}\n\nSave the number %d. 💙"},
		{"en", "38%% of detected victims are children. Post %d of our week says what helps: listen, believe, and leave the choice to the person. {{fact:F02}} {{helpline}}"},
		{"en", "Join us on Friday, 30 July 2027 at 9:30 in the town hall. Wear something blue, bring a friend, and read the story no. %d on our page https://example.org/stories/%[1]d"},
		{"fr", "Une offre d'emploi trop belle ? Posez trois questions avant de partir. Gardez vos papiers sur vous. Message %d : vous n'êtes pas seul·e. {{link}}"},
		{"es", "Nadie debería trabajar para pagar una deuda que nunca termina. Mira las señales y guarda el número. Mensaje %d. {{helpline}}"},
		{"ar", "قد يكون شخص تعرفه غير قادر على ترك عمله. تعرّف على العلامات واحفظ رقم المساعدة. الرسالة %d. {{helpline}}"},
	}
	list := make([]lint.Subject, 10_000)
	for i := range list {
		t := texts[i%len(texts)]
		list[i] = lint.Subject{
			Language: t.language, Hashtags: []string{"#EndHumanTrafficking", "#BlueHeart"}, Sensitive: i%3 == 0, ContentNote: "Content note: exploitation",
			Parts: []lint.Part{{Text: fmt.Sprintf(t.text, i), Pictures: []lint.Picture{{SHA256: "a", Alt: "Two hands hold a blue paper heart."}}}},
			Year:  2027, Day: civil.Date{Year: 2027, Month: 7, Day: 30}, Hosts: []string{"example.org"},
		}
	}
	return list
}

// BenchmarkAllRules judges 10,000 posts by rules of the number and shape of campaigns/lint.yaml. One core has to do 2,000 posts a
// second.
func BenchmarkAllRules(b *testing.B) {
	set := newSet(b, everyRule()...)
	list := posts()
	n := 0
	for b.Loop() {
		for _, s := range list {
			set.Check(s)
			set.Ask(s)
			n++
		}
	}
	rate, verdict := float64(n)/b.Elapsed().Seconds(), "PASS"
	b.ReportMetric(rate, "posts/s")
	if rate < 2000 {
		verdict = "FAIL"
		b.Errorf("%.0f posts a second: 2,000 are needed", rate)
	}
	fmt.Printf("posts judged by rules of every shape: %.0f a second, aim 2,000: %s\n", rate, verdict)
}

func longTexts() map[string]string {
	return map[string]string{
		"prose":       strings.Repeat("Someone you meet may not be free to leave; in 2024 the police found 3,000 people, our girls and modern-day slaves among them. ", 800)[:100_000],
		"one word":    strings.Repeat("slave", 20_000),
		"many words":  strings.Repeat("slave ", 16_667)[:100_000],
		"no spaces":   strings.Repeat("a", 100_000),
		"digits":      strings.Repeat("1 ", 50_000),
		"spaces":      strings.Repeat(" ", 100_000),
		"hashtags":    strings.Repeat("#endslavery ", 8_333),
		"braces":      strings.Repeat("{{", 50_000),
		"Arabic":      strings.Repeat("قد يكون شخص تعرفه غير قادر على ترك عمله. ", 2_500),
		"emoji":       strings.Repeat("💙", 25_000),
		"combining":   "a" + strings.Repeat("\u0301", 50_000),
		"links":       strings.Repeat("https://a.org/(((( ", 5_263),
		"long number": strings.Repeat("1", 100_000),
		"thousands":   strings.Repeat("1,000 ", 16_667),
		"quotes":      strings.Repeat(`"a b c d `, 11_111),
		"ages":        strings.Repeat("aged 15 in Leeds, ", 5_555),
		"capitals":    strings.Repeat("ABC ", 25_000),
		"years":       strings.Repeat("in 2024 ", 12_500),
		"weekdays":    strings.Repeat("Friday 30 July, ", 6_250),
		"only ages":   strings.Repeat("aged 15, ", 11_111),
		"sentences":   strings.Repeat("a. ", 33_333),
	}
}

func TestLongTextsHaveNoMoreFindingsThanAnybodyReads(t *testing.T) {
	t.Parallel()
	set := newSet(t, everyRule()...)
	for name, text := range longTexts() {
		for _, language := range []string{"en", "ar"} {
			s := lint.Subject{Language: language, Parts: []lint.Part{{Text: text[:len(text)/10]}}, Sensitive: true, Filled: true, Hosts: []string{"example.org"}, Year: 2027}
			of := map[string]int{}
			for _, f := range set.Check(s) {
				of[f.Rule]++
				if f.Start < 0 || f.End < f.Start || (f.Field == "text" && f.End > len(s.Parts[0].Text)) {
					t.Fatalf("%s in %s: %s found bytes %d to %d", name, language, f.Rule, f.Start, f.End)
				}
			}
			for rule, n := range of {
				if n > subject.Most {
					t.Errorf("%s in %s: %d findings of %s", name, language, n, rule)
				}
			}
			set.Ask(s)
		}
	}
}

// BenchmarkLongText judges 100,000 characters, which has to take less than 200 ms in the best run: other work on the machine makes
// a run slower, and nothing makes it faster.
func BenchmarkLongText(b *testing.B) {
	set := newSet(b, everyRule()...)
	texts := longTexts()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			s := lint.Subject{Language: "en", Parts: []lint.Part{{Text: texts[name]}}, Sensitive: true, Filled: true}
			best := time.Hour
			for b.Loop() {
				from := time.Now()
				set.Check(s)
				best = min(best, time.Since(from))
			}
			verdict := "PASS"
			if best > 200*time.Millisecond {
				verdict = "FAIL"
				b.Errorf("%s a text: 200 ms are allowed", best)
			}
			b.ReportMetric(float64(best.Microseconds())/1000, "best-ms")
			fmt.Printf("100,000 characters, %s: %.0f ms, aim 200 ms: %s\n", name, best.Seconds()*1000, verdict)
		})
	}
}
