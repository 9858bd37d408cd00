package signing

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePagesRenderWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	frame := func(template string) page.Frame { return page.Frame{Template: template} }
	pagetest.Renders(
		t, &codePage{Frame: frame("code")}, &ceremonyPage{Frame: frame("passkey")}, &ownPage{Frame: frame("signin")},
		&setUpPage{Frame: frame("signin_codes")}, &recoveryPage{Frame: frame("signin_recovery")}, &againPage{Frame: frame("signin_again")},
	)
}
