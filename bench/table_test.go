package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheMiddleAndTheTailOfSomeValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name            string
		values          []time.Duration
		middle, p0, p99 time.Duration
	}{
		{"none", nil, 0, 0, 0},
		{"one", []time.Duration{7}, 7, 7, 7},
		{"an odd number, in no order", []time.Duration{9, 1, 5}, 5, 1, 9},
		{"an even number", []time.Duration{4, 1, 2, 3}, 2, 1, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := median(tt.values); got != tt.middle {
				t.Errorf("median %d, want %d", got, tt.middle)
			}
			if got := percentile(tt.values, 0); got != tt.p0 {
				t.Errorf("least %d, want %d", got, tt.p0)
			}
			if got := percentile(tt.values, 99); got != tt.p99 {
				t.Errorf("p99 %d, want %d", got, tt.p99)
			}
		})
	}
	many := make([]time.Duration, 200)
	for i := range many {
		many[i] = time.Duration(i + 1)
	}
	if p50, p99 := percentile(many, 50), percentile(many, 99); p50 != 100 || p99 != 198 {
		t.Errorf("of 1 to 200, p50 is %d and p99 %d", p50, p99)
	}
}

func TestTheTableSaysWhatFails(t *testing.T) {
	t.Parallel()
	var rows table
	rows.add(true, "speed", "0.9", "0.8")
	rows.tell("weather", "fine")
	var out strings.Builder
	if !rows.print(&out) {
		t.Error("all passed, and it does not say so")
	}
	rows.add(false, "memory", "130 MB", "under 120 MB")
	out.Reset()
	if rows.print(&out) {
		t.Error("one failed, and it does not say so")
	}
	want := `| figure | measured | aim | verdict |
|---|---|---|---|
| speed | 0.9 | 0.8 | PASS |
| weather | fine |  |  |
| memory | 130 MB | under 120 MB | FAIL |
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	t.Parallel()
	got := []string{thousands(7), thousands(1000), thousands(10_000_000), perSecond(10_000, 2*time.Second), perSecond(1, 0), ms(1500 * time.Microsecond)}
	if diff := cmp.Diff([]string{"7", "1,000", "10,000,000", "5,000", "nothing", "1.5 ms"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
