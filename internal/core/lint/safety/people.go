package safety

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// LinkHost finds links whose host is not on the organisation's list. A host on the list stands for its subdomains too.
func LinkHost(v *prose.View) []subject.Hit {
	if len(v.Hosts) == 0 {
		return nil
	}
	var hits []subject.Hit
	for i, p := range v.Parts {
		for _, link := range p.Links {
			host := ""
			if u, err := url.Parse(link.Text); err == nil {
				host = strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
			}
			if listed(host, v.Hosts) {
				continue
			}
			hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Start: link.Start, End: link.End, Message: fmt.Sprintf("The link leads to %s, which is not on the list of hosts.", orWhole(host, link.Text))})
		}
	}
	return hits
}

func orWhole(host, link string) string {
	if host == "" {
		return link
	}
	return host
}

func listed(host string, hosts []string) bool {
	for _, h := range hosts {
		h = strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(h)), "."), "www.")
		if h != "" && (host == h || strings.HasSuffix(host, "."+h)) {
			return true
		}
	}
	return false
}

// ages are how a text gives one person's age. "14-year-olds" are a group, and so are "children aged 10 to 15" and "under 18".
var ages = map[string]*regexp.Regexp{
	"en": regexp.MustCompile(`(?i)\b(?:aged? (?:of )?(?:\d{1,2}|` + ageWords + `)\b|(?:\d{1,2}|` + ageWords + `)(?: |-)years?(?: |-)old\b|(?:\d{1,2})(?: ?yo| ?y/o)\b|,? (?:who (?:is|was) )?(?:only|just) (?:\d{1,2}|` + ageWords + `)\b)|\p{L}+, \d{1,2},`),
	"fr": regexp.MustCompile(`(?i)âgée?s? de \d{1,2} ans|[aà] l'âge de \d{1,2} ans|(?:\bde|,) \d{1,2} ans\b`),
	"es": regexp.MustCompile(`(?i)\bde \d{1,2} años\b|\ba los \d{1,2} años\b|, \d{1,2} años\b`),
	"ar": regexp.MustCompile(`(?:عمره?ا?|البالغة?(?: من العمر)?|تبلغ(?: من العمر)?|يبلغ(?: من العمر)?) \d{1,2} (?:عاما|سنة|سنوات|أعوام)|(?:عمرها|عمره) \d{1,2}`),
}

// ageSigns are literals of which every age has one.
var ageSigns = map[string][]string{
	"en": {"year", "aged", "age ", "yo", "y/o", "only ", "just ", ", 1", ", 2", ", 3", ", 4", ", 5", ", 6", ", 7", ", 8", ", 9"},
	"fr": {" ans"}, "es": {" años"}, "ar": {"عمر", "بلغ", "بالغ"},
}

const ageWords = `five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty`

// group shows that an age is a group's and not one person's.
var group = regexp.MustCompile(`(?i)\b(?:children|people|girls|boys|teenagers|young people|women|men|adults|pupils|everyone|anyone|users|enfants|personnes|jeunes|filles|garçons|femmes|hommes|élèves|niños|niñas|personas|jóvenes|mujeres|hombres|menores)\s*,?$|(?:الأطفال|أطفال|الأشخاص)\s*$`)

// places are how a text says where a person is from: a word for it and a name. Case matters.
var places = map[string]*regexp.Regexp{
	"en": regexp.MustCompile(`\b(?:[Ff]rom|[Ii]n|[Aa]t|[Nn]ear|[Oo]utside|of) (?:(?:the )?(?:city|town|village) of )?(?:(?:[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)(?:ern)? )?(\p{Lu}[\p{L}'-]+)`),
	"fr": regexp.MustCompile(`(?:^|[^\p{L}])(?:à|de|en|au|aux|dans|près de|originaire de|venue? de) (\p{Lu}[\p{L}'-]+)|(?:^|[^\p{L}])d'(\p{Lu}[\p{L}'-]+)`),
	"es": regexp.MustCompile(`(?:^|[^\p{L}])(?:de|en|cerca de|desde) (\p{Lu}[\p{L}'-]+)`),
	"ar": regexp.MustCompile(`(?:من|في) (?:مدينة|قرية|بلدة|حي) (\p{L}+)`),
}

