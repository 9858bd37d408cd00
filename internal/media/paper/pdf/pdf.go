// Package pdf writes PDF files (ISO 32000-1:2008, https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf):
// pages with lines of letters and rectangles, tagged so that a screen reader knows what is a heading and what a table.
//
// Letters come shaped from internal/media/card/lettering. Each sign goes with the letters it stands for, in any script, and each font
// goes with the outlines that are used. The same content gives the same bytes. The package breaks no lines and knows no margins.
package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"daymark/internal/media/card/lettering"
)

// Info is what a file says of itself.
type Info struct {
	Title    string
	Author   string // an organisation
	Language string // of the words, as a tag
	RTL      bool   // pages are turned from right to left
	Made     time.Time
}

// Colour is red, green and blue, each from 0 to 1.
type Colour [3]float64

// File is a file in the making. Its measure is the point, from the lower left corner of a page.
type File struct {
	info  Info
	pages []*sheet
	at    int // the page that is written on
	root  *element
	open  *element
	fonts []*typeface
	known map[*lettering.File]*typeface
	err   error
}

// sheet is one page.
type sheet struct {
	width, height float64
	content       bytes.Buffer
	marks         []*element // whose words the marked stretches of the page are, by their numbers
}

// New begins a file.
func New(info Info) *File {
	root := &element{tag: "Document"}
	return &File{info: info, root: root, open: root, known: map[*lettering.File]*typeface{}}
}

// AddPage adds a page in points and goes on there.
func (f *File) AddPage(width, height float64) {
	f.pages = append(f.pages, &sheet{width: width, height: height})
	f.at = len(f.pages) - 1
}

// Pages returns how many pages there are.
func (f *File) Pages() int { return len(f.pages) }

// Turn goes to a page that is there, counted from 0.
func (f *File) Turn(to int) { f.at = to }

// Line writes a line into the element that is open, its left end at x and its baseline at y.
func (f *File) Line(line lettering.Signs, x, y, size float64, c Colour) {
	page := f.pages[f.at]
	f.open.marks = append(f.open.marks, mark{page: f.at, number: len(page.marks)})
	f.open.kids = append(f.open.kids, nil)
	fmt.Fprintf(&page.content, "/%s <</MCID %d>> BDC\n", f.open.tag, len(page.marks))
	page.marks = append(page.marks, f.open)
	f.letters(page, line, x, y, size, c)
	page.content.WriteString("EMC\n")
}

// Aside writes a line that is no part of what is read, such as the number of a page.
func (f *File) Aside(line lettering.Signs, x, y, size float64, c Colour) {
	page := f.pages[f.at]
	page.content.WriteString("/Artifact BMC\n")
	f.letters(page, line, x, y, size, c)
	page.content.WriteString("EMC\n")
}

// Rect fills a rectangle by its lower left corner; it is no part of what is read.
func (f *File) Rect(x, y, width, height float64, c Colour) {
	fmt.Fprintf(&f.pages[f.at].content, "/Artifact BMC\n%s rg %s %s %s %s re f\nEMC\n", c, num(x), num(y), num(width), num(height))
}

// letters writes stretches of signs of one font, each at its place.
func (f *File) letters(page *sheet, line lettering.Signs, x, y, size float64, c Colour) {
	b := &page.content
	fmt.Fprintf(b, "%s rg BT\n", c)
	// What stands for no letter, such as a mark drawn by itself, comes last: it would part a word for those who read the letters.
	list := slices.Clone(line.List)
	slices.SortStableFunc(list, func(a, b lettering.Sign) int { return strings.Compare(silent(a), silent(b)) })
	for i := 0; i < len(list); {
		first := list[i]
		face := f.face(first.File)
		fmt.Fprintf(b, "/%s %s Tf 1 0 0 1 %s %s Tm [<", face.name, num(size), num(x+first.X*size), num(y+first.Y*size))
		pen := first.X
		for ; i < len(list) && list[i].File == first.File && list[i].Y == first.Y; i++ {
			sign := list[i]
			if back := (pen - sign.X) * 1000; back > 0.5 || back < -0.5 {
				fmt.Fprintf(b, "> %s <", num(back))
				pen = sign.X
			}
			fmt.Fprintf(b, "%04X", face.code(sign))
			pen += face.width(sign.ID, sign.Blank)
		}
		b.WriteString(">] TJ\n")
	}
	b.WriteString("ET\n")
}

// silent sorts signs of letters before those of none.
func silent(s lettering.Sign) string {
	if s.Text == "" {
		return "none"
	}
	return ""
}

