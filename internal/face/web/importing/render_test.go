package importing

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestEachPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &choosePage{Frame: page.Frame{Template: "import"}}, &daysPage{Frame: page.Frame{Template: "import_days"}}, &postsPage{Frame: page.Frame{Template: "import_posts"}})
}
