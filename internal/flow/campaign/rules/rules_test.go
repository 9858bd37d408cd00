package rules

import (
	"fmt"
	"strings"
	"testing"

	"daymark/internal/core/lint"
	"daymark/internal/flow/campaign/source"

	"github.com/google/go-cmp/cmp"
)

// goodRules is a file of rules without a mistake; tests replace lines in it.
const goodRules = `daymark: 1
sources:
  - {id: S-1, name: "A guide", url: "https://example.org/guide", year: 2024, level: ngo}
rules:
  - id: OWN-001
    how: automatic
    severity: warning
    message: "We do not say foo."
    suggestion: "Say bar."
    sources: [S-1]
    not_for: [foo-day]
    patterns:
      - {language: en, find: '\bfoo\b', except: ['\bfoo bar\b']}
    bad: ["foo", {text: "Foo!", language: en}]
    good: ["foo bar"]
  - id: OWN-002
    how: automatic
    severity: error
    fixed: true
    message: "A token is left."
    suggestion: "Fill it."
    check: leftover_token
    bad: [{text: "{{x}}", filled: true}]
    good: ["x"]
  - id: OWN-003
    how: asked
    severity: error
    message: "A dog is in the picture."
    suggestion: "Take a picture of a cat."
    question: "Is there a dog?"
    about: picture
    when: has_picture
    right: "no"
  - id: OWN-004
    how: retired
    message: "Nobody says baz."
    reason: "Nobody ever did."
`

func TestRulesAreRead(t *testing.T) {
	t.Parallel()
	got, problems := Read("r.yaml", []byte(goodRules))
	if len(problems) > 0 {
		t.Fatal(source.Text(problems))
	}
	want := []lint.Rule{
		{
			ID: "OWN-001", How: lint.Automatic, Severity: lint.Warning, Message: "We do not say foo.", Suggestion: "Say bar.",
			NotFor: []string{"foo-day"}, Target: lint.InText,
			Patterns: []lint.Pattern{{Language: "en", Find: `\bfoo\b`, Except: []string{`\bfoo bar\b`}}},
			Bad:      []lint.Example{{Text: "foo", Language: "en"}, {Text: "Foo!", Language: "en"}}, Good: []lint.Example{{Text: "foo bar", Language: "en"}},
		},
		{
			ID: "OWN-002", How: lint.Automatic, Severity: lint.Error, Message: "A token is left.", Suggestion: "Fill it.", Fixed: true,
			Check: "leftover_token", Bad: []lint.Example{{Text: "{{x}}", Language: "en"}}, Good: []lint.Example{{Text: "x", Language: "en"}},
		},
		{
			ID: "OWN-003", How: lint.Asked, Severity: lint.Error, Message: "A dog is in the picture.", Suggestion: "Take a picture of a cat.",
			Question: "Is there a dog?", About: lint.AboutPicture, When: "has_picture", Right: "no",
		},
		{ID: "OWN-004", How: lint.Retired, Message: "Nobody says baz.", Reason: "Nobody ever did."},
	}
	if len(got) == 0 || len(got[0].Sources) != 1 || got[0].Sources[0].URL != "https://example.org/guide" {
		t.Fatalf("the source was not read: %+v", got)
	}
	got[0].Sources = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := lint.New(got); err != nil {
		t.Errorf("what the reader takes, the engine refuses: %v", err)
	}
}

