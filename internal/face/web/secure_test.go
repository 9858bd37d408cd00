package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"daymark/internal/core/sheet"
	"daymark/internal/org/audit"
)

// token returns the session cookie that the visitor would send.
func (v visitor) token() string {
	at, _ := url.Parse(v.server.URL)
	for _, c := range v.client.Jar.Cookies(at) {
		if c.Name == "daymark" {
			return c.Value
		}
	}
	return ""
}

// carrying returns a visitor who sends a token that somebody gave them.
func (s *site) carrying(token string) visitor {
	v := s.visitor()
	at, _ := url.Parse(s.server.URL)
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: "daymark", Value: token, Path: "/"}})
	return v
}

func TestATokenThatWasKnownBeforeLogInOpensNothingAfterIt(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	attacker := s.visitor()
	attacker.post("/login", url.Values{"email": {"x@example.org"}, "password": {"wrong"}})
	first := s.as("manager") // a session that the attacker has of their own
	for name, planted := range map[string]string{"a made-up token": strings.Repeat("A", 43), "the attacker's own": first.token()} {
		victim := s.carrying(planted)
		if a := victim.post("/login", url.Values{"email": {"admin@example.org"}, "password": {password}}); a.status != http.StatusSeeOther {
			t.Fatalf("%s: the victim logs in: %d", name, a.status)
		}
		if victim.token() == planted || victim.token() == "" {
			t.Errorf("%s: the token stayed %q", name, victim.token())
		}
		if a := s.carrying(planted).get("/organisation"); a.status != http.StatusSeeOther {
			t.Errorf("%s opens a page: %d", name, a.status)
		}
	}
}

func TestTheTokenChangesWhenTheRightsDo(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	v := s.as("manager")
	v.get("/")
	before := v.token()
	v.get("/calendar")
	if v.token() != before {
		t.Fatal("the token changes though the rights did not")
	}
	if _, err := s.db.ExecContext(t.Context(), `UPDATE people SET role = 'admin' WHERE email = 'manager@example.org'`); err != nil {
		t.Fatal(err)
	}
	if a := v.get("/channels"); a.status != http.StatusOK || v.token() == before || v.token() == "" {
		t.Errorf("%d, and the token is the same: %t", a.status, v.token() == before)
	}
	if a := v.get("/"); a.status != http.StatusOK {
		t.Errorf("the new token does not work: %d", a.status)
	}
	if a := s.carrying(before).get("/"); a.status != http.StatusSeeOther {
		t.Errorf("the old token still opens a page: %d", a.status)
	}
}

func TestEveryFormFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	v := s.as("admin")
	forms := 0
	for _, pattern := range patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodPost {
			continue
		}
		forms++
		path = strings.NewReplacer("{id}", "1", "{year}", "2027", "{task}", "1", "{token}", strings.Repeat("A", 26)).Replace(path)
		for name, header := range map[string]http.Header{
			"another site":            {"Sec-Fetch-Site": {"cross-site"}},
			"a site below the domain": {"Sec-Fetch-Site": {"same-site"}},
			"an old browser":          {"Origin": {"https://evil.test"}},
			"a frame without origin":  {"Origin": {"null"}},
		} {
			if a := v.do(http.MethodPost, path, url.Values{}, header); a.status != http.StatusForbidden || !strings.Contains(a.body, "came from another site") {
				t.Errorf("%s by %s: %d", pattern, name, a.status)
			}
		}
	}
	if forms < 50 {
		t.Errorf("only %d forms were tried", forms)
	}
	if a := v.get("/"); a.status != http.StatusOK {
		t.Error("a refused form had its effect")
	}
}

