package lettering

import (
	"math"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// Pen takes outlines. golang.org/x/image/vector.Rasterizer is one.
type Pen interface {
	MoveTo(x, y float32)
	LineTo(x, y float32)
	QuadTo(bx, by, cx, cy float32)
	CubeTo(bx, by, cx, cy, dx, dy float32)
	ClosePath()
}

// Draw gives the outlines of a line to a pen: its left end at x and its baseline at y, in pixels downwards, at a size in pixels an em.
func (l Line) Draw(pen Pen, x, y, size float64) {
	for _, g := range l.Glyphs {
		outline, ok := g.Face.GlyphData(g.ID).(font.GlyphOutline)
		if !ok {
			continue
		}
		scale := size / float64(g.Face.Upem())
		at := func(p opentype.SegmentPoint) (float32, float32) {
			return float32(x + g.X*size + float64(p.X)*scale), float32(y - g.Y*size - float64(p.Y)*scale)
		}
		open := false
		for _, s := range outline.Segments {
			ax, ay := at(s.Args[0])
			switch s.Op {
			case opentype.SegmentOpMoveTo:
				if open {
					pen.ClosePath()
				}
				pen.MoveTo(ax, ay)
				open = true
			case opentype.SegmentOpLineTo:
				pen.LineTo(ax, ay)
			case opentype.SegmentOpQuadTo:
				bx, by := at(s.Args[1])
				pen.QuadTo(ax, ay, bx, by)
			case opentype.SegmentOpCubeTo:
				bx, by := at(s.Args[1])
				cx, cy := at(s.Args[2])
				pen.CubeTo(ax, ay, bx, by, cx, cy)
			}
		}
		if open {
			pen.ClosePath()
		}
	}
}

// Box is where ink is, in ems from the left end of a baseline, upwards positive. A line without ink has an empty one.
type Box struct{ Left, Right, Bottom, Top float64 }

// Ink returns the box of all that a line draws.
func (l Line) Ink() Box {
	box := Box{Left: math.Inf(1), Right: math.Inf(-1), Bottom: math.Inf(1), Top: math.Inf(-1)}
	for _, g := range l.Glyphs {
		e, ok := g.Face.GlyphExtents(g.ID)
		if !ok || e.Width == 0 {
			continue
		}
		unit := float64(g.Face.Upem())
		left, top := g.X+float64(e.XBearing)/unit, g.Y+float64(e.YBearing)/unit
		box.Left, box.Right = min(box.Left, left), max(box.Right, left+float64(e.Width)/unit)
		box.Top, box.Bottom = max(box.Top, top), min(box.Bottom, top+float64(e.Height)/unit)
	}
	if box.Left > box.Right {
		return Box{}
	}
	return box
}