func TestMistakesInRulesAreNamedWithTheirPlaces(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ was, is, want string }{
		"a broken pattern":              {`find: '\bfoo\b'`, `find: '\bfoo('`, "r.yaml:13:30: rules[0].patterns[0].find: the pattern is broken: missing closing )"},
		"a broken exception":            {`['\bfoo bar\b']`, `['[']`, "r.yaml:13:50: rules[0].patterns[0].except[0]: the pattern is broken"},
		"a pattern that looks behind":   {`find: '\bfoo\b'`, `find: '(?<!a)foo'`, "r.yaml:13:30: rules[0].patterns[0].find: the pattern looks ahead or behind"},
		"a pattern that finds all":      {`find: '\bfoo\b'`, `find: 'x*'`, "r.yaml:13:30: rules[0].patterns[0].find: the pattern matches nothing at all"},
		"no pattern in a pattern":       {`find: '\bfoo\b', `, ``, `r.yaml:13:9: rules[0].patterns[0]: the field "find" is missing`},
		"an unknown language":           {"language: en, find", "language: klingonese, find", `r.yaml:13:20: rules[0].patterns[0].language: "klingonese" is no language`},
		"an unknown check":              {"check: leftover_token", "check: leftover_tokens", `r.yaml:22:12: rules[1].check: "leftover_tokens" is none of`},
		"an unknown condition":          {"when: has_picture", "when: has_pictures", `r.yaml:32:11: rules[2].when: "has_pictures" is none of`},
		"an unknown target":             {"    not_for: [foo-day]\n", "    target: title\n", `r.yaml:11:13: rules[0].target: "title" is none of text, alt, hashtag`},
		"a target for a check":          {"    check: leftover_token", "    target: text\n    check: leftover_token", "r.yaml:22:13: rules[1].target: a check knows what it reads"},
		"no bad examples":               {"    bad: [{text: \"{{x}}\", filled: true}]\n", "", "r.yaml:16:5: rules[1]: the rule has no bad examples"},
		"no good examples":              {`    good: ["foo bar"]` + "\n", "", "r.yaml:5:5: rules[0]: the rule has no good examples"},
		"an empty list of examples":     {`["foo bar"]`, `[]`, "r.yaml:5:5: rules[0]: the rule has no good examples"},
		"an empty example":              {`["foo bar"]`, `[""]`, "r.yaml:15:12: rules[0].good[0]: is empty"},
		"an example of unknown fields":  {`["foo bar"]`, `[{txt: x}]`, `r.yaml:15:13: rules[0].good[0].txt: there is no field "txt" here; did you mean "text"?`},
		"an example of no fact":         {`["foo bar"]`, `[{text: x, facts: [F99]}]`, `r.yaml:15:30: rules[0].good[0].facts[0]: no fact has the id "F99"`},
		"two rules of one id":           {"id: OWN-002", "id: OWN-001", `r.yaml:16:9: rules[1].id: another rule has the id "OWN-001" already`},
		"an id that is none":            {"id: OWN-002", "id: own2", `r.yaml:16:9: rules[1].id: "own2" is no id of a rule`},
		"an unknown source":             {"sources: [S-1]", "sources: [S-2]", `r.yaml:10:15: rules[0].sources[0]: no source in this file has the id "S-2"; did you mean "S-1"?`},
		"patterns and a check":          {"    not_for: [foo-day]\n", "    check: emoji\n", "r.yaml:11:12: rules[0].check: a rule has patterns or a check, not both"},
		"neither patterns nor a check":  {"    check: leftover_token\n", "", "r.yaml:16:5: rules[1]: an automatic rule needs patterns, or the name of a check"},
		"a retired rule without reason": {`    reason: "Nobody ever did."` + "\n", "", "r.yaml:34:5: rules[3]: a retired rule needs a reason"},
		"a retired rule with a check":   {`    reason: "Nobody ever did."` + "\n", "    reason: \"No.\"\n    check: emoji\n", "r.yaml:38:12: rules[3].check: a rule that is retired has no check"},
		"a question without the answer": {"    right: \"no\"\n", "", `r.yaml:25:5: rules[2]: the field "right" is missing`},
		"an answer that is none":        {`right: "no"`, `right: maybe`, `r.yaml:33:12: rules[2].right: "maybe" is none of yes, no`},
		"a question about nothing":      {"about: picture", "about: weather", `r.yaml:31:12: rules[2].about: "weather" is none of picture, words`},
		"a question that finds":         {"    about: picture\n", "    about: picture\n    check: emoji\n", "r.yaml:32:12: rules[2].check: a rule that is asked has no check"},
		"an unknown way":                {"how: asked", "how: ask", `r.yaml:26:10: rules[2].how: "ask" is none of automatic, asked, retired`},
		"an unknown severity":           {"severity: warning", "severity: warn", `r.yaml:7:15: rules[0].severity: "warn" is none of error, warning, note`},
		"no message":                    {`    message: "A token is left."` + "\n", "", `r.yaml:16:5: rules[1]: the field "message" is missing`},
		"an empty message":              {`"A token is left."`, `""`, "r.yaml:20:14: rules[1].message: is empty"},
		"a field that nobody knows":     {"    fixed: true", "    fix: true", `r.yaml:19:5: rules[1].fix: there is no field "fix" here`},
		"no rules":                      {goodRules[strings.Index(goodRules, "rules:"):], "rules: []\n", "r.yaml:4:8: rules: has no rules"},
		"another version":               {"daymark: 1", "daymark: 2", `r.yaml:1:10: daymark: the file is of version "2"`},
		"no text":                       {goodRules, "", "r.yaml:1:1: the file is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(goodRules, tt.was) {
				t.Fatalf("the good file has no %q", tt.was)
			}
			_, problems := Read("r.yaml", []byte(strings.Replace(goodRules, tt.was, tt.is, 1)))
			if got := source.Text(problems); !strings.Contains(got, tt.want) {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTheShippedRulesAreReadOnce(t *testing.T) {
	t.Parallel()
	first, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	second, err := Shipped()
	if err != nil || first != second {
		t.Errorf("another set: %v", err)
	}
}

func TestEveryRuleSaysWhatIsWrongAndHowToMendIt(t *testing.T) {
	t.Parallel()
	all, _ := shippedFile(t)
	for _, r := range all {
		sentences := map[string]string{"message": r.Message, "suggestion": r.Suggestion, "question": r.Question, "reason": r.Reason}
		for field, s := range sentences {
			if end := s[max(0, len(s)-2):]; s != "" && !strings.ContainsAny(end, ".?") {
				t.Errorf("%s: the %s is no sentence: %q", r.ID, field, s)
			}
			if len(s) > 200 {
				t.Errorf("%s: the %s is too long for a card: %d characters", r.ID, field, len(s))
			}
		}
		if len(r.Sources) == 0 {
			t.Errorf("%s has no source", r.ID)
		}
		if words := len(strings.Fields(r.Question)); words > 40 {
			t.Errorf("%s: the question has %d words: people read it on a phone", r.ID, words)
		}
		if r.How == lint.Asked && !strings.Contains(r.Question, "?") {
			t.Errorf("%s: %q asks nothing", r.ID, r.Question)
		}
	}
}

func ExampleRead() {
	_, problems := Read("own.yaml", []byte("daymark: 1\nsources: []\nrules:\n  - {id: OWN-001, how: retired, message: \"Gone.\"}\n"))
	fmt.Println(problems[0])
	// Output: own.yaml:4:5: rules[0]: a retired rule needs a reason: add "reason:" with a sentence, so that nobody has to guess why it is gone
}
