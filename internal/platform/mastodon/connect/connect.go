// Package connect gets a token for an account on a server that speaks Mastodon's API: it looks whether the server is one, registers
// Daymark there, sends a person to allow it, and exchanges the code that comes back
// (https://docs.joinmastodon.org/methods/apps/, https://docs.joinmastodon.org/methods/oauth/).
//
// PKCE is used where the server announces it. The package stores nothing.
package connect

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/instance"
	"daymark/internal/platform/mastodon/session"
)

// OutOfBand is the redirect address of a program that servers cannot send people back to: they show a code to copy
// (https://docs.joinmastodon.org/methods/oauth/#authorize).
const OutOfBand = "urn:ietf:wg:oauth:2.0:oob"

// Scopes are what Daymark asks for, and no more (https://docs.joinmastodon.org/api/oauth-scopes/).
func Scopes() []string {
	return []string{"read:accounts", "read:statuses", "write:statuses", "write:media"}
}

// Server is what a server is, as far as connecting needs to know.
type Server struct {
	Software string
	Version  string
	PKCE     bool
	Scopes   []string // to ask for: the four of [Scopes], or the whole ones where the server knows no parts
}

// App is what Daymark is to a server.
type App struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// Look asks an address whether it is a server that speaks Mastodon's API.
func Look(ctx context.Context, o session.Options, address string) (Server, error) {
	s, err := session.Unsigned(o, address)
	if err != nil {
		return Server{}, err
	}
	said, err := instance.Read(ctx, s)
	if err != nil {
		return Server{}, refine(err)
	}
	found := Server{Software: said.Capabilities.Software, Version: said.Capabilities.Version, Scopes: Scopes()}
	if found.Software == "pixelfed" { // its scopes have no parts (config/passport.php of pixelfed/pixelfed)
		found.Scopes = []string{"read", "write"}
	}
	var meta struct {
		Methods []string `json:"code_challenge_methods_supported"`
	}
	// RFC 8414; servers that have it not answer 404, and then the plain code flow has to do.
	if err := s.Get(ctx, &session.Call{}, "/.well-known/oauth-authorization-server", nil, &meta); err == nil {
		found.PKCE = slices.Contains(meta.Methods, "S256")
	}
	return found, nil
}

// Register makes Daymark known to a server. redirect is where people come back to, or [OutOfBand].
func Register(ctx context.Context, o session.Options, address string, server Server, redirect string) (App, error) {
	s, err := session.Unsigned(o, address)
	if err != nil {
		return App{}, err
	}
	var app App
	err = s.Form(ctx, &session.Call{}, "/api/v1/apps", url.Values{
		"client_name": {"Daymark"}, "redirect_uris": {redirect}, "scopes": {strings.Join(server.Scopes, " ")},
	}, &app)
	if err != nil {
		return App{}, refine(err)
	}
	if app.ClientID == "" || app.ClientSecret == "" {
		return App{}, &platform.Permanent{Code: "not_mastodon", Say: session.SayNotMastodon}
	}
	return app, nil
}

// Known reports whether a server still knows the App: servers forget those that nobody uses.
func Known(ctx context.Context, o session.Options, address string, server Server, app App) bool {
	s, err := session.Unsigned(o, address, app.ClientSecret)
	if err != nil {
		return false
	}
	var got struct {
		Token string `json:"access_token"`
	}
	err = s.Form(ctx, &session.Call{}, "/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "scope": {server.Scopes[0]},
	}, &got)
	return err == nil && got.Token != ""
}

// Send returns the address where a person allows Daymark to act. verifier is empty where the server knows no PKCE.
func Send(address string, server Server, app App, redirect, state, verifier string) string {
	q := url.Values{
		"response_type": {"code"}, "client_id": {app.ClientID}, "redirect_uri": {redirect}, "scope": {strings.Join(server.Scopes, " ")},
		"state": {state},
	}
	if verifier != "" { // https://www.rfc-editor.org/rfc/rfc7636#section-4.2
		sum := sha256.Sum256([]byte(verifier))
		q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		q.Set("code_challenge_method", "S256")
	}
	return strings.TrimRight(address, "/") + "/oauth/authorize?" + q.Encode()
}

// Answer reads what a server adds to the redirect address. A person who refused is an error.
func Answer(query url.Values) (code string, err error) {
	switch {
	case query.Get("error") == "access_denied":
		return "", &platform.Permanent{Code: "denied", Say: "The account was not connected, because access was refused on the server. Begin again and allow it."}
	case query.Get("error") != "" || query.Get("code") == "":
		return "", &platform.Permanent{Code: "no_answer", Say: "The server sent no code along. Begin again, and do not reload the page in between."}
	}
	return query.Get("code"), nil
}

// Finish exchanges a code for a token.
func Finish(ctx context.Context, o session.Options, address string, app App, redirect, code, verifier string) (session.Credentials, error) {
	s, err := session.Unsigned(o, address, app.ClientSecret, code, verifier)
	if err != nil {
		return session.Credentials{}, err
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
		"redirect_uri": {redirect}, "code": {strings.TrimSpace(code)},
	}
	if verifier != "" {
		form.Set("code_verifier", verifier)
	}
	var got struct {
		Token string `json:"access_token"`
		Scope string `json:"scope"`
	}
	call := &session.Call{}
	if err := s.Form(ctx, call, "/oauth/token", form, &got); err != nil {
		if call.Status == http.StatusBadRequest || call.Status == http.StatusUnauthorized { // invalid_grant, invalid_client
			return session.Credentials{}, &platform.AuthExpired{Say: "The server does not take this code: it may be mistyped, used already or too old. Begin again.", Err: err}
		}
		return session.Credentials{}, refine(err)
	}
	if got.Token == "" {
		return session.Credentials{}, &platform.Permanent{Code: "not_mastodon", Say: session.SayNotMastodon}
	}
	if missing := Missing(strings.Fields(got.Scope)); got.Scope != "" && len(missing) > 0 {
		return session.Credentials{}, &platform.AuthExpired{Say: "The server did not grant all that Daymark asked for: " + strings.Join(missing, ", ") + " is missing. Begin again and allow everything."}
	}
	return session.Credentials{AccessToken: got.Token, ClientID: app.ClientID, ClientSecret: app.ClientSecret}, nil
}

// Missing returns which of [Scopes] are not among those granted; a whole scope grants its parts.
func Missing(granted []string) []string {
	var missing []string
	for _, need := range Scopes() {
		whole, _, _ := strings.Cut(need, ":")
		if !slices.Contains(granted, need) && !slices.Contains(granted, whole) && !(need == "read:accounts" && slices.Contains(granted, "profile")) {
			missing = append(missing, need)
		}
	}
	return missing
}

// refine says what failures mean while a person waits for the next step: nothing is tried again by itself.
func refine(err error) error {
	switch platform.Outcome(err) {
	case platform.KindPermanent, platform.KindRateLimited:
		return err
	case platform.KindTransient:
		switch platform.Say(err) {
		case session.SayNotMastodon:
			return &platform.Permanent{Code: "not_mastodon", Say: session.SayNotMastodon, Err: err}
		case session.SayNoServer:
			return &platform.Permanent{Code: "unknown_server", Say: "There is no server by this name. Check the spelling of the address.", Err: err}
		}
	case platform.KindUnknown, platform.KindDone, platform.KindAuthExpired, platform.KindDuplicate:
	}
	return &platform.Transient{Say: "The server did not answer as it should. Check the address; if it is right, wait a little and begin again.", Err: err}
}
