package texts

import (
	"testing"
	"time"
)

func TestSpansAreWrittenAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d    time.Duration
		want map[string]string
	}{
		{230 * time.Millisecond, map[string]string{"en": "230\u00a0ms", "fr": "230\u00a0ms", "es": "230\u00a0ms", "ar": "230\u00a0م.ث"}},
		{1400 * time.Millisecond, map[string]string{"en": "1.4\u00a0s", "fr": "1,4\u00a0s", "es": "1,4\u00a0s", "ar": "1.4\u00a0ث"}},
		{3 * time.Second, map[string]string{"en": "3\u00a0s", "ar": "3\u00a0ث"}},
		{59990 * time.Millisecond, map[string]string{"en": "1\u00a0min 0\u00a0s"}},
		{80 * time.Second, map[string]string{"en": "1\u00a0min 20\u00a0s", "fr": "1\u00a0min 20\u00a0s", "ar": "1\u00a0د 20\u00a0ث"}},
		{125*time.Minute + 10*time.Second, map[string]string{"en": "2\u00a0h 5\u00a0min", "es": "2\u00a0h 5\u00a0min", "ar": "2\u00a0س 5\u00a0د"}},
		{-2 * time.Second, map[string]string{"en": "\u22122\u00a0s", "ar": "\u200e\u22122\u00a0ث"}},
		{0, map[string]string{"en": "0\u00a0ms"}},
	} {
		for code, want := range tt.want {
			if got := all(t)[code].Span(tt.d); got != want {
				t.Errorf("%s in %s: %q, want %q", tt.d, code, got, want)
			}
		}
	}
}
