package safety

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/text"
)

// helpTokens begin the names of the tokens that put help into a text.
var helpTokens = []string{"helpline", "support", "resources_at_risk", "emergency"}

// NoHelpline finds a sensitive post that names no help at all. A helpline, the organisation's support note and the sentence for
// emergencies all count, also when their tokens are not filled yet.
func NoHelpline(v *prose.View) []subject.Hit {
	if !v.Sensitive || len(v.Helplines) > 0 || slices.ContainsFunc(helpTokens, v.HasToken) {
		return nil
	}
	for _, p := range v.Parts {
		if slices.ContainsFunc(emergencySigns, func(sign string) bool { return strings.Contains(p.Words.Lower, sign) }) && emergency.MatchString(p.Words.Lower) {
			return nil
		}
	}
	return []subject.Hit{subject.Whole("", "")}
}

// emergency is how a text says whom to call in danger, written out. 112 works in the European Union
// (https://eur-lex.europa.eu/eli/dir/2018/1972/oj, article 109), 999 and 911 where people know them.
var emergency = regexp.MustCompile(`\bemergency (?:number|services?)\b|\bcall (?:112|999|911)\b|num[eé]ro d'urgence|services? d'urgence|n[uú]mero de emergencias?|servicios de emergencia|رقم الطوارئ|بالطوارئ`)

// emergencySigns are literals of which every such sentence has one.
var emergencySigns = []string{"emergenc", "call ", "urgence", "طوارئ"}

// HelplineUnchecked finds helplines whose check by a person does not hold when the post goes out.
func HelplineUnchecked(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for _, h := range v.Helplines {
		if h.Valid {
			continue
		}
		say := fmt.Sprintf("Nobody has checked the helpline %s.", h.ID)
		if !h.Until.IsZero() {
			say = fmt.Sprintf("The last check of the helpline %s holds only until %s.", h.ID, h.Until.UTC().Format("2 January 2006"))
		}
		hits = append(hits, subject.Whole(say, ""))
	}
	return hits
}

// HelplineCountry finds helplines of a country where the post's readers are not, and reporting lines offered as support. A
// European number stands everywhere.
func HelplineCountry(v *prose.View) []subject.Hit {
	countries := v.Countries
	if len(countries) == 0 && v.Country != "" {
		countries = []string{v.Country}
	}
	var hits []subject.Hit
	for _, h := range v.Helplines {
		switch {
		case h.Reporting:
			hits = append(hits, subject.Whole(fmt.Sprintf("The helpline %s takes reports for the police. It is no support.", h.ID), ""))
		case len(countries) == 0 || h.Country == "EU" || h.Country == "" || slices.Contains(countries, h.Country):
		default:
			hits = append(hits, subject.Whole(fmt.Sprintf("The helpline %s is for %s. This post is for %s.", h.ID, h.Country, strings.Join(countries, ", ")), ""))
		}
	}
	return hits
}

// NoContentNote finds a sensitive post without a content note. A text that begins with one has one.
func NoContentNote(v *prose.View) []subject.Hit {
	if !v.Sensitive || strings.TrimSpace(v.ContentNote) != "" {
		return nil
	}
	if len(v.Parts) > 0 && ownNote.MatchString(v.Parts[0].Words.Plain) {
		return nil
	}
	return []subject.Hit{subject.Whole("", "")}
}

var ownNote = regexp.MustCompile(`(?i)^\W{0,3}(?:content (?:note|warning)|trigger warning|cn|cw|tw|avertissement|contenu sensible|aviso(?: de contenido)?|advertencia|تنبيه|تحذير)\s*[:/-]`)

// LeftoverToken finds what is left of a token where every token should be filled, and double braces that make no token anywhere.
func LeftoverToken(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		hits = append(hits, leftover(p.Text, v.Filled, subject.Hit{Part: i, Field: subject.Text})...)
		for j, picture := range p.Pictures {
			hits = append(hits, leftover(picture.Alt, v.Filled, subject.Hit{Part: i, Field: subject.Alt, Picture: j})...)
		}
	}
	return append(hits, leftover(v.ContentNote, v.Filled, subject.Hit{Field: subject.ContentNote})...)
}

func leftover(s string, filled bool, at subject.Hit) []subject.Hit {
	if !strings.Contains(s, "{{") && !strings.Contains(s, "}}") {
		return nil
	}
	var hits []subject.Hit
	add := func(start, end int, message string) {
		at.Start, at.End, at.Message = start, end, message
		hits = append(hits, at)
	}
	from := 0
	stray := func(to int) {
		for _, m := range braces.FindAllStringIndex(s[from:to], -1) {
			add(from+m[0], from+m[1], fmt.Sprintf("%q is no token: its braces are not in pairs, or its name has other signs than letters, digits, _, : and -.", s[from+m[0]:from+m[1]]))
		}
	}
	for _, t := range text.Tokens(s) {
		stray(t.Start)
		if filled {
			add(t.Start, t.End, fmt.Sprintf("Nothing has filled the token {{%s}}.", t.Name))
		}
		from = t.End
	}
	stray(len(s))
	return hits
}

// braces are double braces with the word beside them.
var braces = regexp.MustCompile(`\{\{+[^\s{}]{0,40}\}{0,2}|[^\s{}]{0,40}\}\}+`)
