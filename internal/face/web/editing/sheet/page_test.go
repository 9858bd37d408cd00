package sheet

import (
	"strings"
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestEachPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &Page{Frame: page.Frame{Template: "editor"}})
}

func TestEachPartOfAPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	for _, p := range []page.Page{&LookBit{Frame: page.Frame{Template: "bit_look"}}, &KeptBit{Frame: page.Frame{Template: "bit_kept"}}} {
		for _, full := range []bool{false, true} {
			if full {
				pagetest.Fill(p)
			}
			html := pagetest.HTML(t, p)
			for _, unwanted := range []string{"<script>", "<html", "ZgotmplZ", " style=", "%!", "map[", "[editor."} {
				if strings.Contains(html, unwanted) {
					t.Errorf("%T, full %v: it has %q", p, full, unwanted)
				}
			}
		}
	}
}
