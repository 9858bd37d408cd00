package text

import "strings"

// MastodonLimits is what a server of the Mastodon family says about texts, in configuration.statuses of its
// /api/v2/instance (https://docs.joinmastodon.org/entities/Instance/).
type MastodonLimits struct {
	MaxCharacters    int // max_characters
	CharactersPerURL int // characters_reserved_per_url; 0 where a link is as long as it is written
}

// DefaultMastodon is what a Mastodon server has when nobody has changed it.
var DefaultMastodon = MastodonLimits{MaxCharacters: 500, CharactersPerURL: 23}

// Count returns how long a server takes a text with its content note to be: seen characters of both, where every link is
// CharactersPerURL long and a mention of someone on another server is as long as the name alone
// (app/validators/status_length_validator.rb in https://github.com/mastodon/mastodon).
func (l MastodonLimits) Count(body, note string) int {
	var plain strings.Builder
	at, reserved, links := 0, 0, Links(body)
	for _, span := range mergeSpans(links, Mentions(body)) {
		plain.WriteString(body[at:span.Start])
		if strings.HasPrefix(span.Text, "@") {
			name, _, _ := strings.Cut(span.Text[1:], "@")
			plain.WriteString("@" + name)
		} else if l.CharactersPerURL > 0 {
			plain.WriteByte('x')
			reserved += l.CharactersPerURL - len("x")
		} else {
			plain.WriteString(span.Text)
		}
		at = span.End
	}
	plain.WriteString(body[at:])
	return Graphemes(note) + Graphemes(plain.String()) + reserved
}

// Remaining returns how many characters are left; it is negative when the text is too long.
func (l MastodonLimits) Remaining(body, note string) int {
	return l.MaxCharacters - l.Count(body, note)
}

// mergeSpans puts two ordered lists that do not overlap into one.
func mergeSpans(a, b []Span) []Span {
	merged := make([]Span, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].Start < b[0].Start {
			merged, a = append(merged, a[0]), a[1:]
		} else {
			merged, b = append(merged, b[0]), b[1:]
		}
	}
	return append(append(merged, a...), b...)
}
