// Package chart draws figures as SVG: lines over days, bars, and a heat map of hours.
//
// It takes numbers and words and gives text: nothing is read, no clock asked, and the same figures always give the same bytes. Each
// drawing has a title and a description for people who do not see it (https://www.w3.org/TR/SVG-access/), stands by itself as a file,
// and takes the colours of a page that has some: colours are presentation attributes, which any style of a page overrides
// (https://www.w3.org/TR/SVG2/styling.html#PresentationAttributes). It does not say what a figure means, and makes no PNG.
//
// Where the language runs from right to left, so do time, bars and hours: the first day is on the right.
package chart

import (
	"fmt"
	"strconv"
	"strings"
)

// Head is what every drawing has.
type Head struct {
	ID    string // begins the ids within the drawing, which are those of the page it stands in
	Title string
	Desc  string // what one sees, in a sentence or two
	Lang  string
	RTL   bool
}

// The colours of a drawing that stands by itself, on white: those of the interface in daylight.
const (
	ink    = "#17212c"
	soft   = "#4c5a69"
	line   = "#d3dae2"
	accent = "#1f5fa8"
	before = "#8a5200"
	sunk   = "#eef1f5"
)

// canvas writes one drawing. Coordinates are given as if the language ran from left to right.
type canvas struct {
	b    strings.Builder
	head Head
	w, h float64
}

func begin(head Head, w, h float64) *canvas {
	c := &canvas{head: head, w: w, h: h}
	dir := "ltr"
	if head.RTL {
		dir = "rtl"
	}
	fmt.Fprintf(&c.b, `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 %s %s" role="img" direction="%s"`, num(w), num(h), dir)
	if head.Lang != "" {
		fmt.Fprintf(&c.b, ` lang="%s"`, escape(head.Lang))
	}
	fmt.Fprintf(&c.b, ` aria-labelledby="%s-t %s-d" font-family="system-ui, sans-serif" font-size="13">`, escape(head.ID), escape(head.ID))
	fmt.Fprintf(&c.b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, escape(head.ID), escape(head.Title), escape(head.ID), escape(head.Desc))
	return c
}

func (c *canvas) end() string {
	c.b.WriteString("</svg>\n")
	return c.b.String()
}

// x mirrors a place where the language runs from right to left.
func (c *canvas) x(at float64) float64 {
	if c.head.RTL {
		return c.w - at
	}
	return at
}

// rect draws a box that begins at x, in the direction of the language.
func (c *canvas) rect(class, fill string, x, y, w, h float64, more string) {
	left := x
	if c.head.RTL {
		left = c.w - x - w
	}
	fmt.Fprintf(&c.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" fill="%s"%s></rect>`, class, num(left), num(y), num(w), num(h), fill, more)
}

func (c *canvas) stroke(class, colour string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s"></line>`, class, num(c.x(x1)), num(y1), num(c.x(x2)), num(y2), colour)
}

// text writes words; anchor is start, middle or end in the direction of the language, which is what SVG means by them.
func (c *canvas) text(class, colour, anchor string, x, y float64, words string) {
	if words == "" {
		return
	}
	fmt.Fprintf(&c.b, `<text class="%s" x="%s" y="%s" fill="%s" text-anchor="%s">%s</text>`, class, num(c.x(x)), num(y), colour, anchor, escape(words))
}

// num writes a coordinate as short as a hundredth needs it.
func num(f float64) string {
	s := strconv.FormatFloat(f, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// escape keeps words from being markup. Signs that XML does not take (https://www.w3.org/TR/xml/#charsets) become a space.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xFFFE || r == 0xFFFF || r == 0xFFFD {
			return ' '
		}
		return r
	}, s)
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(s)
}

// Round returns the end of an axis that holds a number: 1, 2 or 5 with noughts, at least 1.
func Round(n int64) int64 {
	for step := int64(1); ; step *= 10 {
		for _, k := range []int64{1, 2, 5} {
			if step > (1<<62)/10 || n <= k*step {
				return max(k*step, 1)
			}
		}
	}
}
