package review_test

import (
	"testing"

	"daymark/internal/core/post"
	"daymark/internal/flow/review"
)

func TestACampaignCanAskForMoreApprovalsNeverForFewer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		sensitive   bool
		asked, want int
	}{{false, 0, 1}, {false, 3, 3}, {true, 0, 2}, {true, 1, 2}, {true, 3, 3}} {
		if got := review.Approvals(post.Source{Sensitive: tt.sensitive, Approvals: tt.asked}); got != tt.want {
			t.Errorf("sensitive %t, asked for %d: %d approvals, want %d", tt.sensitive, tt.asked, got, tt.want)
		}
	}
}
