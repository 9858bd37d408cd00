package journey

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"daymark/internal/org/people"
	"daymark/internal/org/signin/passkey"
)

// authenticator puts a phone's own authenticator into the visitor's window, which checks its holder at once.
func (v *visitor) authenticator() webauthn.AuthenticatorID {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, webauthn.Enable, webauthn.EnableParams{})
	v.must("turn on authenticators", err)
	made, err := chromedp.Call(v.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	v.must("add an authenticator", err)
	return made.AuthenticatorID
}

// holder says whether the authenticator finds that it is held by its owner.
func (v *visitor) holder(id webauthn.AuthenticatorID, owner bool) {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: owner})
	v.must("change the holder", err)
}

// forbidden clicks on what leads to a page with the status 403. The browser complains about each such page; that is no complaint
// about us.
func (v *visitor) forbidden(selector string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	resp, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	v.must("send "+selector, err)
	if resp.Status != http.StatusForbidden {
		v.t.Fatalf("%s answers %d, want a refusal", selector, resp.Status)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.said = slices.DeleteFunc(v.said, func(s string) bool { return strings.Contains(s, "status of 403") })
}

func TestAPasskeyIsMadeAndLogsInOnThePhoneAndAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	h.url = strings.Replace(h.url, "127.0.0.1", "localhost", 1) // browsers know no passkeys of bare addresses
	for _, size := range []screen{phone, desk} {
		t.Run(size.name, func(t *testing.T) {
			v := visit(t, size)
			owner := v.authenticator()
			v.logIn(h, "editor@daymark.example", password)
			v.open(h.url + "/sign-in")
			v.check("sign-in")
			v.fill("#passkey-name", "Ed's "+size.name)
			v.follow("#passkey-begin")
			v.check("making a passkey")
			v.follow("#passkey-send")
			v.reads("main", "The passkey is ready", "Ed's "+size.name, "Never used")
			v.check("sign-in with a passkey")
			v.follow(map[string]string{"phone": "#door-more", "desk": "#logout"}[size.name])
			if size == phone {
				v.follow("#logout-more")
			}

			// Somebody else holds the phone.
			v.holder(owner, false)
			v.open(h.url + "/login?next=/calendar")
			v.check("log-in with passkeys")
			v.follow("#login-passkey")
			v.check("asking for a passkey")
			v.do("press the button", click("#passkey-send"))
			v.becomes("what went wrong", `!document.getElementById("passkey-problem").hidden`)
			v.reads("#passkey-problem", "The browser gave no passkey")
			v.holder(owner, true)
			v.follow("#passkey-send")
			if at := v.where(); at != h.url+"/calendar" {
				t.Fatalf("the passkey leads to %s: %s", at, v.text("main"))
			}

			// Who is asked once more shows the passkey, and comes back.
			v.open(h.url + "/sign-in/again?next=/sign-in")
			v.check("say who you are once more")
			v.follow("#again-passkey")
			v.follow("#passkey-send")
			if at := v.where(); at != h.url+"/sign-in" {
				t.Fatalf("the passkey leads to %s: %s", at, v.text("main"))
			}

			// A passkey that was removed lets nobody in.
			v.open(h.url + "/sign-in")
			v.reads("main", "Last used")
			ed := h.byRole(people.RoleEditor)
			keys, err := passkey.List(t.Context(), h.app.DB, ed.ID, "localhost")
			if err != nil || len(keys) != 1 || keys[0].Used.IsZero() || keys[0].Foreign {
				t.Fatalf("keys %+v, %v", keys, err)
			}
			v.follow(`[formaction$="/remove"]`)
			v.reads("main", "The passkey was removed")
			v.open(h.url + "/more")
			v.follow("#logout-more")
			v.follow("#login-passkey")
			v.forbidden("#passkey-send")
			v.reads("main", "does not let anybody in here")
		})
	}
}

func TestWithoutScriptThePagesSayThatPasskeysNeedIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	v := visit(t, phone)
	v.withoutScript()
	v.logIn(h, "editor@daymark.example", password)
	v.open(h.url + "/sign-in")
	v.reads("#passkeys-nowhere", "Passkeys do not work under this address") // a bare address
	v.follow("#codes-begin")
	v.reads("main", "Scan this picture")
	h.url = strings.Replace(h.url, "127.0.0.1", "localhost", 1)
	w := visit(t, phone)
	w.withoutScript()
	w.open(h.url + "/login")
	w.follow("#login-passkey")
	w.reads("#passkey-script", "Passkeys need a browser that runs scripts")
}
