package intake

import (
	"bytes"
	"encoding/binary"
	"errors"

	"golang.org/x/image/webp"

	"daymark/internal/media"
)

var errRIFF = errors.New("its chunks do not follow each other as those of a WebP do")

// webpFile is what the chunks of a WebP say (RFC 9649, 2).
type webpFile struct {
	canvas, alpha, frame []byte
	name                 string // of frame: "VP8 " or "VP8L"
	profile              []byte
	moves                bool
	notes                []Note
}

// takeWebP keeps the compressed pixels where they can stay as they are: nothing here writes WebP.
func takeWebP(src []byte, limits Limits) (Picture, error) {
	end := 8 + int64(binary.LittleEndian.Uint32(src[4:]))
	end += end & 1
	if end > int64(len(src)) {
		return Picture{}, damaged(errRIFF)
	}
	f := webpFile{}
	if end < int64(len(src)) {
		f.notes = append(f.notes, NoteTrailing)
	}
	src = src[:end]
	media.WebPChunks(src, f.chunk)
	if f.moves {
		return Picture{}, refuse("This is a moving picture in WebP, which Daymark cannot read. Save it as GIF, or one frame of it.")
	}
	if f.frame == nil {
		return Picture{}, damaged(errRIFF)
	}
	kept := f.kept()
	config, err := webp.DecodeConfig(bytes.NewReader(kept))
	if err != nil {
		return Picture{}, damaged(err)
	}
	if err := limits.size(media.WebPSize(kept, config.Width, config.Height)); err != nil {
		return Picture{}, err
	}
	img, err := webp.Decode(bytes.NewReader(kept))
	if err != nil {
		return Picture{}, damaged(err)
	}
	if err := sized(img, config.Width, config.Height); err != nil {
		return Picture{}, err
	}
	out := Picture{Bytes: kept, Type: "image/webp", Width: config.Width, Height: config.Height, Notes: f.notes}
	coloured, note := toSRGB(img, f.profile)
	out.Notes = append(out.Notes, note...)
	turn := media.Orientation(src, "webp")
	if coloured == nil && turn == 1 {
		return out, nil
	}
	if coloured != nil {
		img = coloured
	}
	if opaque, ok := img.(interface{ Opaque() bool }); ok && opaque.Opaque() {
		return asJPEG(out, img, turn)
	}
	return asPNG(out, img, turn)
}

// chunk sorts one chunk.
func (f *webpFile) chunk(name string, data []byte) {
	switch name {
	case "VP8X":
		f.canvas = data
		f.moves = f.moves || len(data) > 0 && data[0]&2 != 0
	case "ALPH":
		f.alpha = data
	case "VP8 ", "VP8L":
		if f.frame == nil {
			f.frame, f.name = data, name
		}
	case "ANIM", "ANMF":
		f.moves = true
	case "ICCP":
		f.profile = data
	case "EXIF":
		f.notes = append(f.notes, exifNotes(bytes.TrimPrefix(data, []byte("Exif\x00\x00")))...)
	case "XMP ":
		f.notes = append(f.notes, xmpNotes(data)...)
	default:
		f.notes = append(f.notes, NoteOther)
	}
}

// kept returns a file of the pixels only, and of what is see-through in them.
func (f *webpFile) kept() []byte {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	add := func(name string, data []byte) {
		out = append(out, name...)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
		if out = append(out, data...); len(data)&1 == 1 {
			out = append(out, 0)
		}
	}
	if f.name == "VP8 " && f.alpha != nil && len(f.canvas) == 10 {
		canvas := bytes.Clone(f.canvas)
		canvas[0], canvas[1], canvas[2], canvas[3] = 0x10, 0, 0, 0 // see-through, and nothing else
		add("VP8X", canvas)
		add("ALPH", f.alpha)
	}
	add(f.name, f.frame)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
