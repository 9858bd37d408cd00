// Package consent is the three-legged flow of the sandbox X server: an application asks for a token, a person allows it on a
// page, and the application exchanges what it got (RFC 5849 section 2,
// https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens). Signatures are checked before it
// is called.
package consent

import (
	_ "embed" // the page
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"

	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/request"
	"daymark/internal/sandbox/x/signature"
)

//go:embed consent.html
var text string

var page = template.Must(template.New("consent").Parse(text))

// data is what the page shows.
type data struct {
	App      ledger.App
	Token    string
	Accounts []ledger.Account
	PIN      string // shown in place of the form for an application without a page of its own
}

// OutOfBand is the callback of an application without a page of its own: the person types the PIN.
const OutOfBand = "oob"

// Desk makes applications and tokens.
type Desk struct {
	Ledger   *ledger.Ledger
	Accounts []ledger.Account
	Random   io.Reader
}

// word returns random letters and digits.
func (d *Desk) word(bytes int) (string, error) {
	b := make([]byte, bytes)
	if _, err := io.ReadFull(d.Random, b); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return strings.NewReplacer("-", "a", "_", "b").Replace(base64.RawURLEncoding.EncodeToString(b)), nil
}

// App returns the application with a name, which is made when there is none.
func (d *Desk) App(name string, readOnly bool) (ledger.App, error) {
	if a, ok := d.Ledger.AppNamed(name); ok {
		return a, nil
	}
	key, err := d.word(18)
	if err != nil {
		return ledger.App{}, err
	}
	secret, err := d.word(37)
	if err != nil {
		return ledger.App{}, err
	}
	a := ledger.App{Name: name, ConsumerKey: key, ConsumerSecret: secret, ReadOnly: readOnly}
	return a, d.Ledger.Save(ledger.Change{Apps: []ledger.App{a}})
}

// Issue makes an access token of an application for an account. It may do what the application may at this moment.
func (d *Desk) Issue(a ledger.App, account ledger.Account, also ...ledger.Token) (ledger.Token, error) {
	value, err := d.word(30)
	if err != nil {
		return ledger.Token{}, err
	}
	secret, err := d.word(33)
	if err != nil {
		return ledger.Token{}, err
	}
	t := ledger.Token{
		Value: account.ID() + "-" + value, Secret: secret, ConsumerKey: a.ConsumerKey, Account: account.Handle, ReadOnly: a.ReadOnly, Stage: ledger.Access,
	}
	return t, d.Ledger.Save(ledger.Change{Tokens: append(also, t)})
}

// Request answers POST /oauth/request_token.
func (d *Desk) Request(w http.ResponseWriter, a ledger.App, h signature.Header) error {
	callback, err := url.Parse(h.Callback)
	if h.Callback != OutOfBand && (err != nil || callback.Host == "" || callback.Scheme != "https" && callback.Scheme != "http") {
		return request.Old(http.StatusForbidden, 415, "Callback URL not approved for this client application. Approved callback URLs can be adjusted in your application settings")
	}
	value, err := d.word(20)
	if err != nil {
		return err
	}
	secret, err := d.word(24)
	if err != nil {
		return err
	}
	t := ledger.Token{Value: value, Secret: secret, ConsumerKey: a.ConsumerKey, Stage: ledger.Asked, Callback: h.Callback}
	if err := d.Ledger.Save(ledger.Change{Tokens: []ledger.Token{t}}); err != nil {
		return err
	}
	answer(w, url.Values{"oauth_token": {t.Value}, "oauth_token_secret": {t.Secret}, "oauth_callback_confirmed": {"true"}})
	return nil
}

// answer writes what the flow's requests get back, which is a form and not JSON.
func answer(w http.ResponseWriter, v url.Values) {
	w.Header().Set("Content-Type", "text/html;charset=utf-8") // so X says
	_, _ = io.WriteString(w, v.Encode())                      // a reader that has gone needs no answer
}

// asked returns the request token that a page is about.
func (d *Desk) asked(value string) (ledger.Token, ledger.App, error) {
	t, ok := d.Ledger.Token(value)
	a, _ := d.Ledger.App(t.ConsumerKey)
	if !ok || t.Stage != ledger.Asked {
		return t, a, request.Plain(http.StatusForbidden, "This page is no longer valid. The request token for this page is invalid.")
	}
	return t, a, nil
}

// Ask answers GET /oauth/authorize with the page of consent.
func (d *Desk) Ask(w http.ResponseWriter, r *http.Request) error {
	t, a, err := d.asked(r.URL.Query().Get("oauth_token"))
	if err != nil {
		return err
	}
	show(w, data{App: a, Token: t.Value, Accounts: d.Accounts})
	return nil
}

// Decide answers POST /oauth/authorize: with the account chosen it sends the person back to the application.
func (d *Desk) Decide(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	t, a, err := d.asked(r.PostFormValue("oauth_token"))
	if err != nil {
		return err
	}
	back := url.Values{}
	known := ""
	for _, account := range d.Accounts {
		if account.Handle == r.PostFormValue("account") {
			known = account.Handle
		}
	}
	switch {
	case r.PostFormValue("deny") != "":
		t.Stage = ledger.Ended
		back.Set("denied", t.Value)
	case known == "":
		return request.Plain(http.StatusForbidden, "This account is not one of the sandbox.")
	default:
		b := make([]byte, 16)
		if _, err := io.ReadFull(d.Random, b); err != nil {
			return fmt.Errorf("make a verifier: %w", err)
		}
		t.Stage, t.Account, t.Verifier = ledger.Granted, known, hex.EncodeToString(b)
		back.Set("oauth_token", t.Value)
		back.Set("oauth_verifier", t.Verifier)
	}
	if err := d.Ledger.Save(ledger.Change{Tokens: []ledger.Token{t}}); err != nil {
		return err
	}
	if t.Callback == OutOfBand {
		show(w, data{App: a, PIN: t.Verifier})
		return nil
	}
	target, _ := url.Parse(t.Callback) // parsed when the token was asked for
	query := target.Query()
	for name := range back {
		query.Set(name, back.Get(name))
	}
	target.RawQuery = query.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
	return nil
}

// Exchange answers POST /oauth/access_token.
func (d *Desk) Exchange(w http.ResponseWriter, a ledger.App, t ledger.Token, h signature.Header, form url.Values) error {
	verifier := h.Verifier
	if verifier == "" {
		verifier = form.Get("oauth_verifier")
	}
	if t.Stage != ledger.Granted || verifier == "" || verifier != t.Verifier {
		return request.Old(http.StatusUnauthorized, 32, "Error processing your OAuth request: Invalid oauth_verifier parameter")
	}
	t.Stage = ledger.Ended
	for _, account := range d.Accounts {
		if account.Handle != t.Account {
			continue
		}
		access, err := d.Issue(a, account, t)
		if err != nil {
			return err
		}
		answer(w, url.Values{"oauth_token": {access.Value}, "oauth_token_secret": {access.Secret}, "user_id": {account.ID()}, "screen_name": {account.Handle}})
		return nil
	}
	return request.Plain(http.StatusForbidden, "This account is not one of the sandbox.")
}

// show writes the page.
func show(w http.ResponseWriter, d data) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	_ = page.Execute(w, d) // only a reader that has gone makes this fail
}
