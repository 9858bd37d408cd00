package app_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/clock"
	"daymark/internal/flow/campaign"
	"daymark/internal/org/people"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// BenchmarkLoad reads and loads 10,000 posts: 50 campaigns of 200 each, in two languages.
func BenchmarkLoad(b *testing.B) {
	const campaigns, posts, aim = 50, 200, 15 * time.Second
	db := postgrestest.New(b, migrations.FS)
	by, err := people.System(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	a := &app.App{DB: db, Clock: app.LineClock(clock.Line{})}
	round := 0
	for b.Loop() {
		b.StopTimer()
		round++
		files := fstest.MapFS{}
		for i := range campaigns {
			var y strings.Builder
			fmt.Fprintf(&y, "daymark: 1\nid: c%d\nobservance: un-trafficking-day\ntitle: {en: Round %d, fr: Tour %d}\nlanguages: [en, fr]\nposts:\n", i, round, round)
			for j := range posts {
				fmt.Fprintf(&y, "  - id: p%d\n    offset: D%+d\n    time: \"09:00\"\n    text:\n      en: \"Words %d of %d for {{org}}\"\n      fr: \"Mots %d de %d pour {{org}}\"\n", j, j-100, j, round, j, round)
			}
			files[fmt.Sprintf("c%d/campaign.yaml", i)] = &fstest.MapFile{Data: []byte(y.String())}
		}
		b.StartTimer()
		done := 0
		for i := range campaigns {
			loaded, err := campaign.Load(files, fmt.Sprintf("c%d", i))
			if err != nil {
				b.Fatal(err)
			}
			if changed, err := a.LoadCounting(b.Context(), loaded, by, false, func() { done++ }); err != nil || !changed {
				b.Fatal(changed, err)
			}
		}
		if done != campaigns*posts {
			b.Fatalf("%d posts were counted", done)
		}
	}
	took, verdict := b.Elapsed()/time.Duration(b.N), "PASS"
	if took > aim {
		verdict = "FAIL"
	}
	b.ReportMetric(took.Seconds(), "s/round")
	fmt.Printf("load %d posts: %.2f s, aim %s: %s\n", campaigns*posts, took.Seconds(), aim, verdict)
}
