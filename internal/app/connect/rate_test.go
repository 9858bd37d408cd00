package connect_test

import (
	"testing"
	"time"

	"daymark/internal/app/join"
	"daymark/internal/platform"
	"daymark/internal/sandbox/bluesky"
)

// A post costs three points on Bluesky (https://docs.bsky.app/docs/advanced-guides/rate-limits).
func TestWhatBlueskySaysOfItsLimitsWithAPostIsHeard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var err error
	s.bluesky, err = bluesky.New(bluesky.Options{
		Accounts: []bluesky.Account{{Handle: "charity.test", DisplayName: "A charity"}}, Clock: s.clock, Quiet: true,
		Limits: &bluesky.Limits{Points: bluesky.Limit{Requests: 6, Per: time.Hour}},
	})
	s.start(s.bluesky, err)
	s.Desk = join.New(s.db, s.keys, s.replica())
	c := s.join("bluesky")
	if rate, ok := s.Rate(c.ID); ok && rate.Limit == 6 {
		t.Errorf("before the first post it is %+v", rate)
	}
	content := platform.Content{Parts: []platform.Part{{Text: "Hello"}}, Language: "en", Visibility: "public"}
	for i, left := range []int{3, 0} {
		content.Parts[0].Text += "!"
		attempt := platform.Attempt{Key: content.Parts[0].Text, No: 1, Content: content, StartedAt: s.clock.Now()}
		if attempt.Handles, err = s.Prepare(t.Context(), c.ID, content, 0, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Publish(t.Context(), c.ID, attempt); err != nil {
			t.Fatal(err)
		}
		rate, ok := s.Rate(c.ID)
		if want := (platform.Rate{Limit: 6, Remaining: left, Reset: begin.Add(time.Hour)}); !ok || rate != want {
			t.Errorf("after post %d it is %+v, want %+v", i+1, rate, want)
		}
	}
	attempt := platform.Attempt{Key: "third", No: 1, Content: content, StartedAt: s.clock.Now()}
	if attempt.Handles, err = s.Prepare(t.Context(), c.ID, content, 0, nil); err != nil {
		t.Fatal(err)
	}
	_, err = s.Publish(t.Context(), c.ID, attempt)
	if platform.Outcome(err) != platform.KindRateLimited {
		t.Errorf("a post too many: %v", err)
	}
}
