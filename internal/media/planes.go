package media

import "image"

// lying are the ways to save colour that a quarter turn makes of others; those that are missing have no counterpart.
var lying = map[image.YCbCrSubsampleRatio]image.YCbCrSubsampleRatio{
	image.YCbCrSubsampleRatio444: image.YCbCrSubsampleRatio444,
	image.YCbCrSubsampleRatio420: image.YCbCrSubsampleRatio420,
	image.YCbCrSubsampleRatio422: image.YCbCrSubsampleRatio440,
	image.YCbCrSubsampleRatio440: image.YCbCrSubsampleRatio422,
}

// TurnedYCbCr turns brightness and colour each by itself; nil where that cannot be.
func TurnedYCbCr(img *image.YCbCr, turn int) *image.YCbCr {
	width, height, ratio := img.Rect.Dx(), img.Rect.Dy(), img.SubsampleRatio
	if turn >= 5 {
		lies, ok := lying[ratio]
		if !ok {
			return nil
		}
		width, height, ratio = height, width, lies
	}
	if img.Rect.Min != (image.Point{}) {
		return nil
	}
	out := image.NewYCbCr(image.Rect(0, 0, width, height), ratio)
	turnPlane(out.Y, out.YStride, img.Y, img.YStride, img.Rect.Dx(), img.Rect.Dy(), turn)
	across, down := plane(img)
	turnPlane(out.Cb, out.CStride, img.Cb, img.CStride, across, down, turn)
	turnPlane(out.Cr, out.CStride, img.Cr, img.CStride, across, down, turn)
	return out
}

// plane returns how many samples of colour a picture has across and down.
func plane(img *image.YCbCr) (across, down int) {
	last := img.COffset(img.Rect.Max.X-1, img.Rect.Max.Y-1)
	return last%img.CStride + 1, last/img.CStride + 1
}

// turnPlane turns samples of one kind, as tag 0x0112 of Exif counts turns.
func turnPlane(to []byte, toStride int, from []byte, fromStride, width, height, turn int) {
	for y := range height {
		row := from[y*fromStride:][:width]
		start, step := 0, 0 // where the row's first sample goes, and how far apart the next ones lie
		switch turn {
		case 1:
			start, step = y*toStride, 1
		case 2:
			start, step = y*toStride+width-1, -1
		case 3:
			start, step = (height-1-y)*toStride+width-1, -1
		case 4:
			start, step = (height-1-y)*toStride, 1
		case 5:
			start, step = y, toStride
		case 6:
			start, step = height-1-y, toStride
		case 7:
			start, step = (width-1)*toStride+height-1-y, -toStride
		case 8:
			start, step = (width-1)*toStride+y, -toStride
		}
		for _, sample := range row {
			to[start] = sample
			start += step
		}
	}
}
