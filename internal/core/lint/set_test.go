package lint_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"daymark/internal/core/lint"

	"github.com/google/go-cmp/cmp"
)

// pattern returns an automatic rule with one pattern.
func pattern(id, find string, except ...string) lint.Rule {
	return lint.Rule{
		ID: id, How: lint.Automatic, Severity: lint.Error, Message: "No.", Patterns: []lint.Pattern{{Find: find, Except: except}},
		Bad: []lint.Example{{Text: "x"}}, Good: []lint.Example{{Text: "y"}},
	}
}

func newSet(t testing.TB, rules ...lint.Rule) *lint.Set {
	t.Helper()
	s, err := lint.New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func english(text string) lint.Subject {
	return lint.Subject{Language: "en", Parts: []lint.Part{{Text: text}}}
}

func quotes(found []lint.Finding) []string {
	var list []string
	for _, f := range found {
		list = append(list, f.Quote)
	}
	return list
}

func TestPatternsMatchAsACarefulReaderReads(t *testing.T) {
	t.Parallel()
	set := newSet(t, pattern("P-1", `\b(our|my) (girls|victims|survivors)\b`), pattern("P-2", `\bdon't look\b`),
		pattern("P-3", `\bmodern[- ]day slavery\b`), pattern("P-4", `\bslaves?\b`, `\bslave trade\b`, `\bfugitive slaves? act\b`),
		lint.Rule{
			ID: "P-5", How: lint.Automatic, Severity: lint.Error, Message: "Non.", Bad: []lint.Example{{}}, Good: []lint.Example{{}},
			Patterns: []lint.Pattern{{Language: "fr", Find: `\bémus?\b`}, {Language: "ar", Find: `\bالعبيد\b`}},
		})
	for _, tt := range []struct {
		language, text string
		want           []string
	}{
		{"en", "Our girls are safe.", []string{"Our girls"}},
		{"en", "our\ngirls", []string{"our\ngirls"}},
		{"en", "our 💙 girls", []string{"our 💙 girls"}},
		{"en", "our\u202fgirls and our\u00a0\u00a0victims", []string{"our\u202fgirls", "our\u00a0\u00a0victims"}},
		{"en", "o\u200bur gi\u00adrls", []string{"o\u200bur gi\u00adrls"}},
		{"en", "flour girls", nil},
		{"en", "our\n\ngirls", nil},
		{"en", "𝗼𝘂𝗿 𝗴𝗶𝗿𝗹𝘀", []string{"𝗼𝘂𝗿 𝗴𝗶𝗿𝗹𝘀"}},
		{"en", "Don’t look", []string{"Don’t look"}},
		{"en", "modern‑day slavery, modern–day slavery", []string{"modern‑day slavery", "modern–day slavery"}},
		{"en", "modern day ❤️‍🔥 slavery", []string{"modern day ❤️‍🔥 slavery"}},
		{"en", "The slave trade ended; slaves did not vanish.", []string{"slaves"}},
		{"en", "The Fugitive Slave Act", nil},
		{"en", "See https://example.org/our-girls/slaves @slaves #Slaves {{slaves}} slaves.org", nil},
		{"fr", "Nous sommes émus.", []string{"émus"}},
		{"fr", "rémus, émust", nil},
		{"fr-CA", "ÉMU", []string{"ÉMU"}},
		{"en", "émus", nil},
		{"ar", "تجارة العَبيد", []string{"العَبيد"}},
		{"ar", "تجارة العبيدات", nil},
	} {
		s := english(tt.text)
		s.Language = tt.language
		if diff := cmp.Diff(tt.want, quotes(set.Check(s))); diff != "" {
			t.Errorf("%s %q: %s", tt.language, tt.text, diff)
		}
	}
}

func TestWhatATokenPutThereIsNotJudged(t *testing.T) {
	t.Parallel()
	set := newSet(t, pattern("P-1", `\bslaves?\b`))
	s := english("Hello slave house and slave.")
	s.Parts[0].Inserted = []lint.Inserted{{Token: "org", Start: 6, End: 17}}
	got := set.Check(s)
	if len(got) != 1 || got[0].Start != 22 || got[0].Quote != "slave" {
		t.Errorf("got %+v", got)
	}
}

func TestFindingsSayWhereInBytesAndCharacters(t *testing.T) {
	t.Parallel()
	set := newSet(t, pattern("P-2", `\bgirls\b`), pattern("P-1", `\bour\b`), lint.Rule{
		ID: "T-1", How: lint.Automatic, Severity: lint.Note, Message: "Tag.", Target: lint.InHashtag, Patterns: []lint.Pattern{{Find: `^#end`}},
		Bad: []lint.Example{{Text: "x"}}, Good: []lint.Example{{Text: "y"}},
	}, lint.Rule{
		ID: "A-1", How: lint.Automatic, Severity: lint.Note, Message: "Alt.", Target: lint.InAlt, Patterns: []lint.Pattern{{Find: `^image of\b`}},
		Bad: []lint.Example{{Text: "x"}}, Good: []lint.Example{{Text: "y"}},
	})
	got := set.Check(lint.Subject{
		Language: "en", Hashtags: []string{"#One", "#EndIt"},
		Parts: []lint.Part{{Text: "é our girls #EndNow"}, {Text: "our", Pictures: []lint.Picture{{SHA256: "a", Alt: "A heart"}, {SHA256: "b", Alt: "Image of é"}}}},
	})
	type place struct {
		Rule, Field, Quote, Picture        string
		Part, Start, End, RuneFrom, RuneTo int
	}
	var places []place
	for _, f := range got {
		places = append(places, place{f.Rule, f.Field, f.Quote, f.Picture, f.Part, f.Start, f.End, f.RuneStart, f.RuneEnd})
	}
	want := []place{
		{"P-1", "text", "our", "", 0, 3, 6, 2, 5},
		{"P-2", "text", "girls", "", 0, 7, 12, 6, 11},
		{"T-1", "text", "#End", "", 0, 13, 17, 12, 16},
		{"T-1", "hashtags", "#End", "", 0, 5, 9, 5, 9},
		{"P-1", "text", "our", "", 1, 0, 3, 0, 3},
		{"A-1", "alt", "Image of", "b", 1, 0, 8, 0, 8},
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
}

func TestRulesDoNotHoldForTheirExemptTopics(t *testing.T) {
	t.Parallel()
	rule := pattern("P-1", `\bkidnap\w*`)
	rule.NotFor = []string{"missing-children"}
	set := newSet(t, rule)
	s := english("kidnapped")
	if got := set.Check(s); len(got) != 1 {
		t.Errorf("%v", got)
	}
	s.Topics = []string{"missing-children"}
	if got := set.Check(s); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestBrokenRulesAreRefused(t *testing.T) {
	t.Parallel()
	good := pattern("R-1", "x")
	change := func(f func(*lint.Rule)) lint.Rule {
		r := pattern("R-1", "x")
		f(&r)
		return r
	}
	asked := lint.Rule{ID: "R-1", How: lint.Asked, Severity: lint.Error, Message: "No.", Question: "Is it?", About: lint.AboutWords, Right: "no"}
	for _, tt := range []struct {
		name  string
		rules []lint.Rule
		field string
		index int
		say   string
	}{
		{"a broken pattern", []lint.Rule{change(func(r *lint.Rule) { r.Patterns[0].Find = "a(b" })}, "patterns", 0, "missing closing )"},
		{"look-around", []lint.Rule{change(func(r *lint.Rule) { r.Patterns[0].Find = "a(?!b)" })}, "patterns", 0, "the pattern is broken"},
		{"a broken exception", []lint.Rule{change(func(r *lint.Rule) { r.Patterns[0].Except = []string{"a", "["} })}, "patterns", 0, "exception 2"},
		{"a pattern of nothing", []lint.Rule{change(func(r *lint.Rule) { r.Patterns[0].Find = "a*" })}, "patterns", 0, "empty text"},
		{"two rules with one id", []lint.Rule{good, good}, "id", -1, "two rules"},
		{"no bad example", []lint.Rule{change(func(r *lint.Rule) { r.Bad = nil })}, "bad", -1, "no example"},
		{"no good example", []lint.Rule{change(func(r *lint.Rule) { r.Good = nil })}, "good", -1, "no example"},
		{"retired without a reason", []lint.Rule{{ID: "R-1", How: lint.Retired}}, "reason", -1, "why"},
		{"an unknown check", []lint.Rule{change(func(r *lint.Rule) { r.Patterns, r.Check = nil, "nothing" })}, "check", -1, "no check"},
		{"patterns and a check", []lint.Rule{change(func(r *lint.Rule) { r.Check = "no_helpline" })}, "check", -1, "not both"},
		{"an unknown severity", []lint.Rule{change(func(r *lint.Rule) { r.Severity = "fatal" })}, "severity", -1, "fatal"},
		{"an unknown way", []lint.Rule{change(func(r *lint.Rule) { r.How = "guessed" })}, "how", -1, "guessed"},
		{"an unknown target", []lint.Rule{change(func(r *lint.Rule) { r.Target = "film" })}, "target", -1, "film"},
		{"a question without words", []lint.Rule{func() lint.Rule { r := asked; r.Question = ""; return r }()}, "question", -1, "question"},
		{"a question without a right answer", []lint.Rule{func() lint.Rule { r := asked; r.Right = "maybe"; return r }()}, "right", -1, "maybe"},
		{"an unknown condition", []lint.Rule{func() lint.Rule { r := asked; r.When = "full_moon"; return r }()}, "when", -1, "full_moon"},
		{"a question about nothing", []lint.Rule{func() lint.Rule { r := asked; r.About = ""; return r }()}, "about", -1, "picture or words"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := lint.New(tt.rules)
			wrong, ok := errors.AsType[*lint.RuleError](err)
			if !ok {
				t.Fatalf("no rule error: %v", err)
			}
			if wrong.Rule != "R-1" || wrong.Field != tt.field || wrong.Index != tt.index || !strings.Contains(wrong.Say, tt.say) {
				t.Errorf("got %+v", wrong)
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	set := newSet(f, everyRule()...)
	for _, s := range []string{"", "our girls 💙 slaves", "\xff\xfe#tag", "{{a}} {{ }}", "👩‍👩‍👧‍👦 38% of", "𝗘𝗻𝗱 ٣٨٪", "https://a.org/ @me@you.org", "a\u0301\u0301b", "½ ⅓ ﷺ ㎏", strings.Repeat("slave ", 500)} {
		f.Add(s, "en")
		f.Add(s, "ar")
	}
	f.Fuzz(func(t *testing.T, s, language string) {
		sub := lint.Subject{Language: language, Parts: []lint.Part{{Text: s, Pictures: []lint.Picture{{Alt: s}}}}, ContentNote: s, Hashtags: []string{s}, Filled: true, Sensitive: true, Hosts: []string{"example.org"}}
		for _, found := range set.Check(sub) {
			if found.Start < 0 || found.End < found.Start || found.End > len(s) || found.Quote != s[found.Start:found.End] {
				t.Fatalf("%q: %+v", s, found)
			}
			if found.RuneStart != utf8.RuneCountInString(s[:found.Start]) || found.RuneEnd != utf8.RuneCountInString(s[:found.End]) {
				t.Fatalf("%q: characters %+v", s, found)
			}
			if (found.Start < len(s) && !utf8.RuneStart(s[found.Start])) || (found.End < len(s) && !utf8.RuneStart(s[found.End])) {
				if utf8.ValidString(s) {
					t.Fatalf("%q: within a character %+v", s, found)
				}
			}
		}
		set.Ask(sub)
	})
}

func TestASetThatIsMadeLaterJudgesAsOneThatIsMadeAtOnce(t *testing.T) {
	t.Parallel()
	made := 0
	rules := []lint.Rule{{
		ID: "LANG-001", How: lint.Automatic, Severity: lint.Error, Message: "Not this word.",
		Patterns: []lint.Pattern{{Find: "victims", Language: "en"}}, Bad: []lint.Example{{Text: "victims"}}, Good: []lint.Example{{Text: "survivors"}},
	}}
	s := lint.Later(func() *lint.Set {
		made++
		set, err := lint.New(rules)
		if err != nil {
			t.Error(err)
		}
		return set
	})
	if made != 0 {
		t.Error("it was made before it was used")
	}
	sub := lint.Subject{Language: "en", Parts: []lint.Part{{Text: "For all victims."}}}
	if got := s.Check(sub); len(got) != 1 || len(s.Rules()) != 1 || len(s.Ask(sub)) != 0 || len(s.CheckCampaign([]lint.Subject{sub})) != 0 {
		t.Errorf("it says %+v", got)
	}
	if made != 1 {
		t.Errorf("it was made %d times", made)
	}
}
