package channels

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestEachPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	of := func(template string) page.Frame { return page.Frame{Template: template} }
	pagetest.Renders(t, &listPage{Frame: of("channels")}, &channelPage{Frame: of("channel")}, &connectPage{Frame: of("connect")}, &goPage{Frame: of("connect_go")})
}

func TestDollarsAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int64{"20": 20_000_000, "$7.50": 7_500_000, " 0.1 ": 100_000, "0": 0} {
		if got, err := dollars(typed); err != nil || got == nil || *got != want {
			t.Errorf("%q: got %v, %v, want %d", typed, got, err, want)
		}
	}
	if got, err := dollars(" "); err != nil || got != nil {
		t.Errorf("nothing: got %v, %v", got, err)
	}
	for _, typed := range []string{"-1", "many", "NaN", "1e9"} {
		if _, err := dollars(typed); err == nil {
			t.Errorf("%q is taken for an amount", typed)
		}
	}
	if got := amount(215_000); got != "0.215" {
		t.Errorf("wrote %s", got)
	}
}
