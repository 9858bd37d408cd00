package entering_test

import (
	"testing"

	"daymark/internal/face/web/entering"
)

func TestOnlyAddressesOnThisSiteAreGoneToAfterLogIn(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/calendar?month=2027-07": "/calendar?month=2027-07", "": "/", "https://evil.test/": "/", "//evil.test": "/", `/\evil.test`: "/",
		"javascript:alert(1)": "/", "/\tevil": "/", "calendar": "/",
	} {
		if got := entering.Local(next); got != want {
			t.Errorf("Local(%q) = %q, want %q", next, got, want)
		}
	}
}
