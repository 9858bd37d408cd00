package count_test

import (
	"testing"

	"daymark/internal/core/text/count"
)

func TestANoteIsTheFirstLineWhereANetworkHasNoPlaceForIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ network, note, want string }{
		{"x", "violence", "CN: violence\n\nWords."},
		{"bluesky", "violence", "CN: violence\n\nWords."},
		{"mastodon", "violence", "Words."},
		{"x", "", "Words."},
	} {
		if got := (count.Rules{Network: tt.network}).Noted("Words.", tt.note); got != tt.want {
			t.Errorf("%s with the note %q: %q, want %q", tt.network, tt.note, got, tt.want)
		}
	}
}
