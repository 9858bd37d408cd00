package lettering

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
)

// File is a font as a document takes it along.
type File struct {
	Name string // as PostScript knows it, such as Roboto-Regular
	Data []byte // TrueType: with its outlines in the table glyf
}

// Sign is one sign of a line with the letters that it stands for, so that what is read in a document can also be copied and searched.
type Sign struct {
	File    *File
	ID      uint16  // in the font
	X, Y    float64 // in ems from the left end of the line's baseline, upwards positive
	Advance float64 // in ems
	Text    string  // in the order of reading; empty for what only belongs to the sign before it, such as a dot of its own
	Blank   bool    // nothing is seen and it has no width: a further letter of the sign before it
}

// Signs are one line, from left to right as it is seen.
type Signs struct {
	List  []Sign
	Width float64 // in ems
}

// keep makes signs that turn the direction of writing go, but for isolates, which end with the piece they hold together.
func keep(r rune) rune {
	switch {
	case r >= 0x202A && r <= 0x202E, unicode.IsControl(r) && !unicode.IsSpace(r), r == unicode.ReplacementChar:
		return -1
	}
	return r
}

// ShapeAny sets what people wrote, whatever it is, from right to left or not. Where [Setter.Shape] refuses, it leaves out what cannot be
// seen, and a letter that no font has becomes an empty sign that still has its letter.
func (s *Setter) ShapeAny(text string, w Weight, rightToLeft bool) (*Text, error) {
	return s.set(strings.Map(keep, oneLine(strings.ToValidUTF8(text, ""))), w, rightToLeft)
}

// Lines breaks a text into lines of at most a width in ems; a word that is wider is broken.
func (t *Text) Lines(width float64) []Signs {
	var lines []Signs
	for _, w := range t.wrap(width, shaping.WhenNecessary) {
		lines = append(lines, t.signs(w))
	}
	return lines
}

// signs puts the runs of a line beside each other in the order in which they are seen, spaces among them.
func (t *Text) signs(runs shaping.Line) Signs {
	var line Signs
	const unit = em * 64.0
	for _, run := range inSight(runs) {
		for rest := run.Glyphs; len(rest) > 0; {
			n := 1 // signs of one cluster
			for n < len(rest) && rest[n].TextIndex() == rest[0].TextIndex() {
				n++
			}
			at := rest[0].TextIndex()
			letters := []rune(plain(t.runes[at:min(at+max(rest[0].RunesCount(), 1), len(t.runes))]))
			var cluster []Sign
			for _, g := range rest[:n] {
				sign := Sign{File: t.setter.fonts.file(run.Face), ID: uint16(g.GlyphID), X: line.Width + float64(g.XOffset)/unit, Y: float64(g.YOffset) / unit, Advance: float64(g.Advance) / unit}
				if sign.File == nil || g.GlyphID == 0 { // the empty sign of the first font
					sign.File, sign.ID = t.setter.fonts.first(t.weight), 0
				}
				line.Width += sign.Advance
				cluster = append(cluster, sign)
			}
			if len(letters) > 0 || !invisible(t.runes[at]) {
				line.List = append(line.List, spoken(cluster, letters, run.Direction == di.DirectionRTL, run.Face)...)
			}
			rest = rest[n:]
		}
	}
	return line
}

// spoken gives the signs of a cluster the letters that they stand for together. Programs that read documents turn what they see from
// right to left around, so that each letter there has to have a place of its own: the sign of lam with alif, or of a letter with its
// marks, stands for the last of them, and blanks for the others follow.
func spoken(cluster []Sign, letters []rune, rightToLeft bool, face *font.Face) []Sign {
	if !rightToLeft || len(letters) < 2 {
		cluster[0].Text = string(letters)
		return cluster
	}
	widest := 0
	for i, s := range cluster {
		if s.Advance > cluster[widest].Advance {
			widest = i
		}
	}
	cluster[widest].Text = string(letters)
	return slices.Insert(cluster, widest+1, cluster[widest].spell(face)...)
}

// spell leaves a sign of several letters the last of them, and returns blank signs with the others.
func (s *Sign) spell(face *font.Face) []Sign {
	letters := []rune(s.Text)
	space, ok := face.NominalGlyph(' ')
	if len(letters) < 2 || !ok {
		return nil
	}
	s.Text = string(letters[len(letters)-1])
	var more []Sign
	for _, r := range slices.Backward(letters[:len(letters)-1]) {
		more = append(more, Sign{File: s.File, ID: uint16(space), X: s.X + s.Advance, Y: s.Y, Text: string(r), Blank: true})
	}
	return more
}

// plain returns the letters of a sign without what only steers how they are set.
func plain(letters []rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, string(letters))
}

// file returns what a document takes along of a face; nil for outlines that are not TrueType's.
func (f *Fonts) file(face *font.Face) *File {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[face.Font]
}

// first returns the file of the first font in the program.
func (f *Fonts) first(w Weight) *File {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w == Bold {
		return f.files[f.loaded["latin bold"]]
	}
	return f.files[f.loaded["latin"]]
}

// remember keeps the file of a font when a document can take it along. The caller holds the lock.
func (f *Fonts) remember(of *font.Font, name string, data []byte) {
	if len(data) > 4 && string(data[:4]) == "\x00\x01\x00\x00" {
		f.files[of] = &File{Name: name, Data: data}
	}
}
