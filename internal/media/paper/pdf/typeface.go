package pdf

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"daymark/internal/media/card/lettering"
)

// typeface is a font of a file. Its codes are our own: one for each sign with the letters that it stands for, so that the same sign can
// be copied as what it was in its place (ISO 32000-1, 9.7.4 and 9.10.3).
type typeface struct {
	name  string // in the resources of pages
	full  string
	tt    *truetype
	codes map[use]uint16
	uses  []use // the first has the code 1
}

type use struct {
	id    uint16
	text  string
	blank bool
}

func newTypeface(of *lettering.File, name string) (*typeface, error) {
	tt, err := readTrueType(of.Data)
	if err != nil {
		err = fmt.Errorf("read the font %s: %w", of.Name, err)
		tt = &truetype{unit: 1000}
	}
	return &typeface{name: name, full: of.Name, tt: tt, codes: map[use]uint16{}}, err
}

func (t *typeface) code(s lettering.Sign) uint16 {
	u := use{s.ID, s.Text, s.Blank}
	code, known := t.codes[u]
	if !known {
		t.uses = append(t.uses, u)
		code = uint16(len(t.uses))
		t.codes[u] = code
	}
	return code
}

// width of a sign in ems.
func (t *typeface) width(id uint16, blank bool) float64 {
	if blank {
		return 0
	}
	return t.tt.advance(id) / t.tt.unit
}

// write adds the font with the outlines in use and returns its object.
func (t *typeface) write(w *writer) (int, error) {
	used := map[uint16]bool{0: true}
	var widths, letters strings.Builder
	signs := make([]byte, 2*(len(t.uses)+1))
	for i, u := range t.uses {
		used[u.id] = true
		signs[2*i+2], signs[2*i+3] = byte(u.id>>8), byte(u.id)
		fmt.Fprintf(&widths, "%s ", num(t.width(u.id, u.blank)*1000))
	}
	const block = 100 // entries that one may have (Adobe Technical Note #5014)
	var said []int
	for i, u := range t.uses {
		if u.text != "" {
			said = append(said, i)
		}
	}
	for from := 0; from < len(said); from += block {
		list := said[from:min(from+block, len(said))]
		fmt.Fprintf(&letters, "%d beginbfchar\n", len(list))
		for _, i := range list {
			fmt.Fprintf(&letters, "<%04X> <%s>\n", i+1, hex16(t.uses[i].text))
		}
		letters.WriteString("endbfchar\n")
	}
	outlines := t.tt.subset(used)
	sum := sha256.Sum256(outlines)
	tag := make([]byte, 6) // six letters say that it is a part of a font (ISO 32000-1, 9.6.4)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	name := string(tag) + "+" + t.full
	scale := func(v int16) string { return num(float64(v) * 1000 / t.tt.unit) }
	file := w.stream(fmt.Sprintf("/Length1 %d", len(outlines)), outlines)
	about := w.add(fmt.Sprintf("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%s %s %s %s] /ItalicAngle 0 /Ascent %s /Descent %s /CapHeight %s /StemV 80 /FontFile2 %d 0 R>>",
		name, scale(t.tt.box[0]), scale(t.tt.box[1]), scale(t.tt.box[2]), scale(t.tt.box[3]), scale(t.tt.ascent), scale(t.tt.descent), scale(t.tt.ascent), file))
	which := w.stream("", signs)
	cid := w.add(fmt.Sprintf("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /DW 0 /W [1 [%s]] /CIDToGIDMap %d 0 R>>",
		name, about, widths.String(), which))
	unicode := w.stream("", []byte(`/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def /CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
`+letters.String()+"endcmap CMapName currentdict /CMap defineresource pop end end\n"))
	return w.add(fmt.Sprintf("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", name, cid, unicode)), nil
}
