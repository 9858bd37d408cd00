package fill_test

import (
	"strings"
	"testing"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/booktest"
)

func TestAPictureGoesOutUndescribedForAReasonOnly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		picture post.SourcePicture
		missing bool
		noAlt   string
	}{
		"described":                  {post.SourcePicture{Alt: map[string]string{"en": "A heart."}}, false, ""},
		"described, and a reason":    {post.SourcePicture{Alt: map[string]string{"en": "A heart."}, NoAlt: "It is a line."}, false, ""},
		"undescribed":                {post.SourcePicture{}, true, ""},
		"undescribed, with a reason": {post.SourcePicture{NoAlt: "It is a line."}, false, "It is a line."},
	} {
		p := book.Post{Source: post.Source{Parts: []post.SourcePart{{Texts: map[string]string{"en": "Hello"}, Pictures: []post.SourcePicture{tt.picture}}}}}
		f := fill.Values{}.Entry(p, book.Entry{Language: "en", DueAt: booktest.Due}, booktest.Due)
		missing := strings.Contains(strings.Join(f.Missing, " "), "alt text")
		if got := f.Final.Parts[0].Pictures[0]; missing != tt.missing || got.NoAlt != tt.noAlt || f.Words.Parts[0].Pictures[0].NoAlt != tt.noAlt {
			t.Errorf("%s: missing %v, %+v", name, f.Missing, got)
		}
	}
}
