package truth

import (
	"regexp"

	"daymark/internal/core/lint/figure"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// victims is how a language names those who are trafficked, behind a share of them.
var victims = map[string]*regexp.Regexp{
	"en": regexp.MustCompile(`^[^.!?;\n]{0,50}?\b(?:victims of (?:human |child )?trafficking|(?:human |child )?trafficking victims|trafficked (?:persons|people|women|children|girls|men|victims|individuals|workers)|(?:people|persons|those|children|women) (?:who (?:are|were) )?trafficked|human trafficking (?:survivors|cases)|trafficking survivors)\b`),
	"fr": regexp.MustCompile(`^[^.!?;\n]{0,50}?\b(?:victimes de (?:la )?traite|personnes (?:victimes de traite|soumises à la traite))`),
	"es": regexp.MustCompile(`^[^.!?;\n]{0,50}?(?:víctimas de (?:la )?trata|personas (?:tratadas|víctimas de trata))`),
	"ar": regexp.MustCompile(`^[^.!؟;\n]{0,80}?(?:ضحايا (?:جرائم )?(?:الاتجار|الإتجار))`),
}

// DetectedOnly finds shares of all victims in a sentence that does not say that they are of detected ones: nobody has counted
// the others.
func DetectedOnly(v *prose.View) []subject.Hit {
	re := victims[v.Base]
	if re == nil {
		return nil
	}
	var hits []subject.Hit
	for i, p := range v.Parts {
		for _, fig := range find(v, p) {
			if fig.Shape != figure.Share {
				continue
			}
			m := re.FindStringIndex(p.Words.Lower[fig.End:min(len(p.Words.Lower), fig.End+200)])
			if m == nil {
				continue
			}
			s := p.Words.Sentence(p.Sentences(), fig.Start)
			if found.MatchString(p.Words.Lower[s.Start:s.End]) {
				continue
			}
			hits = append(hits, v.Hit(i, fig.Start, fig.End+m[1], ""))
		}
	}
	return hits
}
