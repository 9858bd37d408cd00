package connect_test

import (
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
	"daymark/internal/platform"

	"github.com/google/go-cmp/cmp"
)

func byHand(kind, page string, limit int) joining.Start {
	return joining.Start{Platform: "byhand", Address: page, Wanted: wanted(), ByHand: joining.ByHand{Kind: kind, Handle: "@hope", Characters: limit}}
}

func TestAnAccountThatPeoplePostToNeedsNoNetworkAndNoKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	add := func(start joining.Start) channel.Channel {
		t.Helper()
		start.Wanted.Sandbox = false
		c, err := s.Direct(ctx, s.admin, start)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	picture := add(byHand("Instagram", "https://www.instagram.example/hope", 10))
	want := [4]string{"byhand", "https://www.instagram.example", "hope (Instagram)", "https://www.instagram.example/hope"}
	if diff := cmp.Diff(want, [4]string{picture.Platform, picture.Address, picture.Handle, picture.RemoteID}); diff != "" || picture.Sandbox {
		t.Errorf("sandbox: %t (-want +got):\n%s", picture.Sandbox, diff)
	}
	letter, status := add(byHand("Newsletter", "", 0)), add(byHand("WhatsApp", "", 0))
	if letter.ID == status.ID || letter.Address != "https://by-hand.invalid" {
		t.Errorf("two accounts of one name: %+v and %+v", letter, status)
	}
	if seen, err := s.Test(ctx, picture.ID); err != nil || seen.Software != "Instagram" || seen.Characters != 10 {
		t.Errorf("the test saw %+v, %v", seen, err)
	}
	long := platform.Content{Parts: []platform.Part{{Text: strings.Repeat("a", 11)}}}
	if issues, err := s.Check(ctx, picture.ID, long); err != nil || len(issues) != 1 || issues[0].Code != "too_long" {
		t.Errorf("a long text: %+v, %v", issues, err)
	}
	if again := add(byHand("Instagram", "https://www.instagram.example/hope", 2200)); again.ID != picture.ID {
		t.Errorf("added again as %d, want %d", again.ID, picture.ID)
	}
	if issues, err := s.Check(ctx, picture.ID, long); err != nil || len(issues) != 0 {
		t.Errorf("with the new limit: %+v, %v", issues, err)
	}
	if settling, err := s.Settling(ctx, picture.ID); err != nil || settling != 0 {
		t.Errorf("a person's word is waited for %s, %v", settling, err)
	}
	if err := s.Delete(ctx, picture.ID, platform.Ref{ID: "1"}); platform.Outcome(err) != platform.KindPermanent {
		t.Errorf("removing: %v", err)
	}
	for name, start := range map[string]joining.Start{
		"no kind":    {Platform: "byhand", Wanted: wanted(), ByHand: joining.ByHand{Handle: "hope"}},
		"no address": byHand("Instagram", "instagram.com/hope", 0),
		"no zone":    {Platform: "byhand", Wanted: joining.Wanted{Languages: []string{"en"}}, ByHand: joining.ByHand{Kind: "Letter", Handle: "hope"}},
	} {
		if _, err := s.Direct(ctx, s.admin, start); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInARehearsalAnAccountByHandIsASandboxLikeAllOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.db.ExecContext(t.Context(), `INSERT INTO fast_clock (real_start, starts_at, rate, until) VALUES (now(), now(), 60, now() + interval '1 day')`); err != nil {
		t.Fatal(err)
	}
	start := byHand("Instagram", "https://www.instagram.example/hope", 0)
	start.Wanted.Sandbox = false
	c, err := s.Direct(t.Context(), s.admin, start)
	if err != nil || !c.Sandbox || c.Address != "http://127.0.0.1" {
		t.Errorf("%+v, %v", c, err)
	}
}
