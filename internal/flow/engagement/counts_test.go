package engagement

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/platform"
)

func TestSumOfParts(t *testing.T) {
	t.Parallel()
	n := func(v int64) *int64 { return &v }
	tests := map[string]struct {
		parts []platform.Counts
		want  platform.Counts
		say   string
	}{
		"one part is itself": {
			parts: []platform.Counts{{Favourites: n(3), Boosts: n(0)}},
			want:  platform.Counts{Favourites: n(3), Boosts: n(0)},
		},
		"parts are added": {
			parts: []platform.Counts{{Favourites: n(3)}, {Favourites: n(4)}},
			want:  platform.Counts{Favourites: n(7)},
		},
		"a count that one part tells is told": {
			parts: []platform.Counts{{Quotes: n(2)}, {}},
			want:  platform.Counts{Quotes: n(2)},
		},
		"a count that no part tells stays untold": {
			parts: []platform.Counts{{Boosts: n(1)}, {Boosts: n(1)}},
			want:  platform.Counts{Boosts: n(2)},
		},
		"gone when every part is": {
			parts: []platform.Counts{{Gone: true}, {Gone: true}},
			want:  platform.Counts{Gone: true},
		},
		"while a part is there it counts": {
			parts: []platform.Counts{{Gone: true, Boosts: n(9)}, {Boosts: n(1)}},
			want:  platform.Counts{Boosts: n(1)},
		},
		"a count below zero is left out and said": {
			parts: []platform.Counts{{Favourites: n(-3), Boosts: n(1)}},
			want:  platform.Counts{Boosts: n(1)},
			say:   "The network reported -3 favourites, which cannot be; left out.",
		},
		"a count that no column holds is left out and said": {
			parts: []platform.Counts{{Clicks: n(math.MaxInt64)}},
			say:   "The network reported 9223372036854775807 clicks, which cannot be; left out.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, say := sum(7, tt.parts)
			if diff := cmp.Diff(tt.want, platform.Counts{
				Favourites: got.Figures[0], Boosts: got.Figures[1], Replies: got.Figures[2], Quotes: got.Figures[3], Impressions: got.Figures[4],
				Clicks: got.Figures[5], Gone: got.Gone,
			}); diff != "" || got.Delivery != 7 {
				t.Errorf("sum (-want +got):\n%s", diff)
			}
			if say != tt.say {
				t.Errorf("said %q, want %q", say, tt.say)
			}
		})
	}
}
