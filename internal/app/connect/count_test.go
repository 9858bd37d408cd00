package connect_test

import (
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/flow/engagement/following"
)

func TestEachNetworkSaysHowManyFollowAndWhatReadingCosts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, network := range []string{"mastodon", "bluesky", "x"} {
		c := s.join(network)
		cost, err := s.ReadCost(t.Context(), c.ID)
		if want := map[string]int64{"x": 1000}[network]; err != nil || cost != want {
			t.Errorf("reading a post of %s costs %d (%v), want %d", network, cost, err, want)
		}
	}
	if told, err := following.Look(t.Context(), s.db, s.replica(), begin, slog.New(slog.DiscardHandler)); err != nil || told != 3 {
		t.Fatalf("%d channels told their followers: %v", told, err)
	}
	var got []string
	if err := s.db.SelectContext(t.Context(), &got, `
SELECT concat_ws(' ', c.platform, f.day, f.followers)
FROM channel_counts f
JOIN channels c ON c.id = f.channel_id
ORDER BY c.platform`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bluesky 2027-07-01 30", "mastodon 2027-07-01 1500", "x 2027-07-01 7"}, got); diff != "" {
		t.Errorf("followers (-want +got):\n%s", diff)
	}
}
