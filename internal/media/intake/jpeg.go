package intake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"

	"daymark/internal/media"
)

// quality is what a JPEG is compressed with where it has to be anew: hardly an eye tells it from what came in.
const quality = 95

// maxScans is how many passes a JPEG is drawn in at most: programs make about ten, and each costs as much as the whole picture.
const maxScans = 64

var errMarkers = errors.New("its parts do not follow each other as those of a JPEG do")

// jfif says that the colours are brightness and two differences and that pixels are square, and nothing else (ITU T.871, 10.1).
var jfif = []byte("\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")

// jpegFile is what the parts of a JPEG say. Their marks are those of ITU T.81, B.1.1.3.
type jpegFile struct {
	kept          []byte // the parts that draw, and no other
	width, height int
	names         []byte // of the colours
	adobe         int    // how Adobe's part says that colours are written; -1 without it
	hasJFIF       bool
	scans         int
	profile       map[byte][]byte // its pieces by their numbers
	notes         []Note
}

// takeJPEG keeps the compressed pixels where they can stay as they are.
func takeJPEG(src []byte, limits Limits) (Picture, error) {
	f, err := readJPEG(src)
	if err != nil {
		return Picture{}, damaged(err)
	}
	if err := limits.size(f.width, f.height); err != nil {
		return Picture{}, err
	}
	turn, plain := media.Orientation(src, "jpeg"), f.plain()
	if plain {
		src = f.kept // what is looked at is what is kept
	}
	img, err := jpeg.Decode(bytes.NewReader(src))
	if err != nil {
		return Picture{}, damaged(err)
	}
	if err := sized(img, f.width, f.height); err != nil {
		return Picture{}, err
	}
	out := Picture{Bytes: f.kept, Type: "image/jpeg", Width: f.width, Height: f.height, Notes: f.notes}
	coloured, note := toSRGB(img, f.joined())
	out.Notes = append(out.Notes, note...)
	if plain && turn == 1 && coloured == nil {
		return out, nil
	}
	if coloured != nil {
		img = coloured
	}
	return asJPEG(out, img, turn)
}

// asJPEG compresses a picture that was changed, upright.
func asJPEG(out Picture, img image.Image, turn int) (Picture, error) {
	if turn != 1 {
		img = upright(img, turn)
		out.Notes = append(out.Notes, NoteTurned)
	}
	switch img.(type) {
	case *image.YCbCr, *image.Gray, *image.RGBA: // which the encoder reads fast
	default:
		flat := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
		draw.Draw(flat, flat.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(flat, flat.Rect, img, img.Bounds().Min, draw.Over)
		img = flat
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return Picture{}, damaged(err)
	}
	f, err := readJPEG(b.Bytes()) // so that it is written as every other, and comes in again unchanged
	if err != nil {
		return Picture{}, damaged(err)
	}
	out.Bytes, out.Type, out.Width, out.Height = f.kept, "image/jpeg", f.width, f.height
	return out, nil
}

// plain reports whether [jfif] says the truth of the colours, so that the parts that draw can stand behind it.
func (f *jpegFile) plain() bool {
	switch len(f.names) {
	case 1:
		return true
	case 3:
		return (f.adobe == 1 || f.adobe < 0) && (f.hasJFIF || f.adobe == 1 || string(f.names) != "RGB")
	}
	return false
}

// readJPEG walks over the parts.
func readJPEG(src []byte) (*jpegFile, error) {
	f := &jpegFile{adobe: -1, profile: map[byte][]byte{}, kept: append(append(make([]byte, 0, len(src)+len(jfif)), src[:2]...), jfif...)}
	for at := 2; ; {
		if at+2 > len(src) || src[at] != 0xff {
			return nil, errMarkers
		}
		mark := src[at+1]
		switch {
		case mark == 0xff: // a fill byte
			at++
			continue
		case mark == 0xd9:
			if f.kept = append(f.kept, 0xff, 0xd9); at+2 < len(src) {
				f.notes = append(f.notes, NoteTrailing)
			}
			if f.scans == 0 {
				return nil, errMarkers
			}
			return f, nil
		}
		if at+4 > len(src) {
			return nil, errMarkers
		}
		end := at + 2 + int(binary.BigEndian.Uint16(src[at+2:]))
		if end < at+4 || end > len(src) {
			return nil, errMarkers
		}
		body := src[at+4 : end]
		switch {
		case mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc:
			if err := f.frame(body); err != nil {
				return nil, err
			}
		case mark == 0xda:
			if f.scans++; f.scans > maxScans || f.names == nil {
				return nil, errMarkers
			}
			end = scanned(src, end)
		case mark == 0xc4, mark == 0xdb, mark == 0xdd: // tables, and how often to begin anew
		default:
			f.note(mark, body)
			at = end
			continue
		}
		f.kept = append(f.kept, src[at:end]...)
		at = end
	}
}

// frame reads how large the picture is, and its colours.
func (f *jpegFile) frame(body []byte) error {
	if f.names != nil || len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return errMarkers
	}
	f.height, f.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	f.names = []byte{}
	for at := 6; at < len(body); at += 3 {
		f.names = append(f.names, body[at])
	}
	return nil
}

// scanned returns where compressed pixels end: at the next mark that is not one of theirs.
func scanned(src []byte, at int) int {
	for ; at+1 < len(src); at++ {
		if next := src[at+1]; src[at] == 0xff && next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7) {
			return at
		}
	}
	return len(src)
}

// note remembers what a part that is left out held.
func (f *jpegFile) note(mark byte, body []byte) {
	has := func(name string) bool { return bytes.HasPrefix(body, []byte(name)) }
	switch {
	case mark == 0xfe:
		f.notes = append(f.notes, NoteComment)
	case mark == 0xe0 && has("JFIF\x00"):
		if f.hasJFIF = true; len(body) > 14 {
			f.notes = append(f.notes, NoteThumbnail)
		}
	case mark == 0xe0 && has("JFXX\x00"):
		f.notes = append(f.notes, NoteThumbnail)
	case mark == 0xe1 && has("Exif\x00\x00"):
		f.notes = append(f.notes, exifNotes(body[6:])...)
	case mark == 0xe1 && has("http://ns.adobe.com/"):
		f.notes = append(f.notes, xmpNotes(body)...)
	case mark == 0xe2 && has("ICC_PROFILE\x00") && len(body) > 14:
		f.profile[body[12]] = body[14:] // the piece's number, and how many there are (ICC.1:2022, B.4)
	case mark == 0xed && has("Photoshop 3.0\x00"):
		f.notes = append(f.notes, NoteIPTC)
	case mark == 0xee && has("Adobe") && len(body) >= 12:
		f.adobe = int(body[11])
	default:
		f.notes = append(f.notes, NoteOther)
	}
}

// joined returns the description of colours put together; nil without one.
func (f *jpegFile) joined() []byte {
	var all []byte
	for number := byte(1); f.profile[number] != nil; number++ {
		all = append(all, f.profile[number]...)
	}
	return all
}
