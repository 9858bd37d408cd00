package access

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// fancy reports whether a character is a letter or digit in a dress: mathematical alphabets, letters in circles and squares, full
// width (https://www.unicode.org/charts/PDF/U1D400.pdf, U2460.pdf, U1F100.pdf, UFF00.pdf).
func fancy(r rune) bool {
	return r >= 0x1d400 && r <= 0x1d7ff || r >= 0x24b6 && r <= 0x24e9 || r >= 0xff21 && r <= 0xff3a || r >= 0xff41 && r <= 0xff5a ||
		r >= 0x1f130 && r <= 0x1f149 || r >= 0x1f150 && r <= 0x1f169
}

// FancyLetters finds stretches of letters that screen readers spell out as symbols, or leave out.
func FancyLetters(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		for at := 0; at < len(p.Text); {
			from := strings.IndexFunc(p.Text[at:], fancy)
			if from < 0 {
				break
			}
			from += at
			end := from
			for j, r := range p.Text[from:] {
				if fancy(r) {
					end = from + j + utf8.RuneLen(r)
				} else if !unicode.IsSpace(r) {
					break
				}
			}
			hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Start: from, End: end})
			at = end
		}
	}
	return hits
}

// A telephone number is a run of seven digits or more; a number of so many digits is written with separators or as millions.
const fewDigits, manyDigits = 7, 15

// PhoneFormat finds telephone numbers whose digits are not grouped.
func PhoneFormat(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		s := p.Words.Plain
		for at := 0; at < len(s); at++ {
			start := at
			for at < len(s) && s[at] >= '0' && s[at] <= '9' && at-start < manyDigits {
				at++
			}
			end := at
			if at-start >= manyDigits {
				at-- // what follows is read as the next run
			}
			if end-start < fewDigits {
				continue
			}
			if start > 0 && s[start-1] == '+' {
				start--
			}
			before, _ := utf8.DecodeLastRuneInString(s[:start])
			after, _ := utf8.DecodeRuneInString(s[end:])
			if strings.ContainsRune("$£€.,/=_-", before) && before != utf8.RuneError || unicode.IsLetter(before) || unicode.IsLetter(after) || unicode.IsDigit(after) || after == '_' || after == '@' {
				continue
			}
			hits = append(hits, v.Hit(i, start, end, ""))
		}
	}
	return hits
}

var (
	capitals = regexp.MustCompile(`^\p{Lu}{2,6}s?$`)
	roman    = regexp.MustCompile(`^[IVXLCDM]+$`)
)

// known are acronyms that need no explanation: those that most readers know better than what they stand for.
var known = words(`UN EU UK US USA UAE ONU UE EE UU USA NGO NGOs ONG ONGs OK TV PC CD DVD PDF FAQ FAQs SMS GPS ID IDs AM PM AD BC DIY DNA HIV AIDS VIH
	SIDA UNICEF UNESCO NATO OTAN NASA FBI CIA BBC CNN NHS WHO OMS COVID GMT UTC BST CET CEST EST PST CEO LGBT LGBTQ LGBTQI PIN QR RSVP
	SOS URL USB VIP VPN WWW HTTP HTTPS APP IT PR HR AI IA XL PS AKA ASAP ISBN RIP TED UNODC ILO IOM OIT OIM ONUDC UNHCR USD EUR GBP SDG SDGs TM PO`)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// UnexplainedAcronym finds acronyms that few know and that the post spells out nowhere, once each. An acronym in brackets stands
// behind its long form, and one before brackets is explained in them. Words in block capitals side by side are none.
func UnexplainedAcronym(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	seen := map[string]bool{}
	for i, p := range v.Parts {
		s := p.Words.Plain
		list := wordsOf(s)
		for j, m := range list {
			word := s[m.Start:m.End]
			if first, size := utf8.DecodeRuneInString(word); !unicode.IsUpper(first) || size == len(word) || !capitals.MatchString(word) {
				continue
			}
			stem := strings.TrimSuffix(word, "s")
			if known[word] || known[stem] || seen[stem] || roman.MatchString(word) || shouted(s, list, j) {
				continue
			}
			seen[stem] = true
			if strings.HasSuffix(s[:m.Start], "(") || strings.HasPrefix(strings.TrimLeft(s[m.End:], " "), "(") || strings.HasPrefix(s[m.End:], " - ") || strings.HasPrefix(s[m.End:], ", the ") {
				continue
			}
			hits = append(hits, v.Hit(i, m.Start, m.End, fmt.Sprintf("Not everybody knows what %s stands for.", word)))
		}
	}
	return hits
}

// wordsOf returns the words of a text: a letter or digit with the letters, digits, apostrophes and hyphens that follow.
func wordsOf(s string) []prose.Stretch {
	var list []prose.Stretch
	start := -1
	for i, r := range s {
		sign := unicode.IsLetter(r) || unicode.In(r, unicode.N)
		switch {
		case start < 0 && sign:
			start = i
		case start >= 0 && !sign && r != '\'' && r != '-':
			list = append(list, prose.Stretch{Start: start, End: i})
			start = -1
		}
	}
	if start >= 0 {
		list = append(list, prose.Stretch{Start: start, End: len(s)})
	}
	return list
}

// shouted reports whether a word stands beside another in block capitals, so that it is no acronym.
func shouted(s string, list []prose.Stretch, at int) bool {
	for _, n := range []int{at - 1, at + 1} {
		if n < 0 || n >= len(list) {
			continue
		}
		word := s[list[n].Start:list[n].End]
		between := s[min(list[at].End, list[n].End):max(list[at].Start, list[n].Start)]
		if utf8.RuneCountInString(word) > 1 && strings.ToUpper(word) == word && strings.IndexFunc(word, unicode.IsLetter) == 0 && between == " " {
			return true
		}
	}
	return false
}
