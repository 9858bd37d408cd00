package https_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"golang.org/x/net/dns/dnsmessage"

	"daymark/internal/app/https"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/guard"
)

const name = "daymark.example.org"

func TestMain(m *testing.M) {
	if err := os.Setenv("PEBBLE_VA_NOSLEEP", "1"); err != nil { // Pebble waits up to 15 seconds at random otherwise
		panic(err)
	}
	os.Exit(m.Run())
}

// authority is Let's Encrypt's own test server, which believes that every name is this machine.
type authority struct {
	server *httptest.Server
	roots  *x509.CertPool
	log    *lines
}

// lines keeps a log and may be written from several goroutines.
type lines struct{ c chan []byte }

func (l *lines) Write(b []byte) (int, error) {
	select {
	case l.c <- bytes.Clone(b):
	default: // enough is kept
	}
	return len(b), nil
}

func (l *lines) text() string {
	var all strings.Builder
	for {
		select {
		case b := <-l.c:
			all.Write(b)
		default:
			return all.String()
		}
	}
}

func newAuthority(t *testing.T, plainPort, tlsPort int) *authority {
	t.Helper()
	kept := &lines{make(chan []byte, 4096)}
	logger := log.New(kept, "", 0)
	store := db.NewMemoryStore()
	issuer := ca.New(logger, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "default"}})
	validator := va.New(logger, plainPort, tlsPort, true, names(t), store)
	front := wfe.New(logger, store, validator, issuer, []string{"pebble.letsencrypt.org"}, true, false, 0, 0)
	a := &authority{server: httptest.NewTLSServer(front.Handler()), roots: x509.NewCertPool(), log: kept}
	t.Cleanup(a.server.Close)
	a.roots.AppendCertsFromPEM(issuer.GetRootCert(0).PEM())
	return a
}

// names starts a name server over TCP that knows one answer: 127.0.0.1.
func names(t *testing.T) string {
	t.Helper()
	l := listen(t)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				for answerName(conn) == nil {
				}
			}()
		}
	}()
	return l.Addr().String()
}

func answerName(conn net.Conn) error {
	var size uint16
	if err := binary.Read(conn, binary.BigEndian, &size); err != nil {
		return err
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(conn, raw); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(raw); err != nil {
		return err
	}
	m.Response, m.Additionals = true, nil
	for _, q := range m.Questions {
		if q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
			})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...)) //nolint:gosec // a short message
	return err
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func public(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := guard.ParsePublic(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// start serves a page on the TLS listener and, where there is one, the way to https on the plain listener.
func start(t *testing.T, a *authority, folder string, secure, plain net.Listener) *https.Certificates {
	t.Helper()
	c, err := https.New(https.Options{
		Public: public(t, "https://"+name), Folder: folder, Directory: a.server.URL + wfe.DirectoryPath, Client: a.server.Client(),
		Email: "admin@example.org", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0)
	pages := &http.Server{TLSConfig: c.TLS(), ErrorLog: quiet, ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "a page over "+r.Proto)
	})}
	go func() { _ = pages.ServeTLS(secure, "", "") }()
	t.Cleanup(func() { _ = pages.Close() })
	if plain != nil {
		answer := c.Plain(http.NotFoundHandler())
		way := &http.Server{ErrorLog: quiet, ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Host = strings.TrimSuffix(r.Host, fmt.Sprintf(":%d", port(plain))) // on port 80 an authority names no port
			answer.ServeHTTP(w, r)
		})}
		go func() { _ = way.Serve(plain) }()
		t.Cleanup(func() { _ = way.Close() })
	}
	return c
}

