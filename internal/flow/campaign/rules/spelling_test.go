package rules

import (
	"slices"
	"strings"
	"testing"

	"daymark/internal/core/lint"
)

// spellings are ways to write the same words, which a careful reader does not even see.
var spellings = map[string]func(string) string{
	"on new lines": func(s string) string { // but an emoji on a line of its own parts two paragraphs
		return strings.NewReplacer(" 💙 ", " 💙 ", " 😢 ", " 😢 ", " ", "\n").Replace(s)
	},
	"with spaces that hold":              func(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") },
	"with narrow spaces":                 func(s string) string { return strings.ReplaceAll(s, " ", "\u202f") },
	"with two spaces":                    func(s string) string { return strings.ReplaceAll(s, " ", "  ") },
	"with an emoji in between":           func(s string) string { return strings.ReplaceAll(s, " ", " 💙 ") },
	"with curly apostrophes":             func(s string) string { return strings.ReplaceAll(s, "'", "’") },
	"with hyphens that hold":             func(s string) string { return strings.ReplaceAll(s, "-", "\u2011") },
	"with signs that are seen by nobody": func(s string) string { return strings.ReplaceAll(s, "a", "a\u200b") },
}

func TestHowATextIsSpelledChangesNothing(t *testing.T) {
	t.Parallel()
	set, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	all, _ := shippedFile(t)
	var byPattern []string // rules that read words; an emoji or a line is another rule's business
	for _, r := range all {
		if len(r.Patterns) > 0 && r.Target == lint.InText {
			byPattern = append(byPattern, r.ID)
		}
	}
	words := func(ids []string) []string {
		return slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(byPattern, id) })
	}
	for name, spell := range spellings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range corpora(t) {
				post := c.posts[0]
				post.Parts = slices.Clone(post.Parts)
				was := post.Parts[0].Text
				post.Parts[0].Text = spell(was)
				want, got := words(found(set, c.posts)), words(found(set, []lint.Subject{post}))
				if !slices.Equal(want, got) {
					t.Errorf("%v: want %v, got %v in %q", c.at.Problem("case"), want, got, post.Parts[0].Text)
				}
			}
		})
	}
}
