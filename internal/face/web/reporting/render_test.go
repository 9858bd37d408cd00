package reporting

import (
	"testing"

	"daymark/internal/face/report"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePagesRenderWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &reportPage{Frame: page.Frame{Template: "report"}, Shares: true, Form: form.Form{ID: "link"}})
	pagetest.Renders(t, &sharedPage{Frame: page.Frame{Template: "shared"}, Sheet: report.Sheet{Sections: []report.Section{{Tables: []report.Table{{Columns: []string{"x"}}}}}}})
	pagetest.Renders(t, &lettersPage{Frame: page.Frame{Template: "digests"}})
	pagetest.Renders(t, &refusedPage{Frame: page.Frame{Template: "refused"}})
}
