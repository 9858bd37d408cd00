// Package https gets certificates from an authority that speaks ACME (RFC 8555), keeps them in the data folder, renews them, and
// leads visitors of plain http to https.
//
// It proves that the name is ours by whichever way the authority asks and the ports allow: TLS-ALPN-01 (RFC 8737) on the port of
// the pages, HTTP-01 on the plain one. [Ports] are both of them. It knows no pages; x/crypto/acme/autocert does the talking.
package https

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/guard"
)

// Mode says whether Daymark gets certificates itself.
type Mode string

// The modes. Auto gets them where the public address begins with https and Daymark listens on the port people come to.
const (
	Auto Mode = "auto"
	ACME Mode = "acme"
	Off  Mode = "off"
)

// Ours reports whether TLS is Daymark's own business, from the mode, the public address and where Daymark listens.
func Ours(mode Mode, public *url.URL, listen string) bool {
	if public.Scheme != "https" || mode == Off {
		return false
	}
	_, port, err := net.SplitHostPort(listen)
	people := public.Port()
	if people == "" {
		people = guard.Port(public.Scheme)
	}
	return mode == ACME || err == nil && port == people
}

// Options are what getting certificates needs.
type Options struct {
	Public    *url.URL     // the public address
	Folder    string       // the data folder; account key and certificates lie in "certificates" below it, readable by the owner only
	Email     string       // whom the authority may write to; may be empty
	Directory string       // the authority's directory; empty is Let's Encrypt's
	Client    *http.Client // how to reach the authority; nil for a plain one
	Log       *slog.Logger
}

// Certificates gets, keeps and renews the certificate of the public name.
type Certificates struct {
	manager *autocert.Manager
	guard   guard.Guard
	log     *slog.Logger
}

// authorityTime bounds one request to the authority.
const authorityTime = 30 * time.Second

// New prepares getting certificates. It asks nobody yet.
func New(o Options) (*Certificates, error) {
	name := o.Public.Hostname()
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") {
		return nil, fault.New(fault.Invalid, "Nobody gives a certificate for %q: DAYMARK_PUBLIC_URL needs a full name such as https://daymark.example.org. Behind a proxy that does TLS, set DAYMARK_TLS=off.", name)
	}
	if o.Directory == "" {
		o.Directory = autocert.DefaultACMEDirectory
	}
	if u, err := url.Parse(o.Directory); err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fault.BadField("DAYMARK_ACME_DIRECTORY", "%q is no address of an authority's directory; one begins with https://", o.Directory)
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: authorityTime}
	}
	return &Certificates{
		manager: &autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(name), Email: o.Email,
			Cache:  autocert.DirCache(filepath.Join(o.Folder, "certificates")),
			Client: &acme.Client{DirectoryURL: o.Directory, HTTPClient: o.Client, UserAgent: "daymark"},
		},
		guard: guard.Guard{Public: o.Public}, log: o.Log,
	}, nil
}

// TLS returns the settings of the port of the pages. Handshakes for other names fail.
func (c *Certificates) TLS() *tls.Config {
	config := c.manager.TLSConfig()
	config.MinVersion = tls.VersionTLS12
	return config
}

// Fetch gets the certificate ahead of the first visitor, when the ports are open. A failure is logged: the next visit tries again.
func (c *Certificates) Fetch(ctx context.Context) {
	got := make(chan error, 1)
	go func() {
		_, err := c.manager.GetCertificate(&tls.ClientHelloInfo{
			ServerName: c.guard.Public.Hostname(), CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		})
		got <- err
	}()
	select {
	case <-ctx.Done():
	case err := <-got:
		if err != nil {
			c.log.WarnContext(ctx, "no certificate yet; the authority is asked again at the next visit", "name", c.guard.Public.Hostname(), "err", err)
			return
		}
		c.log.InfoContext(ctx, "the certificate is there", "name", c.guard.Public.Hostname())
	}
}

// Plain answers on the plain port: the authority's questions, whoever asks for health, and everybody else with the way to https.
// Where to does not depend on the name that was asked for. A form is refused: what was typed went over an open line, and sending it
// on would hide that.
func (c *Certificates) Plain(health http.Handler) http.Handler {
	return c.manager.HTTPHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			http.Error(w, "Use "+c.guard.Public.String()+" instead. What you sent was not encrypted, and nothing was done with it.", http.StatusForbidden)
		case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
			health.ServeHTTP(w, r)
		default:
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, c.guard.At(r.URL), http.StatusPermanentRedirect)
		}
	}))
}
