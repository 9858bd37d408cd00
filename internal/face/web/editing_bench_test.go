package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
)

// BenchmarkEditor opens the editor of posts, and asks for a look at what is typed, ten times a second, with 2,000 posts in the month
// (each to 5 of 200 accounts) and 50 people.
func BenchmarkEditor(b *testing.B) {
	s := newTeam(b)
	s.many(2000, 200)
	s.clock.Set(booktest.Due.AddDate(0, 0, -14))
	v := s.as("editor")
	var ids []int64
	s.must(s.db.SelectContext(b.Context(), &ids, `SELECT id FROM posts ORDER BY id LIMIT 48`))
	form := url.Values{"text-1-en": {"Tomorrow is the day. https://example.org #BlueHeart"}, "base": {"2"}}
	for _, one := range []struct {
		name string
		ask  func(id int64) got
	}{
		{"open", func(id int64) got { return v.get(fmt.Sprintf("/posts/%d/edit", id)) }},
		{"new", func(int64) got { return v.get("/new/post") }},
		{"look", func(id int64) got { return v.post(fmt.Sprintf("/posts/%d/edit/look", id), form) }},
		{"keep", func(id int64) got {
			return v.post(fmt.Sprintf("/posts/%d/edit/keep", id), with(form, "over", "yes"))
		}},
	} {
		b.Run(one.name, func(b *testing.B) {
			var took []time.Duration
			size := 0
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for b.Loop() {
				for _, id := range ids {
					<-tick.C
					start := time.Now()
					a := one.ask(id)
					if a.status != http.StatusOK {
						b.Fatal(a.status, a.body)
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
			b.Logf("%s: %s, p95 %s (aim 50 ms), %d KB (aim 150 KB)", one.name, verdict, p95, size>>10)
		})
	}
}
