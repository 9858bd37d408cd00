package bluesky

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/identity"
	"daymark/internal/platform/bluesky/xrpc"
)

// Credentials is what the secret of an account holds: the tokens of one session.
type Credentials struct {
	Access  string `json:"access_jwt"`  // accepted for two hours
	Refresh string `json:"refresh_jwt"` // exchanged for a new pair within ninety days
}

// Secret returns the credentials as an account keeps them.
func (c Credentials) Secret() platform.Secret {
	b, _ := json.Marshal(c) // two strings always encode
	return b
}

// session returns a client that acts for the account.
func (c *Connector) session(account platform.Account) (*xrpc.Client, error) {
	cred, err := ReadCredentials(account)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(account.Address)
	if err != nil || u.Host == "" {
		return nil, &platform.Permanent{Code: "bad_address", Say: "The address of the account's server is not a web address. Connect the account again."}
	}
	if !strings.HasPrefix(account.RemoteID, "did:") {
		return nil, &platform.Permanent{Code: "bad_account", Say: "The account has no identifier. Connect it again."}
	}
	return &xrpc.Client{
		Options: c.o.Options, Address: account.Address, Token: cred.Access, Channel: account.Channel, Secrets: []string{cred.Access, cred.Refresh},
	}, nil
}

// ReadCredentials reads the secret of an account.
func ReadCredentials(account platform.Account) (Credentials, error) {
	var cred Credentials
	if err := json.Unmarshal(account.Secret.Reveal(), &cred); err != nil || cred.Access == "" || cred.Refresh == "" {
		return cred, &platform.AuthExpired{Say: "The session of this account is missing or unreadable. Connect the account again."}
	}
	return cred, nil
}

// appPassword is the form of an app password (https://bsky.app/settings/app-passwords makes them so).
var appPassword = regexp.MustCompile(`^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$`)

// Connect begins a session for a handle with an app password, at the server that keeps the account. The password is not kept. The
// account's own password is refused before it is sent anywhere: it may do more than post, and changing it would end the session.
func (c *Connector) Connect(ctx context.Context, handle, password string) (platform.Account, error) {
	password = strings.ToLower(strings.TrimSpace(password))
	if !appPassword.MatchString(password) {
		return platform.Account{}, &platform.Permanent{Code: "no_app_password", Say: "This is not an app password. Make one in Bluesky under Settings, Privacy and security, App passwords; it looks like abcd-efgh-ijkl-mnop. Never give Daymark the account's own password."}
	}
	finder := c.finder()
	person, err := finder.Find(ctx, handle)
	if err != nil {
		return platform.Account{}, err
	}
	server := &xrpc.Client{Options: c.o.Options, Address: person.Server, Secrets: []string{password}}
	var begun tokens
	call := &xrpc.Call{
		Name: "com.atproto.server.createSession", Post: true, Bare: true, Out: &begun,
		Body: map[string]string{"identifier": person.DID, "password": password},
	}
	if err := server.Do(ctx, call); err != nil {
		if call.Status == http.StatusUnauthorized && call.Error != "AccountTakedown" {
			return platform.Account{}, &platform.AuthExpired{Say: "Bluesky does not know this handle with this app password. Copy the app password again, or make a new one.", Err: err}
		}
		return platform.Account{}, err
	}
	if err := begun.check(person.DID); err != nil {
		return platform.Account{}, err
	}
	return platform.Account{
		Network: platform.Bluesky, Address: person.Server, Handle: "@" + person.Handle, RemoteID: person.DID,
		Secret: Credentials{Access: begun.Access, Refresh: begun.Refresh}.Secret(),
	}, nil
}

// finder looks identities up.
func (c *Connector) finder() *identity.Finder {
	return &identity.Finder{Options: c.o.Options, Directory: c.o.Directory, Entry: c.o.Entry, DNS: c.o.DNS}
}

// tokens is the answer to a session begun or renewed.
type tokens struct {
	Access  string `json:"accessJwt"`
	Refresh string `json:"refreshJwt"`
	DID     string `json:"did"`
	Active  *bool  `json:"active"`
	Status  string `json:"status"`
}

// check refuses an answer that is of no use for the account.
func (t tokens) check(did string) error {
	switch {
	case t.Access == "" || t.Refresh == "":
		return &platform.Transient{Say: xrpc.SayNotBluesky}
	case t.DID != did:
		return &platform.AuthExpired{Say: "The server answered for another account. Connect the account again."}
	case t.Active != nil && !*t.Active:
		return &platform.Permanent{Code: "suspended", Say: fmt.Sprintf("The account is not active (%s). Log in to Bluesky and look for a notice.", t.Status)}
	}
	return nil
}

// Lifetime reads from the tokens when they run out (https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4). Their signatures are the
// server's business.
func (c *Connector) Lifetime(account platform.Account) platform.Lifetime {
	cred, err := ReadCredentials(account)
	if err != nil {
		return platform.Lifetime{}
	}
	return platform.Lifetime{Works: expiry(cred.Access), Renewable: expiry(cred.Refresh)}
}

// expiry returns when a token runs out; zero when it does not say.
func expiry(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}
	}
	var claims struct {
		Expires int64 `json:"exp"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Expires <= 0 || claims.Expires > 1<<40 {
		return time.Time{}
	}
	return time.Unix(claims.Expires, 0).UTC()
}

// Refresh exchanges the session's tokens for new ones. The old refresh token works a little longer, so an answer that was lost
// does no harm when this is repeated soon.
func (c *Connector) Refresh(ctx context.Context, account platform.Account) (platform.Secret, error) {
	s, err := c.session(account)
	if err != nil {
		return nil, err
	}
	cred, err := ReadCredentials(account)
	if err != nil {
		return nil, err
	}
	s.Token = cred.Refresh
	var renewed tokens
	call := &xrpc.Call{Name: "com.atproto.server.refreshSession", Post: true, Out: &renewed}
	if err := s.Do(ctx, call); err != nil {
		if call.Error == "ExpiredToken" { // of the refresh token: nothing is left to exchange
			return nil, &platform.AuthExpired{Say: xrpc.SayConnect, Err: err}
		}
		return nil, err
	}
	if err := renewed.check(account.RemoteID); err != nil {
		return nil, err
	}
	return Credentials{Access: renewed.Access, Refresh: renewed.Refresh}.Secret(), nil
}
