package web

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/pquerna/otp/totp"

	"daymark/internal/org/people"
	"daymark/internal/org/signin"
	"daymark/internal/org/signin/oidc"
	"daymark/internal/postgres"
)

// turnOn sets up codes for who has logged in and returns the secret and the recovery codes.
func (v visitor) turnOn() (secret string, recovery []string) {
	v.t.Helper()
	if a := v.post("/sign-in/codes/begin", nil); a.to != "/sign-in/codes" {
		v.t.Fatalf("begin: %d to %q\n%s", a.status, a.to, a.body)
	}
	shown := v.get("/sign-in/codes")
	found := regexp.MustCompile(`id="codes-secret">([A-Z2-7 ]+)<`).FindStringSubmatch(shown.body)
	if found == nil || !strings.Contains(shown.body, `src="data:image/png;base64,`) {
		v.t.Fatalf("no secret or no picture: %d\n%s", shown.status, shown.body)
	}
	secret = strings.ReplaceAll(found[1], " ", "")
	if a := v.post("/sign-in/codes", url.Values{"code": {"000000"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "The code is not right") {
		v.t.Errorf("a wrong first code: %d", a.status)
	}
	code, err := totp.GenerateCode(secret, time.Now().Add(-30*time.Second)) // so that the present one is left for the log-in
	v.must(err)
	a := v.post("/sign-in/codes", url.Values{"code": {code}})
	for _, m := range regexp.MustCompile(`<code dir="ltr">([a-z2-9]{5}-[a-z2-9]{5})</code>`).FindAllStringSubmatch(a.body, -1) {
		recovery = append(recovery, m[1])
	}
	if a.status != http.StatusOK || len(recovery) != 10 {
		v.t.Fatalf("turn on: %d, %d recovery codes\n%s", a.status, len(recovery), a.body)
	}
	return secret, recovery
}

func TestAfterThePasswordTheCodeIsAskedForAndNothingIsOpenBefore(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	secret, recovery := s.as("editor").turnOn()
	v := s.visitor()
	password := url.Values{"email": {"editor@example.org"}, "password": {password}, "next": {"/calendar"}}
	if a := v.post("/login", password); a.to != "/login/code?next=%2Fcalendar" {
		t.Fatalf("the right password: %d to %q", a.status, a.to)
	}
	before := v.token()
	for _, path := range []string{"/", "/sign-in", "/organisation"} {
		if a := v.get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/login") {
			t.Errorf("%s is open after the password alone: %d", path, a.status)
		}
	}
	if a := v.post("/login/code", url.Values{"code": {"123"}, "next": {"/calendar"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "The code is not right") {
		t.Errorf("a wrong code: %d", a.status)
	}
	code, err := totp.GenerateCode(secret, time.Now())
	s.must(err)
	if a := v.post("/login/code", url.Values{"code": {code}, "next": {"//evil.test"}}); a.status != http.StatusSeeOther || a.to != "/" {
		t.Fatalf("the right code: %d to %q\n%s", a.status, a.to, a.body)
	}
	if v.token() == before {
		t.Error("the token stayed the same with the second step")
	}
	if a := v.get("/sign-in"); a.status != http.StatusOK || !strings.Contains(a.body, "10 recovery codes are left") {
		t.Errorf("sign-in: %d", a.status)
	}
	again := s.visitor()
	again.post("/login", password)
	if a := again.post("/login/code", url.Values{"code": {code}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("the same code again: %d", a.status)
	}
	if a := again.post("/login/code", url.Values{"code": {recovery[3]}}); a.status != http.StatusSeeOther {
		t.Errorf("a recovery code: %d", a.status)
	}
	admin, person := s.as("admin"), fmt.Sprintf("/people/%d", s.person("editor").ID)
	if a := admin.get(person); !strings.Contains(a.body, `action="`+person+`/codes/off"`) {
		t.Errorf("an admin cannot turn the codes off: %d", a.status)
	}
	flood := s.visitor()
	flood.post("/login", password)
	for range 5 {
		flood.post("/login/code", url.Values{"code": {"000000"}})
	}
	if a := flood.post("/login/code", url.Values{"code": {recovery[4]}}); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "too many wrong codes") {
		t.Errorf("after a flood: %d", a.status)
	}
	if a := admin.post(person+"/codes/off", nil); a.to != person {
		t.Errorf("an admin turns the codes off: %d", a.status)
	}
	if a := s.visitor().post("/login", password); a.to != "/calendar" {
		t.Errorf("with the codes off: %d to %q", a.status, a.to)
	}
	if a := s.visitor().get("/login/code"); a.to != "/login" {
		t.Errorf("the second step without the first leads to %q", a.to)
	}
}

func TestWhoHasToSetUpASecondStepDoesNothingElseBefore(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	admin := s.as("admin")
	if a := admin.post("/sign-in/rule", url.Values{"rule": {"admins"}}); a.to != "/sign-in" {
		t.Fatalf("set the rule: %d\n%s", a.status, a.body)
	}
	if a := admin.post("/sign-in/rule", url.Values{"rule": {"some"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a rule that is none: %d", a.status)
	}
	if rule, err := signin.RuleNow(t.Context(), s.db); err != nil || rule != signin.Admins {
		t.Errorf("the rule is %q, %v", rule, err)
	}
	v := s.visitor()
	if a := v.post("/login", url.Values{"email": {"admin@example.org"}, "password": {password}, "next": {"/channels"}}); a.to != "/sign-in" {
		t.Fatalf("log in: %d to %q", a.status, a.to)
	}
	for _, path := range []string{"/", "/channels", "/organisation"} {
		if a := v.get(path); a.to != "/sign-in" {
			t.Errorf("%s is open: %d to %q", path, a.status, a.to)
		}
	}
	if a := v.post("/organisation", url.Values{"name": {"x"}}); a.to != "/sign-in" {
		t.Errorf("a form is taken: %d to %q", a.status, a.to)
	}
	if a := v.get("/sign-in"); !strings.Contains(a.body, `id="owes"`) {
		t.Error("the page does not say why")
	}
	v.turnOn()
	if a := v.get("/channels"); a.status != http.StatusOK {
		t.Errorf("with codes on: %d", a.status)
	}
	if a := s.as("editor").get("/"); a.status != http.StatusOK {
		t.Errorf("an editor is asked too: %d", a.status)
	}
}

// provider is an identity provider of the test's own: what it signs is made with go-jose, which Daymark's side does not call itself.
type provider struct {
	*httptest.Server
	key    *rsa.PrivateKey
	mu     sync.Mutex
	codes  map[string]url.Values       // what was asked for, by the code given for it
	claims map[string]any              // what it says about who logs in
	bend   func(claims map[string]any) // what it does wrong
	sign   *rsa.PrivateKey             // another key than the published one, when set
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, sign: key, codes: map[string]url.Values{}, bend: func(map[string]any) {}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != "daymark" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" ||
		!strings.Contains(q.Get("scope"), "openid") || !strings.HasSuffix(q.Get("redirect_uri"), "/login/provider/back") {
		http.Error(w, "the request is wrong: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := rand.Text()
	p.codes[code] = q
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}.Encode(), http.StatusFound)
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	asked, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	w.Header().Set("Content-Type", "application/json")
	if !ok || id != "daymark" || secret != "shh" || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error": "invalid_grant"}`))
		return
	}
	claims := map[string]any{"iss": p.URL, "aud": "daymark", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "nonce": asked.Get("nonce")}
	for k, v := range p.claims {
		claims[k] = v
	}
	p.bend(claims)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.sign, KeyID: "one"}}, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": raw})
}

// withProvider starts the pages with the provider. Its redirect leads to a name under which the test's visitor does not go; only
// the path and the query of it are followed.
func withProvider(t *testing.T, p *provider) *site {
	t.Helper()
	return newTeam(t, func(d *Deps) {
		var err error
		d.Provider, err = oidc.New(oidc.Settings{
			Issuer: p.URL, ClientID: "daymark", Secret: "shh", Label: "Blue Heart ID", Redirect: "http://localhost/login/provider/back",
			Roles: []oidc.Mapping{{Group: "cn=admins,o=trust", Role: people.RoleAdmin}, {Group: "writers", Role: people.RoleEditor}, {Group: "readers", Role: people.RoleReviewer}},
		}, p.Client())
		if err != nil {
			t.Fatal(err)
		}
	})
}

// away goes to the provider and returns the address it sends the visitor back to.
func (v visitor) away(next string) (back string) {
	v.t.Helper()
	a := v.get("/login/provider?next=" + url.QueryEscape(next))
	if a.status != http.StatusSeeOther {
		v.t.Fatalf("to the provider: %d\n%s", a.status, a.body)
	}
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, a.to, nil)
	v.must(err)
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	v.must(err)
	defer func() { _ = resp.Body.Close() }()
	at, err := url.Parse(resp.Header.Get("Location"))
	v.must(err)
	if resp.StatusCode != http.StatusFound {
		v.t.Fatalf("the provider answers %d", resp.StatusCode)
	}
	return at.RequestURI()
}

func (s *site) count(query string) (n int) {
	s.t.Helper()
	s.must(s.db.GetContext(s.t.Context(), &n, query))
	return n
}

func TestAnIdentityProviderLetsInWhoIsInAGroupAndTheRoleFollows(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	s := withProvider(t, p)
	if a := s.visitor().get("/login"); !strings.Contains(a.body, "Log in with Blue Heart ID") {
		t.Error("the log-in page does not offer the provider")
	}
	p.claims = map[string]any{"sub": "42", "email": "New@Example.org", "email_verified": true, "name": "Nia <b>New</b>", "groups": []string{"x", "writers", "readers"}}
	v := s.visitor()
	v.get("/login")
	if a := v.get(v.away("/calendar")); a.status != http.StatusSeeOther || a.to != "/calendar" {
		t.Fatalf("the first log-in: %d to %q\n%s", a.status, a.to, a.body)
	}
	if a := v.get("/"); a.status != http.StatusOK || !strings.Contains(a.body, "Nia &lt;b&gt;New&lt;/b&gt;, editor") {
		t.Errorf("home: %d", a.status)
	}
	p.claims["groups"], p.claims["email"] = "readers", "other@example.org" // one group as a text; the subject is who it is
	if a := v.get(v.away("//evil.test")); a.to != "/" {
		t.Fatalf("the second log-in: %d to %q\n%s", a.status, a.to, a.body)
	}
	if a := v.get("/"); !strings.Contains(a.body, "Nia &lt;b&gt;New&lt;/b&gt;, reviewer") {
		t.Error("the role did not follow the groups")
	}
	if n := s.count(`SELECT count(*) FROM people WHERE email IN ('new@example.org', 'other@example.org')`); n != 1 {
		t.Errorf("%d people were made, want 1", n)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'person.role_changed' AND detail->>'to' = 'reviewer'`); n != 1 {
		t.Errorf("%d lines about the role, want 1", n)
	}
	p.claims = map[string]any{"sub": "43", "email": "manager@example.org", "email_verified": "true", "groups": []string{"cn=admins,o=trust"}}
	if a := v.get(v.away("/")); a.to != "/" {
		t.Fatalf("somebody who has an account: %d\n%s", a.status, a.body)
	}
	if got := s.person("manager"); got.Role != people.RoleAdmin {
		t.Errorf("the manager is %s", got.Role)
	}
}

func TestWhatAProviderSaysWrongLetsNobodyInAndMakesNothing(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	s := withProvider(t, p)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	s.must(err)
	s.inTx(func(ctx context.Context, tx *postgres.Tx) error {
		return people.Disable(ctx, tx, s.person("translator").ID, 0)
	})
	people := s.count(`SELECT count(*) FROM people`)
	for _, tt := range []struct {
		name string
		bend func(claims map[string]any)
		want string
	}{
		{"another nonce", func(c map[string]any) { c["nonce"] = "x" }, "belongs to another log-in"},
		{"no nonce", func(c map[string]any) { delete(c, "nonce") }, "belongs to another log-in"},
		{"another audience", func(c map[string]any) { c["aud"] = "mail" }, "was not made for this Daymark"},
		{"another party", func(c map[string]any) { c["aud"], c["azp"] = []string{"daymark", "mail"}, "mail" }, "made for another program"},
		{"another issuer", func(c map[string]any) { c["iss"] = "https://evil.test" }, "was not made for this Daymark"},
		{"another key", func(map[string]any) { p.sign = other }, "was not made for this Daymark"},
		{"expired", func(c map[string]any) { c["exp"] = time.Now().Add(-time.Minute).Unix() }, "has expired"},
		{"a group that means nothing", func(c map[string]any) { c["groups"] = []string{"gardeners", "WRITERS"} }, "in no group that has a role"},
		{"no groups", func(c map[string]any) { delete(c, "groups") }, "in no group that has a role"},
		{"an address that was not checked", func(c map[string]any) { c["email_verified"], c["email"] = false, "editor@example.org" }, "has not checked your e-mail address"},
		{"no address", func(c map[string]any) { delete(c, "email") }, "has not checked your e-mail address"},
		{"two addresses in one", func(c map[string]any) { c["email"] = "a@example.org,b@example.org" }, "has not checked your e-mail address"},
		{"Daymark itself", func(c map[string]any) { c["email"] = "planner@daymark.invalid" }, "has ended"},
		{"somebody disabled", func(c map[string]any) { c["email"] = "translator@example.org" }, "has ended"},
		{"the last admin in a lesser group", func(c map[string]any) { c["email"] = "admin@example.org" }, "you are the last admin"},
	} {
		p.claims = map[string]any{"sub": tt.name, "email": "new@example.org", "email_verified": true, "groups": []string{"writers"}}
		p.bend, p.sign = tt.bend, p.key
		v := s.visitor()
		a := v.get(v.away("/"))
		if a.status < 400 || a.status >= 500 || !strings.Contains(a.body, tt.want) {
			t.Errorf("%s: %d, want %q\n%s", tt.name, a.status, tt.want, a.body)
		}
		if a := v.get("/"); a.status != http.StatusSeeOther {
			t.Errorf("%s: somebody is logged in", tt.name)
		}
		if n := s.count(`SELECT count(*) FROM subjects`); n != 0 {
			t.Errorf("%s: %d subjects were kept", tt.name, n)
		}
	}
	if n := s.count(`SELECT count(*) FROM people`); n != people {
		t.Errorf("%d people, want %d", n, people)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'login.provider_refused'`); n != 15 {
		t.Errorf("%d refusals in the log, want 15", n)
	}
}

func TestAnAnswerOfTheProviderWorksOnceAndInTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	s := withProvider(t, p)
	p.claims = map[string]any{"sub": "1", "email": "editor@example.org", "email_verified": true, "groups": []string{"writers"}}
	v := s.visitor()
	back := v.away("/")
	const want = "was not begun in this browser"
	if a := s.visitor().get(back); a.status != http.StatusForbidden || !strings.Contains(a.body, want) {
		t.Errorf("in another browser: %d", a.status)
	}
	if a := v.get(back); a.to != "/" {
		t.Fatalf("in this one: %d\n%s", a.status, a.body)
	}
	if a := v.get(back); a.status != http.StatusForbidden || !strings.Contains(a.body, want) {
		t.Errorf("again: %d", a.status)
	}
	w := s.visitor()
	w.away("/")
	if a := w.get("/login/provider/back?state=x&code=y"); a.status != http.StatusForbidden {
		t.Errorf("another state: %d", a.status)
	}
	back = w.away("/")
	if a := w.get(strings.Replace(back, url.QueryEscape(p.URL), url.QueryEscape("https://evil.test"), 1)); a.status != http.StatusForbidden || !strings.Contains(a.body, "another provider") {
		t.Errorf("another issuer in the answer: %d", a.status)
	}
	back = w.away("/")
	if a := w.get(back + "&error=access_denied"); a.status != http.StatusForbidden || !strings.Contains(a.body, "did not let you in") {
		t.Errorf("the provider says no: %d", a.status)
	}
	p.Close()
	if a := newTeam(t).visitor().get("/login/provider"); a.status != http.StatusNotFound {
		t.Errorf("without a provider: %d", a.status)
	}
}
