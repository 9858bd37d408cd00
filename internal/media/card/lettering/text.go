package lettering

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"daymark/internal/core/fault"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// em is the size at which texts are shaped, in pixels: large enough that rounding to a 64th of one shows at no size.
const em = 1000

// MaxRunes is the most letters of one text. Three times as many as fit on any card are refused before they cost time.
const MaxRunes = 2000

// Setter shapes texts of one language. It belongs to one goroutine.
type Setter struct {
	fonts    *Fonts
	language language.Language
	rtl      bool
	faces    map[faceKey]*faces
	shaper   shaping.HarfbuzzShaper
	splitter shaping.Segmenter
	wrapper  shaping.LineWrapper
}

type faceKey struct {
	weight Weight
	rtl    bool
}

// NewSetter returns a setter for a language tag that runs from right to left or not.
func NewSetter(fonts *Fonts, tag string, rightToLeft bool) *Setter {
	return &Setter{fonts: fonts, language: language.NewLanguage(tag), rtl: rightToLeft, faces: map[faceKey]*faces{}}
}

// Text is a shaped paragraph.
type Text struct {
	setter *Setter
	runes  []rune
	runs   []shaping.Output
	dir    di.Direction
	weight Weight
}

// grouped matches a number that people write in groups, such as a telephone number or a time, and one with a percent sign.
var grouped = regexp.MustCompile(`\+?\d(?:(?:[\d().\-\x{2011} \x{00A0}\x{202F}/]|[,:]\d)*\d)?%?`)

// The isolate that keeps the groups of a number in their order between words that run from right to left; without it the rules of
// bidirectional text turn "0800 121" into "121 0800" (https://www.unicode.org/reports/tr9/, X5b and N1).
const leftToRightIsolate, popIsolate = "\u2066", "\u2069"

// Shape sets a text in a weight. A text with signs that turn the direction of writing is refused, and so is one with a letter that no
// font has.
func (s *Setter) Shape(text string, w Weight) (*Text, error) {
	return s.shape(text, w, s.rtl)
}

// ShapeNumber sets a telephone number or an address, which runs from left to right in every language.
func (s *Setter) ShapeNumber(text string, w Weight) (*Text, error) {
	return s.shape(text, w, false)
}

func (s *Setter) shape(text string, w Weight, rtl bool) (*Text, error) {
	text = oneLine(text)
	if err := Check(text); err != nil {
		return nil, err
	}
	t, err := s.set(text, w, rtl)
	if err != nil {
		return nil, err
	}
	return t, t.missing()
}

// set shapes a text that is one line.
func (s *Setter) set(text string, w Weight, rtl bool) (*Text, error) {
	if rtl {
		text = grouped.ReplaceAllStringFunc(text, func(n string) string { return leftToRightIsolate + n + popIsolate })
	}
	key := faceKey{w, rtl}
	if s.faces[key] == nil {
		all, err := s.fonts.faces(w, rtl)
		if err != nil {
			return nil, err
		}
		s.faces[key] = all
	}
	t := &Text{setter: s, runes: []rune(text), dir: di.DirectionLTR, weight: w}
	if rtl {
		t.dir = di.DirectionRTL
	}
	whole := shaping.Input{
		Text: t.runes, RunEnd: len(t.runes), Direction: t.dir, Size: fixed.I(em), Language: s.language,
		Face: s.faces[key].base[0],
	}
	for _, part := range s.splitter.Split(whole, s.faces[key]) {
		t.runs = append(t.runs, s.shaper.Shape(part))
	}
	return t, nil
}

// Stops and percent signs that French and Spanish put a space before stay with their word, and so do the quotation marks of French.
var (
	before = regexp.MustCompile(` ([;:!?%»])`)
	after  = regexp.MustCompile(`« `)
)

// oneLine squeezes space, but for the kinds that lines do not break at.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) && r != '\u00A0' && r != '\u202F' }), " ")
	return after.ReplaceAllString(before.ReplaceAllString(text, "\u00A0$1"), "«\u00A0")
}