// notPlaces are words with a capital behind those words that name no place: months, days and what campaigns are called.
var notPlaces = regexp.MustCompile(`(?i)^(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|english|french|spanish|arabic|school|court|home|crisis|world|international|europe|european|human|child|children|facebook|instagram|tiktok|whatsapp|snapchat|discord|roblox|telegram|grade|year|class|care|god|article|chapter|i|it|we|he|she|they)$`)

// AgeAndPlace finds a person's age and the name of a place in one sentence: together they can tell who somebody is.
func AgeAndPlace(v *prose.View) []subject.Hit {
	age, place := ages[v.Base], places[v.Base]
	if age == nil {
		return nil
	}
	var hits []subject.Hit
	for i, p := range v.Parts {
		says := func(s prose.Stretch) bool {
			return slices.ContainsFunc(ageSigns[v.Base], func(sign string) bool { return strings.Contains(p.Words.Lower[s.Start:s.End], sign) })
		}
		if !says(prose.Stretch{End: len(p.Words.Lower)}) {
			continue
		}
		for _, s := range p.Sentences() {
			if says(s) {
				hits = append(hits, ageAndPlace(v, i, s, age, place)...)
			}
		}
	}
	return hits
}

// near is how far apart an age and a place are read together, in bytes.
const near = 120

// manyAges is how many ages of one sentence are looked at.
const manyAges = 200

func ageAndPlace(v *prose.View, part int, at prose.Stretch, age, place *regexp.Regexp) []subject.Hit {
	sentence := v.Parts[part].Words.Plain[at.Start:at.End]
	var stands [][]int // places, once an age stands there
	for _, a := range age.FindAllStringIndex(sentence, manyAges) {
		if group.MatchString(tail(sentence[:a[0]])) || plural.MatchString(sentence[a[1]:]) {
			continue
		}
		if stands == nil {
			if stands = place.FindAllStringSubmatchIndex(sentence, -1); stands == nil {
				return nil
			}
		}
		for len(stands) > 0 && a[0]-stands[0][1] > near {
			stands = stands[1:] // it is as far from the ages that follow
		}
		for _, m := range stands {
			if m[0]-a[1] > near {
				break
			}
			if (m[0] < a[1] && a[0] < m[1] && m[1] <= a[1]) || notPlaces.MatchString(named(sentence, m)) {
				continue
			}
			return []subject.Hit{v.Hit(part, at.Start+min(a[0], m[0]), at.Start+max(a[1], m[1]), "")}
		}
	}
	return nil
}

// tail returns the last words of what stands before an age, without spaces at the end: enough for a group's name.
func tail(s string) string {
	s = strings.TrimRight(s, " ")
	if from := len(s) - near; from > 0 {
		if at := strings.IndexByte(s[from:], ' '); at >= 0 {
			return s[from+at:]
		}
	}
	return s
}

// plural follows an age that is many people's: "14-year-olds", "15 years old or younger", "aged 10 to 15", "aged 18+"; or that of a
// thing: "a 10-year-old charity".
var plural = regexp.MustCompile(`(?i)^(?:s\b|[ -](?:charity|organi[sz]ation|campaign|law|act|treaty|convention|project|programme|program|report|building|tradition|company|network|partnership|study|shelter|helpline|story|history)\b|\s*(?:to|-|and|or|à|a|ou|et|y|o|et)\s*(?:\d|over|under|older|younger|above|plus|moins|más|menos)|\s*\+)`)

func named(s string, m []int) string {
	for g := 2; g+1 < len(m); g += 2 {
		if m[g] >= 0 {
			return s[m[g]:m[g+1]]
		}
	}
	return ""
}
