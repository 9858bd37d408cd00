package x

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxName = 20 // letters of a name that twitter-text reads; accounts today have at most 15

// Entities returns the links, hashtags and mentions of a text in order and without overlap: of two that overlap, the one that
// begins first stays.
func Entities(s string) []Entity {
	var all []Entity
	for _, l := range links(s) {
		all = append(all, Entity{Kind: URL, Start: l.Start, End: l.End, Text: s[l.Start:l.End]})
	}
	all = appendHashtags(all, s)
	all = appendMentions(all, s)
	slices.SortStableFunc(all, func(a, b Entity) int { return cmp.Compare(a.Start, b.Start) })
	kept, free := all[:0], 0
	for _, e := range all {
		if e.Start >= free {
			kept, free = append(kept, e), e.End
		}
	}
	return kept
}

// appendHashtags adds the hashtags: a sign at the start or behind what is no part of a word, then letters, marks, digits and a few
// signs that join words, one letter or mark among them.
func appendHashtags(all []Entity, s string) []Entity {
	free := 0 // a hashtag needs a character before it that no other has
	for at := 0; at < len(s); {
		if at = nextSign(s, at, '#', "＃"); at == len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		end := at + size
		if at == 0 || (at > free && !endsWord(s[:at])) {
			if stop := nameEnd(s, at+size); stop > 0 {
				if !startsWithAny(s[stop:], "#", "＃", "://") {
					all = append(all, Entity{Kind: Hashtag, Start: at, End: stop, Text: s[at+size : stop]})
				}
				end, free = stop, stop
			}
		}
		at = end
	}
	return all
}

// nextSign returns where a sign in its narrow or wide form stands at or behind an offset, the text's length when none does.
func nextSign(s string, at int, narrow byte, wide string) int {
	for at < len(s) && s[at] != narrow && (s[at] != wide[0] || !strings.HasPrefix(s[at:], wide)) {
		at++
	}
	return at
}

// nameEnd returns where the hashtag's name ends that begins at an offset, 0 when it has no letter. A sign with a variation
// selector or a keycap is an emoji.
func nameEnd(s string, at int) int {
	if startsWithAny(s[at:], "\ufe0f", "\u20e3") {
		return 0
	}
	lettered := false
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		if !inTag(r) {
			break
		}
		lettered = lettered || unicode.IsLetter(r) || unicode.IsMark(r)
		at += size
	}
	if !lettered {
		return 0
	}
	return at
}

// inTag reports whether a character may stand in a hashtag.
func inTag(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || isAlphanumeric(r)
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune(joinsTag, r)
}

// joinsTag are the joiners and the signs of scripts that twitter-text lets stand in a hashtag (hashtagSpecialChars).
const joinsTag = "_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"

// endsWord reports whether a text ends in what keeps a sign behind it from making a hashtag. Variation selectors do not, so that a
// hashtag may follow an emoji.
func endsWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r == '&' || (r != '\ufe0e' && r != '\ufe0f' && inTag(r))
}

// appendMentions adds the mentions: a sign that is not behind a letter, digit or certain marks, then a name.
func appendMentions(all []Entity, s string) []Entity {
	free := 0
	for at := 0; at < len(s); {
		if at = nextSign(s, at, '@', "＠"); at == len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		start := at + size
		end := start
		for end < len(s) && end-start < maxName && (s[end] == '_' || isAlphanumeric(rune(s[end]))) {
			end++
		}
		if end == start || !mayMention(s, free, at) {
			at = start
			continue
		}
		next := end
		if list := listEnd(s, end); list > 0 {
			next = list
		}
		after, _ := utf8.DecodeRuneInString(s[next:])
		if next == end && !isAccented(after) && !startsWithAny(s[next:], "@", "＠", "://") {
			all = append(all, Entity{Kind: Mention, Start: at, End: end, Text: s[start:end]})
		}
		at, free = next, next
	}
	return all
}

// mayMention reports whether what stands before an offset lets a mention begin there: the start, what is no letter, digit or one of
// some marks, or the RT of a repeated post.
func mayMention(s string, free, at int) bool {
	if at == 0 {
		return true
	}
	if at <= free && free > 0 {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	if r != '_' && !isAlphanumeric(r) && !strings.ContainsRune("!#$%&*@＠", r) {
		return true
	}
	before := s[free:at]
	if len(before) < 2 || !strings.EqualFold(before[len(before)-2:], "rt") {
		return false
	}
	if before = before[:len(before)-2]; before == "" {
		return free == 0
	}
	r, _ = utf8.DecodeLastRuneInString(before)
	return !isAlphanumeric(r) && !strings.ContainsRune("_+~.-", r)
}

// listEnd returns where the name of a list ends that may follow a name, 0 when there is none; a list is no mention.
func listEnd(s string, at int) int {
	if at+1 >= len(s) || s[at] != '/' || !isLetter(s[at+1]) {
		return 0
	}
	end := at + 2
	for end < len(s) && end-at <= 25 && (s[end] == '_' || s[end] == '-' || isAlphanumeric(rune(s[end]))) {
		end++
	}
	return end
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func startsWithAny(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
