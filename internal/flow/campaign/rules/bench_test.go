package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/lint"
)

// BenchmarkShippedRules judges 10,000 posts, which are the corpora again and again, by the rules that we ship. One core has to do
// 2,000 posts a second.
func BenchmarkShippedRules(b *testing.B) {
	set, err := Shipped()
	if err != nil {
		b.Fatal(err)
	}
	cases := corpora(b)
	n := 0
	for b.Loop() {
		for i := range 10_000 {
			set.Check(cases[i%len(cases)].posts[0])
			set.Ask(cases[i%len(cases)].posts[0])
		}
		n += 10_000
	}
	rate, verdict := float64(n)/b.Elapsed().Seconds(), "PASS"
	b.ReportMetric(rate, "posts/s")
	if rate < 2000 {
		verdict = "FAIL"
		b.Errorf("%.0f posts a second: 2,000 are needed", rate)
	}
	fmt.Printf("posts judged by the shipped rules: %.0f a second, aim 2,000: %s\n", rate, verdict)
}

// BenchmarkLongText judges texts of 100,000 characters in which the rules find something in every line or two. One may take 200 ms.
// What counts is the best run: other work on the machine makes a run slower, and nothing makes it faster.
func BenchmarkLongText(b *testing.B) {
	set, err := Shipped()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, language, text string }{
		{"mixed", "en", "Thousands of victims were rescued in 2024: 38% of trafficking victims, our girls and modern-day slaves, crossed borders with smugglers and traffickers. Someone you meet at work may not be free to leave, and may not know whom to ask. You do not need proof to ask for help. "},
		{"slaves", "en", "slaves "},
		{"victims", "en", "victims "},
		{"trafficks", "en", "trafficking "},
		{"denials", "en", "not save the "},
		{"quotations", "en", `not "victims" `},
		{"capitals", "en", "STOP NOW "},
		{"shares", "en", "49% women "},
		{"film", "en", "film the the the the the "},
		{"years", "en", "in 2024 "},
		{"ages", "en", "aged 15 in Leeds, "},
		{"weekdays", "en", "today is Friday, 30 July 2027, "},
		{"French", "fr", "Nous sauvons des victimes, ces esclaves clandestins, et 40 millions de personnes. "},
		{"Spanish", "es", "Rescatamos a las víctimas, inmigrantes ilegales, 40 millones de personas. "},
		{"Arabic", "ar", "ننقذ الأطفال من المهاجرين غير الشرعيين، 40 مليون شخص. "},
	} {
		b.Run(c.name, func(b *testing.B) {
			long := []rune(strings.Repeat(c.text, 100_000/len([]rune(c.text))+1))[:100_000]
			post := of(string(long), c.language, lint.InText)
			best := time.Hour
			for b.Loop() {
				from := time.Now()
				set.Check(post)
				best = min(best, time.Since(from))
			}
			verdict := "PASS"
			if best > 200*time.Millisecond {
				verdict = "FAIL"
				b.Errorf("%s a text: 200 ms are allowed", best)
			}
			b.ReportMetric(float64(best.Microseconds())/1000, "best-ms")
			fmt.Printf("100,000 characters, %s: %.0f ms, aim 200 ms: %s\n", c.name, best.Seconds()*1000, verdict)
		})
	}
}
