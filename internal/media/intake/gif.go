package intake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/gif"
)

var errBlocks = errors.New("its blocks do not follow each other as those of a GIF do")

// gifFile is what the blocks of a GIF say (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
type gifFile struct {
	frames int
	pixels int64 // of all frames
	notes  []Note
}

// takeGIF writes the frames anew, with their times and how often they begin again.
func takeGIF(src []byte, limits Limits) (Picture, error) {
	if len(src) < 13 {
		return Picture{}, damaged(errBlocks)
	}
	width, height := int(binary.LittleEndian.Uint16(src[6:])), int(binary.LittleEndian.Uint16(src[8:]))
	if err := limits.size(width, height); err != nil {
		return Picture{}, err
	}
	f, end, err := readGIF(src)
	if err != nil {
		return Picture{}, damaged(err)
	}
	if f.frames > limits.Frames || f.pixels > limits.Pixels {
		return Picture{}, refuse("The moving picture has %d frames of %d by %d pixels, which is more than Daymark reads. Make it shorter or smaller.", f.frames, width, height)
	}
	all, err := gif.DecodeAll(bytes.NewReader(src[:end]))
	if err != nil {
		return Picture{}, damaged(err)
	}
	if all.Config.Width != width || all.Config.Height != height || len(all.Image) != f.frames {
		return Picture{}, damaged(errBlocks)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, all); err != nil {
		return Picture{}, damaged(err)
	}
	if end < len(src) {
		f.notes = append(f.notes, NoteTrailing)
	}
	return Picture{Bytes: b.Bytes(), Type: "image/gif", Width: width, Height: height, Animated: f.frames > 1, Notes: f.notes}, nil
}

// readGIF counts the frames and their pixels before one is drawn, and returns where the picture ends.
func readGIF(src []byte) (f gifFile, end int, err error) {
	at := 13 + palette(src[10])
	for at < len(src) {
		switch src[at] {
		case 0x3b: // the end
			if f.frames == 0 {
				return f, 0, errBlocks
			}
			return f, at + 1, nil
		case 0x2c: // a frame: where, how large, its colours, how the pixels are written
			if at+11 > len(src) {
				return f, 0, errBlocks
			}
			f.frames++
			f.pixels += int64(binary.LittleEndian.Uint16(src[at+5:])) * int64(binary.LittleEndian.Uint16(src[at+7:]))
			at += 10 + palette(src[at+9]) + 1
		case 0x21: // an addition
			if at+2 > len(src) {
				return f, 0, errBlocks
			}
			f.note(src[at+1], src[at+2:])
			at += 2
		default:
			return f, 0, errBlocks
		}
		for { // its pieces, up to an empty one
			if at >= len(src) {
				return f, 0, errBlocks
			}
			size := int(src[at])
			if at += 1 + size; size == 0 {
				break
			}
		}
	}
	return f, 0, errBlocks
}

// palette returns how many bytes of colours follow.
func palette(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// note remembers what an addition held that is left out.
func (f *gifFile) note(label byte, body []byte) {
	switch label {
	case 0xf9: // times and what is see-through
	case 0xfe:
		f.notes = append(f.notes, NoteComment)
	case 0xff:
		switch {
		case bytes.HasPrefix(body, []byte("\x0bNETSCAPE2.0")), bytes.HasPrefix(body, []byte("\x0bANIMEXTS1.0")): // how often it begins again
		case bytes.HasPrefix(body, []byte("\x0bXMP DataXMP")):
			f.notes = append(f.notes, NoteXMP)
		default:
			f.notes = append(f.notes, NoteOther)
		}
	default:
		f.notes = append(f.notes, NoteText)
	}
}
