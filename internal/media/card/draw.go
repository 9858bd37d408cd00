package card

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/media/card/lettering"

	"golang.org/x/image/vector"
)

// steps is how often sizes step down from the largest to the smallest.
const steps = 20

// Draw returns a card as a PNG. What does not fit in the smallest letters is refused with how much to cut.
func Draw(c Card, fonts *lettering.Fonts) ([]byte, error) {
	p, err := compose(c, fonts)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, p.draw()); err != nil {
		return nil, fmt.Errorf("write the picture: %w", err)
	}
	return b.Bytes(), nil
}

// Check returns why a card cannot be drawn, as [Draw] would, without drawing it.
func Check(c Card, fonts *lettering.Fonts) error {
	_, err := compose(c, fonts)
	return err
}

// compose lays a card out in the largest letters that fit.
func compose(c Card, fonts *lettering.Fonts) (*page, error) {
	m, err := newComposer(c, fonts)
	if err != nil {
		return nil, err
	}
	// Whether a card fits gets easier with every step down, so the first that fits is found by halving.
	var best *page
	low, high := 0, steps+1
	for low < high {
		middle := (low + high) / 2
		if p, ok := m.place(float64(middle) / steps); ok {
			best, high = p, middle
		} else {
			low = middle + 1
		}
	}
	if best == nil {
		return nil, tooLong(c, fonts)
	}
	return best, nil
}

// tooLong says by how much the longest text of a card is too long.
func tooLong(c Card, fonts *lettering.Fonts) error {
	c.Items = slices.Clone(c.Items)
	fields := []*string{&c.Text, &c.Title, &c.Source, &c.By, &c.Name, &c.Hours, &c.Phone, &c.Org}
	for i := range c.Items {
		fields = append(fields, &c.Items[i].Text, &c.Items[i].Label)
	}
	longest := slices.MaxFunc(fields, func(a, b *string) int { return len([]rune(*a)) - len([]rune(*b)) })
	whole := []rune(*longest)
	low, high := 0, len(whole) // low letters fit, or none do
	for low+1 < high {
		middle := (low + high) / 2
		*longest = string(whole[:middle])
		fits := false
		if m, err := newComposer(c, fonts); err == nil {
			_, fits = m.place(1)
		}
		if fits {
			low = middle
		} else {
			high = middle
		}
	}
	if low == 0 {
		return fault.New(fault.Invalid, "There are more words than fit on a card of %s even in the smallest letters: shorten each of them, or choose a taller format", c.Format)
	}
	return fault.New(fault.Invalid, "The text that begins %q is too long for a card of %s even in the smallest letters: cut at least %d of its %d characters", beginning(whole), c.Format, len(whole)-low, len(whole))
}

// beginning returns the first letters of a text, for a sentence about it.
func beginning(text []rune) string {
	const enough = 24
	if len(text) <= enough {
		return string(text)
	}
	return string(text[:enough]) + "…"
}

// draw paints a page.
func (p *page) draw() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, p.format.Width, p.format.Height))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA(p.palette.Ground)), image.Point{}, draw.Src)

	side := p.format.Art[2] * float64(min(p.format.Width, p.format.Height)) * 1.5
	across := p.format.Art[0] * float64(p.format.Width)
	if p.rtl {
		across = float64(p.format.Width) - across
	}
	art := shape{"heart", across, p.format.Art[1] * float64(p.format.Height), side, side, p.palette.Tone}
	for _, s := range append([]shape{art}, p.shapes...) {
		paint(img, s.colour, image.Rect(int(s.x-s.w/2)-1, int(s.y-s.h/2)-1, int(s.x+s.w/2)+2, int(s.y+s.h/2)+2), s.draw)
	}
	for _, l := range p.lines {
		ink := l.line.Ink()
		box := image.Rect(int(l.x+ink.Left*l.size)-1, int(l.y-ink.Top*l.size)-1, int(l.x+ink.Right*l.size)+2, int(l.y-ink.Bottom*l.size)+2)
		paint(img, l.colour, box, func(pen lettering.Pen, x, y float64) { l.line.Draw(pen, l.x+x, l.y+y, l.size) })
	}
	return img
}

// paint fills what a pen draws with a colour. Only the box is gone over: filling takes time by its area. The outline is drawn moved by
// what it is given.
func paint(img *image.RGBA, colour Colour, box image.Rectangle, outline func(pen lettering.Pen, x, y float64)) {
	if box = box.Intersect(img.Rect); box.Empty() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	outline(r, -float64(box.Min.X), -float64(box.Min.Y))
	r.Draw(img, box, image.NewUniform(color.RGBA(colour)), image.Point{})
}

func (s shape) draw(pen lettering.Pen, x, y float64) {
	s.x, s.y = s.x+x, s.y+y
	switch s.kind {
	case "heart":
		heart(pen, s.x, s.y, s.w)
	case "disc":
		disc(pen, s.x, s.y, s.w/2)
	default:
		left, right, top, bottom := float32(s.x-s.w/2), float32(s.x+s.w/2), float32(s.y-s.h/2), float32(s.y+s.h/2)
		pen.MoveTo(left, top)
		pen.LineTo(right, top)
		pen.LineTo(right, bottom)
		pen.LineTo(left, bottom)
		pen.ClosePath()
	}
}

// heart draws our own plain heart by its middle and its width: two lobes and a point, four curves. It is no tracing of anybody's mark.
func heart(pen lettering.Pen, x, y, width float64) {
	at := func(ax, ay float64) (float32, float32) {
		return float32(x + ax*width/2), float32(y + ay*width/2)
	}
	curve := func(ax, ay, bx, by, cx, cy float64) {
		x1, y1 := at(ax, ay)
		x2, y2 := at(bx, by)
		x3, y3 := at(cx, cy)
		pen.CubeTo(x1, y1, x2, y2, x3, y3)
	}
	pen.MoveTo(at(0, -0.52))
	curve(0.16, -0.80, 0.38, -0.90, 0.56, -0.90)
	curve(0.83, -0.90, 1, -0.68, 1, -0.38)
	curve(1, 0.12, 0.52, 0.50, 0, 0.92)
	curve(-0.52, 0.50, -1, 0.12, -1, -0.38)
	curve(-1, -0.68, -0.83, -0.90, -0.56, -0.90)
	curve(-0.38, -0.90, -0.16, -0.80, 0, -0.52)
	pen.ClosePath()
}

// disc draws a circle from four curves; the factor is the usual one, 4/3·(√2−1).
func disc(pen lettering.Pen, x, y, radius float64) {
	k := 4. / 3 * (math.Sqrt2 - 1)
	at := func(ax, ay float64) (float32, float32) { return float32(x + ax*radius), float32(y + ay*radius) }
	pen.MoveTo(at(1, 0))
	for _, q := range [4][6]float64{{1, k, k, 1, 0, 1}, {-k, 1, -1, k, -1, 0}, {-1, -k, -k, -1, 0, -1}, {k, -1, 1, -k, 1, 0}} {
		x1, y1 := at(q[0], q[1])
		x2, y2 := at(q[2], q[3])
		x3, y3 := at(q[4], q[5])
		pen.CubeTo(x1, y1, x2, y2, x3, y3)
	}
	pen.ClosePath()
}
