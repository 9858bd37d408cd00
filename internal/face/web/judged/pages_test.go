package judged

import (
	"strings"
	"testing"

	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestEachPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &PostPage{Frame: page.Frame{Template: "post"}}, &QueuePage{Frame: page.Frame{Template: "queue"}}, &CardPage{Frame: page.Frame{Template: "card"}})
}

func TestTextsOfPeopleCarryTheirLanguageAndDirection(t *testing.T) {
	t.Parallel()
	words := written.Words{Text: page.NewText("ar", "نص"), Pieces: []written.Piece{{Text: "نص"}}}
	html := pagetest.HTML(t, &CardPage{Frame: page.Frame{Template: "card"}, Releases: []written.Release{{Parts: []written.Part{{Text: words}}}}})
	if !strings.Contains(html, `<p class="words" lang="ar" dir="rtl">نص</p>`) {
		t.Error("an Arabic text is not marked as such")
	}
}