func (f *File) face(of *lettering.File) *typeface {
	if face := f.known[of]; face != nil {
		return face
	}
	face, err := newTypeface(of, fmt.Sprintf("F%d", len(f.fonts)+1))
	if err != nil && f.err == nil {
		f.err = err
	}
	f.fonts, f.known[of] = append(f.fonts, face), face
	return face
}

// Bytes ends the file. Nothing may be added afterwards.
func (f *File) Bytes() ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	w := &writer{}
	catalog, info, pages, fonts := w.reserve(), w.reserve(), w.reserve(), w.reserve()
	ids := make([]int, len(f.pages))
	for i := range f.pages {
		ids[i] = w.reserve()
	}
	var list, names strings.Builder
	for _, face := range f.fonts {
		id, err := face.write(w)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&names, "/%s %d 0 R ", face.name, id)
	}
	w.object(fonts, "<<"+names.String()+">>")
	for i, page := range f.pages {
		content := w.stream("", page.content.Bytes())
		w.object(ids[i], fmt.Sprintf("<</Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources <</Font %d 0 R>> /Contents %d 0 R /StructParents %d /Tabs /S>>",
			pages, num(page.width), num(page.height), fonts, content, i))
		fmt.Fprintf(&list, "%d 0 R ", ids[i])
	}
	w.object(pages, fmt.Sprintf("<</Type /Pages /Count %d /Kids [%s]>>", len(f.pages), list.String()))
	tree := f.tree(w, ids)
	direction := "/L2R"
	if f.info.RTL {
		direction = "/R2L"
	}
	meta := w.plainStream("/Type /Metadata /Subtype /XML", f.info.xmp())
	w.object(info, fmt.Sprintf("<</Title %s /Author %s /Producer (Daymark) /CreationDate (%s)>>", text(f.info.Title), text(f.info.Author), f.info.Made.UTC().Format("D:20060102150405Z")))
	w.object(catalog, fmt.Sprintf("<</Type /Catalog /Pages %d 0 R /Lang %s /MarkInfo <</Marked true>> /StructTreeRoot %d 0 R /Metadata %d 0 R /ViewerPreferences <</DisplayDocTitle true /Direction %s>>>>",
		pages, text(f.info.Language), tree, meta, direction))
	return w.end(catalog, info), nil
}

// xmp is what the file says of itself, in the form of XMP (ISO 16684-1).
func (i Info) xmp() []byte {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
	return fmt.Appendf(nil, `<?xpacket begin="%s" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>%s</xmp:CreateDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`, "\uFEFF", escape(i.Title), escape(i.Author), escape(i.Language), i.Made.UTC().Format(time.RFC3339))
}

// String is the colour as operands.
func (c Colour) String() string { return num(c[0]) + " " + num(c[1]) + " " + num(c[2]) }

// num writes a number with three decimals at most, as PDF has them: without an exponent.
func num(v float64) string {
	s := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", v), "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// text is a string as UTF-16 with its mark (ISO 32000-1, 7.9.2.2).
func text(s string) string {
	return "<FEFF" + hex16(s) + ">"
}

func hex16(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return b.String()
}

// writer puts objects one after the other and remembers where each begins.
type writer struct {
	body    bytes.Buffer
	offsets []int // by number of the object, which is one more; 0 is not written yet
}

func (w *writer) reserve() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets)
}

func (w *writer) object(id int, what string) {
	if w.body.Len() == 0 {
		w.body.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n") // four bytes above 127 say that the file is not text
	}
	w.offsets[id-1] = w.body.Len()
	fmt.Fprintf(&w.body, "%d 0 obj\n%s\nendobj\n", id, what)
}

func (w *writer) add(what string) int {
	id := w.reserve()
	w.object(id, what)
	return id
}

// stream adds a compressed stream.
func (w *writer) stream(entries string, data []byte) int {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // into memory
	_ = z.Close()
	return w.plainStream(entries+" /Filter /FlateDecode", b.Bytes())
}

// plainStream adds a stream as it is: programs look for metadata without reading PDF.
func (w *writer) plainStream(entries string, data []byte) int {
	return w.add(fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", entries, len(data), data))
}

// end writes the table of where objects begin, and the trailer.
func (w *writer) end(catalog, info int) []byte {
	sum := sha256.Sum256(w.body.Bytes())
	at := w.body.Len()
	fmt.Fprintf(&w.body, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, offset := range w.offsets {
		fmt.Fprintf(&w.body, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&w.body, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%X> <%X>]>>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets)+1, catalog, info, sum[:16], sum[:16], at)
	return w.body.Bytes()
}
