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

// telephone is a run of seven digits or more; a number of so many digits is written with separators or as millions.
var telephone = regexp.MustCompile(`\+?[0-9]{7,15}`)

// PhoneFormat finds telephone numbers whose digits are not grouped.
func PhoneFormat(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		for _, m := range telephone.FindAllStringIndex(p.Words.Plain, -1) {
			before, _ := utf8.DecodeLastRuneInString(p.Words.Plain[:m[0]])
			after, _ := utf8.DecodeRuneInString(p.Words.Plain[m[1]:])
			if strings.ContainsRune("$£€.,/=_-", before) && before != utf8.RuneError || unicode.IsLetter(before) || unicode.IsLetter(after) || unicode.IsDigit(after) || after == '_' || after == '@' {
				continue
			}
			hits = append(hits, v.Hit(i, m[0], m[1], ""))
		}
	}
	return hits
}

var (
	acronym  = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{N}'-]*`)
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
		list := acronym.FindAllStringIndex(s, -1)
		for j, m := range list {
			word := s[m[0]:m[1]]
			if !capitals.MatchString(word) {
				continue
			}
			stem := strings.TrimSuffix(word, "s")
			if known[word] || known[stem] || seen[stem] || roman.MatchString(word) || shouted(s, list, j) {
				continue
			}
			seen[stem] = true
			if strings.HasSuffix(s[:m[0]], "(") || strings.HasPrefix(strings.TrimLeft(s[m[1]:], " "), "(") || strings.HasPrefix(s[m[1]:], " - ") || strings.HasPrefix(s[m[1]:], ", the ") {
				continue
			}
			hits = append(hits, v.Hit(i, m[0], m[1], fmt.Sprintf("Not everybody knows what %s stands for.", word)))
		}
	}
	return hits
}

// shouted reports whether a word stands beside another in block capitals, so that it is no acronym.
func shouted(s string, list [][]int, at int) bool {
	for _, n := range []int{at - 1, at + 1} {
		if n < 0 || n >= len(list) {
			continue
		}
		word := s[list[n][0]:list[n][1]]
		between := s[min(list[at][1], list[n][1]):max(list[at][0], list[n][0])]
		if utf8.RuneCountInString(word) > 1 && strings.ToUpper(word) == word && strings.IndexFunc(word, unicode.IsLetter) == 0 && between == " " {
			return true
		}
	}
	return false
}
