package journey

import (
	"context"
	"strings"
	"testing"

	"daymark/internal/org/channel"
	sandbox "daymark/internal/sandbox/mastodon"
)

// TestAnAdminConnectsAnAccountOnAPhone walks from the list of channels over the server's own page of consent to a tested channel.
func TestAnAdminConnectsAnAccountOnAPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	other, err := sandbox.New(sandbox.Options{Accounts: []sandbox.Account{{Handle: "leeds", DisplayName: "Hope Line Leeds"}}, Clock: h.app.Clock, Quiet: true})
	h.must(err)
	h.must(other.Start("127.0.0.1:0"))
	h.app.OnClose("sandbox", func(context.Context) error { return other.Close() })
	h.app.Networks.Sandbox(other.BaseURL())
	h.serve("")

	v := visit(t, phone)
	v.logIn(h, "admin@daymark.example", password)
	v.open(h.url + "/channels")
	v.check("channels")
	v.follow(`a[href="/connect/x"]`)
	v.check("connect X")
	v.open(h.url + "/connect/bluesky")
	v.check("connect Bluesky")
	v.open(h.url + "/connect/mastodon")
	v.check("connect Mastodon")
	if steps := v.text("ol.steps"); strings.Contains(steps, "%!") {
		t.Errorf("the steps say %s", steps)
	}
	v.fill("#address", other.BaseURL())
	v.fill("#country", "GB")
	v.fill("#name", "Leeds")
	v.follow("#connect-send")
	v.reads("main", "15 minutes", other.BaseURL())
	v.check("allow it on the server")
	v.follow("#go")
	if at := v.where(); !strings.HasPrefix(at, other.BaseURL()) {
		t.Fatalf("sent to %s", at)
	}
	v.reads("ul", "write:statuses")
	v.follow(`button[type="submit"]`)
	v.reads("#flash", "Leeds is connected. Nothing was posted.")
	v.reads("h1", "Leeds")
	v.check("channel")
	v.follow("#test")
	v.reads("#seen", "It works", "leeds", "500 characters", "write:media")
	v.check("channel after a test")
	h.must(other.Revoke("leeds"))
	v.follow("#test")
	v.reads("#problem", "does not accept the access token", "Connect the account again")
	v.check("channel that does not work")
	if n := len(other.State().Statuses); n != 0 {
		t.Errorf("%d statuses were posted", n)
	}
	list, err := channel.List(t.Context(), h.app.DB)
	h.must(err)
	if len(list) != 2 || list[1].Country != "GB" && list[0].Country != "GB" {
		t.Errorf("channels %+v", list)
	}
}
