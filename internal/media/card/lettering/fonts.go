package lettering

import (
	"bytes"
	"fmt"
	"io/fs"
	pathpkg "path"
	"strings"
	"sync"

	"eliasnaur.com/font/noto/sans/arabic/bold"
	"eliasnaur.com/font/noto/sans/arabic/regular"
	"eliasnaur.com/font/roboto/robotobold"
	"eliasnaur.com/font/roboto/robotoregular"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
)

// Weight is how heavy letters are.
type Weight int

// The weights there are.
const (
	Regular Weight = iota
	Bold
)

// file is a font that may lie on the machine.
type file struct {
	script  language.Script
	name    string    // of the script, for people
	paths   [2]string // by weight, below the folder of fonts
	factory string    // the Debian package that has it
}

// onMachine are the fonts looked for, under the paths that Debian gives them below /usr/share/fonts
// (https://packages.debian.org/bookworm/all/fonts-noto-core/filelist and .../fonts-noto-cjk/filelist, read November 2026).
var onMachine = []file{
	{language.Devanagari, "Devanagari", [2]string{"truetype/noto/NotoSansDevanagari-Regular.ttf", "truetype/noto/NotoSansDevanagari-Bold.ttf"}, "fonts-noto-core"},
	{language.Thai, "Thai", [2]string{"truetype/noto/NotoSansThai-Regular.ttf", "truetype/noto/NotoSansThai-Bold.ttf"}, "fonts-noto-core"},
	{language.Han, "Chinese", [2]string{"opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJK-Bold.ttc"}, "fonts-noto-cjk"},
}

// Fonts are the fonts of one machine, read when a letter first needs them. They may be used by several goroutines at once.
type Fonts struct {
	system fs.FS // may be nil: then only what is in the program

	mu     sync.Mutex
	loaded map[string]*font.Font // by path, or by name for those in the program; nil for what is not there
	files  map[*font.Font]*File  // of those that documents can take along
}

// NewFonts returns the fonts in the program and those below a folder such as os.DirFS("/usr/share/fonts"), which may be nil.
func NewFonts(system fs.FS) *Fonts {
	return &Fonts{system: system, loaded: map[string]*font.Font{}, files: map[*font.Font]*File{}}
}

// builtin returns Roboto and Noto Sans Arabic in a weight, in this order.
func (f *Fonts) builtin(w Weight) ([]*font.Font, error) {
	type source struct {
		name, full string
		data       []byte
	}
	sources := []source{{"latin", "Roboto-Regular", robotoregular.TTF}, {"arabic", "NotoSansArabic-Regular", regular.TTF}}
	if w == Bold {
		sources = []source{{"latin bold", "Roboto-Bold", robotobold.TTF}, {"arabic bold", "NotoSansArabic-Bold", bold.TTF}}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []*font.Font
	for _, s := range sources {
		if f.loaded[s.name] == nil {
			face, err := font.ParseTTF(bytes.NewReader(s.data))
			if err != nil {
				return nil, fmt.Errorf("read the %s font: %w", s.name, err)
			}
			f.loaded[s.name] = face.Font
			f.remember(face.Font, s.full, s.data)
		}
		all = append(all, f.loaded[s.name])
	}
	return all, nil
}

// forScript returns the font of a script on this machine, or nil where there is none that can be read.
func (f *Fonts) forScript(s language.Script, w Weight) *font.Font {
	for _, candidate := range onMachine {
		if candidate.script != s || f.system == nil {
			continue
		}
		path := candidate.paths[w]
		f.mu.Lock()
		defer f.mu.Unlock()
		if known, ok := f.loaded[path]; ok {
			return known
		}
		f.loaded[path] = nil // a damaged file is as good as none: the text is then refused with the name of the package
		data, err := fs.ReadFile(f.system, path)
		if err != nil {
			return nil
		}
		if faces, err := font.ParseTTC(bytes.NewReader(data)); err == nil && len(faces) > 0 {
			f.loaded[path] = faces[0].Font
			f.remember(faces[0].Font, strings.TrimSuffix(pathpkg.Base(path), ".ttf"), data)
		}
		return f.loaded[path]
	}
	return nil
}

// faces chooses the face of each letter for one weight and one direction.
type faces struct {
	fonts  *Fonts
	weight Weight
	base   []*font.Face // in the order in which they are asked
	extra  map[language.Script]*font.Face
}

func (f *Fonts) faces(w Weight, rightToLeft bool) (*faces, error) {
	builtin, err := f.builtin(w)
	if err != nil {
		return nil, err
	}
	latin, arabic := font.NewFace(builtin[0]), font.NewFace(builtin[1])
	all := &faces{fonts: f, weight: w, base: []*font.Face{latin, arabic}, extra: map[language.Script]*font.Face{}}
	if rightToLeft { // so that figures and stops between Arabic words are of one hand with them
		all.base = []*font.Face{arabic, latin}
	}
	return all, nil
}

// ResolveFace returns the first face that has a letter, and the first of all for a letter that nobody has.
func (a *faces) ResolveFace(r rune) *font.Face {
	for _, face := range a.base {
		if _, ok := face.NominalGlyph(r); ok {
			return face
		}
	}
	script := language.LookupScript(r)
	face, asked := a.extra[script]
	if !asked {
		if found := a.fonts.forScript(script, a.weight); found != nil {
			face = font.NewFace(found)
		}
		a.extra[script] = face
	}
	if face != nil {
		return face
	}
	for _, other := range a.extra { // signs of no script, such as the stop of a Chinese sentence
		if other != nil {
			if _, ok := other.NominalGlyph(r); ok {
				return other
			}
		}
	}
	return a.base[0]
}
