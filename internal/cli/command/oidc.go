package command

import (
	"net"
	"net/url"
	"time"

	"daymark/internal/org/signin/oidc"
	"daymark/internal/wire"
)

// providerTime bounds a call of the provider: somebody waits for it.
const providerTime = 10 * time.Second

// Provider returns the identity provider, or nil where none is set.
func (s Settings) Provider() (*oidc.Provider, error) {
	roles, err := oidc.ParseRoles(s.OIDCRoles)
	if err != nil {
		return nil, err
	}
	options := wire.Options{Timeout: providerTime}
	if issuer, err := url.Parse(s.OIDCIssuer); err == nil && issuer.Host != "" {
		options.Allow = []string{hostPort(issuer)} // the operator named it: it may stand in the charity's own network
	}
	return oidc.New(oidc.Settings{
		Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, Secret: s.OIDCSecret, Claim: s.OIDCClaim, Label: s.OIDCLabel,
		Roles: roles, Redirect: s.Address() + "/login/provider/back",
	}, wire.NewClient(options))
}

// hostPort is the host of an address with its port, said or not.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
