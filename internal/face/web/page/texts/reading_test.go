package texts

import (
	"strings"
	"testing"

	"daymark/internal/core/lint/access"
	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
)

// harder are the texts that may be harder to read than posts, each with why.
var harder = map[string]string{
	"channels.steps.x.2": "names what the network's own page calls its settings",
	"channels.steps.x.3": "names what the network's own page calls its keys",
}

// TestTheInterfaceIsAsEasyToReadAsPostsHaveToBe holds each text to the rule that posts are held to (docs/content-rules.md).
func TestTheInterfaceIsAsEasyToReadAsPostsHaveToBe(t *testing.T) {
	t.Parallel()
	seen := 0
	for key, text := range all(t)["en"].table {
		for form := range strings.SplitSeq(text, "|") {
			hits := access.ReadingLevel(prose.See(subject.Subject{Language: "en", Parts: []subject.Part{{Text: spoken(form)}}}))
			switch {
			case len(hits) > 0 && harder[key] == "":
				t.Errorf("%s: %s\n  %s", key, hits[0].Message, form)
			case len(hits) > 0:
				seen++
			}
		}
	}
	if seen < len(harder) {
		t.Errorf("%d texts may be hard to read, but only %d are", len(harder), seen)
	}
}

// spoken puts something plain where arguments go.
func spoken(text string) string {
	return verb.ReplaceAllStringFunc(text, func(v string) string {
		switch {
		case v == "%%":
			return "%"
		case strings.HasSuffix(v, "d"):
			return "2"
		}
		return "Ada"
	})
}
