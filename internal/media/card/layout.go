package card

import (
	"math"

	"daymark/internal/core/locale"
	"daymark/internal/media/card/lettering"
	"daymark/internal/media/card/words"
)

// page is a card whose every line has its place.
type page struct {
	format  Format
	palette Palette
	rtl     bool
	lines   []placed
	shapes  []shape
}

// placed is a line at its place: its left end and its baseline, in pixels.
type placed struct {
	line       lettering.Line
	x, y, size float64
	colour     Colour
}

// shape is a heart, a rule or a disc, by its middle and its size.
type shape struct {
	kind       string
	x, y, w, h float64
	colour     Colour
}

// piece is a block whose words are shaped. Shaping does not depend on the size, so it is done once.
type piece struct {
	block
	text  *lettering.Text
	width float64 // of its widest word, in ems
	items []itemPiece
}

type itemPiece struct{ marker, label, text *lettering.Text }

// metrics say how much a line of a script takes above and below its baseline, and from line to line, in ems.
type metrics struct{ above, below, lead float64 }

func metricsOf(tag string) metrics {
	switch tag {
	case "ar":
		return metrics{0.84, 0.40, 1.46}
	case "hi", "th":
		return metrics{0.96, 0.34, 1.44}
	case "zh":
		return metrics{0.86, 0.12, 1.36}
	}
	return metrics{0.76, 0.22, 1.24}
}

// digits are as high in every language: they stand on the baseline.
var digits = metrics{0.73, 0.03, 1}

// composer lays out one card.
type composer struct {
	card    Card
	words   *words.Language
	format  Format
	palette Palette
	metrics metrics
	setter  *lettering.Setter
	pieces  []piece
	kicker  *lettering.Text
	series  *lettering.Text // nil for none
	org     *lettering.Text // nil for none
	width   float64         // of what may be written on
}

// newComposer checks a card and shapes its words.
func newComposer(c Card, fonts *lettering.Fonts) (*composer, error) {
	l, t, err := c.check()
	if err != nil {
		return nil, err
	}
	m := &composer{card: c, words: l, metrics: metricsOf(l.Tag)}
	if m.format, err = format(c.Format); err != nil {
		return nil, err
	}
	if c.Palette == "" {
		c.Palette = t.Palette
	}
	if m.palette, err = palette(c.Palette); err != nil {
		return nil, err
	}
	m.width = float64(m.format.Width) - m.format.Safe[1] - m.format.Safe[3]
	m.setter = lettering.NewSetter(fonts, l.Tag, locale.Dir(l.Tag) == "rtl")
	return m, m.shape(t, c.values(l))
}

// shape shapes everything that is written on the card.
func (m *composer) shape(t Template, v map[string]string) (err error) {
	if m.kicker, err = m.setter.Shape(v["kicker"], lettering.Bold); err != nil {
		return err
	}
	if v["org"] != "" {
		if m.org, err = m.setter.Shape(v["org"], lettering.Bold); err != nil {
			return err
		}
	}
	if v["series_line"] != "" && t.Name != "series" {
		if m.series, err = m.setter.ShapeNumber(v["series_line"], lettering.Bold); err != nil {
			return err
		}
	}
	for _, b := range t.Blocks {
		p := piece{block: b}
		switch {
		case b.Field == "rule" || b.Field == "heart":
		case b.Field == "items":
			p.items, err = m.shapeItems(b)
		case v[b.Field] == "":
			continue
		case b.Marker == "quote":
			quote := piece{block: block{Field: "quote", Size: b.Size * 2.4, Min: b.Min * 2, Bold: true, Role: "accent", Gap: b.Gap}}
			if quote.text, err = m.setter.Shape(m.words.Quote, lettering.Bold); err != nil {
				return err
			}
			m.pieces = append(m.pieces, quote)
			p.Gap = 42
			p.text, err = m.setter.Shape(v[b.Field], weight(b.Bold))
		case b.Number:
			p.text, err = m.setter.ShapeNumber(v[b.Field], weight(b.Bold))
		default:
			p.text, err = m.setter.Shape(v[b.Field], weight(b.Bold))
		}
		if err != nil {
			return err
		}
		if p.text != nil {
			p.width = lettering.Widest(p.text.Break(0))
			if b.Number {
				p.width = lettering.Widest(p.text.Break(math.MaxInt32))
			}
		}
		m.pieces = append(m.pieces, p)
	}
	return nil
}

func weight(bold bool) lettering.Weight {
	if bold {
		return lettering.Bold
	}
	return lettering.Regular
}

// Sizes of what stands on every card, in units.
const (
	kickerSize = 36
	orgSize    = 34
	footHeart  = 46
	ruleHeight = 8
	ruleWidth  = 120
	apart      = 44 // between the row on top, the words and the foot
)

