package intake

import (
	"image"
	"image/draw"

	"daymark/internal/media"
	"daymark/internal/media/icc"
)

// toSRGB returns the picture in the colours of the web, or nil where it has them already, and what was done.
func toSRGB(img image.Image, profile []byte) (image.Image, []Note) {
	if len(profile) == 0 {
		return nil, nil
	}
	if _, grey := img.(*image.Gray); grey {
		return nil, []Note{NoteProfile}
	}
	p, err := icc.Read(profile)
	switch {
	case err != nil:
		return nil, []Note{NoteUnread}
	case p.IsSRGB():
		return nil, []Note{NoteProfile}
	}
	return p.Convert(img), []Note{NoteColours}
}

// upright turns a picture as the camera says it was held. What a camera wrote is turned without becoming red, green and blue, which
// would take three times the memory.
func upright(img image.Image, turn int) image.Image {
	if y, ok := img.(*image.YCbCr); ok {
		if out := media.TurnedYCbCr(y, turn); out != nil {
			return out
		}
	}
	flat, ok := img.(*image.NRGBA)
	if !ok || flat.Rect.Min != (image.Point{}) {
		flat = image.NewNRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
		draw.Draw(flat, flat.Rect, img, img.Bounds().Min, draw.Src)
	}
	return media.Turned(flat, turn)
}
