package home

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
	"daymark/internal/org/people"
)

// parts are every kind of part that some role sees.
func parts(t *testing.T) []Part {
	t.Helper()
	seen := map[string]bool{}
	var all []Part
	for _, role := range people.Roles() {
		if len(orders[role]) == 0 {
			t.Errorf("nothing is said for the role %s", role)
		}
		for _, kind := range orders[role] {
			if !seen[kind] {
				seen[kind] = true
				all = append(all, Part{Kind: kind})
			}
		}
	}
	return all
}

func TestThePageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &homePage{Frame: page.Frame{Template: "home"}}, &homePage{Frame: page.Frame{Template: "home"}, Order: parts(t)})
}

func TestEachPartHasItsPlaceOnThePage(t *testing.T) {
	t.Parallel()
	p := &homePage{Frame: page.Frame{Template: "home"}}
	pagetest.Fill(p)
	for _, part := range parts(t) {
		p.Order = nil
		without := len(pagetest.HTML(t, p))
		p.Order = []Part{part}
		if len(pagetest.HTML(t, p)) < without+50 {
			t.Errorf("the part %s shows nothing", part.Kind)
		}
	}
}
