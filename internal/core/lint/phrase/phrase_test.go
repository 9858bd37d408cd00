package phrase_test

import (
	"errors"
	"strings"
	"testing"

	"daymark/internal/core/lint/phrase"
	"daymark/internal/core/lint/prose"
)

func all(int) bool { return true }

func find(t *testing.T, text string, patterns ...*phrase.Pattern) []string {
	t.Helper()
	f := prose.Fold(text, nil)
	var list []string
	for _, m := range phrase.NewFinder(patterns).Find(f, 100, all) {
		list = append(list, f.Plain[m.Start:m.End])
	}
	return list
}

func TestPatternsAreFoundWithAndWithoutALiteral(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		find, text, want string
		letters          bool
	}{
		{`\bsaves?\b`, "Save, saves, saved", "Save|saves", false},
		{`\b(?:rescu(?:e|ed)|sav(?:e|ed) (?:a |the )?girls?)\b`, "rescued; saved the girl", "rescued|saved the girl", false},
		{`[0-9]+`, "1 and 22", "1|22", false},
		{`(?:ab)+c`, "ababc", "ababc", false},
		{`x{2,3}y`, "xxy xy", "xxy", false},
		{`a.{0,5}b`, "a 123 b", "a 123 b", false},
		{`\bémus?\b`, "émus rémus émust ému", "émus|ému", true},
		{`\b(?:été|mot)\b|\bétés\b`, "été étés mot mots", "été|étés|mot", true},
		{`\bmot\b`, "mot mot\nmot", "mot|mot|mot", true},
		{`^image of\b`, "image of image of", "image of", false},
		{`more\s*$`, "more and more", "more", false},
	} {
		p, err := phrase.Compile(tt.find, nil, false, tt.letters)
		if err != nil {
			t.Errorf("%s: %v", tt.find, err)
			continue
		}
		if got := strings.Join(find(t, tt.text, p), "|"); got != tt.want {
			t.Errorf("%s in %q: %q", tt.find, tt.text, got)
		}
		// In a long text the pattern is run around its literals only, and has to find the same.
		if strings.ContainsAny(tt.find, "^$") {
			continue
		}
		filler := strings.Repeat("... ", 1500)
		if got := strings.Join(find(t, filler+tt.text+" "+filler, p), "|"); got != tt.want {
			t.Errorf("%s in a long text: %q", tt.find, got)
		}
	}
}

func TestAnExceptionDropsWhatItOverlaps(t *testing.T) {
	t.Parallel()
	p, err := phrase.Compile(`\bslaves?\b`, []string{`\bslave trade\b`, `\bno slaves?\b`}, false, false)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"the slave trade": "", "a slave": "slave", "slave trade slave": "slave", "no slaves, slaves": "slaves",
		strings.Repeat("word ", 1000) + "slave trade and slave" + strings.Repeat(" word", 1000): "slave",
	} {
		if got := strings.Join(find(t, text, p), "|"); got != want {
			t.Errorf("%.40q: %q", text, got)
		}
	}
}

func TestCaseCountsOnlyWhereItShould(t *testing.T) {
	t.Parallel()
	p, err := phrase.Compile(`Act`, nil, true, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(find(t, "act Act ACT", p), "|"); got != "Act" {
		t.Errorf("%q", got)
	}
}

func TestBrokenPatternsSayWhichOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		find   string
		except []string
		index  int
	}{{"a(", nil, -1}, {"a?", nil, -1}, {"a", []string{"b", "c["}, 1}, {"a", []string{"b*"}, 0}, {"(?=a)", nil, -1}} {
		_, err := phrase.Compile(tt.find, tt.except, false, false)
		bad, ok := errors.AsType[*phrase.BadPattern](err)
		if !ok || bad.Except != tt.index {
			t.Errorf("%q %q: %v", tt.find, tt.except, err)
		}
	}
}
