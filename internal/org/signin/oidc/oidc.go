// Package oidc lets people log in through the identity provider of their organisation: OpenID Connect Core 1.0, the authorization
// code flow with PKCE (RFC 7636), a state and a nonce.
//
// It is off until an issuer is set. Groups at the provider give the roles, at each log-in anew; who is in none of them gets no
// account and is not let in. The package shows no page and begins no session; logging out ends the session here only.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
)

// Mapping gives the members of a group a role.
type Mapping struct {
	Group string
	Role  people.Role
}

// Settings say how to reach the provider and what its groups mean.
type Settings struct {
	Issuer   string // empty: off
	ClientID string
	Secret   string
	Claim    string    // the claim of the ID token that lists the groups; "groups" when empty
	Label    string    // what people call the provider; its host when empty
	Roles    []Mapping // of several that fit, the first one holds
	Redirect string    // where the provider sends people back to
}

// Provider is the identity provider of the organisation.
type Provider struct {
	settings Settings
	client   *http.Client
	mu       sync.Mutex
	found    *oidc.Provider // nil until it was asked for the first time
}

// New returns a provider; nil where none is set. It is asked only when somebody logs in.
func New(s Settings, client *http.Client) (*Provider, error) {
	if s.Issuer == "" {
		return nil, nil
	}
	issuer, err := url.Parse(s.Issuer)
	if err != nil || issuer.Host == "" || issuer.Scheme != "https" && !loopback(issuer) {
		return nil, fault.BadField("DAYMARK_OIDC_ISSUER", "%q is no address that begins with https://", s.Issuer)
	}
	if s.ClientID == "" {
		return nil, fault.BadField("DAYMARK_OIDC_CLIENT_ID", "is missing; the provider gave it when Daymark was registered there")
	}
	if len(s.Roles) == 0 {
		return nil, fault.BadField("DAYMARK_OIDC_ROLES", "is missing; write which group has which role, such as: daymark-editors=editor; daymark-admins=admin")
	}
	if s.Claim == "" {
		s.Claim = "groups"
	}
	if s.Label == "" {
		s.Label = issuer.Hostname()
	}
	return &Provider{settings: s, client: client}, nil
}

// loopback reports whether an address is on this machine, where a test or a proxy may have a provider without https.
func loopback(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

// ParseRoles reads groups and their roles: "group=role; group=role". A group may hold an equals sign or a comma, as the names of
// directories do.
func ParseRoles(text string) ([]Mapping, error) {
	var list []Mapping
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		at := strings.LastIndex(part, "=")
		if at <= 0 {
			return nil, fault.BadField("DAYMARK_OIDC_ROLES", "%q is no group with a role; write group=role", part)
		}
		m := Mapping{Group: strings.TrimSpace(part[:at]), Role: people.Role(strings.TrimSpace(part[at+1:]))}
		known := false
		for _, r := range people.Roles() {
			known = known || r == m.Role
		}
		if !known || m.Group == "" {
			return nil, fault.BadField("DAYMARK_OIDC_ROLES", "%q is no role; use one of %v", m.Role, people.Roles())
		}
		list = append(list, m)
	}
	return list, nil
}

// Label is what people call the provider.
func (p *Provider) Label() string { return p.settings.Label }

// discover asks the provider for its addresses and keys, once it is there.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// The keys are fetched later with this context, so it must not end with the request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.settings.Issuer)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "%s does not answer as it should, so nobody can log in with it now. Try again later.", p.settings.Label)
	}
	p.found = found
	return found, nil
}

