// Package words is the sandbox X's own reading of a text: how long X counts it, which links are in it, and how X shows it.
//
// The rules are X's (https://docs.x.com/fundamentals/counting-characters and the version 3 configuration of
// https://github.com/twitter/twitter-text/tree/master/config), read anew here: the counter in front of people is another
// piece of code, and the two must agree by themselves.
package words

import (
	"golang.org/x/text/unicode/norm"
)

const (
	// Limit is the weighted length that a post may have.
	Limit = 280
	// linkLength is what each link counts for.
	linkLength = 23
)

// light are the ranges of code points that count for one; all others count for two.
var light = [][2]rune{{0, 4351}, {8192, 8205}, {8208, 8223}, {8242, 8247}}

// Length returns the weighted length of a text.
func Length(text string) int {
	text = norm.NFC.String(text)
	n, at := 0, 0
	for _, l := range Links(text) {
		n += plain(text[at:l.Start]) + linkLength
		at = l.End
	}
	return n + plain(text[at:])
}

// Valid reports whether a text has no code point that X refuses.
func Valid(text string) bool {
	for _, r := range text {
		if r == 0xFFFE || r == 0xFEFF || r == 0xFFFF || r == 0xFFFD {
			return false
		}
	}
	return true
}

// plain counts a text without links.
func plain(text string) int {
	runes := []rune(text)
	n := 0
	for i := 0; i < len(runes); {
		if size := emoji(runes[i:]); size > 0 {
			n += 2
			i += size
			continue
		}
		n += weight(runes[i])
		i++
	}
	return n
}

func weight(r rune) int {
	for _, l := range light {
		if l[0] <= r && r <= l[1] {
			return 1
		}
	}
	return 2
}

// The code points that join and vary emoji (https://www.unicode.org/reports/tr51/#Definitions).
const (
	joiner    = 0x200D
	asText    = 0xFE0E
	asPicture = 0xFE0F
	keycap    = 0x20E3
	endOfTags = 0xE007F
)

// emoji returns how many runes the emoji at the beginning has, 0 when there is none.
func emoji(r []rune) int {
	if size := keycapAt(r); size > 0 {
		return size
	}
	if len(r) >= 2 && indicator(r[0]) && indicator(r[1]) {
		return 2
	}
	size := picture(r)
	for size > 0 && size < len(r) && r[size] == joiner {
		more := picture(r[size+1:])
		if more == 0 {
			break
		}
		size += 1 + more
	}
	return size
}

// keycapAt returns the size of a key such as 1️⃣.
func keycapAt(r []rune) int {
	if len(r) == 0 || r[0] != '#' && r[0] != '*' && (r[0] < '0' || r[0] > '9') {
		return 0
	}
	at := 1
	if at < len(r) && r[at] == asPicture {
		at++
	}
	if at < len(r) && r[at] == keycap {
		return at + 1
	}
	return 0
}

func indicator(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }

// picture returns the size of one pictograph with what varies it: its presentation, a skin tone, tags of a flag.
func picture(r []rune) int {
	if len(r) == 0 || !pictograph(r[0]) || len(r) > 1 && r[1] == asText {
		return 0
	}
	// The two signs below 256 are letters unless they are asked to be pictures.
	if r[0] < 256 && (len(r) < 2 || r[1] != asPicture) {
		return 0
	}
	at := 1
	if at < len(r) && r[at] == asPicture {
		at++
	}
	if at < len(r) && 0x1F3FB <= r[at] && r[at] <= 0x1F3FF {
		at++
	}
	tagged := at
	for tagged < len(r) && 0xE0020 <= r[tagged] && r[tagged] < endOfTags {
		tagged++
	}
	if tagged > at && tagged < len(r) && r[tagged] == endOfTags {
		at = tagged + 1
	}
	return at
}

// pictographs are the blocks that emoji come from. What is in them and is no emoji counts for two either way.
var pictographs = [][2]rune{
	{0xA9, 0xA9},
	{0xAE, 0xAE},
	{0x203C, 0x203C},
	{0x2049, 0x2049},
	{0x2122, 0x2122},
	{0x2139, 0x2139},
	{0x2190, 0x21FF},
	{0x2300, 0x23FF},
	{0x2460, 0x24FF},
	{0x25A0, 0x27BF},
	{0x2900, 0x297F},
	{0x2B00, 0x2BFF},
	{0x3030, 0x3030},
	{0x303D, 0x303D},
	{0x3297, 0x3297},
	{0x3299, 0x3299},
	{0x1F000, 0x1F1E5},
	{0x1F200, 0x1FAFF},
}

func pictograph(r rune) bool {
	for _, p := range pictographs {
		if p[0] <= r && r <= p[1] {
			return true
		}
	}
	return false
}
