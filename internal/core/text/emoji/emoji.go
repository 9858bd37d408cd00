// Package emoji finds the emoji in a text: pictures, digits in keycaps, flags, and what is made of several with skin tones and
// zero-width joiners.
//
// It knows the emoji that Unicode recommends for general interchange, because networks count only those as one.
package emoji

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	joiner       = '\u200d'
	emojiStyle   = '\ufe0f' // variation selector 16: show the character before as an emoji
	keycap       = '\u20e3'
	blackFlag    = '\U0001f3f4'
	tagEnd       = '\U000e007f'
	firstTone    = '\U0001f3fb'
	lastTone     = '\U0001f3ff'
	firstLetter  = '\U0001f1e6' // the regional indicator A
	lastLetter   = '\U0001f1ff'
	maxJoined    = 4 // the parts of the longest emoji that is made of several
	partsOfFlags = "gbeng gbsct gbwls"
)

// Len returns how many bytes the emoji at the beginning of a text has, and 0 when there is none. A part that can be an emoji of its
// own is one when the whole is none that Unicode has.
func Len(s string) int {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r < utf8.RuneSelf:
		return keycapAt(s, r)
	case firstLetter <= r && r <= lastLetter:
		return flagAt(s, r, size)
	case r == blackFlag:
		if n := regionFlagAt(s, size); n > 0 {
			return n
		}
	}
	first := partAt(s, r, size)
	if first == 0 || !strings.HasPrefix(s[first:], string(joiner)) {
		return first
	}
	return joinedAt(s, first)
}

// keycapAt reads a digit, # or * in a keycap.
func keycapAt(s string, r rune) int {
	if s == "" || ((r < '0' || r > '9') && r != '#' && r != '*') {
		return 0
	}
	rest := strings.TrimPrefix(s[1:], string(emojiStyle))
	if !strings.HasPrefix(rest, string(keycap)) {
		return 0
	}
	return len(s) - len(rest) + len(string(keycap))
}

// flagAt reads a flag of two letters, or one letter alone, which is shown in a box and counts as an emoji.
func flagAt(s string, r rune, size int) int {
	if second, n := utf8.DecodeRuneInString(s[size:]); firstLetter <= second && second <= lastLetter &&
		strings.ContainsRune(flags[r-firstLetter], 'A'+second-firstLetter) {
		return size + n
	}
	return size
}

// regionFlagAt reads the flag of England, Scotland or Wales: a black flag, letters as tags, and an end.
func regionFlagAt(s string, size int) int {
	at := size
	var region [5]byte
	for i := range region {
		r, n := utf8.DecodeRuneInString(s[at:])
		if r < 0xe0061 || r > 0xe007a {
			return 0
		}
		region[i] = byte(r - 0xe0000)
		at += n
	}
	if end, n := utf8.DecodeRuneInString(s[at:]); end == tagEnd && strings.Contains(partsOfFlags, string(region[:])) {
		return at + n
	}
	return 0
}

// partAt reads an emoji that is not made of several, with its skin tone or variation selector.
func partAt(s string, r rune, size int) int {
	if r < 0xa9 || !unicode.Is(pictures, r) {
		return 0
	}
	next, n := utf8.DecodeRuneInString(s[size:])
	switch {
	case next == emojiStyle:
		return size + n
	case firstTone <= next && next <= lastTone && unicode.Is(tonable, r):
		return size + n
	case r == '©' || r == '®':
		return 0 // letters like others unless they ask to be emoji
	}
	return size
}

// joinedAt reads the longest emoji of parts with joiners that Unicode has; first is the length of its first part.
func joinedAt(s string, first int) int {
	longest, at := first, first
	key := append(make([]byte, 0, 32), ' ')
	key = plain(key, s[:first])
	for range maxJoined - 1 {
		if !strings.HasPrefix(s[at:], string(joiner)) {
			break
		}
		at += len(string(joiner))
		r, size := utf8.DecodeRuneInString(s[at:])
		n := partAt(s[at:], r, size)
		if n == 0 {
			break
		}
		key = plain(key, s[at:at+n])
		at += n
		if strings.Contains(joined, string(append(key, ' '))) {
			longest = at
		}
	}
	return longest
}

// plain appends an emoji without variation selectors and skin tones.
func plain(to []byte, s string) []byte {
	for _, r := range s {
		if r != emojiStyle && (r < firstTone || r > lastTone) {
			to = utf8.AppendRune(to, r)
		}
	}
	return to
}
