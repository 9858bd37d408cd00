package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// row is one line of the table.
type row struct {
	figure   string
	measured string
	aim      string // empty for a row that is only information
	pass     bool
}

// table is what was measured so far.
type table []row

// add keeps a row that has an aim.
func (t *table) add(pass bool, figure, measured, aim string) {
	*t = append(*t, row{figure, measured, aim, pass})
}

// tell keeps a row that nobody has set an aim for.
func (t *table) tell(figure, measured string) {
	*t = append(*t, row{figure: figure, measured: measured})
}

// print writes the table as docs/measured.md has it and reports whether every row passed.
func (t table) print(w io.Writer) bool {
	all := true
	fmt.Fprintln(w, "| figure | measured | aim | verdict |\n|---|---|---|---|")
	for _, r := range t {
		verdict := ""
		switch {
		case r.aim == "":
		case r.pass:
			verdict = "PASS"
		default:
			verdict, all = "FAIL", false
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", r.figure, r.measured, r.aim, verdict)
	}
	return all
}

// median is the middle of some values, or the mean of the two in the middle.
func median[T ~int64 | ~float64](values []T) T {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// percentile is the smallest value that p of a hundred do not exceed.
func percentile[T cmp.Ordered](values []T, p float64) T {
	var zero T
	if len(values) == 0 {
		return zero
	}
	s := slices.Sorted(slices.Values(values))
	return s[max(0, int(math.Ceil(float64(len(s))*p/100))-1)]
}

// spread writes the median of some ratios and how far apart they were.
func spread(values []float64) string {
	if len(values) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", median(values), slices.Min(values), slices.Max(values))
}

// ms writes a duration in milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }

// sec writes a duration in seconds.
func sec(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// perSecond writes how many were done in a second.
func perSecond(n int, took time.Duration) string {
	if took <= 0 {
		return "nothing"
	}
	return thousands(int(float64(n) / took.Seconds()))
}

// thousands writes a number with a comma before each three digits.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
