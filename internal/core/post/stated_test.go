package post_test

import (
	"testing"

	"daymark/internal/core/post"

	"github.com/google/go-cmp/cmp"
)

func TestAPostStatesTheFactsItListsAndThoseInItsWords(t *testing.T) {
	t.Parallel()
	s := post.Source{
		Facts: []string{"F03", "F02"},
		Parts: []post.SourcePart{
			{Texts: map[string]string{"en": "{{fact:F02}} {{link}}", "fr": "{{ fact:F09 }}"}},
			{Texts: map[string]string{"en": "b"}, Pictures: []post.SourcePicture{{Alt: map[string]string{"en": "{{fact:F11}}", "fr": ""}}}},
		},
		Variants: []post.Variant{{Part: 1, Language: "fr", Network: "x", Text: "{{fact:F04}} {{facts:F99}} fact:F98"}},
	}
	if diff := cmp.Diff([]string{"F02", "F03", "F04", "F09", "F11"}, s.Stated()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"F02", "F03", "F11"}, s.StatedIn("en")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"F02", "F03"}, s.StatedIn("es")); diff != "" {
		t.Error(diff)
	}
	if !s.Says("en", "fact:F02") || s.Says("fr", "fact:F02") || !s.Says("fr", "fact:F04") || !s.Says("en", "fact:F11") {
		t.Error("a token of a fact is not seen where it stands")
	}
	if got := (post.Source{}).Stated(); len(got) > 0 {
		t.Errorf("nothing states %v", got)
	}
	if len(s.Facts) != 2 || s.Facts[0] != "F03" {
		t.Error("the list itself was changed")
	}
}
