// Package oauth registers applications with the sandbox Mastodon server and gives them tokens.
//
// It follows https://docs.joinmastodon.org/methods/oauth/: the code flow with and without PKCE, an application's own token,
// and revocation. Instead of a password the page that asks for consent lets one choose any of the seeded accounts: this
// server guards nothing.
package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/request"
)

// OutOfBand is the redirect address of applications that show the code for a person to copy.
const OutOfBand = "urn:ietf:wg:oauth:2.0:oob"

// Desk gives out applications and tokens.
type Desk struct {
	Ledger   *ledger.Ledger
	Accounts []ledger.Account
	Now      func() time.Time
	Random   io.Reader

	mu    sync.Mutex
	codes map[string]grant // given and not yet used; forgotten when the server stops
}

// grant is a consent that waits to become a token.
type grant struct {
	client, account, redirect string
	scopes                    []string
	challenge                 string // of PKCE, empty without
}

// Scopes returns the scopes the server knows.
func Scopes() []string {
	return []string{
		"read", "read:accounts", "read:statuses", "read:notifications", "read:favourites",
		"write", "write:statuses", "write:media", "write:favourites", "write:accounts", "follow", "push", "profile",
	}
}

// Covers reports whether scopes allow what needs a scope: the scope itself or the whole it is part of.
func Covers(have []string, need string) bool {
	whole, _, _ := strings.Cut(need, ":")
	return slices.Contains(have, need) || slices.Contains(have, whole)
}

// scopesOf reads a list of scopes, all of which must be known.
func scopesOf(text, otherwise string) ([]string, bool) {
	if strings.TrimSpace(text) == "" {
		text = otherwise
	}
	scopes := strings.Fields(text)
	for _, s := range scopes {
		if !slices.Contains(Scopes(), s) {
			return nil, false
		}
	}
	return scopes, true
}

