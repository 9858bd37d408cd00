package clock_test

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daymark/internal/core/clock"
)

var epoch = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

func instant(t *rapid.T, label string, around time.Time, within time.Duration) time.Time {
	return around.Add(time.Duration(rapid.Int64Range(-int64(within), int64(within)).Draw(t, label)))
}

// line draws a line as the database lets it be: a rate from 1 to 100,000, a fast stretch of up to two years.
func line(t *rapid.T) clock.Line {
	l := clock.Line{RealStart: instant(t, "real start", epoch, 24*time.Hour), Start: instant(t, "start", epoch, 1000*24*time.Hour)}
	l.Rate = rapid.Float64Range(1, 100_000).Draw(t, "rate")
	l.Until = l.Start.Add(time.Duration(rapid.Int64Range(0, int64(2*365*24*time.Hour)).Draw(t, "stretch")))
	return l
}

// near draws a real instant about the line: before, on and after its fast stretch.
func near(t *rapid.T, l clock.Line, label string) time.Time {
	return l.RealStart.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(float64(l.Until.Sub(l.Start))/l.Rate)+int64(time.Hour)).Draw(t, label)))
}

func TestProductTimeNeverRunsBackwards(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := line(t)
		a := near(t, l, "a")
		b := a.Add(time.Duration(rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, int64(24*time.Hour))).Draw(t, "later")))
		if l.At(b).Before(l.At(a)) {
			t.Fatalf("at %v it is %v, but %v later it is %v", a, l.At(a), b.Sub(a), l.At(b))
		}
	})
}

func TestProductTimeIsMonotonicWhereTheFastStretchEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := line(t)
		end := l.RealStart.Add(l.Wait(l.RealStart, l.Until))
		last := l.At(end.Add(-5))
		for n := time.Duration(-4); n <= 5; n++ {
			at := l.At(end.Add(n))
			if at.Before(last) {
				t.Fatalf("%d ns about the end it goes back from %v to %v", n, last, at)
			}
			last = at
		}
	})
}

func TestWhoHasWaitedIsNotEarlyAndHardlyLate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := line(t)
		now := near(t, l, "now")
		want := instant(t, "want", l.Start, 3*365*24*time.Hour)
		got := l.At(now.Add(l.Wait(now, want)))
		if got.Before(want) {
			t.Fatalf("after waiting for %v it is %v: early by %v", want, got, want.Sub(got))
		}
		// A nanosecond of real time is Rate nanoseconds of product time; beside that, only rounding.
		if late := got.Sub(want); late > time.Duration(2*l.Rate)+time.Microsecond {
			t.Fatalf("after waiting for %v it is %v: late by %v", want, got, late)
		}
	})
}

func TestWaitingForNowTakesNoTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := line(t)
		now := near(t, l, "now")
		if wait := l.Wait(now, l.At(now)); wait > time.Microsecond || wait < -time.Microsecond {
			t.Fatalf("the wait for the present instant is %v", wait)
		}
	})
}

func TestTheLineIsFastInItsMiddleOnly(t *testing.T) {
	t.Parallel()
	l := clock.Line{RealStart: epoch, Start: epoch.AddDate(0, 0, 10), Rate: 60, Until: epoch.AddDate(0, 0, 11)}
	fast := 24 * time.Minute // a day at 60 times the speed
	for name, tt := range map[string]struct {
		after time.Duration // of real time
		want  time.Time
		rate  float64
	}{
		"an hour before it starts": {-time.Hour, l.Start.Add(-time.Hour), 1},
		"as it starts":             {0, l.Start, 60},
		"a minute in":              {time.Minute, l.Start.Add(time.Hour), 60},
		"as it ends":               {fast, l.Until, 1},
		"a minute after":           {fast + time.Minute, l.Until.Add(time.Minute), 1},
	} {
		real := epoch.Add(tt.after)
		if got := l.At(real); !got.Equal(tt.want) || got.Location() != time.UTC {
			t.Errorf("%s it is %v, want %v", name, got, tt.want)
		}
		if got := l.RateAt(real); got != tt.rate {
			t.Errorf("%s it runs at %v, want %v", name, got, tt.rate)
		}
		if got := l.Wait(epoch, tt.want); got != tt.after {
			t.Errorf("the wait until %s is %v, want %v", name, got, tt.after)
		}
	}
}

func TestTheZeroLineIsRealTime(t *testing.T) {
	t.Parallel()
	var l clock.Line
	real := epoch.In(time.FixedZone("", 3600))
	if got := l.At(real); !got.Equal(epoch) || got.Location() != time.UTC {
		t.Errorf("it is %v", got)
	}
	if got := l.Wait(epoch, epoch.Add(time.Hour)); got != time.Hour {
		t.Errorf("an hour takes %v", got)
	}
	if got := l.RateAt(epoch); got != 1 {
		t.Errorf("it runs at %v", got)
	}
}

func TestAFakeClockStandsUntilItIsMoved(t *testing.T) {
	t.Parallel()
	f := clock.NewFake(epoch.In(time.FixedZone("", 3600)))
	if f.Now() != epoch || f.Rate() != 1 {
		t.Errorf("it stands at %v, rate %v", f.Now(), f.Rate())
	}
	var wait sync.WaitGroup
	for range 60 {
		wait.Go(func() { f.Add(time.Minute) })
	}
	wait.Wait()
	if got := f.Wait(epoch.Add(time.Hour)); got != 0 {
		t.Errorf("after an hour in minutes it lacks %v", got)
	}
	f.Set(epoch)
	if got := f.Wait(epoch.Add(-time.Second)); got != -time.Second {
		t.Errorf("the wait for a second ago is %v", got)
	}
}
