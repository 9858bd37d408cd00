// Package intake stands at the door for pictures: what it lets in holds nothing but the picture.
//
// [Take] reads a file that somebody has chosen, tells by its content what it is, looks at how large it says it is before it decodes
// a pixel, turns it upright, brings its colours to sRGB and removes everything else: the place where it was taken, the camera, the
// owner, comments, small copies of what was cut away, and whatever hangs behind the end of the picture. The same file gives the
// same bytes. It does not keep pictures, does not make them fit for a network and never looks at the name of a file.
//
// A JPEG that stands upright keeps its compressed pixels as they are, and so does a WebP; PNG and GIF are written anew, which
// loses nothing. Only what has to be turned or coloured anew is compressed a second time.
package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"io"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/media"
)

// MaxFrames is how many frames a moving picture has at most: X takes 350 (https://docs.x.com/x-api/media/quickstart/best-practices,
// read 2026-11-22); others take no more.
const MaxFrames = 350

// Limits say what is let in. A figure that is zero is that of [media].
type Limits struct {
	Bytes  int64 // of the file
	Pixels int64 // of the picture, or of all frames of a moving one together
	Frames int   // of a moving picture
}

// Note is something that was found beside the picture and taken away, or done to it.
type Note string

// The notes. Pages say them in words.
const (
	NotePlace     Note = "gps"       // where it was taken
	NoteExif      Note = "exif"      // what the camera wrote
	NoteMaker     Note = "makernote" // what the camera wrote in its own way
	NoteThumbnail Note = "thumbnail" // a small copy, which may show what was cut away
	NoteXMP       Note = "xmp"       // what an editing program wrote
	NoteIPTC      Note = "iptc"      // captions and names of press photographs
	NoteComment   Note = "comment"   // a text of JPEG or GIF
	NoteText      Note = "text"      // a text of PNG
	NoteOther     Note = "other"     // parts that programs add for themselves
	NoteTrailing  Note = "trailing"  // something behind the end of the picture
	NoteMotion    Note = "motion"    // the movement of a PNG
	NoteTurned    Note = "turned"    // it stands upright now
	NoteProfile   Note = "icc"       // a description of colours that were those of the web already
	NoteColours   Note = "colours"   // the colours were brought to those of the web
	NoteUnread    Note = "unread"    // a description of colours that Daymark cannot use was taken away
)

// Picture is what may be kept.
type Picture struct {
	Bytes    []byte
	Type     string // image/jpeg, image/png, image/gif or image/webp
	Width    int
	Height   int
	Animated bool
	SHA256   string // of Bytes, in lower-case hexadecimal
	Notes    []Note // in order, each once
}

// Take reads a picture, or says in a sentence why it cannot be used.
func Take(r io.Reader, limits Limits) (Picture, error) {
	limits = limits.filled()
	src, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	if err != nil {
		return Picture{}, fmt.Errorf("read a picture: %w", err)
	}
	if int64(len(src)) > limits.Bytes {
		return Picture{}, refuse("The file is larger than %d megabytes. Save the picture smaller.", limits.Bytes>>20)
	}
	kind, err := look(src)
	if err != nil {
		return Picture{}, err
	}
	var out Picture
	switch kind {
	case "jpeg":
		out, err = takeJPEG(src, limits)
	case "png":
		out, err = takePNG(src, limits)
	case "gif":
		out, err = takeGIF(src, limits)
	default:
		out, err = takeWebP(src, limits)
	}
	if err != nil {
		return Picture{}, err
	}
	if out.Bytes == nil {
		return Picture{}, fmt.Errorf("a picture of the kind %s came out empty", kind)
	}
	sum := sha256.Sum256(out.Bytes)
	out.SHA256 = hex.EncodeToString(sum[:])
	slices.Sort(out.Notes)
	out.Notes = slices.Compact(out.Notes)
	return out, nil
}

// filled puts our figures where none is given.
func (l Limits) filled() Limits {
	if l.Bytes == 0 {
		l.Bytes = media.MaxSourceBytes
	}
	if l.Pixels == 0 {
		l.Pixels = media.MaxSourcePixels
	}
	if l.Frames == 0 {
		l.Frames = MaxFrames
	}
	return l
}

// size refuses a picture that says of itself that it is too large, or nothing.
func (l Limits) size(width, height int) error {
	if width <= 0 || height <= 0 {
		return damaged(nil)
	}
	if int64(width)*int64(height) > l.Pixels {
		return refuse("The picture is %d by %d pixels, which is more than Daymark reads. Save it smaller.", width, height)
	}
	return nil
}

// refuse returns the sentence for a file that is not let in.
func refuse(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

// damaged returns what to say of a file that breaks off or contradicts itself.
func damaged(cause error) error {
	return fault.Wrap(fault.Invalid, cause, "The picture is damaged and cannot be read. Save it again and add it anew.")
}

// sized reports whether a decoded picture is as large as its file said.
func sized(img image.Image, width, height int) error {
	if b := img.Bounds(); b.Dx() != width || b.Dy() != height {
		return damaged(fmt.Errorf("it is %v and says %d by %d", b, width, height))
	}
	return nil
}
