package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"daymark/internal/core/fault"
)

// Encoding is how the letters of a file are written down.
type Encoding string

// The encodings that spreadsheets save in. Windows-1252 holds ISO 8859-1, which people call Latin-1.
const (
	UTF8        Encoding = "UTF-8"
	UTF16       Encoding = "UTF-16"
	Windows1252 Encoding = "Windows-1252"
	Windows1256 Encoding = "Windows-1256" // Arabic; never recognised by itself, because every file of the other is one of it
)

// Encodings lists the encodings.
func Encodings() []Encoding { return []Encoding{UTF8, UTF16, Windows1252, Windows1256} }

// Decode reads the letters of a file in an encoding, or with none given in the one that it seems to be in, and says which that is.
func Decode(file []byte, as Encoding) (string, Encoding, error) {
	if as == "" {
		as = recognise(file)
	}
	how := map[Encoding]encoding.Encoding{
		UTF8: unicode.UTF8BOM, UTF16: unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), Windows1252: charmap.Windows1252, Windows1256: charmap.Windows1256,
	}[as]
	if how == nil {
		return "", as, fault.New(fault.Invalid, "Files in %q cannot be read. Save it as CSV in UTF-8.", string(as))
	}
	if as == UTF16 && !bytes.HasPrefix(file, []byte("\xff\xfe")) && bytes.IndexByte(file, 0) == 0 {
		how = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	plain, err := how.NewDecoder().Bytes(file)
	if err != nil || !utf8.Valid(plain) || bytes.ContainsRune(plain, utf8.RuneError) && as != UTF8 {
		return "", as, fault.Wrap(fault.Invalid, err, "The file is not in %s throughout. Save it as CSV in UTF-8.", string(as))
	}
	if bytes.IndexByte(plain, 0) >= 0 {
		return "", as, fault.New(fault.Invalid, "This is no CSV file: it has bytes that no text has. Save the table as CSV in UTF-8.")
	}
	if as == UTF8 && !utf8.Valid(file) {
		return "", as, fault.New(fault.Invalid, "The file is not in %s throughout. Save it as CSV in UTF-8.", string(as))
	}
	return string(plain), as, nil
}

// recognise says what a file seems to be in: what its first bytes say (https://www.unicode.org/faq/utf_bom.html), else UTF-16 where
// every other byte is zero at its beginning, else UTF-8 where it is that, else what Windows saves in western Europe.
func recognise(file []byte) Encoding {
	switch {
	case bytes.HasPrefix(file, []byte("\xef\xbb\xbf")):
		return UTF8
	case bytes.HasPrefix(file, []byte("\xff\xfe")), bytes.HasPrefix(file, []byte("\xfe\xff")):
		return UTF16
	case len(file) >= 4 && (file[0] == 0) != (file[1] == 0) && (file[2] == 0) == (file[0] == 0) && (file[3] == 0) == (file[1] == 0):
		return UTF16
	case utf8.Valid(file):
		return UTF8
	}
	return Windows1252
}

// Sign returns the sign between the cells of a file: the one that its first line has most of outside quotation marks. A line "sep=;",
// which one spreadsheet writes for itself, says it and is taken away.
func Sign(text string) (rune, string) {
	text = strings.TrimPrefix(text, "\ufeff")
	first, rest, _ := strings.Cut(text, "\n")
	if sign, said := strings.CutPrefix(strings.ToLower(strings.TrimRight(first, "\r")), "sep="); said && len(sign) == 1 && signName[sign] != "" {
		return rune(sign[0]), rest
	}
	counts, quoted := map[rune]int{}, false
	for _, r := range text {
		if r == '"' {
			quoted = !quoted
		}
		if r == '\n' && !quoted {
			break
		}
		if !quoted && signName[string(r)] != "" {
			counts[r]++
		}
	}
	best := ','
	for _, r := range []rune{';', '\t'} {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best, text
}
