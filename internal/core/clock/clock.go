// Package clock says what time it is for posts: a [Clock] is an argument everywhere, so that a test, a rehearsal and the
// daemon run the same code.
//
// There are two times. Product time is what posts, windows and engagement polls live by; a rehearsal makes it run fast.
// Real time is what leases, sessions, the audit log and TLS live by; it never runs fast. A Clock tells product time and how
// long to wait, in real time, until a product instant. The real clock is made in internal/app, which alone reads the
// operating system's.
package clock

import (
	"math"
	"sync"
	"time"
)

// Clock tells product time.
type Clock interface {
	// Now returns the product instant in UTC.
	Now() time.Time
	// Wait returns how long, in real time, until the product instant t; zero or less when it has come.
	Wait(t time.Time) time.Duration
	// Rate returns how many product seconds pass in a real second: 1 except in a rehearsal.
	Rate() float64
}

// Line maps real time to product time: from RealStart on, product time starts at Start and runs Rate times as fast until it
// reaches Until; before and from there on it runs at the speed of real time. The zero Line is real time itself.
type Line struct {
	RealStart time.Time
	Start     time.Time
	Rate      float64
	Until     time.Time
}

// IsZero reports whether the line is plain real time.
func (l Line) IsZero() bool { return l.Start.IsZero() }

// At returns the product instant at a real instant, in UTC.
func (l Line) At(real time.Time) time.Time {
	if l.IsZero() {
		return real.UTC()
	}
	elapsed := real.Sub(l.RealStart)
	fast := l.fast()
	if elapsed <= 0 {
		return l.Start.Add(elapsed).UTC()
	}
	if elapsed < fast {
		at := l.Start.Add(time.Duration(float64(elapsed) * l.Rate)).UTC()
		if at.After(l.Until) { // by rounding
			return l.Until.UTC()
		}
		return at
	}
	return l.Until.Add(elapsed - fast).UTC()
}

// Wait returns the real time from a real instant until the product instant t. Who has waited so long is never early: a
// fraction of a nanosecond is rounded up.
func (l Line) Wait(real, t time.Time) time.Duration {
	if l.IsZero() {
		return t.Sub(real)
	}
	var at time.Duration // real time since RealStart at which t comes
	switch {
	case t.After(l.Until):
		at = l.fast() + t.Sub(l.Until)
	case t.Before(l.Start):
		at = t.Sub(l.Start)
	default:
		at = min(l.fast(), time.Duration(math.Ceil(float64(t.Sub(l.Start))/l.Rate)))
		for at < l.fast() && l.At(l.RealStart.Add(at)).Before(t) { // a float holds some nanoseconds less than an int
			at++
		}
	}
	return at - real.Sub(l.RealStart)
}

// RateAt returns the rate at a real instant.
func (l Line) RateAt(real time.Time) float64 {
	if elapsed := real.Sub(l.RealStart); l.IsZero() || elapsed < 0 || elapsed >= l.fast() {
		return 1
	}
	return l.Rate
}

// fast returns how much real time the fast stretch takes.
func (l Line) fast() time.Duration {
	if l.Rate <= 0 {
		return 0
	}
	return time.Duration(math.Ceil(float64(l.Until.Sub(l.Start)) / l.Rate))
}

// Fake is a clock that stands still until it is moved. It is safe for concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake returns a clock that stands at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.UTC()} }

// Now returns the instant the clock stands at.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Wait returns the product time until t: nothing makes a fake clock move but a test.
func (f *Fake) Wait(t time.Time) time.Duration { return t.Sub(f.Now()) }

// Rate returns 1.
func (f *Fake) Rate() float64 { return 1 }

// Set moves the clock to t.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = t.UTC()
}

// Add moves the clock by d.
func (f *Fake) Add(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}
