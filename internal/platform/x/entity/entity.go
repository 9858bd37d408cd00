// Package entity is what X's answers hold, the same for both versions of its API: an account, and a post whose text is put
// back into the form in which it was sent. It makes no calls.
package entity

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// User is an account.
type User struct {
	ID     string `json:"id"`
	Handle string `json:"username"` // without the @
	Name   string `json:"name"`

	Metrics struct {
		Followers *int64 `json:"followers_count"`
	} `json:"public_metrics"`
}

// Post is a post as it was sent.
type Post struct {
	ID       string
	Text     string
	ReplyTo  string
	Pictures int
	Alts     []*string // of the pictures, in order, as far as they were asked for; nil where X does not tell
	At       time.Time
}

// Link is one of the short links in a text as X shows it.
type Link struct {
	URL      string `json:"url"`          // https://t.co/...
	Expanded string `json:"expanded_url"` // what was written, with a scheme
	MediaKey string `json:"media_key"`    // for the link that stands for pictures
}

// IsID reports whether a text is an id of X: digits, and not zero, which is what a library leaves when there was none.
func IsID(id string) bool {
	n, err := strconv.ParseUint(id, 10, 64)
	return err == nil && n > 0 && len(id) <= 19
}

// unescape undoes what X does to three characters in the text of an answer.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// Sent returns a text as it was sent: short links are put back to what they stand for, the one for pictures is taken away, and
// escapes are undone.
func Sent(text string, links []Link) string {
	for _, l := range links {
		if l.URL == "" {
			continue
		}
		if l.MediaKey != "" || picture(l.Expanded) {
			text = strings.TrimSuffix(text, l.URL)
			text = strings.TrimRight(text, " ")
			continue
		}
		text = strings.Replace(text, l.URL, strings.ReplaceAll(l.Expanded, "&", "&amp;"), 1)
	}
	return strings.TrimSpace(unescape.Replace(text))
}

// picture reports whether a link is the one X adds for the pictures of a post; version 1.1 does not mark it otherwise.
func picture(expanded string) bool {
	return strings.Contains(expanded, "/status/") && (strings.Contains(expanded, "/photo/") || strings.Contains(expanded, "/video/"))
}

// Alike reports whether a text that was sent and one that X shows are the same but for what X changes: the composition of
// accents, white space at both ends, line ends, and a link's scheme and last slash.
func Alike(sent, shown string) bool { return Plain(sent) == Plain(shown) }

// Plain takes out of a text what X changes.
func Plain(s string) string {
	s = norm.NFC.String(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")))
	for _, scheme := range []string{"https://", "http://", "HTTPS://", "HTTP://"} {
		s = strings.ReplaceAll(s, scheme, "")
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\u00a0' })
	for i, w := range words {
		words[i] = strings.TrimSuffix(w, "/")
	}
	return strings.Join(words, " ")
}

// epoch is the instant from which X's ids count milliseconds, in their upper bits (https://docs.x.com/fundamentals/x-ids).
const epoch = 1288834974657

// Made returns when an id was given out, by X's clock.
func Made(id uint64) time.Time {
	return time.UnixMilli(int64(id>>22) + epoch).UTC() //nolint:gosec // 42 bits fit
}
