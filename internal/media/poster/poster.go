// Package poster draws the main figures of a report as a picture: a title, up to four figures and a line at the foot.
//
// It runs from left to right or from right to left. It knows nothing of what it shows; internal/media/card draws the cards of posts.
package poster

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"daymark/internal/media/card/lettering"

	"golang.org/x/image/vector"
)

// Side is how wide and high a picture is, in pixels.
const Side = 1080

// Poster is what a picture shows.
type Poster struct {
	Language string
	RTL      bool
	Title    string
	Figures  []Figure // the first four
	Foot     string
}

// Figure is a number with its name.
type Figure struct{ Word, Value string }

// The colours: white and a light blue on a blue so dark that each has a contrast of more than 7 to 1.
var (
	ground = color.RGBA{0x0b, 0x2a, 0x4a, 0xff}
	tile   = color.RGBA{0x14, 0x3a, 0x61, 0xff}
	white  = color.RGBA{0xff, 0xff, 0xff, 0xff}
	light  = color.RGBA{0xc9, 0xe2, 0xf7, 0xff}
)

// The measures, in pixels.
const (
	edge   = 72
	gap    = 24
	inside = 36
	high   = 280 // of a tile
	least  = 22  // the size of the smallest letters
)

// artist draws one picture.
type artist struct {
	Poster
	img    *image.RGBA
	setter *lettering.Setter
}

// Draw returns a picture as a PNG.
func Draw(p Poster, fonts *lettering.Fonts) ([]byte, error) {
	a := artist{p, image.NewRGBA(image.Rect(0, 0, Side, Side)), lettering.NewSetter(fonts, p.Language, p.RTL)}
	draw.Draw(a.img, a.img.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	if err := a.text(p.Title, lettering.Bold, white, edge, edge, Side-2*edge, 230, 60); err != nil {
		return nil, err
	}
	const wide = (Side - 2*edge - gap) / 2
	for i, f := range p.Figures[:min(len(p.Figures), 4)] {
		left, top := edge+i%2*(wide+gap), 330+i/2*(high+gap)
		if p.RTL {
			left = Side - left - wide
		}
		draw.Draw(a.img, image.Rect(left, top, left+wide, top+high), image.NewUniform(tile), image.Point{}, draw.Src)
		if err := a.text(f.Value, lettering.Bold, white, left+inside, top+inside, wide-2*inside, 120, 92); err != nil {
			return nil, err
		}
		if err := a.text(f.Word, lettering.Regular, light, left+inside, top+inside+124, wide-2*inside, 100, 38); err != nil {
			return nil, err
		}
	}
	if err := a.text(p.Foot, lettering.Regular, light, edge, 950, Side-2*edge, 80, 28); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, a.img); err != nil {
		return nil, fmt.Errorf("write the picture: %w", err)
	}
	return b.Bytes(), nil
}

// text sets words into a box in the largest letters that fit, beginning where reading begins.
func (a artist) text(words string, w lettering.Weight, c color.RGBA, left, top, wide, tall int, size float64) error {
	shaped, err := a.setter.ShapeAny(words, w, a.RTL)
	if err != nil {
		return err
	}
	const leading = 1.25
	lines := shaped.Break(float64(wide) / size)
	for size > least && (float64(len(lines))*size*leading > float64(tall) || lettering.Widest(lines)*size > float64(wide)) {
		size *= 0.93
		lines = shaped.Break(float64(wide) / size)
	}
	for i, line := range lines {
		y := float64(top) + size*(leading*float64(i)+1)
		if y > float64(top+tall)+size {
			break // the picture says less rather than over what stands below
		}
		x := float64(left)
		if a.RTL {
			x = float64(left+wide) - line.Width*size
		}
		ink := line.Ink()
		box := image.Rect(int(x+ink.Left*size)-1, int(y-ink.Top*size)-1, int(x+ink.Right*size)+2, int(y-ink.Bottom*size)+2).Intersect(a.img.Rect)
		if box.Empty() {
			continue
		}
		pen := vector.NewRasterizer(box.Dx(), box.Dy())
		line.Draw(pen, x-float64(box.Min.X), y-float64(box.Min.Y), size)
		pen.Draw(a.img, box, image.NewUniform(c), image.Point{})
	}
	return nil
}
