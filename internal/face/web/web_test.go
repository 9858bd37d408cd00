package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/static"
	"daymark/internal/flow/book"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

func TestLoggingInStartsASessionUnderANewToken(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	v := s.visitor()
	at, _ := url.Parse(s.server.URL)
	a := v.post("/login", url.Values{"email": {"EDITOR@example.org "}, "password": {password}, "next": {"/calendar?month=2027-07"}})
	if a.status != http.StatusSeeOther || a.to != "/calendar?month=2027-07" {
		t.Fatalf("log in: %d to %q", a.status, a.to)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"daymark=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	before := v.client.Jar.Cookies(at)[0].Value
	v.post("/login", url.Values{"email": {"editor@example.org"}, "password": {password}})
	if v.client.Jar.Cookies(at)[0].Value == before {
		t.Error("the token stayed the same at log-in")
	}
	if a := v.get("/"); a.status != http.StatusOK || !strings.Contains(a.body, "Ada editor, editor") {
		t.Errorf("home: %d", a.status)
	}
	if a := v.post("/logout", nil); a.status != http.StatusSeeOther {
		t.Errorf("log out: %d", a.status)
	}
	if a := v.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("home after log-out: %d", a.status)
	}
}

func TestAWrongPasswordSaysOneSentenceAndKeepsTheAddress(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for _, email := range []string{"editor@example.org", "nobody@example.org"} {
		a := s.visitor().post("/login", url.Values{"email": {email}, "password": {"not the password"}})
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "The address or the password is not right.") || !strings.Contains(a.body, `value="`+email+`"`) {
			t.Errorf("%s: %d\n%s", email, a.status, a.body)
		}
		if strings.Contains(a.body, "not the password") {
			t.Error("the password came back")
		}
	}
}

func TestASessionEndsWithTheNewPasswordAndWhenDisabled(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	editor, manager := s.as("editor"), s.as("manager")
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		if err := people.SetPassword(ctx, tx, s.person("editor").ID, "another blue heart", cheap, 0); err != nil {
			return err
		}
		return people.Disable(ctx, tx, s.person("manager").ID, 0)
	})
	for _, v := range []visitor{editor, manager} {
		if a := v.get("/"); a.status != http.StatusSeeOther {
			t.Errorf("home: %d, want the log-in page", a.status)
		}
	}
}

func TestAListThatRenewsItselfAfterTheSessionEndedLeadsToLogIn(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	a := s.visitor().do(http.MethodGet, "/published", nil, http.Header{"Hx-Request": {"true"}})
	if a.status != http.StatusUnauthorized || a.header.Get("HX-Redirect") != "/login" {
		t.Errorf("%d to %q", a.status, a.header.Get("HX-Redirect"))
	}
}

// firstForm is a first-run form that is right.
func firstForm() url.Values {
	return url.Values{
		"name": {"Ana"}, "email": {"ana@example.org"}, "password": {"a plain blue heart"}, "languages": {"en", "ar"},
		"org-name": {"Trust <b>&amp;"}, "org-link": {"https://example.org"}, "org-zone": {"Europe/London"}, "org-support": {"Call Sam."},
	}
}

func TestTheFirstRunMakesTheAdminAndTheProfileOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor()
	if a := v.get("/"); a.to != "/first-run" {
		t.Fatalf("an empty database leads to %q", a.to)
	}
	if a := v.get("/first-run"); a.status != http.StatusOK || !strings.Contains(a.body, `id="org-zone"`) {
		t.Fatalf("first run: %d\n%s\n%s", a.status, a.body, s.log)
	}
	if a := v.post("/first-run", firstForm()); a.status != http.StatusSeeOther || a.to != "/" {
		t.Fatalf("first run: %d to %q\n%s", a.status, a.to, a.body)
	}
	home := v.get("/")
	if home.status != http.StatusOK || !strings.Contains(home.body, "Daymark is yours, Ana.") || !strings.Contains(home.body, "Call Sam.") {
		t.Errorf("home: %d", home.status)
	}
	if !strings.Contains(home.body, "Trust &lt;b&gt;&amp;amp;") {
		t.Error("the organisation's name is not escaped")
	}
	if a := s.visitor().post("/first-run", firstForm()); a.status != http.StatusConflict {
		t.Errorf("a second first run: %d", a.status)
	}
	if a := s.visitor().get("/first-run"); a.to != "/login" {
		t.Errorf("the form of a second first run leads to %q", a.to)
	}
	org, err := profile.Get(t.Context(), s.db)
	s.must(err)
	if org.Zone != "Europe/London" {
		t.Errorf("the profile is %+v", org)
	}
}

func TestOfTwoFirstRunsAtOnceOneWins(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var group sync.WaitGroup
	statuses := make([]int, 4)
	for i := range statuses {
		v := s.visitor()
		form := firstForm()
		form.Set("email", string(rune('a'+i))+"@example.org")
		group.Go(func() { statuses[i] = v.post("/first-run", form).status })
	}
	group.Wait()
	won := 0
	for _, status := range statuses {
		if status == http.StatusSeeOther {
			won++
		} else if status != http.StatusConflict {
			t.Errorf("status %d", status)
		}
	}
	n, err := people.Count(t.Context(), s.db)
	s.must(err)
	if won != 1 || n != 1 {
		t.Errorf("%d won and %d people are there, want 1 and 1", won, n)
	}
}

