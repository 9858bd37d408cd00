package media_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"daymark/internal/media"
)

func TestAPictureIsCutToTheNearestShapeAroundItsPoint(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		width, height, x, y int
		want                image.Rectangle
	}{
		"between the shapes":           {1000, 800, 10, 10, image.Rect(0, 0, 1000, 800)},
		"just as wide as is shown":     {1000, 500, 10, 10, image.Rect(0, 0, 1000, 500)},
		"just as tall as is shown":     {800, 1000, 10, 10, image.Rect(0, 0, 800, 1000)},
		"too wide, a point at left":    {900, 300, 0, 50, image.Rect(0, 0, 600, 300)},
		"too wide, a point in sight":   {900, 300, 50, 50, image.Rect(150, 0, 750, 300)},
		"too wide, a point at right":   {900, 300, 100, 50, image.Rect(300, 0, 900, 300)},
		"too tall, a point at the top": {400, 1000, 50, 0, image.Rect(0, 0, 400, 500)},
		"too tall, a point below":      {400, 1000, 50, 90, image.Rect(0, 500, 400, 1000)},
	} {
		if got := media.Frame(tt.width, tt.height, tt.x, tt.y).Of(tt.width, tt.height); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestOnlyAPictureWithAPointIsCut(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 900, 300))
	for y := range 300 {
		for x := range 900 {
			img.Set(x, y, color.RGBA{R: uint8(x / 4), A: 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	limits := media.Limits{Bytes: 1 << 20, Side: 2000}
	whole, err := media.FitFrame(b.Bytes(), 0, 0, limits)
	if err != nil || whole.Width != 900 || whole.Height != 300 {
		t.Errorf("without a point: %d by %d, %v", whole.Width, whole.Height, err)
	}
	plain, err := media.Fit(b.Bytes(), limits)
	if err != nil || plain.SHA256 != whole.SHA256 {
		t.Error("without a point it is another picture than before")
	}
	left, err := media.FitFrame(b.Bytes(), -1, 0, limits)
	if err != nil || left.Width != 600 || left.Height != 300 {
		t.Fatalf("with a point: %d by %d, %v", left.Width, left.Height, err)
	}
	right, err := media.FitFrame(b.Bytes(), 1, 0, limits)
	if err != nil || right.SHA256 == left.SHA256 {
		t.Error("two points make one picture")
	}
	if _, err := media.FitFrame([]byte("nothing"), 1, 0, limits); err == nil {
		t.Error("what is no picture is cut")
	}
}
