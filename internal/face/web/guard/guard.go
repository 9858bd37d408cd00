// Package guard keeps browsers strict and passwords off open networks: response headers, the names Daymark answers to, from where a
// visitor comes, and from where somebody may log in.
//
// It decides by the request alone; it knows no people and no sessions.
package guard

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Guard knows how people reach Daymark.
type Guard struct {
	Public  *url.URL       // the address people use, from [ParsePublic]; its scheme decides
	Proxies []netip.Prefix // proxies whose word is believed about who visits and how
}

// Secure reports whether people come over https.
func (g Guard) Secure() bool { return g.Public.Scheme == "https" }

// policy lets a page load only what Daymark itself serves, run no inline script or style, and be framed by nobody.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// unused are the powers of a browser that no page needs.
const unused = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()"

// Headers puts the headers on that tell a browser to be strict (https://owasp.org/www-project-secure-headers/, looked at in
// November 2026). Strict-Transport-Security names this host only: what else the charity has below its domain is not ours.
func (g Guard) Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", unused)
		if g.Secure() {
			h.Set("Content-Security-Policy", policy+"; upgrade-insecure-requests")
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// MayLogIn reports whether a password may be typed here. Where people come over https it may when this request did, or when it
// comes from this machine itself. On plain http it may only from this machine: from a loopback address under a loopback name
// (another name would be a site that had its own name point here), or through a trusted proxy that is itself reached on this
// machine.
func (g Guard) MayLogIn(r *http.Request) bool {
	v := g.Visit(r)
	switch {
	case g.Secure():
		return v.Secure || v.Local
	case v.Local:
		return loopbackName(r.Host)
	}
	return v.Proxied && g.public(r.Host) && loopbackName(g.Public.Host)
}

// Answers reports whether the request is for a name that Daymark answers to: the public one, or, where people come over plain
// http, any name of this machine. Another name is somebody's own that they had point here, or a mistyped address; nothing is
// made of it.
func (g Guard) Answers(r *http.Request) bool {
	return g.public(r.Host) || !g.Secure() && loopbackName(r.Host)
}

// Upgrade returns the address at the public name to go to instead, where a trusted proxy says that the visitor came over plain
// http though people come over https.
func (g Guard) Upgrade(r *http.Request) (string, bool) {
	v := g.Visit(r)
	if !g.Secure() || !v.Plain || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return "", false
	}
	return g.At(r.URL), true
}

// At returns the public address of a path and its query.
func (g Guard) At(u *url.URL) string {
	path := "/" + strings.TrimLeft(u.EscapedPath(), "/\\")
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return strings.TrimSuffix(g.Public.String(), "/") + path
}

// public reports whether a host is the public one; a port that goes without saying may be said.
func (g Guard) public(host string) bool {
	return g.Public.Host != "" && normal(g.Public.Scheme, host) == g.Public.Host
}
