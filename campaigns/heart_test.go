package campaigns_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"math"
	"os"
	"testing"

	"daymark/campaigns"

	"golang.org/x/image/vector"
)

var update = flag.Bool("update", false, "draw july-30/heart.png anew")

// drawHeart draws our own plain heart: two half circles on the upper sides of a square that stands on a corner. It is no
// tracing of anybody's mark. The colours are those of the pages: heart blue on mist.
func drawHeart() image.Image {
	const size, radius = 1200, 215
	mist, blue := color.RGBA{R: 0xE8, G: 0xF1, B: 0xFA, A: 0xFF}, color.RGBA{R: 0x1F, G: 0x5F, B: 0xA8, A: 0xFF}
	img := image.NewPaletted(image.Rect(0, 0, size, size), blend(mist, blue))
	draw.Draw(img, img.Bounds(), image.NewUniform(mist), image.Point{}, draw.Src)

	half := radius * math.Sqrt2                    // half the square's diagonal
	reach := radius / math.Sqrt2                   // how far the circles' centres are from the square's centre, along and up
	x, y := size/2., size/2.+(reach+radius-half)/2 // so that the shape is in the middle
	pen := vector.NewRasterizer(size, size)
	pen.MoveTo(float32(x), float32(y+half))
	for _, lobe := range []struct{ centre, from float64 }{{x + reach, math.Pi / 4}, {x - reach, -math.Pi / 4}} {
		for i := range 181 { // half a turn against the clock, a degree at a time
			angle := lobe.from - float64(i)*math.Pi/180
			pen.LineTo(float32(lobe.centre+radius*math.Cos(angle)), float32(y-reach+radius*math.Sin(angle)))
		}
	}
	pen.ClosePath()
	pen.Draw(img, img.Bounds(), image.NewUniform(blue), image.Point{})
	return img
}

// blend returns the shades between two colours, for smooth edges in a small file.
func blend(a, b color.RGBA) color.Palette {
	const steps = 31
	mix := func(p, q uint8, i int) uint8 { return uint8((int(p)*(steps-i) + int(q)*i) / steps) }
	var shades color.Palette
	for i := range steps + 1 {
		shades = append(shades, color.RGBA{R: mix(a.R, b.R, i), G: mix(a.G, b.G, i), B: mix(a.B, b.B, i), A: 0xFF})
	}
	return shades
}

func TestTheHeartIsTheOneWeDraw(t *testing.T) {
	t.Parallel()
	want := drawHeart()
	if *update {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, want); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("july-30/heart.png", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := campaigns.Files.ReadFile("july-30/heart.png")
	if err != nil {
		t.Fatal(err)
	}
	copies, err := fs.Glob(campaigns.Files, "*/heart.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range copies {
		if other, err := campaigns.Files.ReadFile(name); err != nil || !bytes.Equal(other, file) {
			t.Errorf("%s is not the heart of july-30: %v", name, err)
		}
	}
	if len(file) > 60_000 {
		t.Errorf("the picture has %d bytes", len(file))
	}
	got, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds() != want.Bounds() {
		t.Fatalf("the picture is %v, want %v", got.Bounds(), want.Bounds())
	}
	// Processors round differently at the edges, so a shade is allowed.
	const shade = 0x1400
	for y := range 1200 {
		for x := range 1200 {
			r, g, b, _ := got.At(x, y).RGBA()
			wr, wg, wb, _ := want.At(x, y).RGBA()
			if math.Abs(float64(r)-float64(wr)) > shade || math.Abs(float64(g)-float64(wg)) > shade || math.Abs(float64(b)-float64(wb)) > shade {
				t.Fatalf("the pixel %d, %d differs; draw the file anew with go test ./campaigns -update", x, y)
			}
		}
	}
}
