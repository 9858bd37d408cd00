package access

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/text"
)

// tagWords are words that hashtags of awareness days are made of, in English, French and Spanish. They serve to tell
// #endhumantrafficking, which is three words, from #volunteering, which is one.
var tagWords = words(`end stop human trafficking traffic slavery modern day world blue heart child children labour labor work worker workers
	rights right safer safe internet days campaign against violence women woman girl girls boys men missing help hope freedom free people
	person persons awareness month week join us together care support survivor survivors victim victims action act now no more never again
	be the change it is on of for to and in my our your all every one save protect kids youth young stand up speak out fair trade justice
	global international national eu un day learn share wear ask know signs spot forced marriage online abuse exploitation sexual prevention
	prevent education school health mental love peace give giving tuesday charity black lives matter me too time future faith
	traite des etres humains humaine contre la le les journee mondiale enfants enfant travail femmes coeur bleu droits non ensemble agir
	trata de personas contra dia mundial corazon azul infantil mujeres derechos humanos alto basta ninas ninos juntos esclavitud`)

// oneWord are long words that could be split into words above and are one.
var oneWord = words(`together forever wherever freedom childhood womanhood manhood workforce homework network networks support nowhere
	online outreach safeguarding understanding upstanding outstanding volunteering fundraising sponsorship internationally
	awareness international exploitation humanitarian responsibility sustainability`)

// longTag is the length from which an unknown tag in small letters is taken to be several words.
const longTag = 17

// TagCase finds hashtags of several words in small letters alone. Scripts without case have no capitals to part words with, and
// the low line parts them too.
func TagCase(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	judge := func(tag text.Span, at subject.Hit) {
		name := strings.TrimPrefix(strings.TrimPrefix(tag.Text, "#"), "＃")
		if better, bad := capitalise(name); bad {
			at.Start, at.End = tag.Start, tag.End
			if better != "" {
				at.Suggestion = fmt.Sprintf("Write #%s.", better)
			}
			hits = append(hits, at)
		}
	}
	for i, p := range v.Parts {
		for _, tag := range p.Tags {
			judge(tag, subject.Hit{Part: i, Field: subject.Text})
		}
	}
	for _, tag := range v.ListedTags() {
		judge(tag, subject.Hit{Field: subject.Hashtags})
	}
	return hits
}

// capitalise reports whether a tag's name needs capitals, with the name as it should be when its words are known.
func capitalise(name string) (string, bool) {
	if strings.Contains(name, "_") || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) && !unicode.IsLower(r) }) {
		return "", false
	}
	letters := strings.TrimFunc(name, unicode.IsDigit)
	if len(letters) < 5 || len(letters) > 200 || oneWord[letters] || tagWords[letters] {
		return "", false
	}
	if parts := split(letters); len(parts) > 1 {
		for i, p := range parts {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
		return strings.Replace(name, letters, strings.Join(parts, ""), 1), true
	}
	return "", utf8.RuneCountInString(letters) >= longTag
}

// split parts letters into as few known words as it can, and returns nil when it cannot. A word of one or two letters counts
// only beside longer ones: a tag of two words has one of four letters at least.
func split(s string) []string {
	best := make([][]string, len(s)+1)
	best[0] = []string{}
	for end := 1; end <= len(s); end++ {
		for start := max(0, end-16); start < end; start++ {
			if best[start] != nil && tagWords[s[start:end]] && (best[end] == nil || len(best[start])+1 < len(best[end])) {
				best[end] = append(slices.Clone(best[start]), s[start:end])
			}
		}
	}
	parts := best[len(s)]
	if !slices.ContainsFunc(parts, func(p string) bool { return len(p) >= 4 }) {
		return nil
	}
	return parts
}

// mostTags is how many hashtags of a text are looked at; a text with more has other faults.
const mostTags = 50

// TagsInSentence finds the second hashtag that stands inside sentences: words follow it before the next empty line.
func TagsInSentence(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		inside := 0
		for _, tag := range p.Tags[:min(len(p.Tags), mostTags)] {
			if !followed(p, tag.End) {
				continue
			}
			if inside++; inside == 2 {
				hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Start: tag.Start, End: tag.End})
				break
			}
		}
	}
	return hits
}

// followed reports whether prose comes behind the offset before the paragraph ends.
func followed(p prose.Part, at int) bool {
	rest := p.Words.Plain[min(p.Words.At(at), len(p.Words.Plain)):]
	if end := strings.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end]
	}
	return strings.ContainsFunc(rest, unicode.IsLetter)
}
