package consents

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
	"daymark/internal/org/consent/linking"

	"github.com/google/go-cmp/cmp"
)

func TestThePagesRenderWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	for _, p := range []page.Page{
		&listPage{Frame: page.Frame{Template: "consents"}}, &newPage{Frame: page.Frame{Template: "consent_new"}}, &onePage{Frame: page.Frame{Template: "consent"}},
	} {
		pagetest.Renders(t, p)
	}
}

func TestAThingIsReadAsPeoplePasteIt(t *testing.T) {
	t.Parallel()
	const sum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for typed, want := range map[string]linking.Thing{
		" 12 ":                                 {Post: 12},
		"https://daymark.example.org/posts/12": {Post: 12},
		"/posts/12/history":                    {Post: 12},
		sum:                                    {Picture: sum},
		"/media/" + sum:                        {Picture: sum},
		"https://daymark.example.org/pictures/" + sum + "?tab=2": {Picture: sum},
		"":                       {},
		"0":                      {},
		"post 12":                {},
		"/editions/12":           {},
		"99999999999999999999":   {},
		"/media/" + sum + "00":   {},
		"/posts/12'; DROP TABLE": {},
	} {
		if diff := cmp.Diff(want, thing(typed)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", typed, diff)
		}
	}
}
