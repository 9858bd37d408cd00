package media

import "encoding/binary"

// Tags of Exif (CIPA DC-008-2019, 4.6.3 and 4.6.5).
const (
	tagExif  = 0x8769
	tagPlace = 0x8825
	tagMaker = 0x927c
)

// ExifHolds reports whether the notes of a camera, a TIFF structure, say where it was, hold notes of its maker, or a small copy.
func ExifHolds(tiff []byte) (place, maker, small bool) {
	if len(tiff) < 8 {
		return false, false, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	first, next := directory(tiff, order, int64(order.Uint32(tiff[4:])))
	_, place = first[tagPlace]
	if at, there := first[tagExif]; there {
		of, _ := directory(tiff, order, at)
		_, maker = of[tagMaker]
	}
	return place, maker, next != 0 // the second directory is that of the small copy
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
