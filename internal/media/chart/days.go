package chart

import (
	"fmt"
	"strings"
)

// Line is one series over days.
type Line struct {
	Name   string
	Values []*int64 // one for each day; nil where nothing is known, and the line is broken there
}

// Days is a chart of lines over days. The first line is drawn whole and strong, the others dashed.
type Days struct {
	Head
	Labels []string // one for each day; empty where the axis says nothing
	Day    int      // the day that is marked, by its place among the labels; -1 for none
	Mark   string   // what is said of it
	Lines  []Line
	Number func(int64) string
}

// Measures of the chart of days.
const (
	daysWide, daysHigh   = 400.0, 236.0
	daysLeft, daysRight  = 52.0, 12.0
	daysTop, daysBottom  = 46.0, 190.0
	legendAt, legendLeft = 16.0, 12.0
	labelAt              = 208.0
)

// SVG draws the chart.
func (d Days) SVG() string {
	c := begin(d.Head, daysWide, daysHigh)
	low, high := d.ends()
	y := func(n int64) float64 {
		return daysBottom - (daysBottom-daysTop)*float64(n-low)/float64(high-low)
	}
	for i, n := range d.ticks(low, high) {
		class := "chart-grid"
		if n == 0 || (i == 0 && low >= 0) {
			class = "chart-base"
		}
		c.stroke(class, line, daysLeft, y(n), daysWide-daysRight, y(n))
		c.text("chart-soft", soft, "end", daysLeft-6, y(n)+4, d.Number(n))
	}
	if d.Day >= 0 && d.Day < len(d.Labels) {
		at := d.at(d.Day)
		fmt.Fprintf(&c.b, `<line class="chart-day" x1="%[1]s" y1="%[2]s" x2="%[1]s" y2="%[3]s" stroke="%[4]s" stroke-width="1.5"></line>`,
			num(c.x(at)), num(daysTop-8), num(daysBottom), ink)
		c.text("chart-ink", ink, "middle", at, daysTop-12, d.Mark)
	}
	for i, label := range d.Labels {
		c.text("chart-soft", soft, "middle", d.at(i), labelAt, label)
	}
	for i := len(d.Lines) - 1; i >= 0; i-- { // the first lies on top
		d.draw(c, i, y)
	}
	for i, l := range d.Lines {
		at := legendLeft + float64(i)*(daysWide-legendLeft)/float64(max(2, len(d.Lines)))
		fmt.Fprintf(&c.b, `<line class="chart-line-%d" x1="%s" y1="%[3]s" x2="%[4]s" y2="%[3]s" %[5]s></line>`, i+1, num(c.x(at)), num(daysHigh-legendAt+4), num(c.x(at+26)), drawn(i))
		c.text("chart-ink", ink, "start", at+32, daysHigh-legendAt+8, l.Name)
	}
	return c.end()
}

// at is where a day stands.
func (d Days) at(i int) float64 {
	if len(d.Labels) < 2 {
		return (daysLeft + daysWide - daysRight) / 2
	}
	return daysLeft + (daysWide-daysRight-daysLeft)*float64(i)/float64(len(d.Labels)-1)
}

// ends returns the lowest and the highest of the axis. Figures can fall, so that the axis may begin below nought.
func (d Days) ends() (low, high int64) {
	for _, l := range d.Lines {
		for _, n := range l.Values {
			if n != nil {
				low, high = min(low, *n), max(high, *n)
			}
		}
	}
	if low < 0 {
		low = -Round(-low)
	}
	return low, Round(high)
}

func (d Days) ticks(low, high int64) []int64 {
	if low < 0 {
		return []int64{low, 0, high}
	}
	if high%2 == 0 {
		return []int64{0, high / 2, high}
	}
	return []int64{0, high}
}

// drawn says how line number i is drawn: colour is never the only difference.
func drawn(i int) string {
	switch i {
	case 0:
		return `fill="none" stroke="` + accent + `" stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round"`
	case 1:
		return `fill="none" stroke="` + before + `" stroke-width="2" stroke-dasharray="6 4"`
	}
	return `fill="none" stroke="` + soft + `" stroke-width="2" stroke-dasharray="2 4"`
}

// draw draws a line; a single point between days of which nothing is known is a dot.
func (d Days) draw(c *canvas, i int, y func(int64) float64) {
	values := d.Lines[i].Values
	for from := 0; from < len(values); {
		if values[from] == nil {
			from++
			continue
		}
		to := from
		var points []string
		for to < len(values) && values[to] != nil && to < len(d.Labels) {
			points = append(points, num(c.x(d.at(to)))+","+num(y(*values[to])))
			to++
		}
		switch {
		case len(points) == 0:
			return
		case len(points) == 1:
			at := strings.Split(points[0], ",")
			fmt.Fprintf(&c.b, `<circle class="chart-dot-%d" cx="%s" cy="%s" r="3" fill="%s"></circle>`, i+1, at[0], at[1], []string{accent, before, soft}[min(i, 2)])
		default:
			fmt.Fprintf(&c.b, `<polyline class="chart-line-%d" points="%s" %s></polyline>`, i+1, strings.Join(points, " "), drawn(i))
		}
		from = to
	}
}
