package attempt_test

import (
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/dispatch/attempt"
)

var noon = time.Date(2027, 7, 30, 12, 0, 0, 0, time.UTC)

func TestEachPauseIsTwiceTheOneBeforeAndUpToAQuarterMore(t *testing.T) {
	t.Parallel()
	c := clock.NewFake(noon)
	for tries, base := range []time.Duration{
		time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute, time.Minute,
	} {
		for delivery := range int64(200) {
			got := attempt.Pause(c, attempt.Row{Delivery: delivery, Tries: tries})
			if got < base || got >= base+base/4 {
				t.Fatalf("delivery %d waits %s after %d tries, want %s to %s", delivery, got, tries, base, base+base/4)
			}
		}
	}
}

func TestThoseThatFailedTogetherDoNotComeBackTogether(t *testing.T) {
	t.Parallel()
	c := clock.NewFake(noon)
	for tries := range 8 {
		fullest, seen := 0, map[time.Duration]int{}
		const deliveries, slots = 1000, 10
		slot := min(time.Minute, time.Second<<tries) / 4 / slots
		for delivery := range int64(deliveries) {
			row := attempt.Row{Delivery: delivery, Tries: tries}
			pause := attempt.Pause(c, row)
			if again := attempt.Pause(clock.NewFake(noon.Add(time.Hour)), row); again != pause {
				t.Fatalf("delivery %d waits %s here and %s in another process", delivery, pause, again)
			}
			seen[pause/slot]++
			fullest = max(fullest, seen[pause/slot])
		}
		if len(seen) < slots || fullest > 2*deliveries/slots {
			t.Errorf("after %d tries they come back in %d slots of a quarter, %d of %d in the fullest", tries, len(seen), fullest, deliveries)
		}
	}
}