func TestLogInLeadsToNoOtherSite(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for _, next := range []string{
		"https://evil.test/", "//evil.test", "///evil.test", `/\evil.test`, `\\evil.test`, "/\t/evil.test", "/\n/evil.test", "javascript:alert(1)", "data:text/html,x",
		"http:evil.test", "evil.test", "/%09/evil.test", "/..//evil.test", "/%5cevil.test", "https:///evil.test", "/@evil.test", "//evil.test@daymark.example.org",
	} {
		a := s.visitor().post("/login", url.Values{"email": {"editor@example.org"}, "password": {password}, "next": {next}})
		base, _ := url.Parse(s.server.URL + "/login")
		to, err := base.Parse(a.to)
		if a.status != http.StatusSeeOther || err != nil || to.Host != base.Host || to.Scheme != "http" || strings.HasPrefix(a.to, "//") || strings.ContainsAny(a.to, "\\\t\r\n") {
			t.Errorf("%q leads to %q (%d)", next, a.to, a.status)
		}
		shown := s.visitor().get("/login?next=" + url.QueryEscape(next))
		if strings.Contains(shown.body, "value=\"https://evil") || strings.Contains(shown.body, "value=\"//evil") {
			t.Errorf("%q comes back in the form", next)
		}
	}
}

func TestAStrangeNameGetsNoPageAndIsRepeatedNowhere(t *testing.T) {
	t.Parallel()
	s := newTeam(t, func(d *Deps) { d.PublicURL = "https://daymark.example.org" })
	v := s.visitor()
	v.client.Transport = hostIs("evil.test")
	for _, path := range []string{"/", "/login", "/calendar", "/first-run", "/nowhere"} {
		a := v.get(path)
		if a.status != http.StatusMisdirectedRequest || strings.Contains(a.body, "evil") || !strings.Contains(a.body, "https://daymark.example.org") {
			t.Errorf("%s: %d\n%s", path, a.status, a.body)
		}
		for name, values := range a.header {
			if strings.Contains(strings.Join(values, " "), "evil") || name == "Set-Cookie" {
				t.Errorf("%s: header %s: %v", path, name, values)
			}
		}
	}
	v.client.Transport = hostIs("daymark.example.org")
	a := v.do(http.MethodGet, "/calendar", nil, http.Header{"X-Forwarded-Host": {"evil.test"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"host=evil.test"}})
	if a.status != http.StatusSeeOther || a.to != "/login?next=%2Fcalendar" {
		t.Errorf("another host by header: %d to %q", a.status, a.to)
	}
}

func TestBehindATrustedProxyPlainHTTPLeadsToHTTPS(t *testing.T) {
	t.Parallel()
	s := newTeam(t, func(d *Deps) {
		d.PublicURL, d.Proxies = "https://daymark.example.org", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	})
	v := s.visitor()
	v.client.Transport = hostIs("daymark.example.org")
	a := v.do(http.MethodGet, "/login?next=/calendar", nil, http.Header{"X-Forwarded-Proto": {"http"}})
	if a.status != http.StatusPermanentRedirect || a.to != "https://daymark.example.org/login?next=/calendar" {
		t.Errorf("%d to %q", a.status, a.to)
	}
	a = v.do(http.MethodPost, "/login", url.Values{"email": {"admin@example.org"}, "password": {password}}, http.Header{"X-Forwarded-Proto": {"http"}})
	if a.status != http.StatusForbidden || !strings.Contains(a.body, `id="blocked"`) || a.header.Get("Set-Cookie") != "" {
		t.Errorf("a password over plain http: %d", a.status)
	}
	a = v.do(http.MethodPost, "/login", url.Values{"email": {"admin@example.org"}, "password": {password}}, http.Header{"X-Forwarded-Proto": {"https"}, "X-Forwarded-For": {"203.0.113.7, 198.51.100.9"}})
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Set-Cookie"), "__Host-daymark=") {
		t.Errorf("over https: %d, %q", a.status, a.header.Get("Set-Cookie"))
	}
	for _, want := range []string{"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(a.header.Get("Set-Cookie"), want) {
			t.Errorf("the cookie lacks %s", want)
		}
	}
	if strings.Contains(strings.ToLower(a.header.Get("Set-Cookie")), "domain") {
		t.Error("the cookie is for a whole domain")
	}
}

