package access

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// picture is one emoji as people see it.
type picture struct {
	start, end int
	text       string
}

// pictures returns the emoji of a text: what is joined, a flag's two letters and a skin tone are one with what they belong to
// (https://www.unicode.org/reports/tr51/#Emoji_Sequences).
func pictures(s string) []picture {
	var list []picture
	joined, flag := false, false
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:]) // a byte that is no UTF-8 is one byte long
		last := len(list) - 1
		touches := last >= 0 && list[last].end == i
		switch {
		case r == '\u200d' || r >= 0xfe00 && r <= 0xfe0f:
			if touches {
				list[last].end = i + size
				joined = r == '\u200d'
			}
			continue
		case touches && (joined || r >= 0x1f3fb && r <= 0x1f3ff || r == 0x20e3 || r >= 0xe0020 && r <= 0xe007f || flag && regional(r)):
			list[last].end = i + size
			flag = false
		case r != 0x20e3 && prose.IsEmoji(r):
			list = append(list, picture{start: i, end: i + size})
			flag = regional(r)
		}
		joined = false
	}
	for i := range list {
		list[i].text = strings.ReplaceAll(s[list[i].start:list[i].end], "\ufe0f", "")
	}
	return list
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// manyEmoji is how many emoji a part may have (https://communications.admin.ox.ac.uk/digital-communications/accessibility/social
// and https://dap.berkeley.edu/social-media/social-media-accessibility-basics ask for few; three is our number).
const manyEmoji = 3

// Emoji finds more emoji than three, the same one twice in a row, emoji in place of a word and emoji as bullets of a list.
func Emoji(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		list := pictures(p.Text)
		if len(list) == 0 {
			continue
		}
		add := func(e picture, message string) {
			hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Start: e.start, End: e.end, Message: message})
		}
		if len(list) > manyEmoji {
			add(list[manyEmoji], fmt.Sprintf("The text has %d emoji. Screen readers speak each.", len(list)))
			continue
		}
		bullets := 0
		for j, e := range list {
			before, after := p.Text[:e.start], p.Text[e.end:]
			switch {
			case j > 0 && strings.TrimSpace(p.Text[list[j-1].end:e.start]) == "" && list[j-1].text == e.text:
				add(e, "The same emoji stands twice in a row.")
			case inPlaceOfWord(before, after):
				add(e, "The emoji stands in place of a word, and not everybody reads it as that word.")
			case strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:]) == "" && strings.TrimSpace(after) != "":
				if bullets++; bullets == 2 {
					add(e, "Emoji stand as the bullets of a list.")
				}
			}
		}
	}
	return hits
}

// inPlaceOfWord reports whether the emoji between the two texts is in the middle of a sentence: letters and no stop before it, on
// the same line, and a small letter behind it.
func inPlaceOfWord(before, after string) bool {
	if strings.HasSuffix(strings.TrimRight(before, " "), "\n") || strings.HasPrefix(strings.TrimLeft(after, " "), "\n") {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimSpace(before))
	next, _ := utf8.DecodeRuneInString(strings.TrimSpace(after))
	return unicode.IsLetter(last) && (unicode.IsLower(next) || unicode.Is(unicode.Arabic, next) && unicode.IsLetter(next))
}
