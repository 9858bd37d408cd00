package connect_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/x"
	"daymark/internal/platform/x/connect"
	sandbox "daymark/internal/sandbox/x"
	"daymark/internal/wire"
)

// setup starts a sandbox and returns what the flow needs to reach it.
func setup(t *testing.T, wall func() time.Time) (*sandbox.Server, x.Options, string, connect.App) {
	t.Helper()
	now := clock.NewFake(time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC))
	server, err := sandbox.New(sandbox.Options{Accounts: []sandbox.Account{{Handle: "charity", DisplayName: "A charity"}}, Clock: now, Wall: wall, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server.Handler())
	client := wire.NewClient(wire.Options{Allow: []string{listener.Listener.Addr().String()}})
	t.Cleanup(func() {
		client.CloseIdleConnections()
		listener.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	keys, err := server.Keys("charity", false)
	if err != nil {
		t.Fatal(err)
	}
	o := x.Options{HTTP: client, Now: now.Now, Wall: time.Now, UserAgent: "Daymark test", Sleep: func(context.Context, time.Duration) error { return nil }}
	return server, o, listener.URL, connect.App{ConsumerKey: keys.ConsumerKey, ConsumerSecret: keys.ConsumerSecret}
}

// decide answers the page of consent and returns what came back: the address of a redirect, or a page.
func decide(t *testing.T, p connect.Pending, form url.Values) (*url.URL, string) {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(c.CloseIdleConnections)
	form.Set("oauth_token", p.Token)
	to, _, _ := strings.Cut(p.Send, "?")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	where, _ := resp.Location()
	return where, string(body)
}

func TestAnAccountIsConnectedByItsOwner(t *testing.T) {
	t.Parallel()
	_, o, address, app := setup(t, time.Now)
	p, err := connect.Begin(t.Context(), o, address, app, "https://daymark.example/x/back?channel=7")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", p, p, p), string(p.Secret.Reveal())) {
		t.Error("the secret shows")
	}
	back, _ := decide(t, p, url.Values{"account": {"charity"}})
	if back == nil || back.Query().Get("channel") != "7" {
		t.Fatalf("sent back to %v", back)
	}
	token, verifier, err := connect.Answer(back.Query())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connect.Finish(t.Context(), o, address, app, p, token, verifier+"x"); platform.Outcome(err) != platform.KindAuthExpired {
		t.Errorf("another verifier: %v", err)
	}
	if _, err := connect.Finish(t.Context(), o, address, app, p, "another", verifier); platform.Outcome(err) != platform.KindPermanent {
		t.Errorf("another flow: %v", err)
	}
	keys, err := connect.Finish(t.Context(), o, address, app, p, token, verifier)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = keys.Clean(); err != nil {
		t.Fatal(err)
	}
	who, err := x.New(o).Verify(t.Context(), platform.Account{Network: platform.X, Address: address, Secret: keys.Secret()})
	if err != nil || who.Handle != "@charity" {
		t.Errorf("Verify: %+v, %v", who, err)
	}
	if _, err := connect.Finish(t.Context(), o, address, app, p, token, verifier); platform.Outcome(err) != platform.KindAuthExpired {
		t.Errorf("a verifier worked twice: %v", err)
	}
}

func TestAnAccountIsConnectedByPIN(t *testing.T) {
	t.Parallel()
	_, o, address, app := setup(t, time.Now)
	p, err := connect.Begin(t.Context(), o, address, app, connect.OutOfBand)
	if err != nil {
		t.Fatal(err)
	}
	_, page := decide(t, p, url.Values{"account": {"charity"}})
	_, rest, _ := strings.Cut(page, `<output id="pin">`)
	pin, _, _ := strings.Cut(rest, "<")
	if keys, err := connect.Finish(t.Context(), o, address, app, p, "", pin); err != nil || keys.AccessToken == "" {
		t.Errorf("%v", err)
	}
}

func TestWhatGoesWrongWhileConnectingIsSaid(t *testing.T) {
	t.Parallel()
	_, o, address, app := setup(t, time.Now)
	p, err := connect.Begin(t.Context(), o, address, app, "https://daymark.example/back")
	if err != nil {
		t.Fatal(err)
	}
	back, _ := decide(t, p, url.Values{"deny": {"1"}})
	if _, _, err := connect.Answer(back.Query()); !strings.Contains(platform.Say(err), "refused on X") {
		t.Errorf("denied: %v", err)
	}
	if _, _, err := connect.Answer(url.Values{}); platform.Say(err) == "" {
		t.Errorf("no answer: %v", err)
	}
	wrong := app
	wrong.ConsumerSecret = "another-secret"
	_, err = connect.Begin(t.Context(), o, address, wrong, "https://daymark.example/back")
	if platform.Outcome(err) != platform.KindAuthExpired || !strings.Contains(platform.Say(err), "API key") {
		t.Errorf("wrong secret: %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "another-secret") {
		t.Errorf("the secret shows: %v", err)
	}
	if _, err = connect.Begin(t.Context(), o, address, app, "ftp://nowhere"); !strings.Contains(platform.Say(err), "callback address") {
		t.Errorf("a bad callback: %v", err)
	}
	if _, err = connect.Begin(t.Context(), o, "nowhere", app, "oob"); platform.Say(err) == "" {
		t.Errorf("a bad address: %v", err)
	}
	_, skewed, there, sameApp := setup(t, func() time.Time { return time.Now().Add(time.Hour) })
	if _, err = connect.Begin(t.Context(), skewed, there, sameApp, "oob"); !strings.Contains(platform.Say(err), "clock") || !strings.Contains(platform.Say(err), "behind") {
		t.Errorf("a wrong clock: %v", err)
	}
}
