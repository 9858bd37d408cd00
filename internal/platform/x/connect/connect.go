// Package connect gets an account's keys for an application: the three-legged flow of OAuth 1.0a
// (https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens), through dghubble/oauth1. A person is
// sent to X between [Begin] and [Finish]; what must be remembered meanwhile is [Pending]. It stores nothing.
package connect

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/dghubble/oauth1"

	"daymark/internal/platform"
	"daymark/internal/platform/x/session"
)

// OutOfBand is the callback of an application that X cannot send people back to: X shows them a PIN to type in.
const OutOfBand = "oob"

// App is the charity's own application.
type App struct {
	ConsumerKey    string
	ConsumerSecret string
}

// Pending is a flow that waits for a person. Its secret is kept on the server, never in a page.
type Pending struct {
	Token  string
	Secret platform.Secret
	Send   string // the address to send the person to
}

// Begin asks X for a request token. The address is X's own when empty; callback is where X sends the person back to, which must
// be written in the application's settings, or [OutOfBand].
func Begin(ctx context.Context, o session.Options, address string, app App, callback string) (Pending, error) {
	s, err := open(o, address, app)
	if err != nil {
		return Pending{}, err
	}
	config := s.config(app, callback)
	var p Pending
	var secret string
	err = s.ThroughUnsigned(ctx, &session.Call{}, func(client *http.Client) (err error) {
		config.HTTPClient = client
		p.Token, secret, err = config.RequestToken()
		return err
	})
	if err != nil {
		return Pending{}, refine(err)
	}
	to, err := config.AuthorizationURL(p.Token)
	if err != nil {
		return Pending{}, &platform.Permanent{Code: "bad_address", Say: "The address of X's API is not a web address. Write it like " + session.Address + ".", Err: err}
	}
	p.Secret, p.Send = platform.Secret(secret), to.String()
	return p, nil
}

// Answer reads what X adds to the callback's address when it sends the person back. A person who refused is an error.
func Answer(query url.Values) (token, verifier string, err error) {
	if query.Get("denied") != "" {
		return "", "", &platform.Permanent{Code: "denied", Say: "The account was not connected, because access was refused on X. Begin again and allow it."}
	}
	token, verifier = query.Get("oauth_token"), query.Get("oauth_verifier")
	if token == "" || verifier == "" {
		return "", "", &platform.Permanent{Code: "no_answer", Say: "X sent no answer along. Begin again, and do not reload the page in between."}
	}
	return token, verifier, nil
}

// Finish exchanges the verifier, or the PIN, for the account's keys. Token is the one that came back: it must be the one that
// the flow began with.
func Finish(ctx context.Context, o session.Options, address string, app App, p Pending, token, verifier string) (session.Credentials, error) {
	if token != "" && token != p.Token {
		return session.Credentials{}, &platform.Permanent{Code: "other_flow", Say: "X's answer belongs to another attempt to connect. Begin again, in one browser window."}
	}
	s, err := open(o, address, app)
	if err != nil {
		return session.Credentials{}, err
	}
	config := s.config(app, "")
	out := session.Credentials{ConsumerKey: app.ConsumerKey, ConsumerSecret: app.ConsumerSecret}
	err = s.ThroughUnsigned(ctx, &session.Call{}, func(client *http.Client) (err error) {
		config.HTTPClient = client
		out.AccessToken, out.AccessSecret, err = config.AccessToken(p.Token, string(p.Secret.Reveal()), verifier)
		return err
	})
	if err != nil {
		return session.Credentials{}, refine(err)
	}
	return out, nil
}

// flow is a session without an account.
type flow struct {
	*session.Session
	address string
}

// open returns the session that the flow's calls are made in.
func open(o session.Options, address string, app App) (flow, error) {
	if address == "" {
		address = session.Address
	}
	s, err := session.Unsigned(o, address)
	if err != nil {
		return flow{}, err
	}
	s.Keys = session.Credentials{ConsumerKey: app.ConsumerKey, ConsumerSecret: app.ConsumerSecret}
	return flow{s, address}, nil
}

// config returns oauth1's view of the application.
func (f flow) config(app App, callback string) *oauth1.Config {
	return &oauth1.Config{
		ConsumerKey: app.ConsumerKey, ConsumerSecret: app.ConsumerSecret, CallbackURL: callback,
		Endpoint: oauth1.Endpoint{
			RequestTokenURL: f.address + "/oauth/request_token", AuthorizeURL: f.address + "/oauth/authorize", AccessTokenURL: f.address + "/oauth/access_token",
		},
	}
}

// refine says what X's refusals mean in this flow, where they are about the application and not about an account.
func refine(err error) error {
	if e, ok := errors.AsType[*platform.AuthExpired](err); ok {
		return &platform.AuthExpired{Say: "X does not accept the two keys of the application, or the flow took too long. Compare the API key and its secret with X's developer console and begin again.", Err: e.Err}
	}
	if e, ok := errors.AsType[*platform.Permanent](err); ok && e.Code == session.CodeForbidden {
		return &platform.Permanent{Code: "callback", Say: "X does not lead back to this Daymark. Write its callback address into the application's settings in X's developer console. " + e.Say, Err: e.Err}
	}
	return err
}
