package linked

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePagesRenderWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &linkPage{Frame: page.Frame{Template: "bylink"}}, &refusedPage{Frame: page.Frame{Template: "refused"}},
		&linksPage{Frame: page.Frame{Template: "links"}}, &outsidePage{Frame: page.Frame{Template: "outside"}})
}

func TestWhatIsLoggedOfAnAddressLacksTheToken(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/by-link/SECRET": "/by-link/…/", "/by-link/SECRET/hold": "/by-link/…/hold", "/by-link/": "/by-link/…/", "/review/7": "/review/7",
		"/shared/SECRET": "/shared/…", "/shared/SECRET/report.pdf": "/shared/…", "/feeds/SECRET.ics": "/feeds/…",
	} {
		if got := Safe(path); got != want {
			t.Errorf("%s is logged as %s, want %s", path, got, want)
		}
	}
}
