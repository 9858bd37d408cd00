// Package rules reads the file of content rules, and names every mistake in it with its place.
//
// docs/content-rules.md explains the file to people, campaigns/lint.schema.json to editors. What rules do with a text is
// internal/core/lint; the package judges nothing, and does not know who may waive what a rule finds.
package rules

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"daymark/campaigns"
	"daymark/internal/core/campaign"
	"daymark/internal/core/lint"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign/facts"
	"daymark/internal/flow/campaign/read"
	"daymark/internal/flow/campaign/source"
)

// fileName is the name of the file of rules that Daymark ships.
const fileName = "lint.yaml"

// Read reads the text of a file of rules, in its order. The name is how problems call the file. Rules that come with problems
// must not be used.
func Read(name string, src []byte) ([]lint.Rule, []source.Problem) {
	all, _, problems := readAll(name, src)
	return all, problems
}

// Shipped returns the rules that come with Daymark, ready to judge. They are read once.
func Shipped() (*lint.Set, error) { return shipped() }

var shipped = sync.OnceValues(func() (*lint.Set, error) {
	src, err := fs.ReadFile(campaigns.Files, fileName)
	if err != nil {
		return nil, fmt.Errorf("read the shipped rules: %w", err)
	}
	all, problems := Read("campaigns/"+fileName, src)
	if len(problems) > 0 {
		return nil, fmt.Errorf("read the shipped rules: %s", source.Text(problems))
	}
	set, err := lint.New(all)
	if err != nil {
		return nil, fmt.Errorf("use the shipped rules: %w", err)
	}
	return set, nil
})

// knownFacts are the facts that examples may name: those that come with Daymark.
var knownFacts = sync.OnceValues(func() (map[string]campaign.Fact, error) {
	src, err := fs.ReadFile(campaigns.Files, "facts.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the shipped facts: %w", err)
	}
	all, problems := facts.Read("campaigns/facts.yaml", src)
	if len(problems) > 0 {
		return nil, fmt.Errorf("read the shipped facts: %s", source.Text(problems))
	}
	known := map[string]campaign.Fact{}
	for _, f := range all {
		known[f.ID] = f
	}
	return known, nil
})

// example is what a rule must, or must not, say something about.
type example struct {
	rule  string
	bad   bool
	at    source.Value
	posts []lint.Subject // more than one for a rule about a campaign as a whole
}

// readAll reads a file of rules with its examples.
func readAll(name string, src []byte) ([]lint.Rule, []example, []source.Problem) {
	file, root := source.Parse(name, src)
	if !root.Present() || !read.HasVersion(root) {
		return nil, nil, file.Problems()
	}
	f := root.Map("!daymark", "!sources", "!rules")
	r := reader{sources: read.Sources(f["sources"])}
	known, err := knownFacts()
	if err != nil {
		root.Fail("its examples cannot be read: %v", err)
	}
	r.facts = known
	var all []lint.Rule
	taken := map[string]bool{}
	for _, item := range f["rules"].List("rules") {
		rule, id := r.rule(item)
		if key := strings.ToUpper(rule.ID); key != "" {
			if taken[key] {
				id.Fail("another rule has the id %q already: number on", rule.ID)
			}
			taken[key] = true
		}
		all = append(all, rule)
	}
	if f["rules"].Present() && len(all) == 0 {
		f["rules"].Fail("has no rules: write at least one")
	}
	return all, r.examples, file.Problems()
}

// reader keeps what the rules of one file share.
type reader struct {
	sources  map[string]observance.Source
	facts    map[string]campaign.Fact
	examples []example
}

