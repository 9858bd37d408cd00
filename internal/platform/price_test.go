package platform_test

import (
	"testing"

	"daymark/internal/platform"
)

func TestMoneyIsWrittenWithAsManyDigitsAsItNeeds(t *testing.T) {
	t.Parallel()
	for amount, want := range map[platform.Money]string{
		0: "$0.00", platform.Cent: "$0.01", platform.Cent / 2: "$0.005", 20 * platform.Cent: "$0.20", platform.Dollar + 15*platform.Cent/10: "$1.015", -platform.Dollar: "-$1.00", 1: "$0.000001",
	} {
		if got := amount.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(amount), got, want)
		}
	}
}

func TestABudgetBlocksWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		budget, spent, next, left platform.Money
		ok                        bool
	}{
		"room is left":      {platform.Dollar, 50 * platform.Cent, 20 * platform.Cent, 30 * platform.Cent, true},
		"the last of it":    {platform.Dollar, 80 * platform.Cent, 20 * platform.Cent, 0, true},
		"a little too much": {platform.Dollar, 81 * platform.Cent, 20 * platform.Cent, -platform.Cent, false},
		"no budget was set": {0, 500 * platform.Dollar, platform.Dollar, 0, true},
		"overspent already": {platform.Dollar, 2 * platform.Dollar, 0, -platform.Dollar, false},
	} {
		if left, ok := platform.Left(tt.budget, tt.spent, tt.next); left != tt.left || ok != tt.ok {
			t.Errorf("%s: %s, %v", name, left, ok)
		}
	}
	if got := platform.Total([]platform.Charge{{Count: 2, Each: platform.Cent}, {Count: 1, Each: platform.Dollar}}); got != platform.Dollar+2*platform.Cent {
		t.Errorf("Total = %s", got)
	}
}
