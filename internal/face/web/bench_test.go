package web

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// What an answer may take at ten requests a second, the slowest twentieth aside, and how large it may be.
const (
	aimTime = 50 * time.Millisecond
	aimSize = 150 << 10
)

// paced asks ten times a second, so many times, and says how the answers stand beside the aims. The fastest one is reported too: other work
// on the machine slows answers, and nothing makes them faster.
func paced(b *testing.B, name string, times int, one func(i int) got) {
	b.Helper()
	var took []time.Duration
	size := 0
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for b.Loop() {
		for i := range times {
			<-tick.C
			start := time.Now()
			a := one(i)
			if a.status != http.StatusOK {
				b.Fatal(a.status, a.body)
			}
			took, size = append(took, time.Since(start)), max(size, len(a.body))
		}
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	least, p50, p95 := took[0], took[len(took)/2], took[len(took)*95/100]
	b.ReportMetric(ms(least), "least-ms")
	b.ReportMetric(ms(p50), "p50-ms")
	b.ReportMetric(ms(p95), "p95-ms")
	b.ReportMetric(float64(size)/1024, "KB")
	verdict := "PASS"
	if p95 > aimTime || size > aimSize {
		verdict = "FAIL"
	}
	fmt.Printf("%s: fastest %.1f ms, p50 %.1f ms, p95 %.1f ms, aim %s; %d KB, aim %d KB: %s\n",
		name, ms(least), ms(p50), ms(p95), aimTime, size>>10, aimSize>>10, verdict)
}
