package brought

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePagesRenderWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &importPage{Frame: page.Frame{Template: "reach_import"}}, &countsPage{Frame: page.Frame{Template: "reach_counts"}})
}
