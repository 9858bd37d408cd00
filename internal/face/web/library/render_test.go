package library

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestEachPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	of := func(template string) page.Frame { return page.Frame{Template: template} }
	pagetest.Renders(t, &orgPage{Frame: of("organisation")}, &rulesPage{Frame: of("rules")})
}
