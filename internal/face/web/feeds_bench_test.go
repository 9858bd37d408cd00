package web

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
)

// What the feed of an edition may take, the slowest of twelve aside: nobody waits for it, programs ask every hour or so.
const aimFeed = 500 * time.Millisecond

// BenchmarkFeed asks for the feed of an edition of 2,000 posts at 5 places each, one request after the other, without a cookie, as calendar
// programs do; and as one that has it already.
func BenchmarkFeed(b *testing.B) {
	s := newTeam(b)
	s.many(2000, 200)
	s.clock.Set(booktest.Due.AddDate(0, 0, -14))
	var edition int64
	s.must(s.db.GetContext(b.Context(), &edition, `SELECT max(id) FROM editions`))
	path := s.as("editor").subscribe("edition", edition)
	tag := s.feed(path).header.Get("ETag")
	for _, one := range []struct {
		name   string
		header []string
		status int
	}{{"whole", nil, http.StatusOK}, {"unchanged", []string{"If-None-Match", tag}, http.StatusNotModified}} {
		b.Run(one.name, func(b *testing.B) {
			var took []time.Duration
			size := 0
			for b.Loop() {
				for range 12 {
					start := time.Now()
					a := s.feed(path, one.header...)
					if a.status != one.status {
						b.Fatal(a.status)
					}
					took, size = append(took, time.Since(start)), max(size, len(a.body))
				}
			}
			slices.Sort(took)
			verdict := "PASS"
			if took[len(took)-2] > aimFeed {
				verdict = "FAIL"
			}
			fmt.Printf("feed of 2,000 posts, %s: fastest %d ms, p50 %d ms, slowest but one %d ms, aim %s; %d KB: %s\n",
				one.name, took[0].Milliseconds(), took[len(took)/2].Milliseconds(), took[len(took)-2].Milliseconds(), aimFeed, size>>10, verdict)
		})
	}
}
