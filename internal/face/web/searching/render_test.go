package searching

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &searchPage{Frame: page.Frame{Template: "search"}}, &searchPage{Frame: page.Frame{Template: "search"}, Asked: true})
}