// idForm is what rules may be called: what they are about, and a number.
var idForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,11}-[0-9]{3}$`)

// belongs says which fields a rule may have beside its id, message and sources, by what becomes of it.
var belongs = map[lint.How][]string{
	lint.Automatic: {"severity", "suggestion", "target", "patterns", "check", "bad", "good", "fixed", "not_for"},
	lint.Asked:     {"severity", "suggestion", "question", "about", "when", "right", "not_for"},
	lint.Retired:   {"reason"},
}

// rule reads one rule, and returns where its id stands.
func (r *reader) rule(v source.Value) (lint.Rule, source.Value) {
	f := v.Map("!id", "!how", "!message", "sources", "severity", "suggestion", "target", "patterns", "check", "bad", "good", "fixed",
		"not_for", "question", "about", "when", "right", "reason")
	rule := lint.Rule{
		ID: f["id"].String(), How: lint.How(f["how"].OneOf(string(lint.Automatic), string(lint.Asked), string(lint.Retired))),
		Severity: lint.Severity(f["severity"].OneOf(string(lint.Error), string(lint.Warning), string(lint.Note))),
		Message:  f["message"].String(), Suggestion: f["suggestion"].String(), Sources: r.cited(f["sources"]),
		Fixed: f["fixed"].Bool(), NotFor: f["not_for"].Strings("topics"),
	}
	if f["id"].Present() && !idForm.MatchString(rule.ID) {
		f["id"].Fail("%q is no id of a rule: write what it is about in capital letters, a hyphen and three digits, such as LANG-001", rule.ID)
		rule.ID = ""
	}
	for _, name := range []string{"message", "suggestion", "reason", "question"} {
		if f[name].Blank() {
			f[name].Fail("is empty: write a sentence")
		}
	}
	if rule.How == "" {
		return rule, f["id"]
	}
	for name, value := range f {
		if !slices.Contains([]string{"id", "how", "message", "sources"}, name) && !slices.Contains(belongs[rule.How], name) && value.Present() {
			value.Fail("a rule that is %s has no %s: take it out; it may have %s", rule.How, name, strings.Join(belongs[rule.How], ", "))
		}
	}
	switch rule.How {
	case lint.Automatic:
		needs(v, f, "severity", "suggestion")
		r.automatic(v, f, &rule)
	case lint.Asked:
		needs(v, f, "severity", "suggestion", "question", "about", "right")
		asked(f, &rule)
	case lint.Retired:
		rule.Reason = f["reason"].String()
		if !f["reason"].Present() {
			v.Fail(`a retired rule needs a reason: add "reason:" with a sentence, so that nobody has to guess why it is gone`)
		}
	}
	return rule, f["id"]
}

// needs notes each field that is missing.
func needs(v source.Value, f map[string]source.Value, names ...string) {
	for _, name := range names {
		if !f[name].Present() {
			v.Fail("the field %q is missing", name)
		}
	}
}

// automatic reads how a rule finds what it is about.
func (r *reader) automatic(v source.Value, f map[string]source.Value, rule *lint.Rule) {
	switch {
	case f["patterns"].Present() && f["check"].Present():
		f["check"].Fail("a rule has patterns or a check, not both: take one out")
	case !f["patterns"].Present() && !f["check"].Present():
		v.Fail("an automatic rule needs patterns, or the name of a check: known checks are %s", strings.Join(lint.Checks(), ", "))
	case f["check"].Present():
		rule.Check = f["check"].OneOf(lint.Checks()...)
		if f["target"].Present() {
			f["target"].Fail("a check knows what it reads: take the target out")
		}
	default:
		rule.Target = lint.InText
		if f["target"].Present() {
			rule.Target = lint.Target(f["target"].OneOf(string(lint.InText), string(lint.InAlt), string(lint.InHashtag)))
		}
		items := f["patterns"].List("patterns")
		for _, item := range items {
			rule.Patterns = append(rule.Patterns, pattern(item))
		}
		if len(items) == 0 {
			f["patterns"].Fail("is empty: write at least one pattern")
		}
	}
	for _, name := range []string{"bad", "good"} {
		items := f[name].List("examples")
		if len(items) == 0 {
			v.Fail("the rule has no %s examples: add %q with at least one text, so that a test can try it", name, name+":")
		}
		for _, item := range items {
			e := example{rule: rule.ID, bad: name == "bad", at: item, posts: r.posts(item, rule.Target)}
			r.examples = append(r.examples, e)
			one := lint.Example{Text: e.shown(rule.Target), Language: e.posts[0].Language}
			if e.bad {
				rule.Bad = append(rule.Bad, one)
			} else {
				rule.Good = append(rule.Good, one)
			}
		}
	}
}

// pattern reads one pattern.
func pattern(v source.Value) lint.Pattern {
	f := v.Map("language", "!find", "except", "exact")
	p := lint.Pattern{Language: tag(f["language"]), Find: f["find"].String(), Exact: f["exact"].Bool()}
	broken(f["find"], p.Find, p.Exact)
	for _, item := range f["except"].List("patterns") {
		p.Except = append(p.Except, item.String())
		broken(item, item.String(), p.Exact)
	}
	return p
}

// broken notes what is wrong with a regular expression.
func broken(v source.Value, expression string, exact bool) {
	if !v.Present() {
		return
	}
	if !exact {
		expression = "(?i)" + expression
	}
	re, err := regexp.Compile(expression)
	switch {
	case err != nil && strings.Contains(expression, "(?=") || strings.Contains(expression, "(?!") || strings.Contains(expression, "(?<"):
		v.Fail("the pattern looks ahead or behind, which Go's patterns cannot: write what must not match under except")
	case err != nil:
		v.Fail("the pattern is broken: %s. Its language is that of https://pkg.go.dev/regexp/syntax", strings.Replace(strings.TrimPrefix(err.Error(), "error parsing regexp: "), "(?i)", "", 1))
	case re.MatchString(""):
		v.Fail("the pattern matches nothing at all, so it would be found everywhere: say what has to stand there")
	}
}

// asked reads the question that a rule asks.
func asked(f map[string]source.Value, rule *lint.Rule) {
	rule.Question = f["question"].String()
	rule.About = lint.About(f["about"].OneOf(string(lint.AboutPicture), string(lint.AboutWords)))
	rule.When = f["when"].OneOf(lint.Conditions()...)
	rule.Right = f["right"].OneOf("yes", "no")
}

// cited returns the sources that a list of ids names.
func (r *reader) cited(v source.Value) []observance.Source {
	var all []observance.Source
	for _, item := range v.List("ids of sources") {
		id := item.String()
		s, known := r.sources[id]
		if !known {
			item.Fail("no source in this file has the id %q%s", id, meant(id, slices.Sorted(maps.Keys(r.sources))))
			continue
		}
		all = append(all, s)
	}
	return all
}

// meant suggests an id without listing all of them.
func meant(id string, known []string) string {
	if near, ok := text.Nearest(id, known); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ": add it, or choose another"
}
