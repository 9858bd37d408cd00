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
	"sync"

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

// Set holds the templates of one language. Each is parsed when its page is first shown: parsed, all pages in all languages take many
// times the memory of those that people of one charity open.
type Set struct {
	pages  map[string]*parsed
	words  Words
	assets Assets
}

// parsed is a template that is parsed once, when it is needed.
type parsed struct {
	name string // of its file
	once sync.Once
	t    *template.Template
	err  error
}

// NewSet lists the templates, with the words of one language and the addresses of the built files.
func NewSet(words Words, assets Assets) (*Set, error) {
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	set := &Set{pages: map[string]*parsed{}, words: words, assets: assets}
	for _, name := range names {
		stem := strings.TrimSuffix(path.Base(name), ".html")
		if stem != "frame" && !strings.HasPrefix(stem, "part_") {
			set.pages[stem] = &parsed{name: name}
		}
	}
	return set, nil
}

// template returns a page's template with the frame and the parts.
func (s *Set) template(page string) (*template.Template, error) {
	p, ok := s.pages[page]
	if !ok {
		return nil, fmt.Errorf("there is no template for the page %s", page)
	}
	p.once.Do(func() {
		p.t, p.err = template.New("frame").Funcs(functions(s.words, s.assets)).ParseFS(files, "templates/frame.html", "templates/part_*.html", p.name)
	})
	if p.err != nil {
		return nil, fmt.Errorf("parse page %s: %w", page, p.err)
	}
	return p.t, nil
}

// Words returns the words the set was parsed with.
func (s *Set) Words() Words { return s.words }

// Sets are the templates in every language.
type Sets struct {
	list []*Set // in the order of the languages, English first
}

// NewSets lists the templates in every language.
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
	t, err := s.template(p.file())
	if err != nil {
		return err
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
		"lang": func() string { return words.Lang }, // of our own words among those of a post
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
