package aim_test

import (
	"testing"

	"daymark/internal/face/web/calendar/moving/aim"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &aim.Page{Frame: page.Frame{Template: "move"}})
}
