package text

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Links returns the http and https links of a text, in order, by the rules Mastodon follows: a link ends at a space or an
// angle bracket, and punctuation at its end is left outside (config/initializers/twitter_regex.rb in
// https://github.com/mastodon/mastodon). A host needs a dot and a last part of letters; unlike Mastodon we keep no
// list of top-level domains.
func Links(s string) []Span {
	var found []Span
	for at := 0; at < len(s); {
		slashes := strings.Index(s[at:], "://")
		if slashes < 0 {
			break
		}
		host := at + slashes + len("://")
		start := schemeStart(s, at, at+slashes)
		if start < 0 {
			at = host
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:start])
		end := linkEnd(s, host)
		if end == 0 || (start > 0 && (isWord(before) || strings.ContainsRune("@＠$#＃", before))) {
			at = host
			continue
		}
		found = append(found, Span{Start: start, End: end, Text: s[start:end]})
		at = end
	}
	return found
}

// schemeStart returns where the http or https begins that ends at an offset and does not reach before from, -1 when there is none.
func schemeStart(s string, from, end int) int {
	for _, scheme := range []string{"https", "http"} {
		if start := end - len(scheme); start >= from && strings.EqualFold(s[start:end], scheme) {
			return start
		}
	}
	return -1
}

// linkHost is a host name with a port, if any; linkASCIIEnd is a last part in Latin letters, which ends where other letters
// begin, so that text written without a space behind a link stays text.
var (
	linkHost     = regexp.MustCompile(`^(?:[\p{L}\p{M}\p{Nd}_](?:[\p{L}\p{M}\p{Nd}_-]*[\p{L}\p{M}\p{Nd}])?\.)+(?:[a-zA-Z]{2,}|xn--[a-zA-Z0-9-]+|\p{L}[\p{L}\p{M}]+)`)
	linkASCIIEnd = regexp.MustCompile(`^(.*\.[a-zA-Z]{2,})[^\x00-\x7f]+$`)
	linkPort     = regexp.MustCompile(`^:[0-9]+`)
)

// linkEnd returns where the link ends whose host begins at the offset, and 0 when no host is there.
func linkEnd(s string, host int) int {
	name := linkHost.FindString(s[host:])
	if name == "" {
		return 0
	}
	if m := linkASCIIEnd.FindStringSubmatch(name); m != nil {
		return host + len(m[1])
	}
	end := host + len(name)
	end += len(linkPort.FindString(s[end:]))
	rest := s[end:]
	if rest == "" || (rest[0] != '/' && rest[0] != '?') {
		return end
	}
	if stop := strings.IndexFunc(rest, endsLink); stop >= 0 {
		rest = rest[:stop]
	}
	path, query, hasQuery := strings.Cut(rest, "?")
	if path != "" {
		if kept := trimPath(path); kept != path || !hasQuery {
			return end + len(kept)
		}
	}
	end += len(path)
	if query = strings.TrimRightFunc(query, endsNoQuery); hasQuery && query != "" {
		end += len("?") + len(query)
	}
	return end
}

func endsLink(r rune) bool { return unicode.IsSpace(r) || r == '<' || r == '>' }

// trimPath leaves out punctuation at the end of a path, but keeps a bracket that was opened within it.
func trimPath(path string) string {
	unopened := strings.Count(path, ")") - strings.Count(path, "(")
	for {
		r, size := utf8.DecodeLastRuneInString(path)
		switch {
		case size == 0 || (r == ')' && unopened <= 0) || !strings.ContainsRune("()?!*\"'「」<>;:=,.$%[]~&|@", r):
			return path
		case r == ')':
			unopened--
		case r == '(':
			unopened++
		}
		path = path[:len(path)-size]
	}
}

func endsNoQuery(r rune) bool {
	return r < 0x80 && !isWord(r) && !strings.ContainsRune("&=#/-", r)
}

// Hashtags returns the hashtags of a text, in order, with their signs, by the rules Mastodon follows in its newest form
// (app/models/concerns/tag/naming.rb): behind a space or at the start, letters, marks, digits, the low line and a few joining
// characters within, at least one letter, and not within a link. Older servers also link a hashtag behind punctuation such as an
// opening bracket; people are better not told to rely on it.
func Hashtags(s string) []Span {
	if nextSign(s, 0) == len(s) {
		return nil
	}
	var found []Span
	links := Links(s)
	for at := 0; at < len(s); {
		if at = nextSign(s, at); at == len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		end := at + size
		if before, n := utf8.DecodeLastRuneInString(s[:at]); n == 0 || unicode.IsSpace(before) {
			stop := tagEnd(s, end)
			if stop > 0 && !inside(links, at) && !strings.HasPrefix(s[stop:], "://") {
				found = append(found, Span{Start: at, End: stop, Text: s[at:stop]})
			}
			end = max(end, stop)
		}
		at = end
	}
	return found
}

// nextSign returns where a number sign in its narrow or wide form stands at or behind an offset, the text's length when none does.
func nextSign(s string, at int) int {
	const wide = "＃"
	for at < len(s) && s[at] != '#' && (s[at] != wide[0] || !strings.HasPrefix(s[at:], wide)) {
		at++
	}
	return at
}

// tagEnd returns where the name of a hashtag ends that begins at an offset, 0 when there is none.
func tagEnd(s string, at int) int {
	start, end, lettered := at, 0, false
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		at += size
		if inTag(r) {
			end, lettered = at, lettered || unicode.IsLetter(r)
		} else if at-size == start || !strings.ContainsRune("·・\u200c", r) {
			break
		}
	}
	if !lettered {
		return 0
	}
	return end
}

// inTag reports whether a hashtag may begin and end with a character (Ruby's class "word").
func inTag(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || unicode.Is(unicode.Pc, r)
}

// Mentions returns the mentions of a text, in order, with their signs: @name or @name@server, by the rule of Mastodon's
// app/models/account.rb. Mentions within links are none.
func Mentions(s string) []Span {
	if strings.IndexByte(s, '@') < 0 {
		return nil
	}
	var found []Span
	links := Links(s)
	for _, m := range mention.FindAllStringIndex(s, -1) {
		before, size := utf8.DecodeLastRuneInString(s[:m[0]])
		if inside(links, m[0]) || (size > 0 && (isWord(before) || before == '/' || before == '=' || before == '@')) {
			continue
		}
		found = append(found, Span{Start: m[0], End: m[1], Text: s[m[0]:m[1]]})
	}
	return found
}

var mention = regexp.MustCompile(`@[a-zA-Z0-9_]+(?:[a-zA-Z0-9_.-]*[a-zA-Z0-9_])?(?:@[\p{L}\p{M}\p{N}_.-]*[\p{L}\p{M}\p{N}_])?`)

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)
}

// inside reports whether the offset lies in one of the spans, which are in order.
func inside(spans []Span, at int) bool {
	next, _ := slices.BinarySearchFunc(spans, at, func(s Span, at int) int { return cmp.Compare(s.End, at+1) })
	return next < len(spans) && spans[next].Start <= at
}
