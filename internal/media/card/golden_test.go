package card

import (
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"
)

var update = flag.Bool("update", false, "draw the golden sheets anew")

// thumb is the side of one card on a golden sheet.
const thumb = 135

// tolerance is how much the mean of a square of 5 by 5 pixels of a golden sheet, which is 40 by 40 of the card, may differ in one
// colour, out of 255. Edges that a processor rounds otherwise move a square by less than 1; a letter that is another one moves it by 10
// and more.
const tolerance = 5

// TestGoldenSheets compares the cards with pictures that people have looked at, by what the eye sees from afar. With -update it draws
// them anew: look at them before you keep them.
func TestGoldenSheets(t *testing.T) {
	t.Parallel()
	for _, tag := range fourLanguages {
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			got := image.NewRGBA(image.Rect(0, 0, thumb*len(allTemplates), thumb))
			for i, template := range allTemplates {
				drawn := composed(t, sample(template, tag, "1:1")).draw()
				draw.ApproxBiLinear.Scale(got, image.Rect(i*thumb, 0, (i+1)*thumb, thumb), halved(halved(drawn)), image.Rect(0, 0, 270, 270), draw.Src, nil)
			}
			path := filepath.Join("testdata", tag+".png")
			if *update {
				save(t, path, got)
				return
			}
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := png.Decode(file)
			if closed := file.Close(); err != nil || closed != nil {
				t.Fatal(err, closed)
			}
			if at, far := distance(got, want); far > tolerance {
				t.Errorf("%s differs by %.1f at %v", allTemplates[at.X/thumb], far, at)
			}
		})
	}
}

func TestAnotherFigureIsSeen(t *testing.T) {
	t.Parallel()
	a, b := sample("fact", "en", "1:1"), sample("fact", "en", "1:1")
	b.Value = "36%"
	small := func(c Card) image.Image { return halved(halved(halved(composed(t, c).draw()))) }
	if _, far := distance(small(a), small(b)); far <= tolerance {
		t.Errorf("38%% and 36%% differ by %.1f, within the tolerance", far)
	}
}

func save(t *testing.T, path string, img image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(file, img); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// halved returns a picture of half the size, each pixel the mean of four.
func halved(img *image.RGBA) *image.RGBA {
	small := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx()/2, img.Rect.Dy()/2))
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			for c := range 4 {
				sum := 0
				for _, at := range [4][2]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
					sum += int(img.Pix[img.PixOffset(2*x+at[0], 2*y+at[1])+c])
				}
				small.Pix[small.PixOffset(x, y)+c] = uint8((sum + 2) / 4)
			}
		}
	}
	return small
}

// distance returns the largest difference of the means of squares of 5 by 5 pixels, and where it is.
func distance(a, b image.Image) (image.Point, float64) {
	const side = 5
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Max, 255
	}
	var where image.Point
	var worst float64
	for y := 0; y+side <= a.Bounds().Dy(); y += side {
		for x := 0; x+side <= a.Bounds().Dx(); x += side {
			var sums [3]float64
			for i := range side * side {
				ar, ag, ab, _ := a.At(x+i%side, y+i/side).RGBA()
				br, bg, bb, _ := b.At(x+i%side, y+i/side).RGBA()
				sums[0] += float64(ar>>8) - float64(br>>8)
				sums[1] += float64(ag>>8) - float64(bg>>8)
				sums[2] += float64(ab>>8) - float64(bb>>8)
			}
			for _, sum := range sums {
				if d := max(sum, -sum) / (side * side); d > worst {
					where, worst = image.Pt(x, y), d
				}
			}
		}
	}
	return where, worst
}
