package calendar

import (
	"strings"
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &Page{Frame: page.Frame{Template: "calendar"}})
	for _, view := range []string{viewWeek, viewList} {
		p := &Page{Frame: page.Frame{Template: "calendar"}}
		for _, full := range []bool{false, true} {
			if full {
				pagetest.Fill(p)
			}
			p.View = view
			html := pagetest.HTML(t, p)
			for _, unwanted := range []string{"<script>", "ZgotmplZ", " style=", "%!", "map["} {
				if strings.Contains(html, unwanted) {
					t.Errorf("%s, full %v: the page has %q", view, full, unwanted)
				}
			}
		}
	}
}
