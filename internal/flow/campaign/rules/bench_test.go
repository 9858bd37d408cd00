package rules

import (
	"strings"
	"testing"

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
	rate := float64(n) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "posts/s")
	if rate < 2000 {
		b.Errorf("%.0f posts a second: 2,000 are needed", rate)
	}
}

// BenchmarkLongText judges a text of 100,000 characters in which many rules find something, in four languages.
func BenchmarkLongText(b *testing.B) {
	set, err := Shipped()
	if err != nil {
		b.Fatal(err)
	}
	long := strings.Repeat("Thousands of victims were rescued in 2024: 38% of trafficking victims, our girls and modern-day slaves, crossed borders with smugglers and traffickers. ", 700)[:100_000]
	for b.Loop() {
		for _, language := range []string{"en", "fr", "es", "ar"} {
			set.Check(of(long, language, lint.InText))
		}
	}
}
