package media

import "image"

// Cut says what is to be left of a picture: a shape, and the point that stays in sight. The zero Cut leaves all.
type Cut struct {
	Across, Down int     // the shape, such as 16 and 9
	X, Y         float64 // the point, from 0 at the left and the top to 1
}

// Of returns what is left of a picture of a size: as much as the shape allows, with the point as near to the middle as the edges let it.
func (c Cut) Of(width, height int) image.Rectangle {
	if c.Across <= 0 || c.Down <= 0 {
		return image.Rect(0, 0, width, height)
	}
	w, h := width, max(1, (width*c.Down+c.Across/2)/c.Across)
	if h > height {
		w, h = max(1, min(width, (height*c.Across+c.Down/2)/c.Down)), height
	}
	return image.Rect(0, 0, w, h).Add(image.Pt(along(c.X, width, w), along(c.Y, height, h)))
}

// along returns where a piece begins so that the point is in its middle, or as near as the edges let it.
func along(point float64, whole, piece int) int {
	middle := int(min(1, max(0, point))*float64(whole) + 0.5)
	return min(whole-piece, max(0, middle-piece/2))
}

// Source is a picture that was decoded once and is made to fit for several networks.
type Source struct {
	img  image.Image
	kind string
}

// Open decodes a picture under the limits that [Fit] has, and turns it upright.
func Open(src []byte) (*Source, error) {
	img, kind, err := decode(src)
	if err != nil {
		return nil, err
	}
	if turn := Orientation(src, kind); turn != 1 {
		img = toUpright(img, turn, 0)
	}
	return &Source{img: img, kind: kind}, nil
}

// Size returns how wide and high the whole picture is.
func (s *Source) Size() (width, height int) { return s.img.Bounds().Dx(), s.img.Bounds().Dy() }

// Fit returns what is left of the picture after a cut, within the limits; a PNG stays one where it is small enough, as with [Fit].
func (s *Source) Fit(cut Cut, limits Limits) (Fitted, error) {
	part := cut.Of(s.Size())
	width, height := within(part.Dx(), part.Dy(), limits.Side)
	small := shrunk(s.img, part.Add(s.img.Bounds().Min), width, height)
	if s.kind == "png" || !small.Opaque() {
		b, err := asPNG(small)
		if err != nil {
			return Fitted{}, err
		}
		if len(b) <= limits.Bytes {
			return fitted(b, "image/png", small), nil
		}
	}
	return asJPEG(small, limits.Bytes)
}

// within returns a size of the same shape, no side longer than the limit; 0 is no limit.
func within(width, height, side int) (w, h int) {
	if longer := max(width, height); side > 0 && longer > side {
		return max(1, width*side/longer), max(1, height*side/longer)
	}
	return width, height
}