func TestAFirstRunWithMistakesNamesThemAllAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	form := firstForm()
	form.Set("email", "ana")
	form.Set("password", "short")
	form.Set("org-zone", "Mars/Olympus")
	form.Set("org-link", "ftp://x")
	a := s.visitor().post("/first-run", form)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", a.status)
	}
	for _, id := range []string{"email", "password", "org-zone", "org-link"} {
		if !strings.Contains(a.body, `id="`+id+`-problem"`) || !strings.Contains(a.body, `href="#`+id+`"`) {
			t.Errorf("nothing is said about %s", id)
		}
	}
	if !strings.Contains(a.body, `value="Mars/Olympus"`) || strings.Contains(a.body, "short") && strings.Contains(a.body, `value="short"`) {
		t.Error("what was typed is lost, or the password came back")
	}
	if n, err := people.Count(t.Context(), s.db); err != nil || n != 0 {
		t.Errorf("%d people, %v", n, err)
	}
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	v := s.as("editor")
	for name, header := range map[string]http.Header{
		"by fetch metadata": {"Sec-Fetch-Site": {"cross-site"}},
		"by origin":         {"Origin": {"https://evil.test"}},
	} {
		a := v.do(http.MethodPost, "/logout", nil, header)
		if a.status != http.StatusForbidden || !strings.Contains(a.body, "came from another site") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := v.get("/"); a.status != http.StatusOK {
		t.Error("the refused form logged out all the same")
	}
}

func TestPagesTellTheBrowserToBeStrict(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	a := s.as("editor").get("/")
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if !strings.Contains(a.header.Get(name), want) {
			t.Errorf("%s is %q", name, a.header.Get(name))
		}
	}
	if csp := a.header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") {
		t.Errorf("the policy allows inline code: %s", csp)
	}
	script := regexp.MustCompile(`/static/app-[0-9a-f]{16}\.js`).FindString(a.body)
	f := s.visitor().get(script)
	if f.status != http.StatusOK || !strings.Contains(f.header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(f.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("%s: %d %v", script, f.status, f.header)
	}
	if a := s.visitor().get("/static/manifest.json"); a.status != http.StatusNotFound {
		t.Errorf("another file of the build: %d", a.status)
	}
}

func TestOverHTTPSTheCookieIsBoundToTheHost(t *testing.T) {
	t.Parallel()
	s := newTeam(t, func(d *Deps) { d.PublicURL = "https://daymark.example.org" })
	v := s.visitor()
	v.client.Transport = hostIs("daymark.example.org")
	a := v.post("/login", url.Values{"email": {"editor@example.org"}, "password": {password}})
	if cookie := a.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-daymark=") || !strings.Contains(cookie, "Secure") {
		t.Errorf("cookie %q", cookie)
	}
	if a.header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
}

func TestOnPlainHTTPNobodyLogsInFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newTeam(t, func(d *Deps) { d.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	v := s.visitor()
	v.client.Transport = hostIs("daymark.example.org")
	a := v.post("/login", url.Values{"email": {"editor@example.org"}, "password": {password}})
	if a.status != http.StatusForbidden || !strings.Contains(a.body, `id="blocked"`) {
		t.Errorf("log in under another name: %d", a.status)
	}
	if a := v.get("/login"); !strings.Contains(a.body, "Nobody can log in from here") || strings.Contains(a.body, `type="password"`) {
		t.Error("the page does not say why, or asks for a password all the same")
	}
}

// hostIs sends requests under another host name, as a site does that had its name point here.
type hostIs string

func (h hostIs) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Host = string(h)
	return http.DefaultTransport.RoundTrip(r)
}

func TestWithoutTheBuildTheStartSaysWhatToRun(t *testing.T) {
	t.Parallel()
	_, err := static.Load(os.DirFS(t.TempDir()))
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Say(err), "make ui") {
		t.Errorf("error %v", err)
	}
}

func TestAPublicAddressThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"daymark.example.org", "ftp://example.org", "https://"} {
		if _, err := New(Deps{PublicURL: address}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestAFailureOfOursShowsAReferenceThatTheLogHas(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	v := s.as("editor")
	s.must(s.db.Close())
	a := v.get("/")
	ref := regexp.MustCompile(`id="reference">([0-9A-Z]{6})<`).FindStringSubmatch(a.body)
	if a.status != http.StatusInternalServerError || ref == nil || !strings.Contains(s.log.String(), "reference="+ref[1]) {
		t.Errorf("%d, reference %v\n%s", a.status, ref, s.log)
	}
	if strings.Contains(a.body, "sql") {
		t.Error("the page shows the cause")
	}
}

func TestAPictureIsServedUnderItsHash(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{Edition: edition})
	s.must(err)
	p, err := book.FindPost(t.Context(), s.db, entries[0].Post)
	s.must(err)
	a := s.as("manager").get("/media/" + p.Source.Parts[0].Pictures[0].SHA256)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(a.body, "\x89PNG") {
		t.Errorf("%d %v", a.status, a.header)
	}
}

func TestMain(m *testing.M) {
	// What stays is the keeper of the test cluster, which outlives the process, and what the client and the pool wind down.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"), goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"), goleak.IgnoreAnyFunction("database/sql.(*DB).connectionCleaner"))
}
