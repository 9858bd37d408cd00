package web

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/org/people"
	"daymark/internal/org/signin/oidc"
)

// clocked starts the pages with a real time that the test moves.
func clocked(t *testing.T, change ...func(*Deps)) (s *site, later func(time.Duration)) {
	t.Helper()
	var ahead atomic.Int64
	s = newTeam(t, append(change, func(d *Deps) {
		d.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})...)
	return s, func(by time.Duration) { ahead.Add(int64(by)) }
}

// guarded are the forms and pages that decide who can log in as somebody.
var guarded = []string{
	"POST /sign-in/codes/begin", "GET /sign-in/codes", "POST /sign-in/codes", "POST /sign-in/codes/renew", "POST /sign-in/codes/off",
	"POST /sign-in/passkeys/begin", "POST /sign-in/passkeys", "POST /sign-in/passkeys/7/remove",
}

func TestWaysToLogInChangeOnlyForWhoSaidOfLateWhoTheyAre(t *testing.T) {
	t.Parallel()
	s, later := clocked(t)
	v := s.as("editor")
	later(9 * time.Minute)
	if a := v.post("/sign-in/codes/begin", nil); a.to != "/sign-in/codes" {
		t.Fatalf("nine minutes after the log-in: %d to %q", a.status, a.to)
	}
	later(61 * time.Second)
	before := s.count(`SELECT count(*) FROM audit`)
	for _, route := range guarded {
		method, path, _ := strings.Cut(route, " ")
		if a := v.do(method, path, url.Values{"code": {"123456"}}, http.Header{"Sec-Fetch-Site": {"same-origin"}}); a.status != http.StatusSeeOther || a.to != "/sign-in/again?next=%2Fsign-in" {
			t.Errorf("%s after ten minutes: %d to %q", route, a.status, a.to)
		}
	}
	if after := s.count(`SELECT count(*) FROM audit`); after != before {
		t.Errorf("%d lines in the log, %d before", after, before)
	}
	if a := v.get("/sign-in/again?next=//evil.test"); a.status != http.StatusOK || !strings.Contains(a.body, `name="next" value="/"`) || !strings.Contains(a.body, `id="again-form"`) || strings.Contains(a.body, `id="again-passkey"`) {
		t.Errorf("the page: %d\n%s", a.status, a.body)
	}
	if a := v.post("/sign-in/again", url.Values{"password": {"not it"}, "next": {"/sign-in"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="again-problem"`) || strings.Contains(a.body, "not it") {
		t.Errorf("a wrong password: %d\n%s", a.status, a.body)
	}
	if a := v.post("/sign-in/codes/begin", nil); a.to != "/sign-in/again?next=%2Fsign-in" {
		t.Error("a wrong password counted")
	}
	token := v.token()
	if a := v.post("/sign-in/again", url.Values{"password": {password}, "next": {"https://evil.test"}}); a.status != http.StatusSeeOther || a.to != "/" {
		t.Errorf("the right password: %d to %q", a.status, a.to)
	}
	if v.token() == token {
		t.Error("the token stayed the same")
	}
	if a := v.post("/sign-in/codes/begin", nil); a.to != "/sign-in/codes" {
		t.Errorf("after the right password: %d to %q", a.status, a.to)
	}
	for range 8 {
		v.post("/sign-in/again", url.Values{"password": {"not it"}})
	}
	if a := v.post("/sign-in/again", url.Values{"password": {password}}); a.status != http.StatusTooManyRequests {
		t.Errorf("after a flood: %d", a.status)
	}
	// Another person's codes, too: an admin who left the browser open is not who turns them off.
	admin := s.as("admin")
	later(11 * time.Minute)
	if a := admin.post("/people/3/codes/off", nil); a.to != "/sign-in/again?next=%2Fpeople%2F3" {
		t.Errorf("an admin after ten minutes: %d to %q", a.status, a.to)
	}
	if a := s.visitor().get("/sign-in/again"); !strings.HasPrefix(a.to, "/login") {
		t.Errorf("a stranger: %d to %q", a.status, a.to)
	}
}

func TestAPersonIsWrittenToWhenAWayToLogInChanges(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	v := s.as("editor")
	_, recovery := v.turnOn()
	letters := func() int {
		return s.count(`SELECT count(*) FROM outbox WHERE kind = 'sign-in changed' AND address = 'editor@example.org'`)
	}
	if n := letters(); n != 1 {
		t.Errorf("%d letters that codes are on", n)
	}
	if a := v.post("/sign-in/codes/off", url.Values{"code": {recovery[0]}}); a.to != "/sign-in" {
		t.Errorf("turn off: %d", a.status)
	}
	if n := letters(); n != 2 {
		t.Errorf("%d letters in all", n)
	}
}

func TestAProviderIsAskedAnewAndThatCounts(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	s, _ := clocked(t, func(d *Deps) {
		var err error
		d.Provider, err = oidc.New(oidc.Settings{
			Issuer: p.URL, ClientID: "daymark", Secret: "shh", Label: "Blue Heart ID", Redirect: "http://localhost/login/provider/back",
			Roles: []oidc.Mapping{{Group: "writers", Role: people.RoleEditor}},
		}, p.Client())
		if err != nil {
			t.Fatal(err)
		}
	})
	p.claims = map[string]any{"sub": "42", "email": "new@example.org", "email_verified": true, "groups": "writers", "auth_time": time.Now().Unix()}
	v := s.visitor()
	if a := v.get(v.away("/")); a.to != "/" {
		t.Fatalf("log in: %d\n%s", a.status, a.body)
	}
	if a := v.post("/sign-in/codes/begin", nil); a.to != "/sign-in/again?next=%2Fsign-in" {
		t.Errorf("a log-in for which the provider may have asked nothing counts: %q", a.to)
	}
	a := v.get("/sign-in/again?next=/sign-in")
	if strings.Contains(a.body, `id="again-form"`) || !strings.Contains(a.body, `href="/login/provider?again&amp;next=%2fsign-in"`) {
		t.Errorf("the page asks for a password that there is none of, or does not offer the provider\n%s", a.body)
	}
	if a := v.get(v.away("/sign-in&again")); a.status != http.StatusSeeOther {
		t.Errorf("back: %d", a.status)
	}
	if a := v.post("/sign-in/codes/begin", nil); a.to != "/sign-in/again?next=%2Fsign-in" {
		t.Error("the word again within an address asked anew") // it is escaped, so this went without
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.get("/login/provider?again&next=/sign-in").to, nil)
	s.must(err)
	if req.URL.Query().Get("prompt") != "login" {
		t.Errorf("asked with %s", req.URL.RawQuery)
	}
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	s.must(err)
	_ = resp.Body.Close()
	at, err := url.Parse(resp.Header.Get("Location"))
	s.must(err)
	if a := v.get(at.RequestURI()); a.to != "/sign-in" {
		t.Fatalf("back: %d to %q\n%s", a.status, a.to, a.body)
	}
	if a := v.post("/sign-in/codes/begin", nil); a.to != "/sign-in/codes" {
		t.Errorf("after the provider asked: %d to %q", a.status, a.to)
	}
}

func TestBeginningLogInsIsSlowedByNetwork(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(visitor) got{
		"by passkey":  func(v visitor) got { return v.post("/login/passkey/begin", nil) },
		"by provider": func(v visitor) got { return v.get("/login/provider") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t)
			s := withProvider(t, p)
			slowed := 0
			for range 25 {
				v := s.visitor()
				v.client.Transport = hostIs("localhost")
				switch a := begin(v); {
				case a.status == http.StatusTooManyRequests && strings.Contains(a.body, `id="login-problem"`) && a.header.Get("Set-Cookie") == "":
					slowed++
				case a.status >= 400:
					t.Fatalf("%d\n%s", a.status, a.body)
				}
			}
			if slowed == 0 {
				t.Error("25 begun within a moment, and none had to wait")
			}
			if n := s.count(`SELECT count(*) FROM audit WHERE action = 'login.flood'`); n != 1 {
				t.Errorf("%d lines in the log, want 1", n)
			}
			if n := s.count(`SELECT count(*) FROM sessions`); n > 21 {
				t.Errorf("%d sessions are kept for who had to wait", n)
			}
		})
	}
}
