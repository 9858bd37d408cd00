package composing

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestEachPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &Page{Frame: page.Frame{Template: "compose"}}, &NowPage{Frame: page.Frame{Template: "now"}})
}
