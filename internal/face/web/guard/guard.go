// Package guard keeps browsers strict and passwords off open networks: response headers, and from where somebody may log in.
//
// It decides by the request alone; it knows no people and no sessions.
package guard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
)

// Guard knows how people reach Daymark.
type Guard struct {
	Public  *url.URL       // the address people use; its scheme decides
	Proxies []netip.Prefix // proxies whose word is believed that a visitor came through Public
}

// Secure reports whether people come over https.
func (g Guard) Secure() bool { return g.Public.Scheme == "https" }

// policy lets a page load only what Daymark itself serves, run no inline script or style, and be framed by nobody.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Headers puts the headers on that tell a browser to be strict.
func (g Guard) Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		if g.Secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// MayLogIn reports whether a password may be typed here. Over https it may. On plain http it may only from this machine:
// from a loopback address under a loopback name (another name would be a site that had its own name point here), or
// through a trusted proxy that is itself reached on this machine.
func (g Guard) MayLogIn(r *http.Request) bool {
	if g.Secure() {
		return true
	}
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	from := address.Addr().Unmap()
	if from.IsLoopback() {
		return loopbackName(r.Host)
	}
	if r.Host != g.Public.Host || !loopbackName(g.Public.Host) {
		return false
	}
	for _, p := range g.Proxies {
		if p.Contains(from) {
			return true
		}
	}
	return false
}

// loopbackName reports whether a host, with or without a port, names this machine.
func loopbackName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(trimBrackets(host))
	return err == nil && ip.IsLoopback()
}

func trimBrackets(host string) string {
	if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}
