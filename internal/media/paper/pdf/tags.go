package pdf

import (
	"fmt"
	"strings"
)

// element is a heading, a paragraph, a table or a part of one: what a screen reader steps through (ISO 32000-1, 14.7 and 14.8).
type element struct {
	tag   string
	more  string // entries of its own, such as the side that a heading of a table is for
	kids  []*element
	marks []mark // of the kids that are nil, in their order
	up    *element
	id    int
}

// mark is a marked stretch of a page.
type mark struct{ page, number int }

// The kinds of elements.
const (
	Title     = "H1"
	Heading   = "H2"
	Minor     = "H3"
	Paragraph = "P"
	Division  = "Div"
	Table     = "Table"
	Row       = "TR"
	Cell      = "TD"
	Column    = "column" // a TH that heads a column
	RowHead   = "row"    // a TH that heads a row
)

// Begin opens an element in the one that is open. language is that of its words where it is another than the file's.
func (f *File) Begin(tag, language string) {
	e := &element{tag: tag, up: f.open}
	switch tag {
	case Column:
		e.tag, e.more = "TH", " /A <</O /Table /Scope /Column>>"
	case RowHead:
		e.tag, e.more = "TH", " /A <</O /Table /Scope /Row>>"
	}
	if language != "" {
		e.more += " /Lang " + text(language)
	}
	f.open.kids = append(f.open.kids, e)
	f.open = e
}

// End closes the element that is open.
func (f *File) End() { f.open = f.open.up }

// tree writes the elements and returns the object they hang on.
func (f *File) tree(w *writer, pages []int) int {
	root := w.reserve()
	f.root.number(w)
	f.root.write(w, root, pages)
	var parents strings.Builder
	for i, page := range f.pages {
		fmt.Fprintf(&parents, "%d [", i)
		for _, e := range page.marks {
			fmt.Fprintf(&parents, "%d 0 R ", e.id)
		}
		parents.WriteString("] ")
	}
	w.object(root, fmt.Sprintf("<</Type /StructTreeRoot /K %d 0 R /ParentTree <</Nums [%s]>> /ParentTreeNextKey %d>>", f.root.id, parents.String(), len(f.pages)))
	return root
}

func (e *element) number(w *writer) {
	e.id = w.reserve()
	for _, kid := range e.kids {
		if kid != nil {
			kid.number(w)
		}
	}
}

func (e *element) write(w *writer, parent int, pages []int) {
	var kids strings.Builder
	marks := e.marks
	for _, kid := range e.kids {
		if kid == nil {
			fmt.Fprintf(&kids, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", pages[marks[0].page], marks[0].number)
			marks = marks[1:]
			continue
		}
		kid.write(w, e.id, pages)
		fmt.Fprintf(&kids, "%d 0 R ", kid.id)
	}
	w.object(e.id, fmt.Sprintf("<</Type /StructElem /S /%s /P %d 0 R%s /K [%s]>>", e.tag, parent, e.more, kids.String()))
}
