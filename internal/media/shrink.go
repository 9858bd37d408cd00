package media

import (
	"image"

	"golang.org/x/image/draw"
)

// band is how many rows or columns are scaled at a time: the scaler keeps 32 bytes for each of their pixels.
const band = 64

// shrunk returns the part of a picture scaled to a size: halved by averaging four pixels into one for as long as it stays at least
// as large, and then brought to the size by Catmull and Rom's curve. Halving costs a tenth of what the curve costs over many pixels
// and is as good (a test holds it against the curve alone).
func shrunk(img image.Image, part image.Rectangle, width, height int) *image.RGBA {
	halve := func() bool { return part.Dx() >= 2*width && part.Dy() >= 2*height }
	if y, ok := img.(*image.YCbCr); ok && halve() && planes(y.SubsampleRatio) {
		part.Min.X, part.Min.Y = part.Min.X&^1, part.Min.Y&^1 // where colour begins
		now := halfYCbCr(y, part)
		for part = now.Rect; halve(); part = now.Rect {
			now = halfYCbCr(now, now.Rect)
		}
		img = now
	}
	flat := image.NewRGBA(image.Rect(0, 0, part.Dx(), part.Dy()))
	draw.Draw(flat, flat.Rect, img, part.Min, draw.Src)
	for part = flat.Rect; halve(); part = flat.Rect {
		flat = half(flat)
	}
	return curved(flat, width, height)
}

// planes reports whether halves of such a picture can be taken of brightness and colour each by itself.
func planes(ratio image.YCbCrSubsampleRatio) bool {
	return ratio == image.YCbCrSubsampleRatio444 || ratio == image.YCbCrSubsampleRatio420
}

// halfYCbCr averages four pixels into one. Where colour was saved at half the size, it is left as it is.
func halfYCbCr(img *image.YCbCr, part image.Rectangle) *image.YCbCr {
	width, height := part.Dx()/2, part.Dy()/2
	out := &image.YCbCr{
		Y: halfPlane(img.Y[img.YOffset(part.Min.X, part.Min.Y):], img.YStride, width, height), YStride: width,
		SubsampleRatio: image.YCbCrSubsampleRatio444, Rect: image.Rect(0, 0, width, height),
	}
	cb, cr := img.Cb[img.COffset(part.Min.X, part.Min.Y):], img.Cr[img.COffset(part.Min.X, part.Min.Y):]
	if img.SubsampleRatio == image.YCbCrSubsampleRatio420 {
		out.Cb, out.Cr, out.CStride = cb, cr, img.CStride
	} else {
		out.Cb, out.Cr, out.CStride = halfPlane(cb, img.CStride, width, height), halfPlane(cr, img.CStride, width, height), width
	}
	return out
}

// halfPlane averages four samples into one.
func halfPlane(from []byte, stride, width, height int) []byte {
	out := make([]byte, width*height)
	for y := range height {
		upper, lower, to := from[2*y*stride:][:2*width], from[(2*y+1)*stride:][:2*width], out[y*width:][:width]
		for x := range to {
			to[x] = byte((int(upper[2*x]) + int(upper[2*x+1]) + int(lower[2*x]) + int(lower[2*x+1]) + 2) / 4)
		}
	}
	return out
}

// half averages four pixels into one.
func half(img *image.RGBA) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx()/2, img.Rect.Dy()/2))
	for y := range out.Rect.Dy() {
		upper, lower, to := img.Pix[2*y*img.Stride:], img.Pix[(2*y+1)*img.Stride:], out.Pix[y*out.Stride:][:out.Stride]
		for i := range to {
			at := i + i&^3 // the same colour of the first of two pixels
			to[i] = byte((int(upper[at]) + int(upper[at+4]) + int(lower[at]) + int(lower[at+4]) + 2) / 4)
		}
	}
	return out
}

// curved scales across and then down, a band at a time, so that a large picture needs little memory beside itself.
func curved(img *image.RGBA, width, height int) *image.RGBA {
	if w := img.Rect.Dx(); w != width {
		across := image.NewRGBA(image.Rect(0, 0, width, img.Rect.Dy()))
		for from := 0; from < img.Rect.Dy(); from += band {
			to := min(from+band, img.Rect.Dy())
			draw.CatmullRom.Scale(across, image.Rect(0, from, width, to), img, image.Rect(0, from, w, to), draw.Src, nil)
		}
		img = across
	}
	if h := img.Rect.Dy(); h != height {
		down := image.NewRGBA(image.Rect(0, 0, width, height))
		for from := 0; from < width; from += band {
			to := min(from+band, width)
			draw.CatmullRom.Scale(down, image.Rect(from, 0, to, height), img, image.Rect(from, 0, to, h), draw.Src, nil)
		}
		img = down
	}
	return img
}
