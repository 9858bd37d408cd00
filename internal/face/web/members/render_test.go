package members

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePagesRenderWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &listPage{Frame: page.Frame{Template: "people"}}, &personPage{Frame: page.Frame{Template: "person"}}, &ownPage{Frame: page.Frame{Template: "account"}})
}
