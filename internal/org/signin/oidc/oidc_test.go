package oidc_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/org/signin/oidc"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// issuer is an identity provider of the test's own, signing with go-jose. It answers whatever code it is asked with.
type issuer struct {
	*httptest.Server
	key    *rsa.PrivateKey
	claims map[string]any
	status int    // of the answer to a code
	gives  string // in place of the ID token, when set
	asked  url.Values
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, status: http.StatusOK}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if i.status != http.StatusOK || base64.RawURLEncoding.EncodeToString(sum[:]) != i.asked.Get("code_challenge") {
			w.WriteHeader(max(i.status, http.StatusBadRequest))
			_, _ = w.Write([]byte(`{"error": "invalid_grant"}`))
			return
		}
		claims := map[string]any{"iss": i.URL, "aud": "daymark", "sub": "42", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "nonce": i.asked.Get("nonce")}
		for k, v := range i.claims {
			claims[k] = v
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
		if err != nil {
			t.Error(err)
			return
		}
		raw, err := jwt.Signed(signer).Claims(claims).Serialize()
		if err != nil {
			t.Error(err)
			return
		}
		body := map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": raw}
		if i.gives != "" {
			body["id_token"] = i.gives
		}
		if i.gives == "-" {
			delete(body, "id_token")
		}
		_ = json.NewEncoder(w).Encode(body)
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) provider(t *testing.T) *oidc.Provider {
	t.Helper()
	p, err := oidc.New(oidc.Settings{
		Issuer: i.URL, ClientID: "daymark", Secret: "shh", Redirect: "http://localhost/login/provider/back",
		Roles: []oidc.Mapping{{Group: "admins", Role: people.RoleAdmin}, {Group: "writers", Role: people.RoleEditor}},
	}, i.Client())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// through goes to the provider and back.
func (i *issuer) through(t *testing.T, p *oidc.Provider, anew bool, query url.Values) (oidc.Identity, error) {
	t.Helper()
	address, state, err := p.Begin(t.Context(), anew)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	i.asked = u.Query()
	back := url.Values{"code": {"c"}, "state": {i.asked.Get("state")}, "iss": {i.URL}}
	for k, v := range query {
		back[k] = v
	}
	return p.Finish(t.Context(), state, back, func() time.Time { return now })
}

func TestWhatTheProviderSaysIsReadAndNothingElseBelieved(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.provider(t)
	i.claims = map[string]any{"email": "ana@example.org", "email_verified": "true", "name": " Ana ", "groups": "writers"}
	who, err := i.through(t, p, false, nil)
	if err != nil || who.Subject != "42" || who.Issuer != i.URL || who.Email != "ana@example.org" || !who.Verified || who.Name != "Ana" || !slices.Equal(who.Groups, []string{"writers"}) || who.Anew {
		t.Errorf("read %+v, %v", who, err)
	}
	for _, want := range []string{"nonce", "state", "code_challenge"} {
		if len(i.asked.Get(want)) < 26 {
			t.Errorf("%s is %q", want, i.asked.Get(want))
		}
	}
	if i.asked.Get("code_challenge_method") != "S256" || i.asked.Has("prompt") || i.asked.Get("redirect_uri") != "http://localhost/login/provider/back" {
		t.Errorf("asked with %v", i.asked)
	}
	for name, query := range map[string]url.Values{
		"another state": {"state": {"x"}}, "no state": {"state": {""}}, "another provider": {"iss": {"https://evil.test"}}, "a refusal": {"error": {"access_denied"}, "code": {""}}, "no code": {"code": {""}},
	} {
		if who, err := i.through(t, p, false, query); !fault.Is(err, fault.Forbidden) || who.Subject != "" {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
	for name, raw := range map[string]string{"no token": "-", "no signature": base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"1"}`)) + ".", "nonsense": "x.y.z"} {
		i.gives = raw
		if who, err := i.through(t, p, false, nil); !fault.Is(err, fault.Forbidden) || who.Subject != "" {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
	i.gives = ""
	for status, want := range map[int]fault.Kind{http.StatusBadRequest: fault.Forbidden, http.StatusInternalServerError: fault.Unavailable} {
		i.status = status
		if _, err := i.through(t, p, false, nil); !fault.Is(err, want) {
			t.Errorf("the provider answers %d: %v", status, err)
		}
	}
	i.Close()
	if _, _, err := i.provider(t).Begin(t.Context(), false); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a provider that is away: %v", err)
	}
}

func TestOnlyALogInThatWasAskedAnewAndIsRecentCounts(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.provider(t)
	for name, c := range map[string]struct {
		anew bool
		at   any
		want bool
	}{
		"asked anew, just now":          {true, now.Unix(), true},
		"asked anew, long ago":          {true, now.Add(-11 * time.Minute).Unix(), false},
		"asked anew, nothing said":      {true, nil, false},
		"known browser, not asked":      {false, now.Unix(), false},
		"asked anew, a time before ’70": {true, -5, false},
	} {
		i.claims = map[string]any{}
		if c.at != nil {
			i.claims["auth_time"] = c.at
		}
		who, err := i.through(t, p, c.anew, nil)
		if err != nil || who.Anew != c.want {
			t.Errorf("%s: %t, %v", name, who.Anew, err)
		}
		if got := i.asked.Get("prompt") == "login" && i.asked.Get("max_age") == "0"; got != c.anew {
			t.Errorf("%s: asked with %v", name, i.asked)
		}
	}
}

func TestSettingsThatCannotWorkAreNamed(t *testing.T) {
	t.Parallel()
	good := oidc.Settings{Issuer: "https://id.example.org", ClientID: "daymark", Roles: []oidc.Mapping{{Group: "a", Role: people.RoleEditor}}}
	for field, spoil := range map[string]func(*oidc.Settings){
		"DAYMARK_OIDC_ISSUER": func(s *oidc.Settings) { s.Issuer = "http://id.example.org" }, "DAYMARK_OIDC_CLIENT_ID": func(s *oidc.Settings) { s.ClientID = "" },
		"DAYMARK_OIDC_ROLES": func(s *oidc.Settings) { s.Roles = nil },
	} {
		bad := good
		spoil(&bad)
		if _, err := oidc.New(bad, http.DefaultClient); !fault.Is(err, fault.Invalid) || fault.Problems(err)[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if p, err := oidc.New(oidc.Settings{}, nil); p != nil || err != nil {
		t.Errorf("none is set: %v, %v", p, err)
	}
	if p, err := oidc.New(good, nil); err != nil || p.Label() != "id.example.org" {
		t.Errorf("good settings: %v", err)
	}
	roles, err := oidc.ParseRoles(" cn=admins,o=trust=admin ;; volunteers = reviewer;")
	if err != nil || !slices.Equal(roles, []oidc.Mapping{{Group: "cn=admins,o=trust", Role: people.RoleAdmin}, {Group: "volunteers", Role: people.RoleReviewer}}) {
		t.Errorf("roles %v, %v", roles, err)
	}
	for _, bad := range []string{"volunteers", "=admin", "a=boss", "a=system", "a=outside", "a="} {
		if _, err := oidc.ParseRoles(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestWhoTheProviderSpeaksOfIsFoundOrMadeAndNobodyElseChanged(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.provider(t)
	db := postgrestest.New(t, migrations.FS)
	find := func(who oidc.Identity) (found people.Person, err error) {
		who.Issuer = i.URL
		err = db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
			found, err = p.Person(t.Context(), tx, who)
			return err
		})
		return found, err
	}
	add := func(email string, role people.Role) (made people.Person) {
		t.Helper()
		if err := db.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
			made, err = people.Add(t.Context(), tx, people.NewPerson{
				Email: email, Name: "Ada", Role: role, Password: "a long walk by the sea", Cost: people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
			}, 0)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return made
	}
	boss := add("boss@example.org", people.RoleAdmin)
	made, err := find(oidc.Identity{Subject: "1", Email: " New@example.org ", Verified: true, Name: "Nia\r\nNew", Groups: []string{"x", "writers"}})
	if err != nil || made.Email != "new@example.org" || made.Role != people.RoleEditor || made.Name != "Nia New" {
		t.Fatalf("made %+v, %v", made, err)
	}
	if again, err := find(oidc.Identity{Subject: "1", Email: "boss@example.org", Verified: true, Groups: []string{"writers"}}); err != nil || again.ID != made.ID {
		t.Errorf("the same subject with another's address is %+v, %v", again, err)
	}
	gone := add("gone@example.org", people.RoleReviewer)
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return people.Disable(t.Context(), tx, gone.ID, 0) }); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO people (email, name, role, languages) VALUES ('pat@partner.example', 'Pat', 'outside', '{en}')`); err != nil {
		t.Fatal(err)
	}
	before := rows(t, db)
	for name, who := range map[string]oidc.Identity{
		"in no group":                   {Subject: "2", Email: "two@example.org", Verified: true, Groups: []string{"Writers"}},
		"an address not checked":        {Subject: "2", Email: "boss@example.org", Groups: []string{"writers"}},
		"no address":                    {Subject: "2", Verified: true, Groups: []string{"writers"}},
		"two addresses":                 {Subject: "2", Email: "a@example.org,b@example.org", Verified: true, Groups: []string{"writers"}},
		"a header in the address":       {Subject: "2", Email: "a@example.org\r\nBcc: b@example.org", Verified: true, Groups: []string{"writers"}},
		"an address of another account": {Subject: "2", Email: "new@example.org", Verified: true, Groups: []string{"writers"}},
		"whose access ended":            {Subject: "2", Email: "gone@example.org", Verified: true, Groups: []string{"admins"}},
		"who reviews by link":           {Subject: "2", Email: "pat@partner.example", Verified: true, Groups: []string{"admins"}},
		"Daymark itself":                {Subject: "2", Email: "planner@daymark.invalid", Verified: true, Groups: []string{"admins"}},
	} {
		if found, err := find(who); err == nil || found.ID != 0 {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	if after := rows(t, db); after != before {
		t.Errorf("something was written:\n%s\n%s", before, after)
	}
	tied, err := find(oidc.Identity{Subject: "3", Email: "boss@example.org", Verified: true, Groups: []string{"admins"}})
	if err != nil || tied.ID != boss.ID {
		t.Errorf("an account that was there: %+v, %v", tied, err)
	}
	if _, err := find(oidc.Identity{Subject: "3", Groups: []string{"writers"}}); !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Forbidden) {
		t.Errorf("the last admin loses the role: %v", err)
	}
}

// rows is what a log-in could change.
func rows(t *testing.T, db *postgres.DB) (all string) {
	t.Helper()
	if err := db.GetContext(context.WithoutCancel(t.Context()), &all, `
SELECT concat_ws(' | ', (SELECT string_agg(p::text, ',' ORDER BY id) FROM people p), (SELECT string_agg(s::text, ',' ORDER BY subject) FROM subjects s), (SELECT count(*) FROM audit))`); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(all)
}