// place lays the card out with sizes that far from the largest (0) to the smallest (1), and says whether everything fits.
func (m *composer) place(down float64) (*page, bool) {
	u := m.format.Unit
	safe := m.format.Safe
	p := &page{format: m.format, palette: m.palette, rtl: locale.Dir(m.words.Tag) == "rtl"}
	top, bottom := safe[0], float64(m.format.Height)-safe[2]

	head := kickerSize * u
	above := max(m.metrics.above, m.kicker.Break(math.MaxInt32)[0].Ink().Top) // accents on capitals stand higher than letters
	if !m.row(p, m.kicker, top+head*above, head, m.width*0.8, m.palette.Accent, 0) {
		return nil, false
	}
	if m.series != nil {
		line := m.series.Break(math.MaxInt32)[0]
		p.add(line, m.acrossEnd(line, head), top+head*above, head, m.palette.Soft)
	}
	foot := footHeart * u
	p.shapes = append(p.shapes, shape{"heart", m.from(foot/2, 0), bottom - foot/2, foot, foot, m.palette.Heart})
	if m.org != nil && !m.row(p, m.org, bottom-foot/2+orgSize*u*(m.metrics.above-m.metrics.below)/2, orgSize*u, m.width-foot*1.4, m.palette.Soft, foot*1.4) {
		return nil, false
	}

	content := &page{format: m.format}
	y := 0.0
	for i, piece := range m.pieces {
		if i > 0 {
			y += piece.Gap * u * (1 - 0.4*down)
		}
		var ok bool
		if y, ok = m.block(content, piece, y, (piece.Size+(piece.Min-piece.Size)*down)*u); !ok {
			return nil, false
		}
	}
	room := bottom - foot - apart*u - (top + head*(above+m.metrics.below) + apart*u)
	if y > room {
		return nil, false
	}
	shift := top + head*(above+m.metrics.below) + apart*u + (room-y)*0.44
	for _, l := range content.lines {
		l.y += shift
		p.lines = append(p.lines, l)
	}
	for _, s := range content.shapes {
		s.y += shift
		p.shapes = append(p.shapes, s)
	}
	return p, p.inside()
}

// block puts one piece at a height and returns the height below it.
func (m *composer) block(p *page, b piece, y, size float64) (float64, bool) {
	u := m.format.Unit
	colour := m.palette.role(b.Role)
	switch b.Field {
	case "rule":
		p.shapes = append(p.shapes, shape{"rule", m.from(ruleWidth*u/2, 0), y + ruleHeight*u/2, ruleWidth * u, ruleHeight * u, m.palette.Accent})
		return y + ruleHeight*u, true
	case "heart":
		p.shapes = append(p.shapes, shape{"heart", m.from(size/2, 0), y + size/2, size, size, m.palette.Heart})
		return y + size, true
	case "items":
		return m.items(p, b, y, size)
	case "quote":
		line := b.text.Break(math.MaxInt32)[0]
		ink := line.Ink()
		p.add(line, m.across(line, size, 0), y+ink.Top*size, size, colour)
		return y + (ink.Top-ink.Bottom)*size, true
	}
	size = min(size, m.width/b.width)
	if size < b.Min*u {
		return y, false
	}
	if b.Number {
		return m.lines(p, b.text.Break(math.MaxInt32), digits, y, size, 0, colour), true
	}
	return m.lines(p, b.text.Balanced(m.width/size), m.metrics, y, size, 0, colour), true
}

// lines puts lines below each other, their beginning at an indent, and returns the height below them.
func (m *composer) lines(p *page, lines []lettering.Line, of metrics, y, size, indent float64, colour Colour) float64 {
	for i, line := range lines {
		p.add(line, m.across(line, size, indent), y+size*(of.above+float64(i)*of.lead), size, colour)
	}
	return y + size*(of.above+float64(len(lines)-1)*of.lead+of.below)
}

// row puts a text on one line, smaller where it must be: down to three quarters.
func (m *composer) row(p *page, t *lettering.Text, y, size, width float64, colour Colour, indent float64) bool {
	line := t.Break(math.MaxInt32)[0]
	if line.Width*size > width {
		if size *= max(width/(line.Width*size), 0.75); line.Width*size > width {
			return false
		}
	}
	p.add(line, m.across(line, size, indent), y, size, colour)
	return true
}

// across returns where the left end of a line is whose ink begins at an indent from the side on which reading begins.
func (m *composer) across(line lettering.Line, size, indent float64) float64 {
	ink := line.Ink()
	if locale.Dir(m.words.Tag) == "rtl" {
		return float64(m.format.Width) - m.format.Safe[1] - indent - ink.Right*size
	}
	return m.format.Safe[3] + indent - ink.Left*size
}

// acrossEnd returns where the left end of a line is whose ink ends on the side on which reading ends.
func (m *composer) acrossEnd(line lettering.Line, size float64) float64 {
	ink := line.Ink()
	if locale.Dir(m.words.Tag) == "rtl" {
		return m.format.Safe[3] - ink.Left*size
	}
	return float64(m.format.Width) - m.format.Safe[1] - ink.Right*size
}

// from returns the place across that is so far from the side on which reading begins.
func (m *composer) from(distance, indent float64) float64 {
	if locale.Dir(m.words.Tag) == "rtl" {
		return float64(m.format.Width) - m.format.Safe[1] - indent - distance
	}
	return m.format.Safe[3] + indent + distance
}

func (p *page) add(line lettering.Line, x, y, size float64, colour Colour) {
	p.lines = append(p.lines, placed{line, x, y, size, colour})
}

// inside says whether all ink of letters is in the safe area, to half a pixel.
func (p *page) inside() bool {
	const slack = 0.5
	for _, l := range p.lines {
		ink := l.line.Ink()
		if l.x+ink.Left*l.size < p.format.Safe[3]-slack || l.x+ink.Right*l.size > float64(p.format.Width)-p.format.Safe[1]+slack ||
			l.y-ink.Top*l.size < p.format.Safe[0]-slack || l.y-ink.Bottom*l.size > float64(p.format.Height)-p.format.Safe[2]+slack {
			return false
		}
	}
	return true
}
