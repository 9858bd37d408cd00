package texts

import "testing"

func TestTenthsAndHundredthsAreWrittenAsTheLanguageDoes(t *testing.T) {
	t.Parallel()
	words := all(t)
	for _, tt := range []struct{ got, want string }{
		{words["en"].Tenths(56), "5.6"},
		{words["en"].Tenths(50), "5"},
		{words["en"].Tenths(-7), "-0.7"},
		{words["en"].Tenths(12_345), "1,234.5"},
		{words["fr"].PercentTenths(56), "5,6\u00a0%"},
		{words["es"].Hundredths(1250), "12,5"},
		{words["ar"].Hundredths(1205), "12.05"},
		{words["en"].Hundredths(124_000), "1,240"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}
