package card

import (
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/draw"
)

// TestContactSheet draws every template in every language, side by side, for people to look at: one sheet for each format, in the folder
// that DAYMARK_SCREENSHOTS names. Without it the cards are drawn all the same, smaller, and have to fit.
func TestContactSheet(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("DAYMARK_SCREENSHOTS")
	for _, name := range allFormats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := format(name)
			if err != nil {
				t.Fatal(err)
			}
			const gap = 12
			width := 160
			height := width * f.Height / f.Width
			sheet := image.NewRGBA(image.Rect(0, 0, (width+gap)*len(allTemplates)+gap, (height+gap)*len(fourLanguages)+gap))
			draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.Gray{0x99}), image.Point{}, draw.Src)
			for row, tag := range fourLanguages {
				for column, template := range allTemplates {
					page, err := compose(sample(template, tag, name), fonts)
					if err != nil {
						t.Errorf("%s in %s: %v", template, tag, err)
						continue
					}
					if folder == "" {
						continue
					}
					drawn := page.draw()
					at := image.Pt(gap+column*(width+gap), gap+row*(height+gap))
					draw.CatmullRom.Scale(sheet, image.Rectangle{at, at.Add(image.Pt(width, height))}, drawn, drawn.Bounds(), draw.Src, nil)
				}
			}
			if folder == "" {
				return
			}
			path := filepath.Join(folder, "all", "cards-"+strings.ReplaceAll(name, ":", "x")+".png")
			if name == "1:1" { // the one that docs/cards.md shows
				path = filepath.Join(folder, "cards.png")
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := file.Close(); err != nil {
					t.Error(err)
				}
			}()
			encoder := png.Encoder{CompressionLevel: png.BestCompression}
			if err := encoder.Encode(file, fewColours(sheet)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// mostColours is how many colours the sheet has in documents: enough to see how cards look, in a third of the bytes.
const mostColours = 64

// fewColours keeps the commonest colours and paints every other with the nearest of them.
func fewColours(full *image.RGBA) image.Image {
	count := map[color.RGBA]int{}
	size := full.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			count[full.RGBAAt(x, y)]++
		}
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)<<16+int(a.G)<<8+int(a.B)-int(b.R)<<16-int(b.G)<<8-int(b.B))
	})
	var palette color.Palette
	for _, c := range all[:min(mostColours, len(all))] {
		palette = append(palette, c)
	}
	nearest := make(map[color.RGBA]uint8, len(all))
	for _, c := range all {
		nearest[c] = uint8(palette.Index(c)) //nolint:gosec // a palette has at most 256 colours
	}
	small := image.NewPaletted(size, palette)
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			small.SetColorIndex(x, y, nearest[full.RGBAAt(x, y)])
		}
	}
	return small
}
