package connect_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/app/connect/ahead"
	"daymark/internal/flow/dispatch/readback"
	"daymark/internal/org/channel/health"
	"daymark/internal/platform"
)

func TestAccountsAreAskedAheadAndNotTwiceInAWhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	toots, posts := s.join("mastodon"), s.join("x")
	n := ahead.New(s.db, s.replica(), s.clock)
	asked := func(channel int64) time.Time {
		t.Helper()
		h, err := health.Of(t.Context(), s.db, channel)
		if err != nil {
			t.Fatal(err)
		}
		return h.AskedAt
	}
	look := func(channel int64, now bool) {
		t.Helper()
		if err := n.LookAhead(t.Context(), channel, now); err != nil {
			t.Fatal(err)
		}
	}
	first := s.clock.Now()
	s.clock.Add(20 * time.Minute)
	look(toots.ID, false)
	look(posts.ID, false)
	if !asked(toots.ID).Equal(first) || !asked(posts.ID).Equal(first) {
		t.Error("what was asked lately was asked again")
	}
	s.clock.Add(20 * time.Minute)
	look(toots.ID, false)
	look(posts.ID, false)
	if !asked(toots.ID).Equal(s.clock.Now()) || !asked(posts.ID).Equal(first) {
		t.Error("after 40 minutes the free network is asked, and the one that charges is not")
	}
	look(posts.ID, true)
	if !asked(posts.ID).Equal(s.clock.Now()) {
		t.Error("somebody waits and nobody asks")
	}
	if err := s.mastodon.Revoke("charity"); err != nil {
		t.Fatal(err)
	}
	look(toots.ID, true)
	if h, err := health.Of(t.Context(), s.db, toots.ID); err != nil || h.Problem == "" {
		t.Errorf("an account whose access was taken back: %+v, %v", h, err)
	}
	_ = s.x.Close()
	if err := n.LookAhead(t.Context(), posts.ID, true); err == nil || platform.Say(err)+err.Error() == "" {
		t.Errorf("a server that is away: %v", err)
	}
	if h, err := health.Of(t.Context(), s.db, posts.ID); err != nil || h.Problem != "" {
		t.Errorf("an account whose server is away is none that is broken: %+v, %v", h, err)
	}
}

func TestLimitsAndPricesAreThoseOfTheChannelsServer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	n := ahead.New(s.db, s.replica(), s.clock)
	long := platform.Content{Parts: []platform.Part{{Text: strings.Repeat("a ", 200)}}, Language: "en", Visibility: "public"}
	for network, issues := range map[string]int{"mastodon": 0, "x": 1} {
		limits, err := n.Limits(t.Context(), s.join(network).ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := limits.Check(long); len(got) != issues {
			t.Errorf("%s: %+v", network, got)
		}
		if (limits.Cost != nil) != (network == "x") || (limits.Cost != nil && limits.Cost(long) != 15_000) {
			t.Errorf("%s has another price", network)
		}
	}
}

func TestASandboxOpensNoLinkIntoTheWorld(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.join("mastodon")
	n := ahead.New(s.db, s.replica(), s.clock)
	for _, link := range []string{"https://example.org/", "http://example.org/", "https://127.0.0.1:1/", "https://%zz/"} {
		if problem, opened := n.Answers(t.Context(), c.ID, link); opened != (link == "https://%zz/") || opened != (problem != "") {
			t.Errorf("%s: %q, %v", link, problem, opened)
		}
	}
	if problem, opened := n.Answers(t.Context(), c.ID, s.mastodon.BaseURL()+"/nothing-here"); !opened || !strings.Contains(problem, "404") {
		t.Errorf("a page of the sandbox that is not there: %q, %v", problem, opened)
	}
	if problem, opened := n.Answers(t.Context(), c.ID, s.mastodon.BaseURL()+"/api/v2/instance"); !opened || problem != "" {
		t.Errorf("a page of the sandbox: %q, %v", problem, opened)
	}
}

func TestEachNetworkSaysWhatReadingBackCosts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var n readback.Networks = s.replica()
	for network, cost := range map[string]int64{"mastodon": 0, "bluesky": 0, "x": 1000} {
		how, err := n.Reads(t.Context(), s.join(network).ID)
		if err != nil || how.Expected == nil || how.Cost != cost {
			t.Errorf("%s: %d, %v", network, how.Cost, err)
		}
	}
}
