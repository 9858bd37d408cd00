// Package utm says in a link's address where it was followed from, in the parameters that web analytics read
// (https://support.google.com/analytics/answer/10917952; Matomo and Plausible read the same ones).
//
// It changes the links of a text and nothing else of it. Which links may be changed at all, its caller says.
package utm

import (
	"net/url"
	"strings"

	"daymark/internal/core/text"
)

// medium is what all networks are together.
const medium = "social"

// Params say where a link was followed from. All are written as they are, escaped.
type Params struct {
	Source   string // the network
	Campaign string // the campaign with its year
	Content  string // which message, in which language, on which channel
}

// Link returns the address with the parameters, before its fragment and behind the query it has, of which nothing is changed. An address
// that already says where it was followed from, by any parameter utm_…, is returned as it is.
func (p Params) Link(address string) string {
	if said(address) {
		return address
	}
	before, fragment, has := strings.Cut(address, "#")
	sep := "?"
	switch {
	case strings.HasSuffix(before, "?") || strings.HasSuffix(before, "&"):
		sep = ""
	case strings.Contains(before, "?"):
		sep = "&"
	}
	if _, rest, _ := strings.Cut(before, "://"); sep == "?" && !strings.Contains(rest, "/") {
		before += "/" // a host alone: the query belongs to its first page
	}
	var b strings.Builder
	b.WriteString(before)
	for _, f := range []struct{ name, value string }{
		{"utm_source", p.Source}, {"utm_medium", medium}, {"utm_campaign", p.Campaign}, {"utm_content", p.Content},
	} {
		if f.value != "" {
			b.WriteString(sep + f.name + "=" + url.QueryEscape(f.value))
			sep = "&"
		}
	}
	if has {
		b.WriteString("#" + fragment)
	}
	return b.String()
}

// said reports whether an address says already where it was followed from.
func said(address string) bool {
	before, _, _ := strings.Cut(address, "#")
	_, query, _ := strings.Cut(before, "?")
	for field := range strings.SplitSeq(query, "&") {
		if len(field) >= 4 && strings.EqualFold(field[:4], "utm_") {
			return true
		}
	}
	return false
}

// Rewrite returns a text with each of its links as change writes it. Everything between the links stays byte for byte.
func Rewrite(s string, change func(link text.Span) string) string {
	var b strings.Builder
	from := 0
	for _, link := range text.Links(s) {
		b.WriteString(s[from:link.Start])
		b.WriteString(change(link))
		from = link.End
	}
	b.WriteString(s[from:])
	return b.String()
}
