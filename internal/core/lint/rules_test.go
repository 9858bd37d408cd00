package lint_test

import (
	"fmt"

	"daymark/internal/core/lint"
)

// everyRule returns rules of the shapes that campaigns/lint.yaml has: patterns of a dozen words with their exceptions, in four
// languages, and one rule for every check.
func everyRule() []lint.Rule {
	var rules []lint.Rule
	for i, find := range []string{
		`\b(?:rescu(?:e|ed|es|ing)|sav(?:e|ed|ing) (?:a |the )?(?:victims?|girls?|children|lives)|set(?:ting)? (?:them|her|him|victims?|slaves?) free)\b`,
		`\b(?:child|teen(?:age)?|underage|juvenile)[ -]?(?:prostitut\w*|sex[ -]?workers?|porn(?:ography)?|escorts?)\b`,
		`\bvoice (?:for|of|to) (?:the )?voiceless\b|\bgiv(?:e|ing) (?:them|victims?|survivors?) a voice\b`,
		`\b(?:sex slaves?|slaves?|sold like|cattle|merchandise|commodit(?:y|ies)|prey(?:ed|s)? (?:up)?on|monsters?|evil|shocking|horrific|horrifying|heinous|nightmares?|scourge|unspeakable|harrowing)\b`,
		`\bvictims?\b`, `\b(?:illegal (?:immigrants?|migrants?|aliens?)|illegals)\b`,
		`\bhuman smuggling\b.{0,40}\btrafficking\b|\bsmugglers? and traffickers?\b|\btraffick(?:ed|ing)\b.{0,30}\bacross (?:the |our )?borders?\b`,
		`\b(?:kidnap\w*|snatch\w*|abduct\w*|stranger danger|white vans?|zip ties? on)\b`, `\b(?:our|my) (?:girls|victims|survivors)\b`,
		`\bmodern[- ]day slavery\b`, `\b(?:21 million|24\.9 million|40(?:\.3)? million|160 million)\b|\$ ?(?:32|150) ?(?:billion|bn)|fastest[- ]growing (?:criminal|crime|organi[sz]ed)`,
		`\b(?:confront|approach|follow|photograph|film)\b[^.]{0,30}\b(?:traffickers?|suspects?|victims?)\b`,
		`\b(?:click|tap) here\b|\bread more\b\s*$`, `\p{Lu}{3,}(?:\s+\p{Lu}{2,})+`,
	} {
		for j := range 4 {
			r := pattern(fmt.Sprintf("P-%d-%d", i, j), find, `\bvictim support\b`, `\bslave trade\b`)
			r.Patterns[0].Exact = i == 13
			r.Patterns = append(r.Patterns, lint.Pattern{Language: "fr", Find: `(?:^|[^\p{L}])esclaves? (?:sexuel|moderne)s?`}, lint.Pattern{Language: "es", Find: `(?:esclav[oa]s? sexual(?:es)?|rescat(?:ar|amos|ó))`}, lint.Pattern{Language: "ar", Find: `(?:عبيد|إنقاذ الضحايا)`})
			rules = append(rules, r)
		}
	}
	for i, name := range lint.Checks() {
		rules = append(rules, lint.Rule{ID: fmt.Sprintf("C-%02d", i), How: lint.Automatic, Severity: lint.Warning, Message: "No.", Check: name})
	}
	for i, name := range lint.Conditions() {
		rules = append(rules, lint.Rule{ID: fmt.Sprintf("Q-%d", i), How: lint.Asked, Severity: lint.Error, Message: "No.", Question: "Is it?", About: lint.AboutPicture, Right: "no", When: name})
	}
	return rules
}
