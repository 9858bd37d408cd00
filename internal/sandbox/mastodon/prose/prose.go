// Package prose reads the text of a status as a Mastodon server does: which parts are links, hashtags and mentions, how
// long it counts, and how it looks as HTML.
//
// It is written apart from the product's own counting on purpose: were both the same code, a misreading of the rule would
// agree with itself. It knows no accounts; the caller says which mentions are people here.
package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/publicsuffix"
)

// Sort says what a part of a text is.
type Sort int

// The parts of a text.
const (
	Plain   Sort = iota
	Link         // an http or https address
	Hashtag      // # and a name
	Mention      // @user or @user@server
)

// Part is a piece of a text; the parts of a text joined are the text.
type Part struct {
	Sort Sort
	Text string
}

// Length returns how many characters a status counts: grapheme clusters of the content note and the text together, where a
// link counts perURL and a mention of someone elsewhere counts without its server.
// (mastodon/mastodon app/validators/status_length_validator.rb.)
func Length(note, text string, perURL int) int {
	var rest strings.Builder
	rest.WriteString(note)
	for _, p := range Split(text) {
		switch p.Sort {
		case Link:
			// A link is replaced by as many letters, so that clusters are cut where they are in the text.
			rest.WriteString(strings.Repeat("x", perURL))
		case Mention:
			user, _, _ := strings.Cut(p.Text[1:], "@")
			rest.WriteString("@" + user)
		case Plain, Hashtag:
			rest.WriteString(p.Text)
		}
	}
	return uniseg.GraphemeClusterCount(rest.String())
}

// Tags returns the names of the hashtags of a text, each once, as first written.
func Tags(text string) []string {
	var names []string
	seen := map[string]bool{}
	for _, p := range Split(text) {
		if p.Sort != Hashtag {
			continue
		}
		_, size := utf8.DecodeRuneInString(p.Text)
		if name := p.Text[size:]; !seen[strings.ToLower(name)] {
			seen[strings.ToLower(name)] = true
			names = append(names, name)
		}
	}
	return names
}

// Split cuts a text into its parts.
func Split(text string) []Part {
	var parts []Part
	plain := 0
	take := func(from, to int, s Sort) {
		if from > plain {
			parts = append(parts, Part{Plain, text[plain:from]})
		}
		parts = append(parts, Part{s, text[from:to]})
		plain = to
	}
	before := ' '
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		end, sort := 0, Plain
		switch {
		case r == 'h' || r == 'H':
			end, sort = link(text, i, before), Link
		case r == '#' || r == '＃':
			end, sort = hashtag(text, i+size, before), Hashtag
		case r == '@':
			end, sort = mention(text, i+size, before), Mention
		}
		if end > 0 {
			take(i, end, sort)
			before, _ = utf8.DecodeLastRuneInString(text[:end])
			i = end
			continue
		}
		before = r
		i += size
	}
	if plain < len(text) {
		parts = append(parts, Part{Plain, text[plain:]})
	}
	return parts
}

// word reports whether a rune is part of a word in Ruby's sense: letters, marks, decimal digits, connecting punctuation.
func word(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Pc)
}

// hashtag returns the end of the hashtag whose name starts at i, or 0. (mastodon/mastodon app/models/tag.rb.)
func hashtag(text string, i int, before rune) int {
	if word(before) || before == '/' || before == ')' || before == '#' || before == '&' {
		return 0
	}
	end, letter := i, false
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		inner := r == '·' || r == '・' || r == '\u200c'
		if !word(r) && !inner {
			break
		}
		if inner && end == i {
			return 0
		}
		letter = letter || unicode.IsLetter(r)
		end += size
	}
	if !letter {
		return 0
	}
	return end
}

// mention returns the end of the mention whose user name starts at i, or 0. (mastodon/mastodon app/models/account.rb.)
func mention(text string, i int, before rune) int {
	if word(before) || before == '/' || before == '=' || before == '@' {
		return 0
	}
	end := nameEnd(text, i, isUserRune)
	if end == i {
		return 0
	}
	if end < len(text) && text[end] == '@' {
		if server := nameEnd(text, end+1, word); server > end+1 {
			return server
		}
	}
	return end
}

func isUserRune(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

// nameEnd returns the end of a name at i: runs of allowed runes joined by single or repeated dots and hyphens.
func nameEnd(text string, i int, allowed func(rune) bool) int {
	end := i
	for j := i; j < len(text); {
		r, size := utf8.DecodeRuneInString(text[j:])
		j += size
		if allowed(r) {
			end = j
		} else if end == i || r != '.' && r != '-' {
			break
		}
	}
	return end
}

// link returns the end of the address at i, or 0 when the text there is not one that Mastodon makes a link of: the protocol
// must be written, and the server's last label must be a real top-level domain or one reserved for examples (RFC 2606).
func link(text string, i int, before rune) int {
	if word(before) || strings.ContainsRune("@$#/＠＃", before) {
		return 0
	}
	rest := text[i:]
	start := 0
	for _, protocol := range []string{"https://", "http://"} {
		if len(rest) > len(protocol) && strings.EqualFold(rest[:len(protocol)], protocol) {
			start = len(protocol)
		}
	}
	if start == 0 {
		return 0
	}
	end := start
	for end < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[end:])
		if !word(r) && r != '.' && r != '-' {
			break
		}
		end += size
	}
	host := strings.TrimRight(rest[start:end], ".-_")
	end = start + len(host)
	if !server(host) {
		return 0
	}
	if port := digits(rest, end+1); end < len(rest) && rest[end] == ':' && port > end+1 {
		end = port
	}
	if end < len(rest) && (rest[end] == '/' || rest[end] == '?' || rest[end] == '#') {
		end = tailEnd(rest, end)
	}
	return i + end
}

func digits(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

// server reports whether a host is a domain name below a known top-level domain.
func server(host string) bool {
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 || strings.Contains(host, "..") {
		return false
	}
	last := strings.ToLower(host[dot+1:])
	switch last {
	case "example", "test", "invalid", "localhost":
		return true
	}
	if strings.HasPrefix(last, "xn--") {
		return true
	}
	_, known := publicsuffix.PublicSuffix("x." + last)
	return known
}

// tailEnd returns the end of the path and query that start at i: up to white space or an angle bracket or quote, without the
// punctuation that ends a sentence and without a closing bracket that was not opened.
func tailEnd(s string, i int) int {
	end, open := i, 0
	keep := i
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if unicode.IsSpace(r) || strings.ContainsRune(`<>"「」`, r) {
			break
		}
		end += size
		switch {
		case r == '(':
			open++
		case r == ')':
			if open == 0 {
				return keep
			}
			open--
			keep = end
		case !strings.ContainsRune("?!*'\";:,.$%[]~&|@=", r):
			keep = end
		}
	}
	if s[i] == '/' && keep == i {
		keep = i + 1
	}
	return keep
}
