// Package media makes a picture fit for a network: small enough, upright, and without what the camera wrote into it.
//
// [Fit] decodes JPEG, PNG, WebP and GIF and encodes anew, so that nothing of the original file but its pixels goes out: no place, no
// owner's name, no thumbnail of what was cut away. The same bytes under the same limits give the same result, so that a
// repeated upload is the same upload. It looks at the size a file claims before it decodes a pixel. [Open] decodes once for several
// networks and leaves of a picture what a [Cut] says. It keeps nothing and knows no network.
package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // decodes GIF
	"image/jpeg"
	"image/png"
	"net/http"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // decodes WebP
)

// What is decoded at all. The figures are ours: above what a phone makes, below what exhausts a small server.
const (
	MaxSourceBytes  = 32 << 20
	MaxSourcePixels = 50 << 20
)

// Limits say what a network takes.
type Limits struct {
	Bytes int // at most so many bytes
	Side  int // at most so many pixels wide and high; 0 means any
}

// Fitted is a picture as it goes out.
type Fitted struct {
	Bytes  []byte
	MIME   string // image/jpeg or image/png
	Width  int
	Height int
	SHA256 string // of Bytes, in lower-case hexadecimal
}

// Error says why a picture cannot be used, in a sentence for the person who added it.
type Error struct {
	Say string
	Err error
}

// Error returns the sentence and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Say
	}
	return e.Say + " (" + e.Err.Error() + ")"
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// readable are the types that are decoded, as [http.DetectContentType] names them.
var readable = map[string]bool{"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true}

// Fit returns a picture within the limits. Of a moving picture only the first frame is left. A PNG stays one where it is small
// enough, since drawings and writing suffer as JPEG; everything else becomes JPEG, what was transparent white.
func Fit(src []byte, limits Limits) (Fitted, error) {
	img, kind, err := decode(src)
	if err != nil {
		return Fitted{}, err
	}
	upright := toUpright(img, Orientation(src, kind), limits.Side)
	if kind == "png" || !upright.Opaque() {
		b, err := asPNG(upright)
		if err != nil {
			return Fitted{}, err
		}
		if len(b) <= limits.Bytes {
			return fitted(b, "image/png", upright), nil
		}
	}
	return asJPEG(upright, limits.Bytes)
}

// decode reads a picture after it has looked at what the file says of itself.
func decode(src []byte) (image.Image, string, error) {
	if len(src) > MaxSourceBytes {
		return nil, "", &Error{Say: fmt.Sprintf("The picture has %d megabytes, and Daymark reads %d. Save it smaller.", len(src)>>20, MaxSourceBytes>>20)}
	}
	if !readable[http.DetectContentType(src)] {
		return nil, "", &Error{Say: "This file is not a picture that Daymark can read. Use JPEG, PNG, WebP or GIF."}
	}
	broken := func(err error) error {
		return &Error{Say: "The picture is damaged and cannot be read. Save it again and add it anew.", Err: err}
	}
	config, kind, err := image.DecodeConfig(bytes.NewReader(src))
	if err != nil {
		return nil, "", broken(err)
	}
	width, height := config.Width, config.Height
	if kind == "webp" {
		width, height = WebPSize(src, width, height)
	}
	if width <= 0 || height <= 0 {
		return nil, "", broken(nil)
	}
	if int64(width)*int64(height) > MaxSourcePixels {
		return nil, "", &Error{Say: fmt.Sprintf("The picture is %d by %d pixels, which is more than Daymark reads. Save it smaller.", width, height)}
	}
	img, _, err := image.Decode(bytes.NewReader(src))
	if err != nil {
		return nil, "", broken(err)
	}
	return img, kind, nil
}

// toUpright returns the picture turned the right way, no side longer than the limit.
func toUpright(img image.Image, turn int, side int) *image.NRGBA {
	b := img.Bounds()
	width, height := within(b.Dx(), b.Dy(), side)
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	switch {
	case width == b.Dx() && height == b.Dy():
		draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	case b.Dx() >= 2*width && b.Dy() >= 2*height: // the curve alone would need 32 bytes for each pixel of a photograph
		draw.Draw(out, out.Rect, shrunk(img, b, width, height), image.Point{}, draw.Src)
	default:
		draw.CatmullRom.Scale(out, out.Rect, img, b, draw.Src, nil)
	}
	return Turned(out, turn)
}

// asPNG encodes without loss.
func asPNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encode PNG: %w", err)
	}
	return b.Bytes(), nil
}

// asJPEG encodes ever more coarsely, and then ever smaller, until the picture fits.
func asJPEG(img draw.Image, limit int) (Fitted, error) {
	flat, ok := img.(*image.RGBA)
	if !ok || !flat.Opaque() {
		flat = image.NewRGBA(img.Bounds())
		draw.Draw(flat, flat.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(flat, flat.Rect, img, img.Bounds().Min, draw.Over)
	}
	qualities := []int{90, 82, 74}
	for now := flat; ; {
		for _, quality := range qualities {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, now, &jpeg.Options{Quality: quality}); err != nil {
				return Fitted{}, fmt.Errorf("encode JPEG: %w", err)
			}
			if b.Len() <= limit {
				return fitted(b.Bytes(), "image/jpeg", now), nil
			}
		}
		width, height := now.Rect.Dx()*4/5, now.Rect.Dy()*4/5
		if width == 0 || height == 0 {
			return Fitted{}, &Error{Say: fmt.Sprintf("The picture cannot be made small enough for %d bytes. Use another one.", limit)}
		}
		now = image.NewRGBA(image.Rect(0, 0, width, height))
		draw.CatmullRom.Scale(now, now.Rect, flat, flat.Rect, draw.Src, nil) // from the original, so that loss does not add up
		qualities = []int{82}
	}
}

// fitted describes what was encoded.
func fitted(b []byte, mime string, img image.Image) Fitted {
	sum := sha256.Sum256(b)
	return Fitted{Bytes: b, MIME: mime, Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), SHA256: hex.EncodeToString(sum[:])}
}
