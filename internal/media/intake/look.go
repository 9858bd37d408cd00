package intake

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// look tells what a file is by its content, and refuses what is no picture, or more than one.
func look(src []byte) (string, error) {
	kind := ""
	switch {
	case bytes.HasPrefix(src, []byte("\xff\xd8\xff")):
		kind = "jpeg"
	case bytes.HasPrefix(src, []byte("\x89PNG\r\n\x1a\n")):
		kind = "png"
	case bytes.HasPrefix(src, []byte("GIF87a")), bytes.HasPrefix(src, []byte("GIF89a")):
		kind = "gif"
	case len(src) >= 12 && string(src[:4]) == "RIFF" && string(src[8:12]) == "WEBP":
		kind = "webp"
	default:
		return "", other(src)
	}
	if what := foreign(src); what != "" {
		return "", refuse("The file is a picture and something else at once (%s). Save the picture anew, and add that file.", what)
	}
	return kind, nil
}

// other says what a file is that is none of the four.
func other(src []byte) error {
	head := bytes.ToLower(src[:min(len(src), 1024)])
	if len(src) >= 12 && string(src[4:8]) == "ftyp" { // ISO/IEC 14496-12, 4.3; the brands are those of https://mp4ra.org/registered-types/brands
		switch brand := string(src[8:12]); brand {
		case "avif", "avis":
			return refuse("This is a picture in %s, which Daymark cannot read. Save it as JPEG or PNG.", "AVIF")
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			return refuse("This is a picture in %s, which Daymark cannot read. Save it as JPEG or PNG.", "HEIC")
		default:
			return film()
		}
	}
	switch {
	case bytes.HasPrefix(src, []byte("\x1a\x45\xdf\xa3")): // EBML, RFC 8794
		return film()
	case bytes.Contains(head, []byte("<svg")):
		return refuse("This is a drawing in SVG, which can carry program code. Save it as PNG.")
	}
	return refuse("This file is not a picture that Daymark can read. Use JPEG, PNG, WebP or GIF.")
}

// film says why no film is let in: what a camera writes lies in many boxes of it, and a box that was missed would go out.
func film() error {
	return refuse("This is a film. Daymark takes pictures only, since it cannot clear a film of everything that the camera wrote into it.")
}

// foreign names what else a file is, where a program may open it as something other than a picture. What merely hangs behind a
// picture, as telephones put a short film there, is not meant: it is cut off.
func foreign(src []byte) string {
	switch head := src[:min(len(src), 1024)]; { // readers of PDF look there (ISO 32000-1, annex H, note 13)
	case bytes.Contains(head, []byte("%PDF-")):
		return "PDF"
	case archive(src):
		return "ZIP"
	}
	for _, mark := range []string{"<script", "<?php", "<html", "<iframe"} {
		if containsFold(src, mark) {
			return strings.TrimLeft(mark, "<?")
		}
	}
	return ""
}

// archive reports whether a reader of ZIP would find an archive: it looks for the end of the list of files from behind (APPNOTE.TXT 4.3.16,
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
func archive(src []byte) bool {
	const record, longest = 22, 22 + 1<<16
	tail := src[max(0, len(src)-longest):]
	for {
		at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
		if at < 0 {
			return false
		}
		// Readers take an end whose comment stops short of the file's, so only an impossible one is passed over.
		if rest := len(tail) - at; rest >= record && int(binary.LittleEndian.Uint16(tail[at+20:])) <= rest-record &&
			int64(binary.LittleEndian.Uint32(tail[at+12:])) <= int64(len(src)) {
			return true
		}
		tail = tail[:at]
	}
}

// containsFold finds a mark of small letters whatever the case of the letters in the file.
func containsFold(src []byte, mark string) bool {
	for at := 0; ; at++ {
		next := bytes.IndexByte(src[at:], mark[0])
		if next < 0 || at+next+len(mark) > len(src) {
			return false
		}
		at += next
		if bytes.EqualFold(src[at:at+len(mark)], []byte(mark)) {
			return true
		}
	}
}
