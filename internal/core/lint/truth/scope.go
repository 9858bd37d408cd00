package truth

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/core/lint/figure"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// found is how a language says that somebody was detected. A fact of that kind counts whom authorities found, not all there are.
var found = regexp.MustCompile(`\b(?:detect|identif|recorded|known to|registered|found|came forward|uncovered)|détect|identifi|repér|recens|enregistr|detectad|detecci|identificad|registrad|مكتشف|اكتشاف|اكتشف|كشف|رصد|تحديد|المحدد|تعرف|مسجل|سجل`)

// area is a part of the world that a fact may be about, with how texts and scopes name it.
type area struct {
	name  string
	scope *regexp.Regexp // in a fact's scope or English text
	text  *regexp.Regexp // in a text, in small letters
}

var areas = []area{
	{"the world", regexp.MustCompile(`(?i)\bworld|\bglobal`), regexp.MustCompile(`\bworldwide|\b(?:in|around|across|of|throughout) the (?:whole |entire )?world\b|\bglobal(?:ly)?\b|\bacross the globe|\bdans le monde|\bà l'échelle (?:mondiale|du monde)|\bau niveau mondial|\bmondialement|\ben (?:todo )?el mundo|\ba (?:nivel|escala) mundial|\bmundialmente|في العالم|حول العالم|في جميع أنحاء العالم|عالميا`)},
	{"the EU", regexp.MustCompile(`\bEU\b|\bEU-27|European Union`), regexp.MustCompile(`\b(?:in|across|throughout) (?:the )?(?:eu|european union|europe)\b|\b(?:eu|european) (?:countries|member states|states)|\bdans l'(?:ue|union)|\ben europe\b|\bpays de l'(?:ue|union)|\ben la (?:ue|unión)|\ben europa\b|\bpaíses de la (?:ue|unión)|الاتحاد الأوروبي|في أوروبا`)},
	{"the UK", regexp.MustCompile(`\bUK\b|United Kingdom`), regexp.MustCompile(`\b(?:in|across|throughout) (?:the uk|the united kingdom|britain|great britain|england|scotland|wales|northern ireland)\b|\bau royaume-uni|\ben el reino unido|في (?:المملكة المتحدة|بريطانيا)`)},
	{"Australia", regexp.MustCompile(`Australia`), regexp.MustCompile(`\b(?:in|across) australia\b|\ben australie|\ben australia|في أستراليا`)},
	{"the US", regexp.MustCompile(`\bUSA?\b|United States`), regexp.MustCompile(`\b(?:in|across|throughout) (?:the (?:us|usa|united states|u\.s\.)|america)(?:[^\p{L}]|$)|\baux états-unis|\ben (?:los )?estados unidos|في الولايات المتحدة`)},
	{"one country", nil, regexp.MustCompile(`\bin (?:our|this) (?:country|city|town|region)\b|\b(?:in|across) (?:ireland|france|spain|germany|italy|portugal|india|canada|kenya|nigeria|morocco|egypt|mexico)\b|\bdans notre (?:pays|ville|région)|\ben (?:france|belgique|espagne|italie|suisse)\b|\ben nuestro país|\ben (?:españa|méxico|francia|argentina|colombia)\b|في بلد(?:نا|ي)|في (?:فرنسا|مصر|المغرب|الأردن|لبنان|تونس)`)},
}

// stated is a fact's figure where a text says it.
type stated struct {
	fact     campaign.Fact
	part     int
	at       prose.Stretch
	sentence string // the sentence around it, in small letters
	offset   int    // of the figure in the sentence
}

// all returns the figures of a fact by shape, with its bare numbers under each.
func all(f campaign.Fact, post string) figures {
	list, numbers := of(f, post)
	for _, shape := range []figure.Shape{figure.Share, figure.Count, figure.Money, figure.Times} {
		list[shape] = append(list[shape], numbers...)
	}
	return list
}

// states returns where the post says figures of the facts.
func states(v *prose.View, facts []campaign.Fact) []stated {
	var list []stated
	var own []figures
	for i, p := range v.Parts {
		figs := find(v, p)
		if len(figs) == 0 {
			continue
		}
		if own == nil {
			for _, f := range facts {
				own = append(own, all(f, v.Base))
			}
		}
		sentences := p.Sentences()
		for _, fig := range figs {
			for j, f := range facts {
				if !slices.ContainsFunc(own[j][fig.Shape], func(value float64) bool { return same(fig, value) }) {
					continue
				}
				s := p.Words.Sentence(sentences, fig.Start)
				list = append(list, stated{fact: f, part: i, at: fig.Stretch, sentence: p.Words.Lower[s.Start:s.End], offset: fig.Start - s.Start})
				break
			}
		}
	}
	return list
}

