package notices

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &listPage{Frame: page.Frame{Template: "notices"}}, &listPage{Frame: page.Frame{Template: "notices"}, Done: true, Narrowed: true, Rows: []row{{By: "Ana"}}})
}
