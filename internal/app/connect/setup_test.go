package connect_test

import (
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/app/connect"
	"daymark/internal/app/join"
	"daymark/internal/core/clock"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/x"
	"daymark/migrations"
)

// begin is when tests begin, by the product clock.
var begin = time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)

// site is a database with an admin, three sandboxes and what connects them.
type site struct {
	t        *testing.T
	db       *postgres.DB
	clock    *clock.Fake
	keys     seal.Keys
	admin    people.Person
	mastodon *mastodon.Server
	bluesky  *bluesky.Server
	x        *x.Server
	wall     func() time.Time // of the sandbox X
	*join.Desk
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, db: postgrestest.New(t, migrations.FS), clock: clock.NewFake(begin), wall: time.Now}
	s.keys = seal.Keys{newKey(t)}
	s.admin = s.person(people.RoleAdmin, "ada@daymark.example")
	var err error
	s.mastodon, err = mastodon.New(mastodon.Options{
		Accounts: []mastodon.Account{{Handle: "charity", DisplayName: "A charity", Followers: 1500}, {Handle: "other", DisplayName: "Another"}}, Clock: s.clock, Quiet: true,
	})
	s.start(s.mastodon, err)
	s.bluesky, err = bluesky.New(bluesky.Options{Accounts: []bluesky.Account{{Handle: "charity.test", DisplayName: "A charity", Followers: 30}}, Clock: s.clock, Quiet: true})
	s.start(s.bluesky, err)
	s.x, err = x.New(x.Options{
		Accounts: []x.Account{{Handle: "charity", DisplayName: "A charity", Followers: 7}}, Clock: s.clock, Wall: func() time.Time { return s.wall() }, Quiet: true,
		Switches: x.Switches{Replies: true},
	})
	s.start(s.x, err)
	s.Desk = join.New(s.db, s.keys, s.replica())
	return s
}

// replica returns another process on the same database.
func (s *site) replica() *connect.Networks {
	n := connect.New(connect.Options{DB: s.db, Keys: s.keys, Clock: s.clock, Version: "test"})
	for _, at := range []string{s.mastodon.BaseURL(), s.bluesky.BaseURL(), s.x.BaseURL()} {
		n.Sandbox(at)
	}
	return n
}

func (s *site) start(server interface {
	Start(addr string) error
	Close() error
}, err error,
) {
	s.t.Helper()
	if err == nil {
		err = server.Start("127.0.0.1:0")
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := server.Close(); err != nil {
			s.t.Error(err)
		}
	})
}

func (s *site) person(role people.Role, email string) (p people.Person) {
	s.t.Helper()
	err := s.db.InTx(s.t.Context(), func(tx *postgres.Tx) (err error) {
		p, err = people.Add(s.t.Context(), tx, people.NewPerson{Email: email, Name: "Somebody", Role: role, Password: people.NewPassword(rand.Reader), Languages: []string{"en"}}, 0)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func newKey(t *testing.T) seal.Key {
	t.Helper()
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	k, err := seal.ParseKey(base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// wanted is a channel that could be.
func wanted() joining.Wanted {
	return joining.Wanted{Name: "London", Zone: "Europe/London", Languages: []string{"en"}, Country: "GB", Labels: []string{"uk"}}
}

// starts are the ways to connect that need no browser, by network.
func (s *site) starts() map[string]joining.Start {
	keys, err := s.x.Keys("charity", false)
	if err != nil {
		s.t.Fatal(err)
	}
	return map[string]joining.Start{
		"mastodon": {Platform: "mastodon", Address: s.mastodon.BaseURL(), Wanted: wanted(), Keys: joining.Keys{AccessToken: s.mastodon.Token("charity")}},
		"bluesky": {Platform: "bluesky", Address: s.bluesky.BaseURL(), Wanted: wanted(), Keys: joining.Keys{
			Handle: "@charity.test", AppPassword: s.bluesky.AppPassword(bluesky.Account{Handle: "charity.test"}),
		}},
		"x": {Platform: "x", Address: s.x.BaseURL(), Wanted: wanted(), Keys: joining.Keys{
			ConsumerKey: keys.ConsumerKey, ConsumerSecret: keys.ConsumerSecret, AccessToken: keys.AccessToken, AccessSecret: keys.AccessSecret,
		}},
	}
}

// allow answers a page of consent as a person would: it returns where the server sends them, or the page it shows.
func (s *site) allow(step joining.Step, form url.Values) (*url.URL, string) {
	s.t.Helper()
	to, query, _ := strings.Cut(step.Send, "?")
	asked, err := url.ParseQuery(query)
	if err != nil {
		s.t.Fatal(err)
	}
	for name, values := range asked {
		form[name] = values
	}
	c := &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer c.CloseIdleConnections()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	where, _ := resp.Location()
	return where, string(body)
}

// shown cuts what a page shows between two marks.
func shown(page, after string) string {
	_, rest, _ := strings.Cut(page, after)
	value, _, _ := strings.Cut(rest, "<")
	return value
}
