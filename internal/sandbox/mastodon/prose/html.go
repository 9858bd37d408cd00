package prose

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Places says where the parts of a text lead.
type Places struct {
	Tag     func(name string) string // the page of a hashtag
	Account func(user string) string // the page of an account here; empty when there is none
}

var blankLines = regexp.MustCompile(`\n{2,}`)

// HTML renders a text as Mastodon does: paragraphs, line breaks, links shortened for the eye, hashtags and mentions as links.
func HTML(text string, places Places) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		return ""
	}
	var b strings.Builder
	for _, paragraph := range blankLines.Split(text, -1) {
		b.WriteString("<p>")
		for _, p := range Split(paragraph) {
			write(&b, p, places)
		}
		b.WriteString("</p>")
	}
	return b.String()
}

// write renders one part.
func write(b *strings.Builder, p Part, places Places) {
	switch p.Sort {
	case Plain:
		b.WriteString(strings.ReplaceAll(html.EscapeString(p.Text), "\n", "<br />"))
	case Link:
		writeLink(b, p.Text)
	case Hashtag:
		_, size := utf8.DecodeRuneInString(p.Text)
		name := p.Text[size:]
		b.WriteString(`<a href="` + html.EscapeString(places.Tag(name)) + `" class="mention hashtag" rel="tag">#<span>` + html.EscapeString(name) + `</span></a>`)
	case Mention:
		page := places.Account(p.Text[1:])
		if page == "" {
			b.WriteString(html.EscapeString(p.Text))
			return
		}
		user, _, _ := strings.Cut(p.Text[1:], "@")
		b.WriteString(`<span class="h-card" translate="no"><a href="` + html.EscapeString(page) + `" class="u-url mention">@<span>` + html.EscapeString(user) + `</span></a></span>`)
	}
}

// writeLink renders an address with its protocol and all after the first thirty characters hidden from the eye.
func writeLink(b *strings.Builder, address string) {
	_, shown, _ := strings.Cut(address, "://")
	shown = strings.TrimPrefix(shown, "www.")
	protocol := address[:len(address)-len(shown)] // with the www. that nobody needs to see
	head, tail, class := shown, "", ""
	if r := []rune(shown); len(r) > 30 {
		head, tail, class = string(r[:30]), string(r[30:]), "ellipsis"
	}
	b.WriteString(`<a href="` + html.EscapeString(address) + `" target="_blank" rel="nofollow noopener" translate="no">` +
		`<span class="invisible">` + html.EscapeString(protocol) + `</span><span class="` + class + `">` + html.EscapeString(head) +
		`</span><span class="invisible">` + html.EscapeString(tail) + `</span></a>`)
}
