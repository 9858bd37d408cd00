package web

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
)

// BenchmarkCalendar asks for the month, the week and the list ten times a second, as three roles by turns, with 2,000 posts in the month
// (each to 5 of 200 accounts) and 50 people.
func BenchmarkCalendar(b *testing.B) {
	s := newTeam(b)
	s.many(2000, 200)
	s.clock.Set(booktest.Due.AddDate(0, 0, -14))
	var visitors []visitor
	for _, role := range []string{"editor", "reviewer", "admin"} {
		visitors = append(visitors, s.as(role))
	}
	for _, one := range []struct{ name, path string }{
		{"month", "/calendar?month=2027-07"}, {"week", "/calendar?view=week&day=2027-07-16"}, {"list", "/calendar?view=list&month=2027-07"},
		{"filtered", "/calendar?month=2027-07&state=review&state=draft&network=mastodon&language=en&zone=Asia/Tokyo"},
	} {
		b.Run(one.name, func(b *testing.B) {
			var took []time.Duration
			size := 0
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for b.Loop() {
				for i := range 48 {
					<-tick.C
					start := time.Now()
					a := visitors[i%len(visitors)].get(one.path)
					if a.status != http.StatusOK {
						b.Fatal(a.status)
					}
					took, size = append(took, time.Since(start)), max(size, len(a.body))
				}
			}
			slices.Sort(took)
			p95 := took[len(took)*95/100]
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(p95.Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(size)/1024, "KB")
			verdict := "PASS"
			if p95 > 50*time.Millisecond || size > 150<<10 {
				verdict = "FAIL"
			}
			b.Logf("%s: %s, p95 %s (aim 50 ms), %d KB (aim 150 KB)", one.path, verdict, p95, size>>10)
		})
	}
}