// visit asks for the page under the public name, as a browser that trusts the authority.
func visit(t *testing.T, a *authority, secure net.Listener, server string) (string, error) {
	t.Helper()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		ForceAttemptHTTP2: true, DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: a.roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, secure.Addr().String())
		},
	}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+server+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestACertificateIsGotByTLSAlone(t *testing.T) {
	t.Parallel()
	secure, dead := listen(t), listen(t)
	_ = dead.Close()
	a, folder := newAuthority(t, port(dead), port(secure)), t.TempDir()
	start(t, a, folder, secure, nil)
	if _, err := visit(t, a, secure, "evil.example.org"); err == nil || strings.Contains(a.log.text(), "evil") {
		t.Errorf("another name: error %v, or the authority was asked for it", err)
	}
	if body, err := visit(t, a, secure, name); err != nil || body != "a page over HTTP/2.0" {
		t.Fatalf("%q, %v\n%s", body, err, a.log.text())
	}
	if said := a.log.text(); strings.Contains(said, "http-01 ") && !strings.Contains(said, "tls-alpn-01") {
		t.Errorf("not by TLS-ALPN-01:\n%s", said)
	}

	files, err := os.ReadDir(filepath.Join(folder, "certificates"))
	if err != nil || len(files) < 2 {
		t.Fatalf("kept: %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is readable by others: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	a.server.Close() // the next start needs no authority
	again := listen(t)
	start(t, a, folder, again, nil)
	if body, err := visit(t, a, again, name); err != nil || body != "a page over HTTP/2.0" {
		t.Errorf("after a new start without the authority: %q, %v", body, err)
	}
}

func TestACertificateIsGotByPlainHTTPWhereTLSDoesNotReachUs(t *testing.T) {
	t.Parallel()
	secure, plain, dead := listen(t), listen(t), listen(t)
	_ = dead.Close()
	a := newAuthority(t, port(plain), port(dead))
	c := start(t, a, t.TempDir(), secure, plain)
	c.Fetch(t.Context())
	if body, err := visit(t, a, secure, name); err != nil || body != "a page over HTTP/2.0" {
		t.Fatalf("%q, %v\n%s", body, err, a.log.text())
	}
}

func TestWithoutTheAuthorityThereIsNoPageAndTheLogSaysWhy(t *testing.T) {
	t.Parallel()
	secure := listen(t)
	a := newAuthority(t, 1, port(secure))
	a.server.Close()
	var said lines
	said.c = make(chan []byte, 64)
	c, err := https.New(https.Options{Public: public(t, "https://"+name), Folder: t.TempDir(), Directory: a.server.URL + "/dir", Client: a.server.Client(), Log: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	c.Fetch(t.Context())
	if text := said.text(); !strings.Contains(text, "no certificate yet") || !strings.Contains(text, name) {
		t.Errorf("logged: %s", text)
	}
}

func TestThePlainPortLeadsToThePublicAddressWhateverNameWasAskedFor(t *testing.T) {
	t.Parallel()
	c, err := https.New(https.Options{Public: public(t, "https://"+name), Folder: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h := c.Plain(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ready") }))
	for _, tt := range []struct {
		name, method, host, target string
		status                     int
		to                         string
	}{
		{"a page", "GET", name, "/calendar?month=2027-07", 308, "https://" + name + "/calendar?month=2027-07"},
		{"another name", "GET", "evil.test", "/", 308, "https://" + name + "/"},
		{"a path that looks like another site", "GET", name, "//evil.test/", 308, "https://" + name + "/evil.test/"},
		{"a whole address", "GET", name, "http://evil.test/x", 308, "https://" + name + "/x"},
		{"a form", "POST", name, "/login", 403, ""},
		{"health", "GET", "10.0.0.1", "/readyz", 200, ""},
		{"a question that nobody asked for", "GET", name, "/.well-known/acme-challenge/x", 404, ""},
		{"a question about another name", "GET", "evil.test", "/.well-known/acme-challenge/x", 403, ""},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(tt.method, tt.target, nil)
		r.Host = tt.host
		h.ServeHTTP(w, r)
		if w.Code != tt.status || (tt.to != "" && w.Header().Get("Location") != tt.to) {
			t.Errorf("%s: %d to %q, want %d to %q", tt.name, w.Code, w.Header().Get("Location"), tt.status, tt.to)
		}
	}
}

func TestTLSIsOursWherePeopleComeToOurPort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode           https.Mode
		public, listen string
		want           bool
	}{
		{https.Auto, "https://daymark.example.org", ":443", true},
		{https.Auto, "https://daymark.example.org", "192.0.2.1:443", true},
		{https.Auto, "https://daymark.example.org", "127.0.0.1:8080", false},
		{https.Auto, "https://daymark.example.org:8443", ":8443", true},
		{https.Auto, "http://localhost:8080", "127.0.0.1:8080", false},
		{https.Auto, "", "127.0.0.1:8080", false},
		{https.Off, "https://daymark.example.org", ":443", false},
		{https.ACME, "https://daymark.example.org", ":8443", true},
		{https.ACME, "http://daymark.example.org", ":443", false},
	} {
		if got := https.Ours(tt.mode, public(t, tt.public), tt.listen); got != tt.want {
			t.Errorf("%s, %s on %s: %t", tt.mode, tt.public, tt.listen, got)
		}
	}
	for _, text := range []string{"https://192.0.2.1", "https://localhost", "https://[2001:db8::1]"} {
		if _, err := https.New(https.Options{Public: public(t, text)}); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "full name") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := https.New(https.Options{Public: public(t, "https://"+name), Directory: "http://a.example"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a directory over plain http: %v", err)
	}
}

func TestPortsServePagesAndEnd(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a page") })
	fetch := func(addr string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Do(req)
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
	secure, plain, dead := listen(t), listen(t), listen(t)
	_, _, _ = secure.Close(), plain.Close(), dead.Close() // free ports, as far as can be known
	o := https.Options{Folder: t.TempDir(), Directory: "https://" + dead.Addr().String(), Log: slog.New(slog.DiscardHandler)}
	for _, tt := range []struct {
		name   string
		mode   https.Mode
		health string
	}{
		{"TLS is somebody else's", https.Off, secure.Addr().String()},
		{"TLS is ours, and health is asked on the plain port", https.ACME, plain.Addr().String()},
	} {
		ports, err := https.Open("https://"+name, tt.mode, secure.Addr().String(), plain.Addr().String(), o)
		if err != nil {
			t.Fatal(err)
		}
		var running sync.WaitGroup
		failed := make(chan error, 2)
		ports.Serve(t.Context(), handler, &running, failed)
		if got := fetch(tt.health); got != "a page" {
			t.Errorf("%s: %q", tt.name, got)
		}
		if _, err := https.Open("", https.Off, ports.Addr(), "", o); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "DAYMARK_ADDR") {
			t.Errorf("%s: a second server on the port: %v", tt.name, err)
		}
		if err := ports.Shutdown(t.Context()); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		running.Wait()
		if len(failed) > 0 {
			t.Errorf("%s: %v", tt.name, <-failed)
		}
	}
}
