// Package bluesky knows what Bluesky makes of a text: how long it is, and which parts an app has to mark as links, hashtags and
// mentions, because the network itself marks none.
//
// The marks are those the network's own app would set, by the rules of packages/api/src/rich-text in
// https://github.com/bluesky-social/atproto (version 0.19 of its npm package). The package does not look up who a handle belongs to.
package bluesky

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"daymark/internal/core/text/domain"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// What app.bsky.feed.post allows, and app.bsky.richtext.facet for a tag (https://atproto.com/lexicons/app-bsky-feed).
const (
	MaxGraphemes = 300
	MaxBytes     = 3000
	maxTag       = 64 // in UTF-16 units, as the app counts; the lexicon allows 64 characters
)

// The kinds of [Facet].
const (
	Link    = "link"
	Tag     = "tag"
	Mention = "mention"
)

// Facet is a part of a text that is to be marked.
type Facet struct {
	Start, End int    // offsets in bytes of UTF-8, as the network counts them; End is the first byte after it
	Kind       string // [Link], [Tag] or [Mention]
	Value      string // a link with its scheme, a tag without its sign, a handle without its sign
}

// Length returns how long a text is in both of the network's measures: characters that a person sees (extended grapheme
// clusters of Unicode 15.1 and later, in which a conjunct such as क्ष is one) and bytes. A link is as long as it is written.
func Length(s string) (seen, bytes int) {
	for clusters := graphemes.FromString(s); clusters.Next(); {
		seen++
	}
	return seen, len(s)
}

// Facets returns what is to be marked in a text, in order and without overlap. Each begins at the start, behind a space or, but
// for a hashtag, behind an opening bracket.
func Facets(s string) []Facet {
	var found []Facet
	before := ' '
	for at := 0; at < len(s); {
		if before == '(' || isSpace(before) {
			if f, next := facetAt(s, at, before); next > at {
				if f.Kind != "" {
					found = append(found, f)
				}
				before, _ = utf8.DecodeLastRuneInString(s[:next])
				at = next
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(s[at:])
		before, at = r, at+size
	}
	return found
}

// facetAt returns the facet that begins at an offset, without a kind when it is none, and how far the text was read.
func facetAt(s string, at int, before rune) (f Facet, next int) {
	r, size := utf8.DecodeRuneInString(s[at:])
	switch {
	case r == '@':
		return mentionAt(s, at)
	case (r == '#' || r == '＃') && before != '(':
		return tagAt(s, at, size)
	case 'a' <= r|0x20 && r|0x20 <= 'z':
		return linkAt(s, at)
	}
	return Facet{}, at
}

// linkAt reads a link: http:// or https:// and everything up to a space, or a name of letters and digits with a known top-level
// domain and everything up to a space. One punctuation mark at the end is left out, and a bracket that was not opened.
func linkAt(s string, at int) (Facet, int) {
	host, schemed := cutScheme(s[at:])
	name := ""
	if !schemed {
		if name = bareName(s[at:]); name == "" {
			return Facet{}, at
		}
	}
	run := s[at:]
	if stop := strings.IndexFunc(run, isSpace); stop >= 0 {
		run = run[:stop]
	}
	next, value := at+len(run), run
	switch {
	case schemed:
		if first, size := utf8.DecodeRuneInString(host); size == 0 || isSpace(first) || strings.ContainsRune("/?#.,;:!)", first) {
			return Facet{}, next
		}
	case !domain.Known(name[strings.LastIndexByte(name, '.')+1:]):
		return Facet{}, next
	default:
		value = "https://" + run // the app leaves it out before a name that begins with http, and makes a dead link
	}
	drop := 0
	if strings.ContainsAny(value[len(value)-1:], ".,;:!?") {
		drop++
	}
	if kept := value[:len(value)-drop]; strings.HasSuffix(kept, ")") && !strings.Contains(kept, "(") {
		drop++
	}
	return Facet{Start: at, End: next - drop, Kind: Link, Value: value[:len(value)-drop]}, next
}

// cutScheme returns what stands behind http:// or https://, in lower case as the app wants it.
func cutScheme(s string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, "https://"); ok {
		return rest, true
	}
	return strings.CutPrefix(s, "http://")
}

// bareName returns the name of letters, digits and dots that a text begins with, empty when it has no dot.
func bareName(s string) string {
	end, dots := 0, 0
	for end < len(s) {
		if isAlphanumeric(s[end]) {
			end++
		} else if s[end] == '.' && end+1 < len(s) && isAlphanumeric(s[end+1]) {
			end, dots = end+2, dots+1
		} else {
			break
		}
	}
	if dots == 0 {
		return ""
	}
	return s[:end]
}

// mentionAt reads a mention: the sign and a handle, which is a name with a known top-level domain
// (https://atproto.com/specs/handle).
func mentionAt(s string, at int) (Facet, int) {
	end := at + 1
	for end < len(s) && (isAlphanumeric(s[end]) || s[end] == '.' || s[end] == '-') {
		end++
	}
	for end > at+1 && !isBorder(s, end) {
		end--
	}
	handle := s[at+1 : end]
	if !validHandle(handle) {
		return Facet{}, end
	}
	return Facet{Start: at, End: end, Kind: Mention, Value: handle}, end
}

// validHandle reports whether a handle has labels of 1 to 63 letters, digits and inner hyphens, and a top-level domain that is
// known or the "test" of developers.
func validHandle(handle string) bool {
	labels := strings.Split(handle, ".")
	if len(labels) < 2 || len(handle) > 253 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	tld := labels[len(labels)-1]
	return tld == "test" || domain.Known(tld)
}

// tagAt reads a hashtag: the sign and everything up to a space or an invisible character, where something is neither digit nor
// punctuation. Punctuation at the end is left out. A sign that begins an emoji makes no tag; of a keycap the app makes one.
func tagAt(s string, at, sign int) (Facet, int) {
	run := s[at+sign:]
	if stop := strings.IndexFunc(run, endsTag); stop >= 0 {
		run = run[:stop]
	}
	if strings.HasPrefix(run, "\ufe0f") || strings.HasPrefix(run, "\u20e3") || !strings.ContainsFunc(run, makesTag) {
		return Facet{}, at
	}
	tag := strings.TrimRightFunc(run, unicode.IsPunct)
	if len(utf16.Encode([]rune(tag))) > maxTag {
		return Facet{}, at
	}
	return Facet{Start: at, End: at + sign + len(tag), Kind: Tag, Value: tag}, at + sign + len(tag)
}

func makesTag(r rune) bool { return (r < '0' || r > '9') && !unicode.IsPunct(r) }

// endsTag reports whether a character ends a tag: a space or one of those that nobody sees.
func endsTag(r rune) bool {
	switch r {
	case '\u00ad', '\u2060', '\u200a', '\u200b', '\u200c', '\u200d', '\u20e2':
		return true
	}
	return isSpace(r)
}

// isSpace reports what JavaScript takes for white space, which the app's rules are written in.
func isSpace(r rune) bool {
	return r == '\ufeff' || (r != '\u0085' && unicode.IsSpace(r))
}

func isAlphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

// isBorder reports whether a word of Latin letters, digits and low lines begins or ends at an offset.
func isBorder(s string, at int) bool {
	word := func(i int) bool { return i >= 0 && i < len(s) && (isAlphanumeric(s[i]) || s[i] == '_') }
	return word(at-1) != word(at)
}
