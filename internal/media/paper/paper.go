// Package paper lays a document out on pages of A4, from left to right or from right to left: headings, paragraphs, large figures and
// tables, with a line at the foot of each page.
//
// It knows nothing of what it sets. Letters are shaped by internal/media/card/lettering, the file is written by the room pdf.
package paper

import (
	"strings"
	"time"

	"daymark/internal/media/card/lettering"
	"daymark/internal/media/paper/pdf"

	"golang.org/x/text/unicode/bidi"
)

// A4 and its margins, in points (ISO 216: 210 by 297 mm; 72 points are an inch).
const (
	width  = 210 * 72 / 25.4
	height = 297 * 72 / 25.4
	margin = 20 * 72 / 25.4
	inner  = width - 2*margin
	foot   = margin + 14 // where the text ends
)

// The colours: near black on white, and a grey that still has a contrast of 7 to 1.
var (
	ink   = pdf.Colour{0.1, 0.1, 0.14}
	soft  = pdf.Colour{0.33, 0.33, 0.37}
	blue  = pdf.Colour{0.0, 0.36, 0.6}
	faint = pdf.Colour{0.93, 0.94, 0.96}
)

// style is how a stretch of text looks.
type style struct {
	size, leading float64
	weight        lettering.Weight
	colour        pdf.Colour
}

var (
	titled  = style{22, 28, lettering.Bold, ink}
	headed  = style{14, 19, lettering.Bold, blue}
	minor   = style{10, 14, lettering.Bold, ink}
	body    = style{10, 14.5, lettering.Regular, ink}
	small   = style{8.5, 12, lettering.Regular, soft}
	cell    = style{8.5, 11.5, lettering.Regular, ink}
	cellTop = style{8, 10.5, lettering.Bold, ink}
	large   = style{19, 23, lettering.Bold, ink}
)

// isolates are the signs that keep pieces of a text apart that run against each other: they mean something where letters are set only.
var isolates = strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "")

// Options are what a document is.
type Options struct {
	Title    string
	Author   string
	Language string // of the words, as a tag
	RTL      bool
	Made     time.Time
	Fonts    *lettering.Fonts
	// Foot returns the line at the foot of a page; pages are counted from 1.
	Foot func(page, of int) string
}

// Paper is a document in the making. It belongs to one goroutine.
type Paper struct {
	options Options
	file    *pdf.File
	setter  *lettering.Setter
	texts   map[wanted]*lettering.Text
	y       float64 // where the next thing begins, from the lower edge
	err     error
}

// wanted is a text that was shaped already: cells of tables repeat.
type wanted struct {
	text   string
	weight lettering.Weight
	rtl    bool
}

// New begins a document.
func New(o Options) *Paper {
	p := &Paper{
		options: o, setter: lettering.NewSetter(o.Fonts, o.Language, o.RTL), texts: map[wanted]*lettering.Text{},
		file: pdf.New(pdf.Info{Title: isolates.Replace(o.Title), Author: o.Author, Language: o.Language, RTL: o.RTL, Made: o.Made}),
	}
	p.turn()
	return p
}

// turn begins a page.
func (p *Paper) turn() {
	p.file.AddPage(width, height)
	p.y = height - margin
}

// room makes sure that there is some room on the page.
func (p *Paper) room(points float64) {
	if p.y-points < foot {
		p.turn()
	}
}

// shaped returns a text in a weight.
func (p *Paper) shaped(text string, w lettering.Weight, rtl bool) *lettering.Text {
	key := wanted{text, w, rtl}
	if known := p.texts[key]; known != nil {
		return known
	}
	t, err := p.setter.ShapeAny(text, w, rtl)
	if err != nil {
		p.err = err
		return nil
	}
	p.texts[key] = t
	return t
}

