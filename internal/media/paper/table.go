package paper

import (
	"strings"

	"daymark/internal/media/card/lettering"
	"daymark/internal/media/paper/pdf"
)

// Table is rows of figures, each with what it is of.
type Table struct {
	Columns []string // the first heads what the rows are of
	Rows    []Row
	Bars    bool // each row ends with a bar
}

// Row is one line of a table.
type Row struct {
	Label string // runs as its first letter does
	Cells []string
	Bar   float64 // from 0 to 1
}

// The measures of tables, in points.
const (
	pad      = 4.0
	barWide  = 60.0
	leastOf  = 0.3 // of the width stays for what the rows are of
	rule     = 0.5
	barThick = 6.0
)

// Table writes a table; where it runs over a page its head comes again.
func (p *Paper) Table(t Table) {
	widths := p.columns(t)
	head := make([][]lettering.Signs, len(t.Columns))
	for i, word := range t.Columns {
		head[i] = p.lines(word, cellTop, widths[i]-2*pad)
	}
	topHigh := p.highest(head, cellTop)
	p.room(topHigh + 3*(cell.leading+2*pad))
	p.file.Begin(pdf.Table, "")
	p.row(head, widths, cellTop, topHigh, pdf.Column, pdf.Column)
	p.fill(0, p.y, inner, 2*rule, ink)
	for _, r := range t.Rows {
		cells := [][]lettering.Signs{p.broken(r.Label, cell, widths[0]-2*pad, p.rtl(r.Label))}
		for i, c := range r.Cells {
			cells = append(cells, p.lines(c, cell, widths[i+1]-2*pad))
		}
		high := p.highest(cells, cell)
		if p.y-high < foot {
			p.turn()
			p.again(head, widths)
			p.y -= topHigh
			p.fill(0, p.y, inner, 2*rule, ink)
		}
		if t.Bars && r.Bar > 0 {
			p.fill(inner-barWide+pad, p.y-(high-barThick)/2, max(1, (barWide-pad)*min(r.Bar, 1)), barThick, blue)
		}
		p.row(cells, widths, cell, high, pdf.RowHead, pdf.Cell)
		p.fill(0, p.y, inner, rule, faint)
	}
	p.file.End()
	p.y -= 6
}

// columns shares the width out: each column of figures has what it needs, what the rows are of has the rest.
func (p *Paper) columns(t Table) []float64 {
	widths := make([]float64, len(t.Columns))
	room := inner
	if t.Bars {
		room -= barWide
	}
	sum := 0.0
	for i := 1; i < len(widths); i++ {
		for word := range strings.FieldsSeq(t.Columns[i]) {
			widths[i] = max(widths[i], p.long(word, cellTop))
		}
		for _, r := range t.Rows {
			if i-1 < len(r.Cells) {
				widths[i] = max(widths[i], min(p.long(r.Cells[i-1], cell), inner/4))
			}
		}
		widths[i] += 2*pad + 1
		sum += widths[i]
	}
	if most := room * (1 - leastOf); sum > most {
		for i := range widths {
			widths[i] *= most / sum
		}
		sum = most
	}
	widths[0] = room - sum
	return widths
}

// long returns how long a text is on one line.
func (p *Paper) long(text string, s style) float64 {
	longest := 0.0
	for _, line := range p.lines(text, s, width*10) {
		longest = max(longest, line.Width*s.size)
	}
	return longest
}

func (p *Paper) highest(cells [][]lettering.Signs, s style) float64 {
	most := 1
	for _, lines := range cells {
		most = max(most, len(lines))
	}
	return float64(most)*s.leading + pad
}

// row writes one line of a table into elements of two kinds, the first apart.
func (p *Paper) row(cells [][]lettering.Signs, widths []float64, s style, high float64, first, others string) {
	p.file.Begin(pdf.Row, "")
	from := 0.0
	for i, lines := range cells {
		tag, at := others, atEnd
		if i == 0 {
			tag, at = first, atStart
		}
		p.file.Begin(tag, "")
		p.write(lines, s, p.y-pad/2, from+pad, widths[i]-2*pad, at)
		p.file.End()
		from += widths[i]
	}
	p.file.End()
	p.y -= high
}

// again writes the head of a table on another page, where it is not read a second time.
func (p *Paper) again(head [][]lettering.Signs, widths []float64) {
	from := 0.0
	for i, lines := range head {
		at := atEnd
		if i == 0 {
			at = atStart
		}
		for j, line := range lines {
			p.file.Aside(line, p.place(line, cellTop, from+pad, widths[i]-2*pad, at), p.y-pad/2-cellTop.leading*float64(j)-cellTop.size, cellTop.size, cellTop.colour)
		}
		from += widths[i]
	}
}
