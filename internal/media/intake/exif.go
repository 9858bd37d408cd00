package intake

import (
	"bytes"
	"encoding/binary"
)

// Tags of Exif (CIPA DC-008-2019, 4.6.3 and 4.6.5).
const (
	tagExif  = 0x8769
	tagPlace = 0x8825
	tagMaker = 0x927c
)

// exifNotes says what lies in the notes of a camera.
func exifNotes(tiff []byte) []Note {
	notes := []Note{NoteExif}
	if len(tiff) < 8 {
		return notes
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	first, next := directory(tiff, order, int64(order.Uint32(tiff[4:])))
	if _, there := first[tagPlace]; there {
		notes = append(notes, NotePlace)
	}
	if at, there := first[tagExif]; there {
		if of, _ := directory(tiff, order, at); of[tagMaker] != 0 {
			notes = append(notes, NoteMaker)
		}
	}
	if next != 0 { // the second directory is that of the small copy
		notes = append(notes, NoteThumbnail)
	}
	return notes
}

// directory returns the values of a directory by their tags, and where the next one begins.
func directory(tiff []byte, order binary.ByteOrder, at int64) (values map[uint16]int64, next int64) {
	values = map[uint16]int64{}
	if at < 8 || at+2 > int64(len(tiff)) {
		return values, 0
	}
	count := int64(order.Uint16(tiff[at:]))
	for entry := at + 2; count > 0; count, entry = count-1, entry+12 {
		if entry+12 > int64(len(tiff)) {
			return values, 0
		}
		values[order.Uint16(tiff[entry:])] = int64(order.Uint32(tiff[entry+8:]))
		next = entry + 12
	}
	if next == 0 || next+4 > int64(len(tiff)) {
		return values, 0
	}
	return values, int64(order.Uint32(tiff[next:]))
}

// xmpNotes says what an editing program left, which may repeat what the camera wrote.
func xmpNotes(xmp []byte) []Note {
	if bytes.Contains(xmp, []byte("GPSLatitude")) || bytes.Contains(xmp, []byte("GPSLongitude")) {
		return []Note{NoteXMP, NotePlace}
	}
	return []Note{NoteXMP}
}
