package told

import (
	"testing"

	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &mailPage{Frame: page.Frame{Template: "mail"}})
	pagetest.Renders(t, &mailPage{
		Frame: page.Frame{Template: "mail"}, Address: "ana@example.org", Refused: "no such user", Always: []string{"What is taken down"}, Zones: []string{"Europe/London"},
		Edit: form.Form{ID: "edit", Groups: []form.Group{{Legend: "What", Controls: []form.Control{form.Line("zone", "Zone", "")}}}},
	})
}
