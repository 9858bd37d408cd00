// Package session makes one call at a time for one account of a server that speaks Mastodon's API.
//
// It holds what all calls share: go-mastodon, the round tripper beneath it, the credentials, and the table that turns an
// error into one of the contract's kinds. It does not know what a call is for, but must be told whether it can leave
// something public behind.
package session

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"daymark/internal/platform"
	"daymark/internal/wire"
)

// Options are what a connector needs from the outside.
type Options struct {
	HTTP      *http.Client                                     // from [wire.NewClient]
	Now       func() time.Time                                 // the clock that attempts are dated by
	Sleep     func(ctx context.Context, d time.Duration) error // waits in real time, or until ctx ends
	UserAgent string
	Seen      func(channel int64, rate platform.Rate) // told the rate limits that each answer carries; may be nil
}

// Credentials is what an account's secret holds.
type Credentials struct {
	AccessToken  string `json:"access_token"`
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`
}

// Secret returns the credentials as an account keeps them.
func (c Credentials) Secret() platform.Secret {
	b, _ := json.Marshal(c) // three strings always encode
	return b
}

// Session is the use of one account by one goroutine.
type Session struct {
	Options
	API     *gomastodon.Client
	Account platform.Account
	secrets []string
}

// Open returns a session for the account.
func Open(o Options, account platform.Account) (*Session, error) {
	var cred Credentials
	if err := json.Unmarshal(account.Secret.Reveal(), &cred); err != nil || cred.AccessToken == "" {
		return nil, &platform.AuthExpired{Say: "The access token of this account is missing or unreadable. Connect the account again."}
	}
	s, err := Unsigned(o, account.Address, cred.AccessToken, cred.ClientSecret)
	if err != nil {
		return nil, err
	}
	s.Account, s.API.Config.AccessToken = account, cred.AccessToken
	return s, nil
}

// Unsigned returns a session that belongs to no account yet, for the steps of connecting one. Its errors hide the secrets.
func Unsigned(o Options, address string, secrets ...string) (*Session, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, &platform.Permanent{Code: "bad_address", Say: "The address of the server is not a web address. Write it like https://mastodon.example."}
	}
	s := &Session{Options: o, Account: platform.Account{Address: address}, secrets: secrets}
	s.API = &gomastodon.Client{
		Client: http.Client{
			Transport:     &door{next: o.HTTP.Transport, now: o.Now},
			CheckRedirect: o.HTTP.CheckRedirect,
			Timeout:       o.HTTP.Timeout,
		},
		Config:    &gomastodon.Config{Server: address},
		UserAgent: o.UserAgent,
	}
	return s, nil
}

// Effect says whether a call can leave something public behind.
type Effect bool

// The two effects.
const (
	Harmless     Effect = false
	Irreversible Effect = true
)

// Do makes one call through f and classifies its error. The call tells what the answer's headers said.
func (s *Session) Do(ctx context.Context, e Effect, c *Call, f func(ctx context.Context) error) error {
	ctx, probe := wire.Watch(context.WithValue(ctx, callKey{}, c))
	err := f(ctx)
	if c.Rate.Limit > 0 && s.Seen != nil {
		s.Seen(s.Account.Channel, c.Rate)
	}
	if err == nil {
		return nil
	}
	return s.classify(err, c, probe.Failure(), e)
}

// Get reads a path that go-mastodon does not know into out.
func (s *Session) Get(ctx context.Context, c *Call, path string, query url.Values, out any) error {
	return s.Do(ctx, Harmless, c, func(ctx context.Context) error {
		u, err := url.Parse(s.API.Config.Server)
		if err != nil {
			return err
		}
		u = u.JoinPath(path)
		u.RawQuery = query.Encode()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return err
		}
		if s.API.Config.AccessToken != "" {
			req.Header.Set("Authorization", "Bearer "+s.API.Config.AccessToken)
		}
		return s.exchange(req, out)
	})
}

// Form sends a form to a path and reads the answer. It leaves nothing public behind.
func (s *Session) Form(ctx context.Context, c *Call, path string, form url.Values, out any) error {
	return s.Do(ctx, Harmless, c, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(s.API.Config.Server, "/")+path, strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return s.exchange(req, out)
	})
}

// exchange sends a request and reads its answer, or the refusal.
func (s *Session) exchange(req *http.Request, out any) error {
	req.Header.Set("User-Agent", s.UserAgent)
	resp, err := s.API.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		var said struct {
			Error string `json:"error"`
			Why   string `json:"error_description"`
		}
		_ = json.NewDecoder(resp.Body).Decode(&said) // an error page in another form says nothing we can use
		return &gomastodon.APIError{StatusCode: resp.StatusCode, Message: strings.TrimSpace(said.Error + " " + said.Why)}
	}
	return json.NewDecoder(resp.Body).Decode(out)
}
