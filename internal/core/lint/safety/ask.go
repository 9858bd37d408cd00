package safety

import (
	"regexp"
	"slices"
	"strings"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// quoted is at least four words between quotation marks; said is how a text hands on what somebody told.
var (
	quoted = regexp.MustCompile(`"[^"\n]*?\p{L}+(?:[^\p{L}"\n]+\p{L}+){3,}[^"\n]*"|(?:^|[\s(])'\p{L}+(?:[^\p{L}\n]+\p{L}+){3,}[^\p{L}\n]*'(?:$|[\s.,;)])`)
	said   = map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)\b(?:told (?:us|me|our)|(?:she|he|they|survivors?|\p{L}+ \(not (?:her|his|their) real name\)) (?:said|says|recalls?|remembers?|explains?|shared with us)|in (?:her|his|their) (?:own )?words|(?:survivor|victim|person|woman|man|girl|boy) (?:said|says|told))\b`),
		"fr": regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:nous a (?:dit|raconté|confié)|dit-(?:elle|il)|a-t-(?:elle|il) (?:dit|raconté)|témoigne(?:-t-(?:elle|il))?|raconte(?:-t-(?:elle|il))?|selon ses mots)(?:$|[^\p{L}])`),
		"es": regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:nos (?:dijo|contó|cuenta|explicó)|(?:dijo|dice|cuenta|recuerda|relata) (?:ella|él|una|un|la|el)|en sus (?:propias )?palabras)(?:$|[^\p{L}])`),
		"ar": regexp.MustCompile(`(?:^|[^\p{L}])(?:قالت|قال|تقول|يقول|أخبرتنا|أخبرنا|تروي|يروي|حكت|روت)(?: لنا)?(?:$|[^\p{L}])`),
	}
	money = map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)[£$€]\s?\d+ (?:can|could|will|would|pays?|buys?|helps?)\b|\b(?:donat(?:e|es|ed|ing|ions?)|fund(?:rais\w+)|fund (?:a|our|the|this|their|more)|give (?:today|now|monthly|generously|what you can)|your gift|chip in|(?:make|send|leave) a gift|crowdfund\w*|text to give|give [£$€]\s?\d+)\b`),
		"fr": regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:faites un don|faire un don|fais un don|vos dons?|votre don|un don de|donnez|collecte de fonds|cagnotte|soutenez(?:-nous)? financièrement)(?:$|[^\p{L}])`),
		"es": regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:don[ae](?:r|s|n|mos)?|donaci(?:ón|ones)|donativos?|haz una donación|tu aporte|recaud\p{L}+ fondos|apadrina)(?:$|[^\p{L}])`),
		"ar": regexp.MustCompile(`(?:^|[^\p{L}])(?:[وفل]?(?:ال)?تبرع(?:وا|ات|كم|ك|ي|ا)?|للتبرع|جمع التبرعات)(?:$|[^\p{L}])`),
	}
)

// LogoAsksMoney finds a post that asks for money beside somebody's official logo: owners do not lend their mark to that.
func LogoAsksMoney(v *prose.View) []subject.Hit {
	if !slices.ContainsFunc(v.Parts, func(p prose.Part) bool {
		return slices.ContainsFunc(p.Pictures, func(o subject.Picture) bool { return o.Logo })
	}) || !AsksMoney(v) {
		return nil
	}
	return []subject.Hit{subject.Whole("", "")}
}

// HasQuote reports whether the post seems to hand on a person's words: four words or more between quotation marks of any
// kind, or a word such as "said" or "told us".
func HasQuote(v *prose.View) bool {
	for _, p := range v.Parts {
		if strings.ContainsAny(p.Words.Plain, `"'`) && quoted.MatchString(p.Words.Plain) || (said[v.Base] != nil && said[v.Base].MatchString(p.Words.Plain)) {
			return true
		}
	}
	return false
}

// AsksMoney reports whether the post asks for money.
func AsksMoney(v *prose.View) bool {
	re := money[v.Base]
	for _, p := range v.Parts {
		if re != nil && re.MatchString(p.Words.Plain) {
			return true
		}
	}
	return false
}
