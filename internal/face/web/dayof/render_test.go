package dayof

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestThePageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &dayPage{Frame: page.Frame{Template: "day"}})
}

func TestWhatIsShownNamesThePageAndNotWhenItWasMade(t *testing.T) {
	t.Parallel()
	one := Watched{Date: "2027-07-30", Out: []line{{ID: "out-1", Places: "5 of 6 places"}}}
	same := Watched{Date: "2027-07-30", Out: []line{{ID: "out-1", Places: "5 of 6 places"}}}
	other := Watched{Date: "2027-07-30", Out: []line{{ID: "out-1", Places: "6 of 6 places"}}}
	a, errA := one.name()
	b, errB := same.name()
	c, errC := other.name()
	if errA != nil || errB != nil || errC != nil || a != b || a == c {
		t.Errorf("%s %s %s, %v %v %v", a, b, c, errA, errB, errC)
	}
}