// Check refuses what cannot be set whatever the fonts: too much text, signs that turn the direction, control signs.
func Check(text string) error {
	n := 0
	for _, r := range text {
		n++
		switch {
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return fault.New(fault.Invalid, "The text has the invisible sign U+%04X, which turns the direction of what follows, so that it would read otherwise than it is written. Take it out", r)
		case unicode.IsControl(r) && !unicode.IsSpace(r), r == unicode.ReplacementChar:
			return fault.New(fault.Invalid, "The text has the sign U+%04X, which is no letter. Take it out", r)
		}
	}
	if n > MaxRunes {
		return fault.New(fault.Invalid, "The text has %d characters. A card takes %d at the very most: cut at least %d", n, MaxRunes, n-MaxRunes)
	}
	return nil
}

// missing says which letter has no font, and what to install.
func (t *Text) missing() error {
	for _, run := range t.runs {
		for _, g := range run.Glyphs {
			if g.GlyphID != 0 {
				continue
			}
			r := t.runes[g.TextIndex()]
			if invisible(r) {
				continue
			}
			script := language.LookupScript(r)
			for _, known := range onMachine {
				if known.script == script {
					return fault.New(fault.Invalid, "There is no font with %s letters on this machine, so %q cannot be drawn. Install one: on Debian, apt-get install %s", known.name, string(r), known.factory)
				}
			}
			return fault.New(fault.Invalid, "No font here has the sign %q (U+%04X). Write the text without it", string(r), r)
		}
	}
	return nil
}

func invisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

// Line is one line of a text, from left to right as it is seen.
type Line struct {
	Glyphs []Glyph
	Width  float64 // in ems
	RTL    bool    // whether its paragraph begins at the right
}

// Glyph is one drawn sign of a line. Its place is in ems from the left end of the line's baseline, upwards positive.
type Glyph struct {
	Face *font.Face
	ID   font.GID
	X, Y float64
}

// Break breaks a text into lines of at most a width in ems. A word that is wider stands alone, wider than asked.
func (t *Text) Break(width float64) []Line {
	wrapped := t.wrap(width, shaping.Never)
	lines := make([]Line, 0, len(wrapped))
	for _, w := range wrapped {
		lines = append(lines, t.line(w))
	}
	return lines
}

func (t *Text) wrap(width float64, wide shaping.LineBreakPolicy) []shaping.Line {
	runs := slices.Clone(t.runs)
	for i := range runs {
		runs[i].Glyphs = slices.Clone(runs[i].Glyphs) // wrapping takes the width from spaces at the end of a line, in place
	}
	wrapped, _ := t.setter.wrapper.WrapParagraphF(shaping.WrapConfig{Direction: t.dir, BreakPolicy: wide},
		fixed.Int26_6(min(width, 10_000)*em*64), t.runes, shaping.NewSliceIterator(runs))
	return wrapped
}

// Balanced breaks as Break does, and then narrows the lines as far as their number allows, so that none is left with one word.
func (t *Text) Balanced(width float64) []Line {
	lines := t.Break(width)
	if len(lines) < 2 {
		return lines
	}
	low, high := width/2, width
	for range 8 {
		middle := (low + high) / 2
		if tried := t.Break(middle); len(tried) == len(lines) && Widest(tried) <= middle {
			lines, high = tried, middle
		} else {
			low = middle
		}
	}
	return lines
}

// Widest returns the width of the widest line, in ems.
func Widest(lines []Line) float64 {
	widest := 0.0
	for _, l := range lines {
		widest = max(widest, l.Width)
	}
	return widest
}

// line puts the runs of a line beside each other in the order in which they are seen.
func (t *Text) line(runs shaping.Line) Line {
	line := Line{RTL: t.dir == di.DirectionRTL}
	const unit = em * 64.0
	for _, run := range inSight(runs) {
		for _, g := range run.Glyphs {
			if r := t.runes[g.TextIndex()]; !invisible(r) || g.GlyphID != 0 && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) {
				line.Glyphs = append(line.Glyphs, Glyph{Face: run.Face, ID: g.GlyphID, X: line.Width + float64(g.XOffset)/unit, Y: float64(g.YOffset) / unit})
			}
			line.Width += float64(g.Advance) / unit
		}
	}
	return line
}

// inSight returns the runs of a line from left to right.
func inSight(runs shaping.Line) []shaping.Output {
	seen := slices.Clone(runs)
	slices.SortStableFunc(seen, func(a, b shaping.Output) int { return int(a.VisualIndex) - int(b.VisualIndex) })
	return seen
}
