// Package text knows what networks make of a text: how long it is to them, and which parts are links, hashtags and mentions.
// It also fills the tokens of campaign texts and puts the hashtags at their end.
//
// The package works on strings alone. Limits are arguments, because each server has its own.
package text

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Span is a part of a text that networks treat specially.
type Span struct {
	Start, End int    // byte offsets; End is the first byte after it
	Text       string // the part itself
}

// Graphemes returns how many characters a person sees: an emoji of several code points or a letter with its accents is one
// (extended grapheme clusters, https://www.unicode.org/reports/tr29/).
func Graphemes(s string) int { return uniseg.GraphemeClusterCount(s) }

// MaxHashtag is the most characters that a hashtag may have without its sign.
const MaxHashtag = 64

// hashtagName is what X, Mastodon, Bluesky, LinkedIn and Instagram all take as one hashtag: letters with their marks,
// decimal digits and the low line, with at least one letter. The networks' own rules are wider and differ
// (https://github.com/twitter/twitter-text, Mastodon's app/models/tag.rb, https://docs.bsky.app/docs/advanced-guides/post-richtext).
var hashtagName = regexp.MustCompile(`^[\p{L}\p{M}\p{Nd}_]*\p{L}[\p{L}\p{M}\p{Nd}_]*$`)

// ValidHashtag returns nil when every network takes the tag as one hashtag. The sign in front may be there or not.
func ValidHashtag(tag string) error {
	name := strings.TrimPrefix(tag, "#")
	switch {
	case name == "":
		return fmt.Errorf("%q has no name: write a word after the sign, such as #EndHumanTrafficking", tag)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsSpace):
		return fmt.Errorf("%q has a space in it: write the words together, such as #EndHumanTrafficking", tag)
	case !strings.ContainsFunc(name, unicode.IsLetter):
		return fmt.Errorf("%q has no letter: networks do not link a hashtag of digits alone", tag)
	case !hashtagName.MatchString(name):
		return fmt.Errorf("%q has a character that ends a hashtag on some network: use letters, digits and the low line _", tag)
	case Graphemes(name) > MaxHashtag:
		return fmt.Errorf("%q is longer than %d characters", tag, MaxHashtag)
	}
	return nil
}

// Compose returns the text as it goes out: the body, a blank line, and the hashtags that the body does not have already.
func Compose(body string, hashtags []string) string {
	body = strings.TrimRightFunc(body, unicode.IsSpace)
	seen := map[string]bool{}
	for _, tag := range Hashtags(body) {
		seen[tagKey(tag.Text)] = true
	}
	var tags []string
	for _, tag := range hashtags {
		if key := tagKey(tag); key != "" && !seen[key] {
			seen[key] = true
			tags = append(tags, "#"+strings.TrimPrefix(tag, "#"))
		}
	}
	switch {
	case len(tags) == 0:
		return body
	case body == "":
		return strings.Join(tags, " ")
	}
	return body + "\n\n" + strings.Join(tags, " ")
}

// tagKey returns the form in which two spellings of one hashtag are equal.
func tagKey(tag string) string { return strings.ToLower(strings.TrimPrefix(tag, "#")) }

// FirstUnsafe returns the first character that no text for people may have, with its byte offset: a control character
// other than line feed and tab, a mark that turns the direction of writing (the Bidi_Control property,
// https://www.unicode.org/reports/tr9/), a byte order mark, or a byte that is not UTF-8. Such characters can make a
// reviewer read something else than what goes out.
func FirstUnsafe(s string) (r rune, at int, found bool) {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size > 1 {
				continue // a replacement character that is really there
			}
			return r, i, true
		}
		if r == '\n' || r == '\t' {
			continue
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff' || r == '\u2028' || r == '\u2029' {
			return r, i, true
		}
	}
	return 0, 0, false
}
