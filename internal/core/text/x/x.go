// Package x knows what X makes of a text: its weighted length, and which parts are links, hashtags and mentions.
//
// The rules are those of twitter-text in its third configuration (https://github.com/twitter/twitter-text, config/v3.json, and
// https://docs.x.com/fundamentals/counting-characters): some characters count one and all others two, every emoji counts two
// however many code points it has, and every link counts 23. Where the rules and their newest library differ, the comment at the
// place says which one is followed. The package asks nobody which links the network would shorten.
package x

import (
	"strings"
	"unicode/utf8"

	"daymark/internal/core/text/emoji"

	"golang.org/x/text/unicode/norm"
)

// The measures of configuration 3.
const (
	Max  = 280 // the weighted length of a post; accounts that pay may write more
	Link = 23  // the weighted length of any link
)

// The kinds of [Entity].
const (
	URL     = "link"
	Hashtag = "tag"
	Mention = "mention"
)

// Entity is a part of a text that X treats specially.
type Entity struct {
	Kind       string // [URL], [Hashtag] or [Mention]
	Start, End int    // byte offsets; End is the first byte after it
	Text       string // a link as it is written, a hashtag or mention without its sign
}

// Length returns the weighted length of a text, which X measures after bringing it into Unicode's form NFC.
func Length(s string) int {
	s = norm.NFC.String(s)
	length, at := 0, 0
	for _, link := range links(s) {
		if link.Start < at {
			continue
		}
		length += weigh(s[at:link.Start]) + Link
		at = link.End
	}
	return length + weigh(s[at:])
}

// weigh returns the weighted length of a text without links.
func weigh(s string) int {
	length := 0
	for at := 0; at < len(s); {
		if at+1 < len(s) && s[at] < utf8.RuneSelf && s[at+1] < utf8.RuneSelf {
			length++
			at++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[at:])
		if n := emoji.Len(s[at:]); n > 0 {
			length += 2
			at += n
			continue
		}
		length += weight(r)
		at += size
	}
	return length
}

// weight returns what one character counts: one in the ranges of configuration 3, two elsewhere.
func weight(r rune) int {
	if r <= 4351 || 8192 <= r && r <= 8205 || 8208 <= r && r <= 8223 || 8242 <= r && r <= 8247 {
		return 1
	}
	return 2
}

// Allowed reports whether X takes a text at all: it has no byte order mark and no character that Unicode calls none.
func Allowed(s string) bool {
	return !strings.Contains(s, "\ufeff") && !strings.Contains(s, "\ufffe") && !strings.Contains(s, "\uffff")
}
