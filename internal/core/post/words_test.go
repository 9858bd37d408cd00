package post_test

import (
	"testing"

	"daymark/internal/core/post"
)

func TestASourceSaysATokenWhereverItStands(t *testing.T) {
	t.Parallel()
	part := func(text, alt string) []post.SourcePart {
		return []post.SourcePart{{Texts: map[string]string{"en": text}, Pictures: []post.SourcePicture{{Alt: map[string]string{"en": alt}}}}}
	}
	for name, tt := range map[string]struct {
		source   post.Source
		language string
		want     bool
	}{
		"in its text":                       {post.Source{Parts: part("This year: {{theme}}", "A heart.")}, "en", true},
		"in the description of a picture":   {post.Source{Parts: part("Hello", "A heart. {{theme}}")}, "en", true},
		"in the text for one network alone": {post.Source{Parts: part("Hello", ""), Variants: []post.Variant{{Part: 1, Language: "en", Network: "x", Text: "{{theme}}"}}}, "en", true},
		"in a variant of another language":  {post.Source{Parts: part("Hello", ""), Variants: []post.Variant{{Part: 1, Language: "fr", Network: "x", Text: "{{theme}}"}}}, "en", false},
		"in another language":               {post.Source{Parts: part("{{theme}}", "")}, "fr", false},
		"as a word, not a token":            {post.Source{Parts: part("The theme is open. {{year}}", "")}, "en", false},
	} {
		if got := tt.source.Says(tt.language, "theme"); got != tt.want {
			t.Errorf("the theme %s: said %t, want %t", name, got, tt.want)
		}
	}
}
