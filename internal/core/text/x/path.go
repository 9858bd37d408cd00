package x

import (
	"strings"
	"unicode/utf8"
)

// appendASCII adds the parts of a domain without scheme that are written in Latin letters: X reads "词example.com词" as a link with
// words around it. The last one has the path.
func appendASCII(found []span, s string, start, domainEnd, end int) []span {
	hasPath := strings.Contains(s[domainEnd:end], "/") && s[domainEnd] != '?'
	last := -1
	for at := start; at < domainEnd; {
		best, next := 0, at
		for {
			stop := latinEnd(s[:domainEnd], next)
			if stop == next || stop == domainEnd || s[stop] != '.' {
				next = max(stop, next)
				break
			}
			next = stop + 1
			if tld := tldAt(s[:domainEnd], next); tld > 0 {
				best = tld
			}
		}
		if best == 0 {
			_, size := utf8.DecodeRuneInString(s[next:])
			at = next + size
			continue
		}
		last = len(found)
		found = append(found, span{at, best})
		at = best
	}
	if last >= 0 && hasPath {
		found[last].End = end
	}
	return found
}

// latinEnd returns where Latin letters, digits and hyphens end that begin at an offset.
func latinEnd(s string, at int) int {
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		if r != '-' && !isAlphanumeric(r) && !isAccented(r) {
			break
		}
		at += size
	}
	return at
}

// isAccented reports whether a character is one of twitter-text's accented Latin letters or accents.
func isAccented(r rune) bool {
	switch {
	case r < 0xc0, r == 0xd7, r == 0xf7:
		return false
	case r <= 0x24f, 0x300 <= r && r <= 0x36f, 0x1e00 <= r && r <= 0x1eff:
		return true
	}
	return strings.ContainsRune("ɓɔɖɗəɛɣɨɯɲʉʋʻ", r)
}

func digits(s string, at int) int {
	for at < len(s) && '0' <= s[at] && s[at] <= '9' {
		at++
	}
	return at
}

// pathEnd returns where the path ends whose slash is at an offset: behind the last character that may end one.
func pathEnd(s string, at int) int {
	end := at + 1
	for at = end; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case inPath(r):
			at += size
			if endsPath(r) {
				end = at
			}
		case r == '(':
			closed := brackets(s, at)
			if closed == 0 {
				return end
			}
			at, end = closed, closed
		default:
			return end
		}
	}
	return end
}

// brackets returns where the brackets end that open at an offset, one pair within them included, 0 when they do not close.
func brackets(s string, at int) int {
	at++
	plain, nested := pathRun(s, at), 0
	if plain > at && plain < len(s) && s[plain] == ')' {
		return plain + 1
	}
	if plain == len(s) || s[plain] != '(' {
		return 0
	}
	nested = pathRun(s, plain+1)
	if nested == plain+1 || nested == len(s) || s[nested] != ')' {
		return 0
	}
	if last := pathRun(s, nested+1); last < len(s) && s[last] == ')' {
		return last + 1
	}
	return 0
}

// pathRun returns where the characters of a path end that begin at an offset, brackets left out.
func pathRun(s string, at int) int {
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		if !inPath(r) {
			break
		}
		at += size
	}
	return at
}

func inPath(r rune) bool {
	return isAlphanumeric(r) || strings.ContainsRune("!*';:=+,.$/%#[]-–_~@|&", r) || isCyrillic(r) || isAccented(r)
}

func endsPath(r rune) bool {
	return isAlphanumeric(r) || strings.ContainsRune("+-=_#/", r) || isCyrillic(r) || isAccented(r)
}

func isCyrillic(r rune) bool { return 0x400 <= r && r <= 0x4ff }

// queryEnd returns where the query ends that may begin at an offset: behind the last character that may end one.
func queryEnd(s string, at int) int {
	end := at
	if at == len(s) || s[at] != '?' {
		return end
	}
	for at++; at < len(s) && (isAlphanumeric(rune(s[at])) || strings.IndexByte("!?*'@();:&=+$/%#[]-_.,~|", s[at]) >= 0); at++ {
		if isAlphanumeric(rune(s[at])) || strings.IndexByte("-_&=#/", s[at]) >= 0 {
			end = at + 1
		}
	}
	return end
}

// ownLink reports whether a link is one that X has shortened, and how much of it belongs to it: nothing but letters, digits and a
// query follows t.co. It is 0 bytes long when no such link can be.
func ownLink(url string) (length int, is bool) {
	_, rest, _ := strings.Cut(url, "://")
	if len(rest) < 6 || !strings.EqualFold(rest[:5], "t.co/") {
		return 0, false
	}
	slug := 5
	for slug < len(rest) && isAlphanumeric(rune(rest[slug])) {
		slug++
	}
	switch {
	case slug == 5:
		return 0, false
	case slug-5 > maxSlug:
		return 0, true
	}
	return len(url) - len(rest) + queryEnd(rest, slug), true
}
