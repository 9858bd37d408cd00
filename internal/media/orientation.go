package media

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Orientation returns how a picture of a kind (jpeg, png or webp) is to be turned, 1 to 8 as Exif has it (CIPA DC-008, tag 0x0112); 1,
// which is not at all, when the file does not say or says it wrongly.
func Orientation(src []byte, kind string) int {
	var tiff []byte
	switch kind {
	case "jpeg":
		tiff = jpegExif(src)
	case "png":
		tiff = pngExif(src)
	case "webp":
		tiff = webpExif(src)
	}
	if turn := orientationTag(tiff); turn >= 1 && turn <= 8 {
		return turn
	}
	return 1
}

// jpegExif returns the Exif of a JPEG: the segment APP1 that begins with its name (ITU T.81, B.1.1.4).
func jpegExif(src []byte) []byte {
	for at := 2; at+4 <= len(src) && src[at] == 0xff; {
		marker, size := src[at+1], int(binary.BigEndian.Uint16(src[at+2:]))
		if marker == 0xff { // a fill byte
			at++
			continue
		}
		if marker == 0xda || size < 2 || at+2+size > len(src) { // the scan begins, or nonsense
			return nil
		}
		if exif, ok := bytes.CutPrefix(src[at+4:at+2+size], []byte("Exif\x00\x00")); ok && marker == 0xe1 {
			return exif
		}
		at += 2 + size
	}
	return nil
}

// pngExif returns the chunk eXIf (https://www.w3.org/TR/png-3/#eXIf).
func pngExif(src []byte) []byte {
	for at := 8; at+12 <= len(src); {
		size := int64(binary.BigEndian.Uint32(src[at:]))
		if size > int64(len(src)-at-12) {
			return nil
		}
		if string(src[at+4:at+8]) == "eXIf" {
			return src[at+8 : at+8+int(size)]
		}
		at += 12 + int(size)
	}
	return nil
}

// WebPChunks calls f for each chunk of a WebP (https://developers.google.com/speed/webp/docs/riff_container).
func WebPChunks(src []byte, f func(name string, data []byte)) {
	for at := 12; at+8 <= len(src); {
		size := int64(binary.LittleEndian.Uint32(src[at+4:]))
		if size > int64(len(src)-at-8) {
			return
		}
		f(string(src[at:at+4]), src[at+8:at+8+int(size)])
		at += 8 + int(size+size&1)
	}
}

// webpExif returns the chunk EXIF.
func webpExif(src []byte) (exif []byte) {
	WebPChunks(src, func(name string, data []byte) {
		if name == "EXIF" && exif == nil {
			exif = bytes.TrimPrefix(data, []byte("Exif\x00\x00")) // some writers put it in front
		}
	})
	return exif
}

// WebPSize returns the larger of what a WebP says its canvas is and what the picture in it says of itself: the decoder makes room
// for the latter (RFC 9649, 2.5 and 3.4).
func WebPSize(src []byte, width, height int) (int, int) {
	WebPChunks(src, func(name string, data []byte) {
		w, h := 0, 0
		switch {
		case name == "VP8 " && len(data) >= 10:
			w, h = int(binary.LittleEndian.Uint16(data[6:])&0x3fff), int(binary.LittleEndian.Uint16(data[8:])&0x3fff)
		case name == "VP8L" && len(data) >= 5:
			bits := binary.LittleEndian.Uint32(data[1:])
			w, h = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		}
		width, height = max(width, w), max(height, h)
	})
	return width, height
}

// orientationTag reads the tag from the first directory of a TIFF structure; 0 when it is not there.
func orientationTag(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > int64(len(tiff)) {
		return 0
	}
	for n := int64(order.Uint16(tiff[at:])); n > 0; n-- {
		entry := at + 2 + 12*(n-1)
		if entry+12 <= int64(len(tiff)) && order.Uint16(tiff[entry:]) == 0x0112 {
			return int(order.Uint16(tiff[entry+8:]))
		}
	}
	return 0
}

// Turned returns the picture turned and mirrored as the tag says.
func Turned(img *image.NRGBA, turn int) *image.NRGBA {
	if turn == 1 {
		return img
	}
	width, height := img.Rect.Dx(), img.Rect.Dy()
	w, h := width, height
	if turn >= 5 {
		w, h = height, width
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range height {
		for x := range width {
			toX, toY := x, y
			switch turn {
			case 2:
				toX = width - 1 - x
			case 3:
				toX, toY = width-1-x, height-1-y
			case 4:
				toY = height - 1 - y
			case 5:
				toX, toY = y, x
			case 6:
				toX, toY = height-1-y, x
			case 7:
				toX, toY = height-1-y, width-1-x
			case 8:
				toX, toY = y, width-1-x
			}
			copy(out.Pix[out.PixOffset(toX, toY):][:4], img.Pix[img.PixOffset(x, y):][:4])
		}
	}
	return out
}
