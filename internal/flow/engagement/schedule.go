package engagement

import "time"

// The marks after publication at which a network is asked. A post on a timeline lives for hours, so that the day itself is
// dense; the rest of the year shows what a post still gathers when the day is searched for or the next one is planned.
const (
	day  = 24 * time.Hour
	week = 7 * day

	lastDaily = 30 * day  // daily until here, then weekly
	lastMark  = 365 * day // the last question
)

// firstDay holds the marks of the first day.
var firstDay = []time.Duration{
	5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	1 * time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour,
}

// Schedule returns the instant of question n (from 0) about a delivery published at the given instant, and false when there
// is no such question any more. Each delivery comes up to a tenth of an interval after the plain mark, always by the same
// share, so that what was published in one second is not asked about in one second. Instants rise with n.
func Schedule(delivery int64, published time.Time, n int) (time.Time, bool) {
	at, ok := mark(n)
	if !ok {
		return time.Time{}, false
	}
	before, _ := mark(n - 1)
	// PostgreSQL keeps microseconds: a question that is due to the nanosecond would be asked a moment early, and then again.
	late := time.Duration(share(delivery) * float64(at-before)).Truncate(time.Microsecond)
	return published.Add(at + late), true
}

// After returns the first question that lies after now: its number and its instant. Whatever was missed before now, by an
// outage or a fast clock, is skipped. It returns false when the year is over.
func After(delivery int64, published, now time.Time, n int) (int, time.Time, bool) {
	for {
		at, ok := Schedule(delivery, published, n)
		if !ok || at.After(now) {
			return n, at, ok
		}
		n++
	}
}

// mark returns the plain distance of question n from the publication; zero for the publication itself, at -1.
func mark(n int) (time.Duration, bool) {
	if n < 0 {
		return 0, n == -1
	}
	if n < len(firstDay) {
		return firstDay[n], true
	}
	n -= len(firstDay)
	const daily = int(lastDaily / day)
	if n < daily {
		return time.Duration(n+1) * day, true
	}
	n -= daily
	at := lastDaily + time.Duration(n+1)*week
	if at-week >= lastMark {
		return 0, false
	}
	return min(at, lastMark), true
}

// share spreads deliveries evenly over [0, 0.1). Neighbouring ids land far apart: the multiplier is the golden ratio's
// (Knuth, The Art of Computer Programming, volume 3, 6.4).
func share(delivery int64) float64 {
	const golden = 0x9E3779B97F4A7C15
	return float64(uint64(delivery)*golden>>11) / (1 << 53) / 10
}