// FactScope finds figures said of more, or of others, than their fact is about: of all where authorities detected some, of the
// world where one region was counted, of one country where the world was.
func FactScope(v *prose.View) []subject.Hit {
	if len(v.Facts) == 0 {
		return nil
	}
	var hits []subject.Hit
	for _, s := range states(v, v.Facts) {
		if s.fact.Kind == campaign.Detected && found.MatchString(strings.ToLower(s.fact.Texts["en"])) && !found.MatchString(s.sentence) && aboutPeople.MatchString(s.sentence) {
			hits = append(hits, v.Hit(s.part, s.at.Start, s.at.End, fmt.Sprintf("The fact %s counts people whom authorities detected, not all there are.", s.fact.ID)))
			continue
		}
		if own, said, differs := otherArea(s); differs {
			hits = append(hits, v.Hit(s.part, s.at.Start, s.at.End, fmt.Sprintf("The fact %s is about %s (%s). The text says it of %s.", s.fact.ID, own, s.fact.Scope, said)))
		}
	}
	return hits
}

// aboutPeople shows that a sentence counts people or cases, so that "detected" could be said.
var aboutPeople = regexp.MustCompile(`victim|trafficked|trafficking|people|persons|children|women|girls|boys|\bmen\b|cases|traite|personnes|enfants|femmes|filles|trata|víctima|personas|niñ|mujeres|ضحايا|ضحية|الاتجار|أطفال|نساء|فتيات`)

// otherArea reports whether the sentence names areas of which none is the fact's own.
func otherArea(s stated) (own, said string, differs bool) {
	for _, a := range areas {
		switch {
		case a.scope != nil && a.scope.MatchString(s.fact.Scope):
			if a.text.MatchString(s.sentence) {
				return "", "", false
			}
			if own == "" {
				own = a.name
			}
		case said == "" && a.text.MatchString(s.sentence):
			said = a.name
		}
	}
	return own, said, own != "" && said != ""
}

// wider are the nouns of the estimates that count more than trafficking; trafficked is how a text says trafficking.
var (
	wider      = regexp.MustCompile(`forced labou?r|modern slavery|forced marriage|child labou?r|travail forcé|esclavage moderne|mariage forcé|travail des enfants|trabajo forzoso|trabajo forzado|esclavitud moderna|matrimonio forzado|trabajo infantil|العمل القسري|العمل الجبري|العبودية الحديثة|الرق الحديث|الزواج القسري|عمل الأطفال`)
	trafficked = regexp.MustCompile(`traffick|\btraite\b|\btrata\b|الاتجار|الإتجار`)
	nouns      = regexp.MustCompile(wider.String() + "|" + trafficked.String())
)

// reach is how far from a figure the noun that it counts is looked for, in bytes.
const reach = 90

// WiderEstimate finds estimates of forced labour or modern slavery that are said of trafficking: the noun nearest to the figure,
// first behind it and then before it, is trafficking.
func WiderEstimate(v *prose.View) []subject.Hit {
	if !speaks(v) {
		return nil
	}
	var facts []campaign.Fact
	seen := map[string]bool{}
	add := func(f campaign.Fact) {
		if f.Kind == campaign.Estimate && !seen[f.ID] && wider.MatchString(strings.ToLower(f.Texts["en"])) {
			seen[f.ID] = true
			facts = append(facts, f)
		}
	}
	for _, f := range v.Facts {
		add(f)
	}
	for _, id := range slices.Sorted(maps.Keys(v.Known)) {
		add(v.Known[id])
	}
	if len(facts) == 0 {
		return nil
	}
	var hits []subject.Hit
	for _, s := range states(v, facts) {
		behind := s.sentence[s.offset:min(len(s.sentence), s.offset+reach)]
		ahead := s.sentence[max(0, s.offset-reach):s.offset]
		noun := nouns.FindString(behind)
		if all := nouns.FindAllString(ahead, -1); noun == "" && len(all) > 0 {
			noun = all[len(all)-1]
		}
		if trafficked.MatchString(noun) {
			hits = append(hits, v.Hit(s.part, s.at.Start, s.at.End, widerMessage(s.fact)))
		}
	}
	return hits
}

func widerMessage(f campaign.Fact) string {
	return fmt.Sprintf("The fact %s counts more than trafficking: it says “%s”.", f.ID, strings.TrimSuffix(f.Texts["en"], "."))
}
