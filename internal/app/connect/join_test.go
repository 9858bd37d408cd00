package connect_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

const back = "https://daymark.example/channels/connected"

func TestAccountsOfThreeNetworksAreConnectedWithWhatAPersonCopies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for network, start := range s.starts() {
		c, err := s.Direct(t.Context(), s.admin, start)
		if err != nil {
			t.Errorf("%s: %v", network, err)
			continue
		}
		if c.Platform != network || !c.Sandbox || c.RemoteID == "" || c.Country != "GB" {
			t.Errorf("%s: got %+v", network, c)
		}
		seen, err := s.Test(t.Context(), c.ID)
		if err != nil || seen.Characters == 0 || seen.Handle == "" || len(seen.Missing) > 0 {
			t.Errorf("%s: the test saw %+v, %v", network, seen, err)
		}
		if again, err := s.Direct(t.Context(), s.admin, start); err != nil || again.ID != c.ID {
			t.Errorf("%s: connected again as %d, %v; want channel %d", network, again.ID, err, c.ID)
		}
		if _, err := s.Direct(t.Context(), s.person(people.RoleEditor, network+"@daymark.example"), start); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: an editor: %v", network, err)
		}
	}
	for name, posts := range map[string]int{"mastodon": len(s.mastodon.State().Statuses), "bluesky": len(s.bluesky.State().Posts), "x": len(s.x.State().Posts)} {
		if posts > 0 {
			t.Errorf("%s has %d posts; connecting and testing post nothing", name, posts)
		}
	}
	if ends, err := s.Ends(t.Context()); err != nil || len(ends) != 1 {
		t.Errorf("only the session of Bluesky ends: %v, %v", ends, err)
	}
}

func TestAPersonAllowsDaymarkOnMastodon(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other := s.person(people.RoleAdmin, "omar@daymark.example")
	start := joining.Start{Platform: "mastodon", Address: s.mastodon.BaseURL() + "/", Redirect: back, Wanted: wanted()}
	step, err := s.Begin(t.Context(), s.admin, start)
	if err != nil {
		t.Fatal(err)
	}
	asked, _ := url.Parse(step.Send)
	if q := asked.Query(); q.Get("code_challenge_method") != "S256" || q.Get("scope") != "read:accounts read:statuses write:statuses write:media" {
		t.Errorf("asked for %v", q)
	}
	where, _ := s.allow(step, url.Values{"account": {"charity"}})
	if where == nil || !strings.HasPrefix(where.String(), back+"?") {
		t.Fatalf("sent back to %v", where)
	}
	if _, err := s.Finish(t.Context(), other, where.Query()); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another person came back: %v", err)
	}
	c, err := s.Finish(t.Context(), s.admin, where.Query())
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "London" || c.Zone != "Europe/London" || !strings.HasPrefix(c.Handle, "charity@") {
		t.Errorf("got %+v", c)
	}
	if _, err := s.Finish(t.Context(), s.admin, where.Query()); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second time: %v", err)
	}
	// The next account of the server is connected by the same program.
	next, err := s.Begin(t.Context(), s.admin, start)
	if err != nil {
		t.Fatal(err)
	}
	if was, is := clientOf(step), clientOf(next); was != is {
		t.Errorf("registered twice: %s, %s", was, is)
	}
	if where, _ = s.allow(next, url.Values{"account": {"other"}, "deny": {"1"}}); where == nil {
		t.Fatal("not sent back")
	}
	if _, err := s.Finish(t.Context(), s.admin, where.Query()); !strings.Contains(fault.Say(err), "refused on the server") {
		t.Errorf("refused: %v", err)
	}
}

func clientOf(step joining.Step) string {
	u, _ := url.Parse(step.Send)
	return u.Query().Get("client_id")
}

func TestWhoTakesTooLongBeginsAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	step, err := s.Begin(t.Context(), s.admin, joining.Start{Platform: "mastodon", Address: s.mastodon.BaseURL(), Redirect: back, Wanted: wanted()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), `UPDATE connections SET created_at = created_at - interval '16 minutes'`); err != nil {
		t.Fatal(err)
	}
	where, _ := s.allow(step, url.Values{"account": {"charity"}})
	if _, err := s.Finish(t.Context(), s.admin, where.Query()); !strings.Contains(fault.Say(err), "15 minutes") {
		t.Errorf("got %v", err)
	}
}

func TestACommandLineConnectsByCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	step, err := s.Begin(t.Context(), s.admin, joining.Start{Platform: "mastodon", Address: s.mastodon.BaseURL(), Wanted: wanted()})
	if err != nil {
		t.Fatal(err)
	}
	_, page := s.allow(step, url.Values{"account": {"charity"}})
	if _, err := s.Finish(t.Context(), s.admin, url.Values{"state": {step.State}, "code": {shown(page, `<output id="code">`)}}); err != nil {
		t.Error(err)
	}
	start := s.starts()["x"]
	if step, err = s.Begin(t.Context(), s.admin, start); err != nil {
		t.Fatal(err)
	}
	_, page = s.allow(step, url.Values{"account": {"charity"}})
	if _, err := s.Finish(t.Context(), s.admin, url.Values{"oauth_token": {step.State}, "oauth_verifier": {shown(page, `<output id="pin">`)}}); err != nil {
		t.Error(err)
	}
}

func TestWhatAPersonTypesWrongIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>A bakery</h1>")) }))
	t.Cleanup(web.Close)
	s.Sandbox(web.URL)
	bluesky := func(change func(*joining.Keys)) joining.Start {
		start := s.starts()["bluesky"]
		change(&start.Keys)
		return start
	}
	for name, c := range map[string]struct {
		start joining.Start
		say   string
	}{
		"no address":                 {joining.Start{Platform: "mastodon"}, "such as mastodon.social"},
		"http":                       {joining.Start{Platform: "mastodon", Address: "http://mastodon.example"}, "https://mastodon.example"},
		"a private address":          {joining.Start{Platform: "mastodon", Address: "https://192.168.1.4"}, "not on the public internet"},
		"not Mastodon":               {joining.Start{Platform: "mastodon", Address: web.URL}, "not of a web page"},
		"the account's own password": {bluesky(func(k *joining.Keys) { k.AppPassword = "correct horse battery" }), "not an app password"},
		"another app password":       {bluesky(func(k *joining.Keys) { k.AppPassword = "aaaa-bbbb-cccc-dddd" }), "app password again"},
		"another handle":             {bluesky(func(k *joining.Keys) { k.Handle = "nobody.test" }), "handle"},
	} {
		c.start.Wanted = wanted()
		var err error
		if c.start.Platform == "mastodon" {
			_, err = s.Begin(t.Context(), s.admin, c.start)
		} else {
			_, err = s.Direct(t.Context(), s.admin, c.start)
		}
		if err == nil || !strings.Contains(said(err), c.say) {
			t.Errorf("%s: got %q, want %q", name, said(err), c.say)
		}
	}
	start := s.starts()["mastodon"]
	start.Keys.AccessToken = s.mastodon.Token("charity", "read")
	if _, err := s.Direct(t.Context(), s.admin, start); !strings.Contains(said(err), "write:media, write:statuses is missing") {
		t.Errorf("a token that may only read: %v", err)
	}
	start.Wanted.Zone = "London"
	if _, err := s.Begin(t.Context(), s.admin, start); !strings.Contains(said(err), "time zone") {
		t.Errorf("a bad zone: %v", err)
	}
}

// said is everything that a person reads of an error.
func said(err error) string {
	text := fault.Say(err)
	for _, p := range fault.Problems(err) {
		text += " " + p.Field + " " + p.Message
	}
	return text
}

func TestAppsAreSealedAnewWithTheirChannels(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Begin(t.Context(), s.admin, joining.Start{Platform: "mastodon", Address: s.mastodon.BaseURL(), Redirect: back, Wanted: wanted()}); err != nil {
		t.Fatal(err)
	}
	old, fresh := s.keys, newKey(t)
	both := append(s.keys[:0:0], fresh, old[0])
	err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if _, err := channel.Reseal(t.Context(), tx, both, 0); err != nil {
			return err
		}
		n, err := joining.Reseal(t.Context(), tx, both)
		if n != 1 {
			t.Errorf("sealed %d apps", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := joining.FindApp(t.Context(), s.db, both[:1], "mastodon", s.mastodon.BaseURL(), back); err != nil {
		t.Error(err)
	}
	if _, err := joining.FindApp(t.Context(), s.db, old, "mastodon", s.mastodon.BaseURL(), back); !fault.Is(err, fault.Conflict) {
		t.Errorf("the old key: %v", err)
	}
}