func (p *Provider) config(found *oidc.Provider) oauth2.Config {
	return oauth2.Config{
		ClientID: p.settings.ClientID, ClientSecret: p.settings.Secret, Endpoint: found.Endpoint(), RedirectURL: p.settings.Redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// begun is what is kept while somebody is at the provider.
type begun struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Anew     bool   `json:"anew,omitempty"` // the provider has to ask who it is, even where it knows the browser
}

// Begin returns the address to send somebody to, and the state that [Provider.Finish] needs, to be kept on the server. With anew the
// provider is to ask who it is even where it knows the browser (Core, section 3.1.2.1, prompt and max_age).
func (p *Provider) Begin(ctx context.Context, anew bool) (address string, state []byte, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", nil, err
	}
	b := begun{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Anew: anew}
	if state, err = json.Marshal(b); err != nil {
		return "", nil, fmt.Errorf("write what the provider was asked: %w", err)
	}
	c := p.config(found)
	with := []oauth2.AuthCodeOption{oidc.Nonce(b.Nonce), oauth2.S256ChallengeOption(b.Verifier)}
	if anew {
		with = append(with, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return c.AuthCodeURL(b.State, with...), state, nil
}

// Identity is what the provider says about somebody.
type Identity struct {
	Issuer   string
	Subject  string
	Email    string
	Verified bool // the provider has checked the address
	Name     string
	Groups   []string
	Anew     bool // the provider asked just now who it is, because it was told to
}

// recent is how old the provider's own log-in may be where it was told to ask anew; clocks differ, and people are slow.
const recent = 10 * time.Minute

// Finish checks what the provider sent somebody back with and returns who it is.
func (p *Provider) Finish(ctx context.Context, state []byte, query url.Values, now func() time.Time) (Identity, error) {
	var b begun
	if len(state) == 0 || json.Unmarshal(state, &b) != nil || subtle.ConstantTimeCompare([]byte(b.State), []byte(query.Get("state"))) != 1 {
		return Identity{}, fault.New(fault.Forbidden, "This log-in was not begun in this browser, took too long, or was used already. Begin once more.")
	}
	if iss := query.Get("iss"); iss != "" && iss != p.settings.Issuer { // RFC 9207
		return Identity{}, fault.New(fault.Forbidden, "The answer is from another provider than the one that was asked. Nobody was logged in.")
	}
	if query.Get("error") != "" || query.Get("code") == "" {
		return Identity{}, fault.New(fault.Forbidden, "%s did not let you in. Nobody was logged in; begin once more, or log in with a password.", p.settings.Label)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	c := p.config(found)
	token, err := c.Exchange(oidc.ClientContext(ctx, p.client), query.Get("code"), oauth2.VerifierOption(b.Verifier))
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError {
		return Identity{}, fault.Wrap(fault.Forbidden, err, "%s does not take the log-in that it gave. Nobody was logged in; begin once more.", p.settings.Label)
	}
	if err != nil {
		return Identity{}, fault.Wrap(fault.Unavailable, err, "%s does not answer now, so nobody was logged in. Try again later.", p.settings.Label)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Identity{}, fault.New(fault.Forbidden, "%s did not say who you are. Nobody was logged in; an admin has to look at how Daymark is registered there.", p.settings.Label)
	}
	id, err := found.Verifier(&oidc.Config{ClientID: p.settings.ClientID, Now: now}).Verify(oidc.ClientContext(ctx, p.client), raw)
	if expired := (*oidc.TokenExpiredError)(nil); errors.As(err, &expired) {
		return Identity{}, fault.Wrap(fault.Forbidden, err, "What %s says about you has expired. Nobody was logged in; begin once more. If it happens again, one of the clocks is wrong.", p.settings.Label)
	}
	if err != nil {
		return Identity{}, fault.Wrap(fault.Forbidden, err, "What %s says was not made for this Daymark, or not by that provider. Nobody was logged in.", p.settings.Label)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(b.Nonce)) != 1 {
		return Identity{}, fault.New(fault.Forbidden, "What %s says belongs to another log-in. Nobody was logged in; begin once more.", p.settings.Label)
	}
	who, err := p.identity(id)
	if err != nil || !b.Anew {
		return who, err
	}
	var asked struct {
		At int64 `json:"auth_time"` // required where max_age was asked for: Core, section 2
	}
	if err := id.Claims(&asked); err != nil {
		return who, fault.Wrap(fault.Forbidden, err, "What %s says cannot be read. Nobody was logged in.", p.settings.Label)
	}
	who.Anew = asked.At > 0 && now().Sub(time.Unix(asked.At, 0)) < recent
	return who, nil
}

// identity reads the claims. Providers write one group as a text and several as a list.
func (p *Provider) identity(id *oidc.IDToken) (Identity, error) {
	var known struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some write it as a text
		Name     string `json:"name"`
		Party    string `json:"azp"`
	}
	all := map[string]json.RawMessage{}
	if err := errors.Join(id.Claims(&known), id.Claims(&all)); err != nil {
		return Identity{}, fault.Wrap(fault.Forbidden, err, "What %s says cannot be read. Nobody was logged in.", p.settings.Label)
	}
	if known.Party != "" && known.Party != p.settings.ClientID { // Core, section 3.1.3.7, rule 5
		return Identity{}, fault.New(fault.Forbidden, "What %s says was made for another program. Nobody was logged in.", p.settings.Label)
	}
	who := Identity{
		Issuer: id.Issuer, Subject: id.Subject, Email: known.Email, Name: strings.TrimSpace(known.Name),
		Verified: known.Verified == true || known.Verified == "true",
	}
	var one string
	if raw, ok := all[p.settings.Claim]; ok && json.Unmarshal(raw, &who.Groups) != nil && json.Unmarshal(raw, &one) == nil {
		who.Groups = []string{one}
	}
	return who, nil
}
