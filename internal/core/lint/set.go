package lint

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"daymark/internal/core/lint/phrase"
)

// Set is a list of rules, ready to judge. It does not change once made, so that many may use it at a time.
type Set struct {
	rules   []Rule
	finders map[Target]finder
	later   func() *Set // makes the set that stands behind this one; nil where this is it
}

// Later returns a set that is made when it is used for the first time: making one ready takes some tenths of a second, and who
// holds a set may never judge anything.
func Later(make func() *Set) *Set { return &Set{later: sync.OnceValue(make)} }

// ready returns the set that judges.
func (s *Set) ready() *Set {
	if s.later != nil {
		return s.later()
	}
	return s
}

// finder finds the patterns of one target.
type finder struct {
	*phrase.Finder
	from []source // by pattern
}

// source says which rule a pattern belongs to.
type source struct {
	rule     int
	language string
}

// RuleError says what is wrong with a rule, and where, so that whoever read the rule from a file can point at the line.
type RuleError struct {
	Rule  string
	Field string // id, how, severity, message, reason, target, patterns, check, bad, good, question, about, when or right
	Index int    // within the field's list; -1 when it is none
	Say   string // what is wrong and how to mend it
}

// Error returns the rule, the place in it and what is wrong.
func (e *RuleError) Error() string {
	place := e.Field
	if e.Index >= 0 {
		place = fmt.Sprintf("%s %d", e.Field, e.Index+1)
	}
	return fmt.Sprintf("rule %s, %s: %s", e.Rule, place, e.Say)
}

// New returns the set of the rules, or everything that is wrong with them: each error joined is a [*RuleError].
func New(rules []Rule) (*Set, error) {
	s := &Set{rules: slices.Clone(rules), finders: map[Target]finder{}}
	var wrong []error
	seen := map[string]bool{}
	patterns, from := map[Target][]*phrase.Pattern{}, map[Target][]source{}
	for i, r := range s.rules {
		bad := func(field string, index int, format string, args ...any) {
			wrong = append(wrong, &RuleError{Rule: r.ID, Field: field, Index: index, Say: fmt.Sprintf(format, args...)})
		}
		if seen[r.ID] {
			bad("id", -1, "two rules have this id: give one of them another")
		}
		seen[r.ID] = true
		validate(r, bad)
		target := r.Target
		if target == "" {
			target = InText
		}
		s.rules[i].Target = target
		for j, p := range r.Patterns {
			letters := !strings.HasPrefix(p.Language, "en") && p.Language != "" || strings.ContainsFunc(p.Find, func(r rune) bool { return r >= utf8.RuneSelf })
			for _, find := range phrase.Alternatives(p.Find) {
				compiled, err := phrase.Compile(find, p.Except, p.Exact, letters)
				if err != nil {
					bad("patterns", j, "%s", err)
					break
				}
				patterns[target] = append(patterns[target], compiled)
				from[target] = append(from[target], source{rule: i, language: strings.ToLower(p.Language)})
			}
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	for target, list := range patterns {
		s.finders[target] = finder{Finder: phrase.NewFinder(list), from: from[target]}
	}
	return s, nil
}

// Rules returns the rules in the order they were given.
func (s *Set) Rules() []Rule { return slices.Clone(s.ready().rules) }

// validate says what is wrong with a rule in itself.
func validate(r Rule, bad func(field string, index int, format string, args ...any)) {
	if r.ID == "" {
		bad("id", -1, "the rule has no id: give it one such as LANG-001")
	}
	switch r.How {
	case Automatic:
		validateAutomatic(r, bad)
	case Asked:
		validateAsked(r, bad)
	case Retired:
		if r.Reason == "" {
			bad("reason", -1, "a retired rule says why it is retired")
		}
		return
	default:
		bad("how", -1, "%q is no way of a rule: write automatic, asked or retired", r.How)
	}
	if !slices.Contains([]Severity{Error, Warning, Note}, r.Severity) {
		bad("severity", -1, "%q is no severity: write error, warning or note", r.Severity)
	}
	if r.Message == "" {
		bad("message", -1, "the rule does not say what is wrong with a text: write a sentence")
	}
}

func validateAutomatic(r Rule, bad func(field string, index int, format string, args ...any)) {
	switch {
	case r.Check == "" && len(r.Patterns) == 0:
		bad("patterns", -1, "an automatic rule has patterns or names a check")
	case r.Check != "" && len(r.Patterns) > 0:
		bad("check", -1, "a rule has patterns or a check, not both: make two rules of it")
	case r.Check != "" && !knows(Checks(), r.Check):
		bad("check", -1, "%q is no check: there are %s", r.Check, strings.Join(Checks(), ", "))
	}
	if r.Target != "" && !slices.Contains([]Target{InText, InAlt, InHashtag}, r.Target) {
		bad("target", -1, "%q is no target: write text, alt or hashtag", r.Target)
	}
	for i, p := range r.Patterns {
		if strings.TrimSpace(p.Find) == "" {
			bad("patterns", i, "the pattern is empty")
		}
	}
	if len(r.Bad) == 0 && r.Check == "" {
		bad("bad", -1, "the rule has no example of a text that breaks it")
	}
	if len(r.Good) == 0 && r.Check == "" {
		bad("good", -1, "the rule has no example of a text that keeps it")
	}
}

func validateAsked(r Rule, bad func(field string, index int, format string, args ...any)) {
	if strings.TrimSpace(r.Question) == "" {
		bad("question", -1, "an asked rule has a question")
	}
	if r.Right != "yes" && r.Right != "no" {
		bad("right", -1, "%q is no answer: write yes or no, the answer with which nothing is wrong", r.Right)
	}
	if r.About != AboutPicture && r.About != AboutWords {
		bad("about", -1, "%q is nothing that a question is about: write picture or words", r.About)
	}
	if r.When != "" && !knows(Conditions(), r.When) {
		bad("when", -1, "%q is no condition: there are %s", r.When, strings.Join(Conditions(), ", "))
	}
	if len(r.Patterns) > 0 || r.Check != "" {
		bad("how", -1, "a person answers an asked rule: take its patterns or its check out, or make it automatic")
	}
}

func knows(list []string, name string) bool {
	_, found := slices.BinarySearch(list, name)
	return found
}
