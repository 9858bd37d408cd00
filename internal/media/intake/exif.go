package intake

import (
	"bytes"

	"daymark/internal/media"
)

// exifNotes says what lies in the notes of a camera.
func exifNotes(tiff []byte) []Note {
	notes := []Note{NoteExif}
	place, maker, small := media.ExifHolds(tiff)
	if place {
		notes = append(notes, NotePlace)
	}
	if maker {
		notes = append(notes, NoteMaker)
	}
	if small {
		notes = append(notes, NoteThumbnail)
	}
	return notes
}

// xmpNotes says what an editing program left, which may repeat what the camera wrote.
func xmpNotes(xmp []byte) []Note {
	if bytes.Contains(xmp, []byte("GPSLatitude")) || bytes.Contains(xmp, []byte("GPSLongitude")) {
		return []Note{NoteXMP, NotePlace}
	}
	return []Note{NoteXMP}
}
