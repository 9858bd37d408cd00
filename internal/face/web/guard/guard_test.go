package guard_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/guard"
)

// at makes a guard with a public address, behind proxies in 10.0.0.0/8 and fd00::/8.
func at(t *testing.T, public string) guard.Guard {
	t.Helper()
	u, err := guard.ParsePublic(public)
	if err != nil {
		t.Fatal(err)
	}
	return guard.Guard{Public: u, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
}

// ask makes a request; headers are pairs of name and value.
func ask(peer, host string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/calendar?month=2027-07", nil)
	r.RemoteAddr, r.Host = peer, host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestThePublicAddressIsReadOrRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "http:", "https://daymark.example.org": "https://daymark.example.org", "https://Daymark.Example.org:443/": "https://daymark.example.org",
		"http://localhost:8080": "http://localhost:8080", "http://127.0.0.1:80": "http://127.0.0.1", "https://[2001:DB8::1]:8443": "https://[2001:db8::1]:8443",
		"https://exämple.org.": "https://xn--exmple-cua.org",
	} {
		u, err := guard.ParsePublic(text)
		if err != nil || u.String() != want {
			t.Errorf("%q is read as %v, %v; want %s", text, u, err, want)
		}
	}
	for text, why := range map[string]string{
		"daymark.example.org": "does not begin with https://", "ftp://example.org": "does not begin with https://", "https://": "names no host",
		"https://a:b@example.org": "a name or a password", "https://example.org/daymark": "goes on after the name", "https://example.org?x": "goes on after the name",
		"https://example.org#x": "goes on after the name", "https://*.example.org": "is a pattern", "https://exa mple.org": "cannot be read", "https://:8080": "names no host",
		"https://under_score..org": "no computer has", "javascript:alert(1)": "does not begin with https://",
	} {
		if _, err := guard.ParsePublic(text); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), why) {
			t.Errorf("%q: %v, want %q", text, err, why)
		}
	}
}