func TestTheLogIsShownNarrowedAndPaged(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	editor := s.person("editor").ID
	from := audit.Within(t.Context(), audit.From{Via: audit.ByBrowser, Address: "198.51.100.9"})
	for i := range 60 {
		s.must(audit.Write(from, s.db, audit.Entry{Person: editor, Action: "post.edited", Kind: "post", ID: int64(i + 1), Detail: map[string]any{"say": "<script>x</script>"}}))
	}
	s.must(audit.Write(t.Context(), s.db, audit.Entry{Action: "=cmd|x", Kind: "delivery", ID: 3}))
	manager := s.as("manager")
	all := manager.get("/audit")
	for _, want := range []string{"Post edited", "198.51.100.9", "Browser", "Daymark itself", "Ada editor", `href="/posts/60"`, `id="older"`, `id="filters"`, `value="post.edited"`} {
		if !strings.Contains(all.body, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	if strings.Contains(all.body, "<script>x") || strings.Contains(all.body, `id="newest"`) {
		t.Error("a detail came through unescaped, or the first page leads to itself")
	}
	older := manager.get("/audit?person=" + fmt.Sprint(editor) + "&before=20")
	if older.status != http.StatusOK || strings.Count(older.body, `<tr id="row-`) > 19 || strings.Contains(older.body, `id="row-20"`) || !strings.Contains(older.body, `id="newest"`) {
		t.Errorf("the next page: %d", older.status)
	}
	for query, want := range map[string]int{
		"action=post.edited": 50, "kind=post&subject=7": 1, "action=nothing": 0, "day=2020-01-01": 0, "kind=delivery": 1,
	} {
		if a := manager.get("/audit?" + query); a.status != http.StatusOK || strings.Count(a.body, `<tr id="row-`) != want {
			t.Errorf("%s: %d with %d rows, want %d", query, a.status, strings.Count(a.body, `<tr id="row-`), want)
		}
	}
	for _, query := range []string{"person=x", "subject=3", "day=yesterday", "kind=post&subject=-1"} {
		if a := manager.get("/audit?" + query); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", query, a.status)
		}
	}
	file := manager.get("/audit/export?format=csv&kind=delivery")
	lines, err := sheet.Read(file.body)
	if err != nil || len(lines) != 2 || lines[1][4] != "=cmd|x" || !strings.Contains(file.body, `"'=cmd|x"`) || !strings.Contains(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: %v, %v\n%s", lines, err, file.body)
	}
	if a := manager.get("/audit/export?format=jsonl&kind=post"); strings.Count(a.body, "\n") != 60 {
		t.Errorf("JSON lines: %d of them", strings.Count(a.body, "\n"))
	}
	if a := manager.get("/audit/export?format=exe"); a.status != http.StatusNotFound || a.header.Get("Content-Disposition") != "" {
		t.Errorf("a format that is not there: %d", a.status)
	}
	history := s.as("reviewer").get("/posts/7/history")
	if history.status != http.StatusOK || !strings.Contains(history.body, "Post edited") || strings.Contains(history.body, "198.51.100.9") || strings.Contains(history.body, `id="filters"`) {
		t.Errorf("the history for who may not read the whole log: %d", history.status)
	}
	if history := manager.get("/posts/7/history"); !strings.Contains(history.body, "198.51.100.9") {
		t.Error("the history lacks the address for who may read the log")
	}
}

func TestWhatIsDoneInABrowserIsLoggedWithItsAddress(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	a := s.as("admin").post("/pause", url.Values{"scope": {"everything"}, "reason": {"A test of where things come from"}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("pause: %d\n%s", a.status, a.body)
	}
	rows, err := audit.List(t.Context(), s.db, audit.Filter{Action: "pause.raised"})
	if err != nil || len(rows) != 1 || rows[0].From != (audit.From{Via: audit.ByBrowser, Address: "127.0.0.1"}) {
		t.Errorf("%+v, %v", rows, err)
	}
}
