package intake

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"io"

	"daymark/internal/media"
)

// maxProfile is how large a description of colours may be that is written small: those of screens have some thousand bytes.
const maxProfile = 4 << 20

var errChunks = errors.New("its chunks do not follow each other as those of a PNG do")

// takePNG writes the picture anew, pixel for pixel, so that nothing but the pixels comes along.
func takePNG(src []byte, limits Limits) (Picture, error) {
	out := Picture{Type: "image/png"}
	var profile []byte
	end, err := pngChunks(src, func(name string, data []byte) {
		switch name {
		case "IHDR":
			if len(data) == 13 && out.Width == 0 {
				out.Width, out.Height = int(binary.BigEndian.Uint32(data)), int(binary.BigEndian.Uint32(data[4:]))
			}
		case "iCCP":
			profile = pngProfile(data)
		default:
			out.Notes = append(out.Notes, pngNotes(name, data)...)
		}
	})
	if err != nil {
		return Picture{}, damaged(err)
	}
	if err := limits.size(out.Width, out.Height); err != nil {
		return Picture{}, err
	}
	if end < len(src) {
		out.Notes = append(out.Notes, NoteTrailing)
	}
	img, err := png.Decode(bytes.NewReader(src[:end]))
	if err != nil {
		return Picture{}, damaged(err)
	}
	if err := sized(img, out.Width, out.Height); err != nil {
		return Picture{}, err
	}
	coloured, note := toSRGB(img, profile)
	out.Notes = append(out.Notes, note...)
	if coloured != nil {
		img = coloured
	}
	return asPNG(out, img, media.Orientation(src[:end], "png"))
}

// asPNG writes a picture upright and without loss.
func asPNG(out Picture, img image.Image, turn int) (Picture, error) {
	if turn != 1 {
		img = upright(img, turn)
		out.Notes = append(out.Notes, NoteTurned)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return Picture{}, damaged(err)
	}
	out.Bytes, out.Type, out.Width, out.Height = b.Bytes(), "image/png", img.Bounds().Dx(), img.Bounds().Dy()
	return out, nil
}

// pngChunks calls f for each chunk and returns where the picture ends (https://www.w3.org/TR/png-3/#5Chunk-layout).
func pngChunks(src []byte, f func(name string, data []byte)) (end int, err error) {
	for at := 8; at+12 <= len(src); {
		size := int64(binary.BigEndian.Uint32(src[at:]))
		if size > int64(len(src)-at-12) {
			return 0, errChunks
		}
		name := string(src[at+4 : at+8])
		f(name, src[at+8:at+8+int(size)])
		if at += 12 + int(size); name == "IEND" {
			return at, nil
		}
	}
	return 0, errChunks
}

// pngNotes says what a chunk holds that is no part of the picture.
func pngNotes(name string, data []byte) []Note {
	switch name {
	case "IDAT", "IEND", "PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "cICP", "bKGD", "hIST", "pHYs", "sBIT", "sPLT":
		return nil
	case "eXIf":
		return exifNotes(data)
	case "tEXt", "zTXt", "iTXt":
		switch {
		case bytes.HasPrefix(data, []byte("XML:com.adobe.xmp\x00")):
			return xmpNotes(data)
		case bytes.HasPrefix(data, []byte("Raw profile type ")): // where older programs put the notes of a camera
			return []Note{NoteText, NoteExif}
		}
		return []Note{NoteText}
	case "acTL", "fcTL", "fdAT":
		return []Note{NoteMotion}
	}
	return []Note{NoteOther}
}

// pngProfile returns the description of colours; nothing when it cannot be read or is absurdly long.
func pngProfile(data []byte) []byte {
	name := bytes.IndexByte(data, 0)
	if name < 0 || len(data) < name+2 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(data[name+2:]))
	if err != nil {
		return []byte{0} // there is one, which is noted as unread
	}
	all, err := io.ReadAll(io.LimitReader(z, maxProfile+1))
	if err != nil || len(all) > maxProfile {
		return []byte{0}
	}
	return all
}
