package guard

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"daymark/internal/core/fault"
)

// ParsePublic reads the public address: http or https, a name or an address, perhaps a port, and nothing else. Names come back in
// lower case and ASCII, without a port that goes without saying. Nothing gives the empty address, under which people come over
// plain http by the names of this machine.
func ParsePublic(text string) (*url.URL, error) {
	if text == "" {
		return &url.URL{Scheme: "http"}, nil
	}
	refuse := func(why string) error {
		return fault.New(fault.Invalid, "The public address %q (DAYMARK_PUBLIC_URL) %s; write it as https://daymark.example.org", text, why)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, refuse("cannot be read")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, refuse("does not begin with https:// or http://")
	case u.Hostname() == "":
		return nil, refuse("names no host")
	case u.User != nil:
		return nil, refuse("holds a name or a password")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, refuse("goes on after the name: Daymark answers at the top of a name of its own")
	case strings.HasPrefix(u.Hostname(), "*"):
		return nil, refuse("is a pattern")
	}
	host := normal(u.Scheme, u.Host)
	if host == "" {
		return nil, refuse("holds a name that no computer has")
	}
	return &url.URL{Scheme: u.Scheme, Host: host}, nil
}

// normal writes a host as [ParsePublic] does; one that is none gives nothing.
func normal(scheme, host string) string {
	name, port := host, ""
	if h, p, err := net.SplitHostPort(host); err == nil {
		name, port = h, p
	}
	name = trimBrackets(name)
	if ip, err := netip.ParseAddr(name); err == nil {
		name = ip.String()
		if ip.Is6() {
			name = "[" + name + "]"
		}
	} else {
		ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(name, "."))
		if err != nil || ascii == "" {
			return ""
		}
		name = ascii
	}
	if port == "" || port == Port(scheme) {
		return name
	}
	return name + ":" + port
}

// Port returns the port that goes without saying.
func Port(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// loopbackName reports whether a host, with or without a port, names this machine.
func loopbackName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(trimBrackets(host))
	return err == nil && ip.Unmap().IsLoopback()
}

func trimBrackets(host string) string {
	if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}