func TestOnlyTrustedProxiesAreBelievedAboutTheVisitor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		peer    string
		headers []string
		want    guard.Visit
	}{
		{"a direct visitor", "192.0.2.7:1234", nil, guard.Visit{Address: netip.MustParseAddr("192.0.2.7")}},
		{"a visitor who writes the headers herself", "192.0.2.7:1234", []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-Proto", "https"}, guard.Visit{Address: netip.MustParseAddr("192.0.2.7")}},
		{"this machine", "127.0.0.1:1234", nil, guard.Visit{Address: netip.MustParseAddr("127.0.0.1"), Local: true}},
		{"this machine over IPv6", "[::1]:1234", nil, guard.Visit{Address: netip.MustParseAddr("::1"), Local: true}},
		{"this machine, mapped", "[::ffff:127.0.0.1]:1234", nil, guard.Visit{Address: netip.MustParseAddr("127.0.0.1"), Local: true}},
		{"a proxy here that nobody named and that says http", "127.0.0.1:1234", []string{"X-Forwarded-Proto", "http"}, guard.Visit{Address: netip.MustParseAddr("127.0.0.1")}},
		{"through a proxy over https", "10.1.1.1:1", []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-Proto", "https"}, guard.Visit{Address: netip.MustParseAddr("198.51.100.1"), Secure: true, Proxied: true}},
		{"through a proxy over http", "10.1.1.1:1", []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-Proto", "HTTP"}, guard.Visit{Address: netip.MustParseAddr("198.51.100.1"), Plain: true, Proxied: true}},
		{"two proxies, one over http", "10.1.1.1:1", []string{"X-Forwarded-For", "198.51.100.1, 10.2.2.2", "X-Forwarded-Proto", "http", "X-Forwarded-Proto", "https"}, guard.Visit{Address: netip.MustParseAddr("198.51.100.1"), Plain: true, Proxied: true}},
		{"a proxy that says nothing", "10.1.1.1:1", nil, guard.Visit{Address: netip.MustParseAddr("10.1.1.1"), Proxied: true}},
		{"what the visitor wrote before the proxy's entry", "10.1.1.1:1", []string{"X-Forwarded-For", "127.0.0.1, 203.0.113.9, 198.51.100.1, 10.3.3.3"}, guard.Visit{Address: netip.MustParseAddr("198.51.100.1"), Proxied: true}},
		{"several headers are one list", "10.1.1.1:1", []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-For", "198.51.100.1"}, guard.Visit{Address: netip.MustParseAddr("198.51.100.1"), Proxied: true}},
		{"nonsense ends the list", "10.1.1.1:1", []string{"X-Forwarded-For", "198.51.100.1, <script>, 10.2.2.2"}, guard.Visit{Address: netip.MustParseAddr("10.2.2.2"), Proxied: true}},
		{"entries with ports and brackets", "[fd00::1]:1", []string{"X-Forwarded-For", "[2001:db8::7]:443, [fd00::2]"}, guard.Visit{Address: netip.MustParseAddr("2001:db8::7"), Proxied: true}},
		{"Forwarded is not read", "10.1.1.1:1", []string{"Forwarded", "for=198.51.100.1;proto=https"}, guard.Visit{Address: netip.MustParseAddr("10.1.1.1"), Proxied: true}},
		{"a connection without an address", "@", nil, guard.Visit{}},
	} {
		got := at(t, "https://daymark.example.org").Visit(ask(tt.peer, "daymark.example.org", tt.headers...))
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	encrypted := ask("192.0.2.7:1", "daymark.example.org")
	encrypted.TLS = &tls.ConnectionState{}
	if !at(t, "https://daymark.example.org").Visit(encrypted).Secure {
		t.Error("our own TLS is not seen")
	}
}

func TestPasswordsAreTypedOverHTTPSOrOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	const https, plain = "https://daymark.example.org", "http://localhost:8080"
	for _, tt := range []struct {
		name, public, peer, host string
		headers                  []string
		want                     bool
	}{
		{"https through a trusted proxy", https, "10.1.1.1:1", "daymark.example.org", []string{"X-Forwarded-Proto", "https"}, true},
		{"plain http through a trusted proxy", https, "10.1.1.1:1", "daymark.example.org", []string{"X-Forwarded-Proto", "http"}, false},
		{"a trusted proxy that says nothing", https, "10.1.1.1:1", "daymark.example.org", nil, false},
		{"a proxy that nobody trusts", https, "192.0.2.1:1", "daymark.example.org", []string{"X-Forwarded-Proto", "https"}, false},
		{"a proxy on this machine", https, "127.0.0.1:1", "daymark.example.org", []string{"X-Forwarded-Proto", "https"}, true},
		{"a proxy on this machine that came over http", https, "127.0.0.1:1", "daymark.example.org", []string{"X-Forwarded-Proto", "http"}, false},
		{"this machine", plain, "127.0.0.1:1", "localhost:8080", nil, true},
		{"this machine by its number", plain, "127.0.0.1:1", "127.0.0.1:8080", nil, true},
		{"this machine under a strange name", plain, "127.0.0.1:1", "evil.test:8080", nil, false},
		{"another machine", plain, "192.168.1.9:1", "192.168.1.5:8080", nil, false},
		{"another machine that lies about the name", plain, "192.168.1.9:1", "localhost:8080", nil, false},
		{"the published port of a container", plain, "10.0.0.1:1", "localhost:8080", nil, true},
		{"the published port under another name", plain, "10.0.0.1:1", "192.168.1.5:8080", nil, false},
		{"a public address without https", "http://daymark.example.org", "10.0.0.1:1", "daymark.example.org", nil, false},
	} {
		if got := at(t, tt.public).MayLogIn(ask(tt.peer, tt.host, tt.headers...)); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

func TestOnlyOurOwnNamesAreAnswered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		public, host string
		want         bool
	}{
		{"https://daymark.example.org", "daymark.example.org", true},
		{"https://daymark.example.org", "DAYMARK.example.org:443", true},
		{"https://daymark.example.org", "daymark.example.org.", true},
		{"https://daymark.example.org", "daymark.example.org:8080", false},
		{"https://daymark.example.org", "localhost", false},
		{"https://daymark.example.org", "evil.test", false},
		{"https://daymark.example.org", "daymark.example.org.evil.test", false},
		{"https://daymark.example.org", "daymark.example.org@evil.test", false},
		{"https://daymark.example.org", "", false},
		{"https://daymark.example.org:8443", "daymark.example.org:8443", true},
		{"https://daymark.example.org:8443", "daymark.example.org", false},
		{"", "localhost:1234", true},
		{"", "[::1]:1234", true},
		{"", "127.1.2.3", true},
		{"", "evil.test", false},
		{"http://192.168.1.5:8080", "192.168.1.5:8080", true},
	} {
		if got := at(t, tt.public).Answers(ask("192.0.2.1:1", tt.host)); got != tt.want {
			t.Errorf("%s asked as %q: %t", tt.public, tt.host, got)
		}
	}
}

func TestWhoCameOverPlainHTTPIsLedToTheSamePageOverHTTPS(t *testing.T) {
	t.Parallel()
	g := at(t, "https://daymark.example.org")
	r := ask("10.1.1.1:1", "daymark.example.org", "X-Forwarded-Proto", "http")
	if to, ok := g.Upgrade(r); !ok || to != "https://daymark.example.org/calendar?month=2027-07" {
		t.Errorf("led to %q, %t", to, ok)
	}
	r.Method = http.MethodPost
	if to, ok := g.Upgrade(r); ok {
		t.Errorf("a form is led to %q: what was typed has gone over the line already", to)
	}
	if to, ok := g.Upgrade(ask("192.0.2.7:1", "daymark.example.org", "X-Forwarded-Proto", "http")); ok {
		t.Errorf("a stranger's word leads to %q", to)
	}
	for _, path := range []string{"//evil.test/x", "/\\evil.test", "/a%0d%0ab", "///evil.test"} {
		if to := g.At(&url.URL{Path: path}); !strings.HasPrefix(to, "https://daymark.example.org/") || strings.ContainsAny(to, "\r\n") || strings.HasPrefix(strings.TrimPrefix(to, "https://daymark.example.org"), "//") {
			t.Errorf("%q leads to %q", path, to)
		}
	}
}

func TestEachAnswerTellsTheBrowserToBeStrict(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]map[string]string{
		"https://daymark.example.org": {"Strict-Transport-Security": "max-age=31536000"},
		"http://localhost:8080":       {"Strict-Transport-Security": ""},
	} {
		w := httptest.NewRecorder()
		at(t, public).Headers(http.NotFoundHandler()).ServeHTTP(w, ask("127.0.0.1:1", "localhost:8080"))
		for name, value := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			want[name] = value
		}
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", public, name, got, value)
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy+";", part+";") {
				t.Errorf("%s: the policy lacks %s", public, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || !strings.Contains(w.Header().Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: %v", public, w.Header())
		}
	}
}

func FuzzForwardedAddress(f *testing.F) {
	for _, seed := range []string{"198.51.100.1", "a, b", "[::1]:80, 10.0.0.1", ",,,", "10.0.0.1,10.0.0.2"} {
		f.Add(seed)
	}
	g := guard.Guard{Public: &url.URL{Scheme: "https", Host: "a.example"}, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	f.Fuzz(func(t *testing.T, list string) {
		r := &http.Request{RemoteAddr: "10.1.1.1:1", Header: http.Header{"X-Forwarded-For": {list}}}
		if v := g.Visit(r); !v.Address.IsValid() || v.Local {
			t.Errorf("%q gives %+v", list, v)
		}
	})
}
