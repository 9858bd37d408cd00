package icc_test

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"testing"

	"daymark/internal/media/icc"
)

// described is a description of colours: where the three lie, and a curve for each.
func described(colours [9]float64, curve []byte) []byte {
	b := make([]byte, 128)
	copy(b[16:], "RGB XYZ ")
	copy(b[36:], "acsp")
	b = binary.BigEndian.AppendUint32(b, 6)
	at := uint32(132 + 6*12)
	for _, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
		b = append(b, name...)
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, at), 20)
		at += 20
	}
	for _, name := range []string{"rTRC", "gTRC", "bTRC"} {
		b = append(b, name...)
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, at), uint32(len(curve)))
	}
	for column := range 3 {
		b = append(b, "XYZ \x00\x00\x00\x00"...)
		for row := range 3 {
			b = fixed(b, colours[3*row+column])
		}
	}
	return append(b, curve...)
}

func fixed(b []byte, v float64) []byte {
	return binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*65536))))
}

// Where colours lie under D50, by rows: sRGB, and what telephones call P3 (https://www.color.org/chardata/rgb/DisplayP3.xalter).
var (
	srgb = [9]float64{0.43607, 0.38515, 0.14307, 0.22249, 0.71687, 0.06061, 0.01392, 0.09708, 0.71410}
	p3   = [9]float64{0.51512, 0.29198, 0.15710, 0.24120, 0.69225, 0.06657, -0.00105, 0.04189, 0.78407}
)

// curves are ways to write down how a colour of sRGB rises.
func curves() map[string][]byte {
	formula := func(kind uint16, values ...float64) []byte {
		b := binary.BigEndian.AppendUint16([]byte("para\x00\x00\x00\x00"), kind)
		b = append(b, 0, 0)
		for _, v := range values {
			b = fixed(b, v)
		}
		return b
	}
	table := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), 1024)
	for i := range 1024 {
		v := float64(i) / 1023
		if v = math.Pow((v+0.055)/1.055, 2.4); i <= 41 {
			v = float64(i) / 1023 / 12.92
		}
		table = binary.BigEndian.AppendUint16(table, uint16(v*65535+0.5))
	}
	return map[string][]byte{
		"a formula":        formula(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045),
		"the long formula": formula(4, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045, 0, 0),
		"a table":          table,
	}
}

func TestTheColoursOfTheWebAreKnown(t *testing.T) {
	t.Parallel()
	for name, curve := range curves() {
		p, err := icc.Read(described(srgb, curve))
		if err != nil || !p.IsSRGB() {
			t.Errorf("%s: %v, %t", name, err, p.IsSRGB())
		}
		p, err = icc.Read(described(p3, curve))
		if err != nil || p.IsSRGB() {
			t.Errorf("P3 by %s: %v, %t", name, err, p.IsSRGB())
		}
	}
	for name, curve := range map[string][]byte{
		"light itself": []byte("curv\x00\x00\x00\x00\x00\x00\x00\x00"),
		"one exponent": []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x01\xcc"),
		"a power":      fixed([]byte("para\x00\x00\x00\x00\x00\x00\x00\x00"), 1.8),
	} {
		if p, err := icc.Read(described(srgb, curve)); err != nil || p.IsSRGB() {
			t.Errorf("%s: %v, %t", name, err, p.IsSRGB())
		}
	}
}

func TestColoursAreBroughtToThoseOfTheWeb(t *testing.T) {
	t.Parallel()
	p, err := icc.Read(described(p3, curves()["a formula"]))
	if err != nil {
		t.Fatal(err)
	}
	// By the formulas of CSS Color 4 (https://www.w3.org/TR/css-color-4/#color-conversion-code): P3 to light, to sRGB, to numbers.
	for _, tt := range []struct{ from, to color.NRGBA }{
		{color.NRGBA{A: 255}, color.NRGBA{A: 255}},
		{color.NRGBA{R: 255, G: 255, B: 255, A: 255}, color.NRGBA{R: 255, G: 255, B: 255, A: 255}},
		{color.NRGBA{R: 128, G: 128, B: 128, A: 70}, color.NRGBA{R: 128, G: 128, B: 128, A: 70}},
		{color.NRGBA{R: 200, G: 100, B: 100, A: 255}, color.NRGBA{R: 214, G: 95, B: 97, A: 255}},
		{color.NRGBA{R: 255, A: 255}, color.NRGBA{R: 255, A: 255}}, // sRGB has no such red
	} {
		one := image.NewNRGBA(image.Rect(3, 4, 4, 5))
		one.SetNRGBA(3, 4, tt.from)
		few := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{tt.from})
		for _, img := range []image.Image{one, few} {
			out := p.Convert(img)
			got, _ := color.NRGBAModel.Convert(out.At(out.Bounds().Min.X, out.Bounds().Min.Y)).(color.NRGBA)
			if far(got.R, tt.to.R) || far(got.G, tt.to.G) || far(got.B, tt.to.B) || got.A != tt.to.A {
				t.Errorf("%v became %v, want %v", tt.from, got, tt.to)
			}
		}
	}
	photo := image.NewYCbCr(image.Rect(0, 0, 4, 4), image.YCbCrSubsampleRatio420)
	if out, ok := p.Convert(photo).(*image.RGBA); !ok || out.Rect != photo.Rect || !out.Opaque() {
		t.Error("a photograph did not become a picture without transparency")
	}
}

func far(a, b byte) bool { return a > b+2 && a-b > 2 || b > a && b-a > 2 }

func FuzzRead(f *testing.F) {
	for _, curve := range curves() {
		f.Add(described(p3, curve))
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		if p, err := icc.Read(b); err == nil {
			p.IsSRGB()
			p.Convert(image.NewNRGBA(image.Rect(0, 0, 2, 2)))
		}
	})
}

func TestWhatIsNoDescriptionOfThreeColours(t *testing.T) {
	t.Parallel()
	whole := described(p3, curves()["a formula"])
	other := func(change func(b []byte)) []byte {
		b := append([]byte{}, whole...)
		change(b)
		return b
	}
	for name, b := range map[string][]byte{
		"nothing":              nil,
		"half":                 whole[:150],
		"of a printer":         other(func(b []byte) { copy(b[16:], "CMYK") }),
		"in other coordinates": other(func(b []byte) { copy(b[20:], "Lab ") }),
		"without a mark":       other(func(b []byte) { copy(b[36:], "abcd") }),
		"without red":          other(func(b []byte) { copy(b[132:], "xXYZ") }),
		"all black":            described([9]float64{}, curves()["a formula"]),
		"an unknown curve":     described(p3, []byte("para\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00")),
		"a short table":        described(p3, []byte("curv\x00\x00\x00\x00\xff\xff\xff\xff\x00\x00")),
		"a curve of nothing":   described(p3, []byte("none")),
	} {
		if _, err := icc.Read(b); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}
