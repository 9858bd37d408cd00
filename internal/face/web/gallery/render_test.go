package gallery

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePagesRenderWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t,
		&listPage{Frame: page.Frame{Template: "pictures"}}, &onePage{Frame: page.Frame{Template: "picture"}},
		&takenPage{Frame: page.Frame{Template: "pictures_taken"}}, &replacePage{Frame: page.Frame{Template: "picture_replace"}})
}
