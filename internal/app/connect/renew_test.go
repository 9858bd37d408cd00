package connect_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/app/connect"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/health"
	"daymark/internal/org/notice"
	"daymark/internal/org/seal"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
)

// join connects an account of a network.
func (s *site) join(network string) channel.Channel {
	s.t.Helper()
	c, err := s.Direct(s.t.Context(), s.admin, s.starts()[network])
	if err != nil {
		s.t.Fatalf("%s: %v", network, err)
	}
	return c
}

// renewals counts how often credentials were exchanged.
func (s *site) renewals() (n int) {
	s.t.Helper()
	if err := s.db.GetContext(s.t.Context(), &n, `SELECT count(*) FROM audit WHERE action = 'channel.renewed'`); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func TestTwoReplicasRenewCredentialsOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.join("bluesky")
	s.clock.Add(2*time.Hour - time.Minute)
	var all sync.WaitGroup
	for _, n := range []*connect.Networks{s.Networks, s.replica(), s.Networks, s.replica()} {
		all.Go(func() {
			if _, _, err := n.Reach(t.Context(), c.ID); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.renewals(); n != 1 {
		t.Errorf("renewed %d times", n)
	}
}

func TestATokenThatIsNotTakenIsRenewedAndThePostGoesOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.join("bluesky")
	err := channel.Renew(t.Context(), s.db, s.keys, c.ID, func(_ context.Context, had seal.Secret) (seal.Secret, error) {
		var cred bluesky.Credentials
		if err := json.Unmarshal(had, &cred); err != nil {
			return nil, err
		}
		cred.Access += "x" // its signature is wrong, and its time is not over
		return seal.Secret(cred.Secret().Reveal()), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	before := s.renewals()
	content := platform.Content{Parts: []platform.Part{{Text: "Hello"}}, Language: "en", Visibility: "public"}
	attempt := platform.Attempt{Key: "key", No: 1, Content: content, StartedAt: s.clock.Now()}
	if attempt.Handles, err = s.Prepare(t.Context(), c.ID, content, 0, nil); err != nil {
		t.Fatal(err)
	}
	if _, err = s.Publish(t.Context(), c.ID, attempt); platform.Outcome(err) != platform.KindTransient {
		t.Fatalf("the first try: %v", err)
	}
	if _, err = s.Publish(t.Context(), c.ID, attempt); err != nil {
		t.Fatalf("the next try: %v", err)
	}
	if n := s.renewals() - before; n != 1 {
		t.Errorf("renewed %d times", n)
	}
	if n := len(s.bluesky.State().Posts); n != 1 {
		t.Errorf("%d posts are out", n)
	}
}

func TestWhatGoesWrongWithAnAccountIsSaidWithTheNextStep(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		network string
		wrong   func(*site) error
		say     []string
		machine bool // it is the machine's trouble and says nothing of the account
	}{
		"Mastodon: the token is revoked": {"mastodon", func(s *site) error { return s.mastodon.Revoke("charity") }, []string{"does not accept the access token", "Connect the account again"}, false},
		"Bluesky: the app password is revoked": {"bluesky", func(s *site) error {
			s.clock.Add(3 * time.Hour)
			return s.bluesky.Revoke("charity.test")
		}, []string{"app password", "connect the account again"}, false},
		"Bluesky: the account is suspended": {"bluesky", func(s *site) error {
			s.bluesky.Suspend("charity.test", true)
			return nil
		}, []string{"Log in"}, false},
		"X: the keys are revoked":     {"x", func(s *site) error { return s.x.Revoke("charity") }, []string{"keys"}, false},
		"X: the account is suspended": {"x", func(s *site) error { return s.x.Suspend("charity", true) }, []string{"suspended"}, false},
		"X: the clock is off by an hour": {"x", func(s *site) error {
			s.wall = func() time.Time { return time.Now().Add(time.Hour) }
			return nil
		}, []string{"clock", "behind"}, true},
		"Bluesky: nobody used the session for ninety days": {"bluesky", func(s *site) error {
			s.clock.Add(91 * 24 * time.Hour)
			return nil
		}, []string{"app password", "connect the account again"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			channel := s.join(c.network)
			if err := c.wrong(s); err != nil {
				t.Fatal(err)
			}
			_, err := s.Test(t.Context(), channel.ID)
			for _, want := range c.say {
				if !strings.Contains(said(err), want) {
					t.Errorf("got %q, want %q", said(err), want)
				}
			}
			_, _ = s.Test(t.Context(), channel.ID) // a second look tells nothing new
			all, err := health.All(t.Context(), s.db, s.clock.Now())
			if err != nil || (all[channel.ID].Problem == "") != c.machine {
				t.Errorf("its health is %+v, %v", all[channel.ID], err)
			}
			if told, err := notice.Open(t.Context(), s.db, 10); err != nil || (len(told) == 1) == c.machine {
				t.Errorf("told %+v, %v", told, err)
			}
		})
	}
}
