package oauth

import (
	_ "embed" // the page of consent
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/request"
)

//go:embed consent.html
var consentText string

var consentPage = template.Must(template.New("consent").Parse(consentText))

// consentData is what the page shows.
type consentData struct {
	App      string
	Scopes   []string
	Accounts []ledger.Account
	Hidden   []field
	Code     string // shown in place of the form for an application out of band
}

type field struct{ Name, Value string }

// ConsentParams are the parameters of GET /oauth/authorize.
var ConsentParams = []string{
	"client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method", "force_login", "lang",
}

// ask reads and checks what an application asks a person for.
func (d *Desk) ask(p request.Params) (ledger.App, grant, error) {
	app, known := d.Ledger.App(p.Get("client_id"))
	if !known {
		return app, grant{}, no(http.StatusBadRequest, "invalid_client", "Client authentication failed due to unknown client.")
	}
	if !slices.Contains(app.RedirectURIs, p.Get("redirect_uri")) {
		return app, grant{}, no(http.StatusBadRequest, "invalid_redirect_uri", "The requested redirect uri is malformed or doesn't match client redirect URI.")
	}
	if p.Get("response_type") != "code" {
		return app, grant{}, no(http.StatusBadRequest, "unsupported_response_type", "The authorization server does not support this response type.")
	}
	scopes, ok := scopesOf(p.Get("scope"), "read")
	if !ok || !within(scopes, app.Scopes) {
		return app, grant{}, no(http.StatusBadRequest, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
	}
	challenge, method := p.Get("code_challenge"), p.Get("code_challenge_method")
	if challenge != "" && method != "S256" || challenge == "" && method != "" {
		return app, grant{}, no(http.StatusBadRequest, "invalid_request", "The code challenge method must be S256.")
	}
	return app, grant{client: app.ClientID, redirect: p.Get("redirect_uri"), scopes: scopes, challenge: challenge}, nil
}

// Ask answers GET /oauth/authorize with the page of consent.
func (d *Desk) Ask(w http.ResponseWriter, p request.Params) error {
	app, g, err := d.ask(p)
	if err != nil {
		return err
	}
	data := consentData{App: app.Name, Scopes: g.scopes, Accounts: d.Accounts}
	for _, name := range ConsentParams {
		if p.Has(name) {
			data.Hidden = append(data.Hidden, field{name, p.Get(name)})
		}
	}
	return show(w, data)
}

// Decide answers POST /oauth/authorize: with the account chosen it gives the application its code.
func (d *Desk) Decide(w http.ResponseWriter, r *http.Request, p request.Params) error {
	app, g, err := d.ask(p)
	if err != nil {
		return err
	}
	answer := url.Values{}
	if p.Has("state") {
		answer.Set("state", p.Get("state"))
	}
	g.account = p.Get("account")
	switch {
	case p.Get("deny") != "":
		answer.Set("error", "access_denied")
		answer.Set("error_description", "The resource owner or authorization server denied the request.")
	case !slices.ContainsFunc(d.Accounts, func(a ledger.Account) bool { return a.Handle == g.account }):
		return request.Wrong("account %q is not one of this sandbox", g.account)
	default:
		code, err := d.secret()
		if err != nil {
			return err
		}
		d.mu.Lock()
		if d.codes == nil {
			d.codes = map[string]grant{}
		}
		d.codes[code] = g
		d.mu.Unlock()
		answer.Set("code", code)
	}
	if g.redirect == OutOfBand {
		return show(w, consentData{App: app.Name, Code: answer.Get("code")})
	}
	to, _, _ := strings.Cut(g.redirect, "#")
	join := "?"
	if strings.Contains(to, "?") {
		join = "&"
	}
	http.Redirect(w, r, to+join+answer.Encode(), http.StatusFound)
	return nil
}

func show(w http.ResponseWriter, data consentData) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	return consentPage.Execute(w, data)
}
