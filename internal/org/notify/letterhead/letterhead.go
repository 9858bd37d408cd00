// Package letterhead writes the words of letters: the same sheet as plain text and as a page that needs no pictures, no script and no
// style from elsewhere.
//
// What people wrote is escaped on the page and kept to its line in the text, so that nobody's name can pretend to be ours. The package
// decides nothing about who is written to.
package letterhead

import (
	"embed"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"

	"daymark/internal/org/notify"
)

// Sheet is what a letter says.
type Sheet struct {
	Language string   // of the words, as a tag; empty is English
	Heading  string   // also the subject, as a rule
	Words    []string // paragraphs
	Items    []Item   // matters, one below the other
	Button   Link     // the one thing to do; empty where there is none
	Foot     []string // small print: why somebody gets this, and how to end it
	Settings Link     // where letters are chosen; empty where there is no address for it
}

// Item is one matter.
type Item struct {
	Mark string // how grave it is, or of which kind, in a word or two
	Say  string
	When string
	Link Link
}

// Link is an address with what stands on it. Only http and https are written.
type Link struct {
	Say string
	URL string
}

//go:embed sheet.txt sheet.html
var files embed.FS

var (
	plain = text.Must(text.New("sheet.txt").Funcs(text.FuncMap{"line": notify.OneLine}).ParseFS(files, "sheet.txt"))
	page  = html.Must(html.ParseFS(files, "sheet.html"))
)

// Dir is the direction in which the language is written: of those with tags that Daymark knows, four run from the right.
func (s Sheet) Dir() string {
	base, _, _ := strings.Cut(s.Language, "-")
	switch base {
	case "ar", "fa", "he", "ur":
		return "rtl"
	}
	return "ltr"
}

// Write writes a sheet as text and as a page.
func Write(s Sheet) (asText, asHTML string, err error) {
	if s.Language == "" {
		s.Language = "en"
	}
	s.Button, s.Settings = web(s.Button), web(s.Settings)
	items := make([]Item, len(s.Items))
	for i, item := range s.Items {
		item.Link = web(item.Link)
		items[i] = item
	}
	s.Items = items
	var t, h strings.Builder
	if err := plain.Execute(&t, s); err != nil {
		return "", "", fmt.Errorf("write a letter as text: %w", err)
	}
	if err := page.Execute(&h, s); err != nil {
		return "", "", fmt.Errorf("write a letter as a page: %w", err)
	}
	return strings.TrimSpace(t.String()) + "\n", h.String(), nil
}

// web drops an address that is no page.
func web(l Link) Link {
	if !strings.HasPrefix(l.URL, "https://") && !strings.HasPrefix(l.URL, "http://") || strings.ContainsAny(l.URL, " \r\n\t<>\"") {
		return Link{}
	}
	return l
}
