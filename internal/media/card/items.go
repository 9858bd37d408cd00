package card

import (
	"math"

	"daymark/internal/media/card/lettering"
)

func (m *composer) shapeItems(b block) ([]itemPiece, error) {
	all := make([]itemPiece, len(m.card.Items))
	for i, item := range m.card.Items {
		var err error
		if b.Marker == "number" {
			if all[i].marker, err = m.setter.ShapeNumber(string(rune('1'+i)), lettering.Bold); err != nil {
				return nil, err
			}
		}
		if item.Label != "" {
			if all[i].label, err = m.setter.Shape(item.Label, lettering.Bold); err != nil {
				return nil, err
			}
		}
		if all[i].text, err = m.setter.Shape(item.Text, lettering.Regular); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// items puts steps or parts of a definition below each other, each behind its marker.
func (m *composer) items(p *page, b piece, y, size float64) (float64, bool) {
	indent := size * 1.75
	for i, item := range b.items {
		if i > 0 {
			y += size * 0.72
		}
		middle := y + size*(m.metrics.above-0.36)
		if item.marker != nil {
			p.shapes = append(p.shapes, shape{"disc", m.from(size*0.58, 0), middle, size * 1.16, size * 1.16, m.palette.Accent})
			line := item.marker.Break(math.MaxInt32)[0]
			ink := line.Ink()
			p.add(line, m.from(size*0.58, 0)-(ink.Left+ink.Right)/2*size*0.74, middle+(ink.Top+ink.Bottom)/2*size*0.74, size*0.74, m.palette.Ground)
		} else {
			p.shapes = append(p.shapes, shape{"heart", m.from(size*0.44, 0), middle, size * 0.88, size * 0.88, m.palette.Heart})
		}
		for _, part := range []*lettering.Text{item.label, item.text} {
			if part == nil {
				continue
			}
			lines := part.Balanced((m.width - indent) / size)
			if lettering.Widest(lines)*size > m.width-indent {
				return y, false
			}
			y = m.lines(p, lines, m.metrics, y, size, indent, m.palette.Text)
			if part == item.label {
				y += size * (m.metrics.lead - m.metrics.above - m.metrics.below)
			}
		}
	}
	return y, true
}