// rtl reports which way a text that people wrote runs: as its first letter does (Unicode Standard Annex 9, rule P2).
func (p *Paper) rtl(text string) bool {
	for _, r := range text {
		of, _ := bidi.LookupRune(r)
		switch of.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return p.options.RTL
}

// lines breaks a text that runs as the document does into lines of a width in points.
func (p *Paper) lines(text string, s style, width float64) []lettering.Signs {
	return p.broken(text, s, width, p.options.RTL)
}

func (p *Paper) broken(text string, s style, width float64, rtl bool) []lettering.Signs {
	if t := p.shaped(text, s.weight, rtl); t != nil {
		return t.Lines(width / s.size)
	}
	return nil
}

// side is where a line stands in its box.
type side int

const (
	atStart side = iota // where reading begins
	atEnd
)

// place returns where a line begins, counted from the left edge, in a box that begins some way from the margin where reading begins.
func (p *Paper) place(line lettering.Signs, s style, from, wide float64, at side) float64 {
	long := line.Width * s.size
	if p.options.RTL {
		right := width - margin - from
		if at == atEnd {
			return right - wide
		}
		return right - long
	}
	if at == atEnd {
		return margin + from + wide - long
	}
	return margin + from
}

// write writes lines from the top of a box downwards, and returns how high they are.
func (p *Paper) write(lines []lettering.Signs, s style, top, from, wide float64, at side) float64 {
	for i, line := range lines {
		p.file.Line(line, p.place(line, s, from, wide, at), top-s.leading*float64(i)-s.size, s.size, s.colour)
	}
	return s.leading * float64(len(lines))
}

// fill fills a box that begins some way from the margin where reading begins.
func (p *Paper) fill(from, top, wide, high float64, c pdf.Colour) {
	left := margin + from
	if p.options.RTL {
		left = width - margin - from - wide
	}
	p.file.Rect(left, top-high, wide, high, c)
}

// paragraph writes a text that may run over pages.
func (p *Paper) paragraph(tag, language, text string, s style, from float64) {
	if text == "" {
		return
	}
	p.stretch(tag, language, p.lines(text, s, inner-from), s, from)
}

// stretch writes lines of one element, over pages where there are many.
func (p *Paper) stretch(tag, language string, lines []lettering.Signs, s style, from float64) {
	p.file.Begin(tag, language)
	for _, line := range lines {
		p.room(s.leading)
		p.y -= p.write([]lettering.Signs{line}, s, p.y, from, inner-from, atStart)
	}
	p.file.End()
}

// Title writes the document's name, with what it is about below it.
func (p *Paper) Title(title, about string) {
	p.paragraph(pdf.Title, "", title, titled, 0)
	p.paragraph(pdf.Paragraph, "", about, small, 0)
	p.y -= 6
}

// Heading begins a section. It stays with what follows.
func (p *Paper) Heading(text string) {
	p.room(110)
	p.y -= 12
	p.paragraph(pdf.Heading, "", text, headed, 0)
	p.y -= 3
}

// Minor heads a part of a section.
func (p *Paper) Minor(text string) {
	p.room(80)
	p.y -= 8
	p.paragraph(pdf.Minor, "", text, minor, 0)
	p.y -= 2
}

// Words writes a paragraph; language is that of the words where it is not the document's.
func (p *Paper) Words(text, language string) {
	p.paragraph(pdf.Paragraph, language, text, body, 0)
	p.y -= 4
}

// Small writes a paragraph of small print.
func (p *Paper) Small(text, language string) {
	p.paragraph(pdf.Paragraph, language, text, small, 0)
	p.y -= 2
}

// Typed writes a paragraph that people wrote: it runs as its first letter does.
func (p *Paper) Typed(text string) {
	p.stretch(pdf.Paragraph, "", p.broken(text, body, inner, p.rtl(text)), body, 0)
	p.y -= 4
}

// Point writes one of several points.
func (p *Paper) Point(text, language string) {
	p.room(body.leading)
	p.fill(3, p.y-body.size/2-1, 3, 3, blue)
	p.paragraph(pdf.Paragraph, language, text, body, 13)
	p.y -= 2
}

// Figure is a number in large letters.
type Figure struct {
	Word  string
	Value string
	Note  string // may be empty
}

// inRow is how many figures stand beside each other.
const inRow = 4

// Figures writes numbers in large letters beside each other.
func (p *Paper) Figures(list []Figure) {
	const gap, pad = 8.0, 7.0
	wide := (inner - gap*(inRow-1)) / inRow
	for len(list) > 0 {
		row := list[:min(inRow, len(list))]
		list = list[len(row):]
		high := 0.0
		parts := make([][3][]lettering.Signs, len(row))
		for i, f := range row {
			parts[i] = [3][]lettering.Signs{p.lines(f.Word, small, wide-2*pad), p.lines(f.Value, large, wide-2*pad), nil}
			if f.Note != "" {
				parts[i][2] = p.lines(f.Note, small, wide-2*pad)
			}
			high = max(high, float64(len(parts[i][0])+len(parts[i][2]))*small.leading+float64(len(parts[i][1]))*large.leading+2*pad)
		}
		p.room(high + gap)
		for i, part := range parts {
			from, top := float64(i)*(wide+gap), p.y
			p.fill(from, top, wide, high, faint)
			p.file.Begin(pdf.Paragraph, "")
			top -= pad
			for j, s := range []style{small, large, small} {
				top -= p.write(part[j], s, top, from+pad, wide-2*pad, atStart)
			}
			p.file.End()
		}
		p.y -= high + gap
	}
}

// Bytes ends the document.
func (p *Paper) Bytes() ([]byte, error) {
	if p.options.Foot != nil {
		for i := range p.file.Pages() {
			p.file.Turn(i)
			if lines := p.lines(p.options.Foot(i+1, p.file.Pages()), small, inner); len(lines) > 0 {
				p.file.Aside(lines[0], p.place(lines[0], small, 0, inner, atStart), margin-12, small.size, small.colour)
			}
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	return p.file.Bytes()
}
