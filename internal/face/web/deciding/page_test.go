package deciding

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &decisionsPage{Frame: page.Frame{Template: "decisions"}}, &handPage{Frame: page.Frame{Template: "hand"}})
}
