package media

// The shapes between which a timeline shows a picture whole: no wider than 2 to 1 and no taller than 4 to 5. The figures are ours, on the
// safe side of what apps of X and Bluesky were seen to do in November 2026; neither network promises any.
var (
	widest  = [2]int{2, 1}
	tallest = [2]int{4, 5}
)

// Frame returns how a picture is cut for a network that would cut it by itself: to the nearest shape that a timeline shows whole, around a
// point, in hundredths from the left and from the top. A picture between the shapes is left whole.
func Frame(width, height int, x, y int) Cut {
	cut := Cut{X: float64(x) / 100, Y: float64(y) / 100}
	switch {
	case width*widest[1] > height*widest[0]:
		cut.Across, cut.Down = widest[0], widest[1]
	case width*tallest[1] < height*tallest[0]:
		cut.Across, cut.Down = tallest[0], tallest[1]
	}
	return cut
}

// FitFrame is [Fit] for a network that cuts pictures by itself. The point is as networks write it: from -1 at the left and the bottom to 1;
// the middle is no point, and the picture is left whole.
func FitFrame(src []byte, x, y float64, limits Limits) (Fitted, error) {
	if x == 0 && y == 0 {
		return Fit(src, limits)
	}
	source, err := Open(src)
	if err != nil {
		return Fitted{}, err
	}
	width, height := source.Size()
	return source.Fit(Frame(width, height, int(50*(x+1)+0.5), int(50*(1-y)+0.5)), limits)
}
