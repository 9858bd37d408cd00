package rules

import (
	"strings"
	"testing"

	"daymark/internal/core/lint"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/content"
)

// BenchmarkShippedRules judges the posts of the campaigns that we ship, in every language, by the rules that we ship. One core has
// to do 2,000 posts a second.
func BenchmarkShippedRules(b *testing.B) {
	set, err := Shipped()
	if err != nil {
		b.Fatal(err)
	}
	ids, err := campaign.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	var all []content.Words
	posts := 0
	for _, id := range ids {
		l, err := campaign.LoadShipped(id)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, content.Words{Campaign: l.Campaign, Observance: l.Observance, Facts: l.Facts, Year: 2026})
		posts += len(l.Campaign.Posts) * len(l.Campaign.Languages)
	}
	n := 0
	for b.Loop() {
		for _, w := range all {
			content.Check(set, w)
		}
		n += posts
	}
	b.Logf("%d posts", n)
	rate := float64(n) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "posts/s")
	if rate < 2000 {
		b.Errorf("%.0f posts a second: 2,000 are needed", rate)
	}
}

// BenchmarkLongText judges a text of 100,000 characters in which many rules find something.
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
