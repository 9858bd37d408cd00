package icc

import (
	"image"
	"image/color"
	"image/draw"
)

// fine is how many steps of light the way back to numbers knows; near black a number has a little more than one.
const fine = 8192

// converter is a description made ready for many pixels.
type converter struct {
	light  [3][samples]float32
	matrix [3][3]float32
	number [fine + 1]byte
}

// Convert returns the picture in the colours of sRGB. What was without transparency comes back as an [image.RGBA], a picture of a
// palette as such a one, everything else as an [image.NRGBA]; 16 bits become eight.
func (p Profile) Convert(img image.Image) image.Image {
	c := p.converter()
	b := img.Bounds()
	size := image.Rect(0, 0, b.Dx(), b.Dy())
	switch img := img.(type) {
	case *image.Paletted:
		out := &image.Paletted{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect, Palette: make(color.Palette, len(img.Palette))}
		for i, of := range img.Palette {
			n, _ := color.NRGBAModel.Convert(of).(color.NRGBA)
			n.R, n.G, n.B = c.of(n.R, n.G, n.B)
			out.Palette[i] = n
		}
		return out
	case *image.YCbCr, *image.CMYK:
		out := image.NewRGBA(size)
		draw.Draw(out, size, img, b.Min, draw.Src)
		c.all(out.Pix)
		return out
	}
	out := image.NewNRGBA(size)
	draw.Draw(out, size, img, b.Min, draw.Src)
	c.all(out.Pix)
	return out
}

// converter puts the numbers where they are found fast.
func (p Profile) converter() *converter {
	c := &converter{}
	m := srgb.inverse().times(p.matrix)
	for row := range 3 {
		for column := range 3 {
			c.matrix[row][column] = float32(m[row][column])
		}
		for i, v := range p.curves[row] {
			c.light[row][i] = float32(v)
		}
	}
	for i := range c.number {
		c.number[i] = byte(number(float64(i)/fine)*255 + 0.5)
	}
	return c
}

// all converts pixels of four bytes.
func (c *converter) all(pix []byte) {
	for ; len(pix) >= 4; pix = pix[4:] {
		pix[0], pix[1], pix[2] = c.of(pix[0], pix[1], pix[2])
	}
}

// of converts one colour. What sRGB cannot show becomes the nearest that it can, each of the three by itself.
func (c *converter) of(r, g, b byte) (red, green, blue byte) {
	x, y, z := c.light[0][r], c.light[1][g], c.light[2][b]
	m := &c.matrix
	return c.back(m[0][0]*x + m[0][1]*y + m[0][2]*z), c.back(m[1][0]*x + m[1][1]*y + m[1][2]*z), c.back(m[2][0]*x + m[2][1]*y + m[2][2]*z)
}

func (c *converter) back(v float32) byte { return c.number[int(min(1, max(0, v))*fine+0.5)] }