// secret returns 43 letters that nobody guesses.
func (d *Desk) secret() (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(d.Random, b); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Register answers POST /api/v1/apps.
func (d *Desk) Register(p request.Params) (any, error) {
	redirects := p.List("redirect_uris")
	if len(redirects) == 0 {
		redirects = strings.Fields(p.Get("redirect_uris"))
	}
	if strings.TrimSpace(p.Get("client_name")) == "" {
		return nil, request.Wrong("Application name can't be blank")
	}
	if len(redirects) == 0 {
		return nil, request.Wrong("Redirect URI can't be blank")
	}
	for _, r := range redirects {
		if u, err := url.Parse(r); err != nil || r != OutOfBand && (!u.IsAbs() || u.Host == "" || u.Fragment != "") {
			return nil, request.Wrong("Redirect URI must be an absolute URI.")
		}
	}
	if site := p.Get("website"); site != "" && !strings.HasPrefix(site, "https://") && !strings.HasPrefix(site, "http://") {
		return nil, request.Wrong("Application website must be a valid URL")
	}
	scopes, ok := scopesOf(p.Get("scopes"), "read")
	if !ok {
		return nil, request.Wrong("Scopes doesn't match configured on the server.")
	}
	app, err := d.NewApp(p.Get("client_name"), p.Get("website"), redirects, scopes)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"id": app.ID, "name": app.Name, "website": orNull(app.Website), "scopes": app.Scopes,
		"redirect_uris": app.RedirectURIs, "redirect_uri": strings.Join(app.RedirectURIs, "\n"),
		"client_id": app.ClientID, "client_secret": app.ClientSecret, "client_secret_expires_at": 0, "vapid_key": "",
	}, nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// NewApp registers an application.
func (d *Desk) NewApp(name, website string, redirects, scopes []string) (ledger.App, error) {
	id, err := d.secret()
	if err != nil {
		return ledger.App{}, err
	}
	secret, err := d.secret()
	if err != nil {
		return ledger.App{}, err
	}
	now := d.Now()
	app := ledger.App{
		ID: d.Ledger.NextID(now), Name: name, Website: website, ClientID: id, ClientSecret: secret,
		RedirectURIs: redirects, Scopes: scopes, CreatedAt: now,
	}
	return app, d.Ledger.Save(ledger.Change{Apps: []ledger.App{app}})
}

// Issue makes a token for an account, or for the application itself when the account is empty.
func (d *Desk) Issue(client, account string, scopes []string) (ledger.Token, error) {
	value, err := d.secret()
	if err != nil {
		return ledger.Token{}, err
	}
	t := ledger.Token{Value: value, ClientID: client, Account: account, Scopes: scopes, CreatedAt: d.Now()}
	return t, d.Ledger.Save(ledger.Change{Tokens: []ledger.Token{t}})
}

// no returns a refusal in the words of RFC 6749 section 5.2.
func no(status int, code, description string) *request.Refusal {
	return &request.Refusal{Status: status, Message: code, Description: description}
}

// client finds the application that asks, by parameters or by Basic authentication.
func (d *Desk) client(r *http.Request, p request.Params) (ledger.App, error) {
	id, secret := p.Get("client_id"), p.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok && id == "" {
		id, secret = user, pass
	}
	app, known := d.Ledger.App(id)
	if !known || app.ClientSecret != secret {
		return ledger.App{}, no(http.StatusUnauthorized, "invalid_client",
			"Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.")
	}
	return app, nil
}

// Exchange answers POST /oauth/token.
func (d *Desk) Exchange(r *http.Request, p request.Params) (any, error) {
	app, err := d.client(r, p)
	if err != nil {
		return nil, err
	}
	var t ledger.Token
	switch p.Get("grant_type") {
	case "authorization_code":
		g, err := d.redeem(app, p)
		if err != nil {
			return nil, err
		}
		t, err = d.Issue(app.ClientID, g.account, g.scopes)
		if err != nil {
			return nil, err
		}
	case "client_credentials":
		scopes, ok := scopesOf(p.Get("scope"), "read")
		if !ok || !within(scopes, app.Scopes) {
			return nil, no(http.StatusBadRequest, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
		}
		if t, err = d.Issue(app.ClientID, "", scopes); err != nil {
			return nil, err
		}
	case "":
		return nil, no(http.StatusBadRequest, "invalid_request", "Missing required parameter: grant_type.")
	default:
		return nil, no(http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
	}
	return map[string]any{
		"access_token": t.Value, "token_type": "Bearer", "scope": strings.Join(t.Scopes, " "), "created_at": t.CreatedAt.Unix(),
	}, nil
}

// within reports whether every wanted scope is covered.
func within(want, have []string) bool {
	for _, w := range want {
		if !Covers(have, w) {
			return false
		}
	}
	return true
}

// redeem takes a code, which works once, whether or not the rest of the request is right.
func (d *Desk) redeem(app ledger.App, p request.Params) (grant, error) {
	d.mu.Lock()
	g, known := d.codes[p.Get("code")]
	delete(d.codes, p.Get("code"))
	d.mu.Unlock()
	sum := sha256.Sum256([]byte(p.Get("code_verifier")))
	verified := g.challenge == "" && !p.Has("code_verifier") || g.challenge == base64.RawURLEncoding.EncodeToString(sum[:])
	if !known || g.client != app.ClientID || g.redirect != p.Get("redirect_uri") || !verified {
		return grant{}, no(http.StatusBadRequest, "invalid_grant", "The provided authorization grant is invalid, expired, revoked, "+
			"does not match the redirection URI used in the authorization request, or was issued to another client.")
	}
	return g, nil
}

// Revoke answers POST /oauth/revoke.
func (d *Desk) Revoke(r *http.Request, p request.Params) (any, error) {
	app, err := d.client(r, p)
	if err != nil {
		return nil, no(http.StatusForbidden, "unauthorized_client", "You are not authorized to revoke this token")
	}
	t, known := d.Ledger.Token(p.Get("token"))
	if !known {
		return struct{}{}, nil // RFC 7009 section 2.2: an unknown token is as good as revoked
	}
	if t.ClientID != app.ClientID {
		return nil, no(http.StatusForbidden, "unauthorized_client", "You are not authorized to revoke this token")
	}
	t.Revoked = true
	return struct{}{}, d.Ledger.Save(ledger.Change{Tokens: []ledger.Token{t}})
}

// App answers GET /api/v1/apps/verify_credentials.
func (d *Desk) App(t ledger.Token) (any, error) {
	app, known := d.Ledger.App(t.ClientID)
	if !known {
		return nil, request.No(http.StatusUnauthorized, "The access token is invalid")
	}
	return map[string]any{
		"id": app.ID, "name": app.Name, "website": orNull(app.Website), "scopes": app.Scopes,
		"redirect_uris": app.RedirectURIs, "redirect_uri": strings.Join(app.RedirectURIs, "\n"), "vapid_key": "",
	}, nil
}

// Discovery answers GET /.well-known/oauth-authorization-server (RFC 8414).
func Discovery(base string) any {
	return map[string]any{
		"issuer": base + "/", "service_documentation": "https://docs.joinmastodon.org/",
		"authorization_endpoint": base + "/oauth/authorize", "token_endpoint": base + "/oauth/token",
		"revocation_endpoint": base + "/oauth/revoke", "app_registration_endpoint": base + "/api/v1/apps",
		"scopes_supported": Scopes(), "response_types_supported": []string{"code"}, "response_modes_supported": []string{"query"},
		"grant_types_supported": []string{"authorization_code", "client_credentials"}, "code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
	}
}

// Fingerprint returns a few letters that name a token without giving it away, for logs.
func Fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:4])
}
