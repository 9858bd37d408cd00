package wire_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/wire"
)

// names is a resolver that answers from a list, one answer after the other, staying on the last.
type names struct {
	answers [][]netip.Addr
	asked   atomic.Int32
}

func (n *names) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	i := int(n.asked.Add(1)) - 1
	return append([]netip.Addr(nil), n.answers[min(i, len(n.answers)-1)]...), nil
}

func addrs(ss ...string) []netip.Addr {
	var out []netip.Addr
	for _, s := range ss {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

func get(t *testing.T, c *http.Client, address string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err == nil {
		t.Cleanup(func() { _ = resp.Body.Close() })
	}
	return resp, err
}

func TestAddressesThatAreNotPublicAreRefused(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255",
		"224.0.0.1", "198.18.0.1", "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]",
		"[2002:a00:1::]", "[2001:db8::1]", "[ff02::1]",
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			dialled := func(context.Context, string, string) (net.Conn, error) {
				t.Error("a connection was tried")
				return nil, errors.New("no")
			}
			_, err := get(t, wire.NewClient(wire.Options{Dial: dialled}), "https://"+host+"/")
			if e, ok := errors.AsType[*wire.BlockedError](err); !ok {
				t.Errorf("literal: got %v", err)
			} else if !strings.Contains(e.Error(), "public internet") {
				t.Errorf("literal: %v", e)
			}
			resolver := &names{answers: [][]netip.Addr{addrs("93.184.215.14", strings.Trim(host, "[]"))}}
			_, err = get(t, wire.NewClient(wire.Options{Dial: dialled, Resolver: resolver}), "https://server.example/")
			if _, ok := errors.AsType[*wire.BlockedError](err); !ok {
				t.Errorf("name: got %v", err)
			}
		})
	}
}

func TestPublicAddressesAreConnectedTo(t *testing.T) {
	t.Parallel()
	for _, ip := range []string{"93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "1.1.1.1"} {
		var tried string
		c := wire.NewClient(wire.Options{
			Resolver: &names{answers: [][]netip.Addr{addrs(ip)}},
			Dial: func(_ context.Context, _, address string) (net.Conn, error) {
				tried = address
				return nil, errors.New("no network here")
			},
		})
		if _, err := get(t, c, "https://server.example/"); err == nil {
			t.Error("no error")
		}
		if want := net.JoinHostPort(ip, "443"); tried != want {
			t.Errorf("tried %q, want %q", tried, want)
		}
	}
}

func TestANameThatChangesBetweenCheckAndUseGainsNothing(t *testing.T) {
	t.Parallel()
	resolver := &names{answers: [][]netip.Addr{addrs("93.184.215.14"), addrs("127.0.0.1")}}
	var tried []string
	c := wire.NewClient(wire.Options{Resolver: resolver, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		tried = append(tried, address)
		return nil, errors.New("no network here")
	}})
	if _, err := get(t, c, "https://rebind.example/"); err == nil {
		t.Error("no error")
	}
	if _, err := get(t, c, "https://rebind.example/"); err == nil {
		t.Error("no error")
	} else if _, ok := errors.AsType[*wire.BlockedError](err); !ok {
		t.Errorf("second call: %v", err)
	}
	if len(tried) != 1 || tried[0] != "93.184.215.14:443" {
		t.Errorf("tried %q, want only the address that was checked", tried)
	}
}

func TestAnAllowedHostMayBePrivateAndPlainAndOnlyAtItsPort(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(srv.Close)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	c := wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String()}})
	resp, err := get(t, c, srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(resp.Body); string(b) != "hello" {
		t.Errorf("got %q", b)
	}
	if _, err := get(t, c, other.URL); err == nil {
		t.Error("another port was reached")
	}
	if _, err := get(t, c, "http://93.184.215.14/"); err == nil || !strings.Contains(err.Error(), "only https") {
		t.Errorf("plain http: %v", err)
	}
}

func TestTheCertificateIsCheckedAgainstTheNameNotTheAddress(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	client := func() *http.Client {
		return wire.NewClient(wire.Options{
			TLS:      &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			Resolver: &names{answers: [][]netip.Addr{addrs("93.184.215.14")}},
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
			},
		})
	}
	if _, err := get(t, client(), "https://example.com/"); err != nil { // httptest's certificate names example.com
		t.Errorf("its own name: %v", err)
	}
	if _, err := get(t, client(), "https://other.example/"); err == nil {
		t.Error("another name was accepted")
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was called") }))
	t.Cleanup(other.Close)
	mux := http.NewServeMux()
	mux.Handle("/away", http.RedirectHandler(other.URL+"/", http.StatusFound))
	mux.Handle("/near", http.RedirectHandler("/here", http.StatusFound))
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	mux.HandleFunc("GET /here", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	c := wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String(), other.Listener.Addr().String()}})

	if _, err := get(t, c, srv.URL+"/away"); err == nil {
		t.Error("away: followed")
	} else if _, ok := errors.AsType[*wire.RedirectError](err); !ok {
		t.Errorf("away: %v", err)
	}
	if resp, err := get(t, c, srv.URL+"/near"); err != nil || resp.Request.URL.Path != "/here" {
		t.Errorf("near: %v", err)
	}
	if _, err := get(t, c, srv.URL+"/loop"); err == nil {
		t.Error("loop: no error")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/near", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		t.Errorf("a redirected POST came back as %d, want the redirect itself", resp.StatusCode)
	}
}

func TestAnAnswerIsReadUpToTheLimitAndNoFurther(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", len(r.URL.Path)-1))
	}))
	t.Cleanup(srv.Close)
	c := wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String()}, MaxBody: 10})
	for n, fits := range map[int]bool{0: true, 9: true, 10: true, 11: false, 100: false} {
		resp, err := get(t, c, srv.URL+"/"+strings.Repeat("p", n))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		if fits && (err != nil || len(b) != n) {
			t.Errorf("%d bytes: read %d, %v", n, len(b), err)
		}
		if _, ok := errors.AsType[*wire.TooLargeError](err); !fits && (!ok || len(b) > 10) {
			t.Errorf("%d bytes: read %d, %v", n, len(b), err)
		}
	}
}

func TestTheEnvironmentsProxyIsNotUsed(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.IsAbs() {
			t.Error("the call came through the proxy")
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	c := wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String()}})
	if _, err := get(t, c, srv.URL); err != nil {
		t.Error(err)
	}
}

func TestAnExplicitProxyIsUsed(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "through the proxy to "+r.URL.Host)
	}))
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := wire.NewClient(wire.Options{Proxy: u, Allow: []string{"inner.example:80"}})
	resp, err := get(t, c, "http://inner.example/")
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(resp.Body); string(b) != "through the proxy to inner.example" {
		t.Errorf("got %q", b)
	}
	if _, err := get(t, c, "https://10.0.0.1/"); err == nil || !strings.Contains(err.Error(), "public internet") {
		t.Errorf("a private literal address through the proxy: %v", err)
	}
}

func TestASilentServerIsGivenUpOn(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(release) })
	c := wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String()}, Timeout: 50 * time.Millisecond})
	ctx, probe := wire.Watch(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := c.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Error("no error")
	}
	if got := probe.Failure(); got != wire.MaybeSent {
		t.Errorf("Failure = %v, want maybe_sent", got)
	}
}
