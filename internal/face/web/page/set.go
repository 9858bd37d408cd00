package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"

	"daymark/internal/face/web/page/texts"
)

//go:embed templates/*.html
var files embed.FS

// Page is one of this package's page structs, or a struct of another room of face/web that embeds a [Frame] which names its
// template.
type Page interface {
	file() string
	frame() *Frame
}

// Assets are the addresses of the built files.
type Assets struct {
	Script string
	Style  string
	Icons  string
}

// Set holds the parsed templates of one language.
type Set struct {
	pages map[string]*template.Template
	words Words
}

// NewSet parses every template with the words of one language and the addresses of the built files.
func NewSet(words Words, assets Assets) (*Set, error) {
	base, err := template.New("frame").Funcs(functions(words, assets)).ParseFS(files, "templates/frame.html", "templates/part_*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the frame of the pages: %w", err)
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	set := &Set{pages: map[string]*template.Template{}, words: words}
	for _, name := range names {
		stem := strings.TrimSuffix(path.Base(name), ".html")
		if stem == "frame" || strings.HasPrefix(stem, "part_") {
			continue
		}
		own, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", stem, err)
		}
		if set.pages[stem], err = own.ParseFS(files, name); err != nil {
			return nil, fmt.Errorf("parse page %s: %w", stem, err)
		}
	}
	return set, nil
}

// Words returns the words the set was parsed with.
func (s *Set) Words() Words { return s.words }

// Sets are the templates in every language.
type Sets struct {
	list []*Set // in the order of the languages, English first
}

// NewSets parses every template in every language.
func NewSets(assets Assets) (*Sets, error) {
	all, err := texts.All()
	if err != nil {
		return nil, err
	}
	sets := &Sets{}
	for _, words := range all {
		set, err := NewSet(Words{words}, assets)
		if err != nil {
			return nil, fmt.Errorf("pages in %s: %w", words.Name, err)
		}
		sets.list = append(sets.list, set)
	}
	return sets, nil
}

// In returns the templates of a language, or those in English where it is none of the interface's.
func (s *Sets) In(lang string) *Set {
	for _, set := range s.list {
		if set.words.Lang == lang {
			return set
		}
	}
	return s.list[0]
}

// Bit reports whether something is a part of a page, which a script puts in its place: it has no frame. Its template's name says so.
func Bit(p Page) bool { return strings.HasPrefix(p.file(), "bit_") }

// Render writes a whole page, or a [Bit] of one. Nothing is written when the template fails.
func (s *Set) Render(w io.Writer, p Page) error {
	t, ok := s.pages[p.file()]
	if !ok {
		return fmt.Errorf("there is no template for the page %s", p.file())
	}
	f := p.frame()
	f.Lang, f.Dir, f.Speaks = s.words.Lang, s.words.Dir, nil
	for _, l := range texts.Languages() {
		f.Speaks = append(f.Speaks, Speech{Code: l.Code, Name: l.Name, Dir: l.Dir, Now: l.Code == s.words.Lang})
	}
	whole := "frame"
	if Bit(p) {
		whole = "content"
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, whole, p); err != nil {
		return fmt.Errorf("render page %s: %w", p.file(), err)
	}
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("write page %s: %w", p.file(), err)
	}
	return nil
}

func functions(words Words, assets Assets) template.FuncMap {
	return template.FuncMap{
		"t":    words.T,
		"said": func(sentence string) template.HTML { return said(words, sentence) },
		// stored writes a sentence that was made in English and kept, such as what a network answered.
		"stored": func(sentence string) template.HTML { return said(words, words.Fault("", nil, sentence)) },
		"number": words.Count,
		"assets": func() Assets { return assets },
		"icon": func(name string) template.HTML {
			// Both parts are ours: the address comes from the build, the name from a template or the state table.
			return template.HTML(`<svg class="icon" aria-hidden="true" focusable="false"><use href="` + //nolint:gosec // see above
				template.HTMLEscapeString(assets.Icons) + "#" + template.HTMLEscapeString(name) + `"></use></svg>`)
		},
	}
}

// said writes a sentence that may be in English on a page in another language, so that it is read aloud and set as English.
func said(words Words, sentence string) template.HTML {
	var html strings.Builder
	for _, run := range words.Runs(sentence) {
		text := template.HTMLEscapeString(run.Text)
		if run.English {
			text = `<span lang="en" dir="ltr">` + text + `</span>`
		}
		html.WriteString(text)
	}
	return template.HTML(html.String()) //nolint:gosec // what is not ours is escaped above
}
