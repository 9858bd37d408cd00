package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// BlockedError says that an address was refused before anything was sent to it.
type BlockedError struct {
	Host string // host:port as it was asked for
	Why  string
}

// Error says which host was refused and why.
func (e *BlockedError) Error() string { return fmt.Sprintf("%s is refused: %s", e.Host, e.Why) }

// blocked are the ranges that are not the public internet.
// https://www.iana.org/assignments/iana-ipv4-special-registry and
// https://www.iana.org/assignments/iana-ipv6-special-registry
var blocked = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("10.0.0.0/8"),      // private use
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // link-local, where clouds keep their metadata
	netip.MustParsePrefix("172.16.0.0/12"),   // private use
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),  // private use
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/4"),     // multicast
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4, which can carry any IPv4 address
	netip.MustParsePrefix("3fff::/20"),       // documentation
}

// globalUnicast6 is the only part of IPv6 given out to the public internet (RFC 4291 and the IANA registry); all else, such
// as ::1, fc00::/7, fe80::/10 and 64:ff9b::/96, is refused.
var globalUnicast6 = netip.MustParsePrefix("2000::/3")

// public reports whether an address is on the public internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.Is6() && !globalUnicast6.Contains(a) {
		return false
	}
	for _, p := range blocked {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsValid()
}

// guard decides which addresses may be connected to.
type guard struct {
	allow       map[string]bool
	resolver    Resolver
	connect     func(ctx context.Context, network, address string) (net.Conn, error)
	dialTimeout time.Duration
}

// newGuard returns the guard for the options.
func newGuard(o Options) *guard {
	g := &guard{
		allow:       map[string]bool{},
		resolver:    o.Resolver,
		connect:     o.Dial,
		dialTimeout: o.DialTimeout,
	}
	for _, a := range o.Allow {
		g.allow[strings.ToLower(a)] = true
	}
	if o.Proxy != nil {
		g.allow[hostPort(o.Proxy)] = true
	}
	if g.resolver == nil {
		g.resolver = net.DefaultResolver
	}
	if g.connect == nil {
		g.connect = (&net.Dialer{}).DialContext
	}
	return g
}

// checkURL refuses what can be refused before a name is resolved.
func (g *guard) checkURL(u *url.URL) error {
	at := hostPort(u)
	if g.allow[at] {
		return nil
	}
	if u.Scheme != "https" {
		return &BlockedError{Host: at, Why: "only https is spoken to hosts that the operator has not allowed"}
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !public(a) {
		return &BlockedError{Host: at, Why: "it is not on the public internet"}
	}
	return nil
}

// dial resolves the host, refuses the whole name when one of its addresses is not public, and connects to an address that
// it has seen itself. The name is not looked up again, so that an answer which changes between check and use (DNS
// rebinding) gains nothing.
func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	addrs, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	if !g.allow[strings.ToLower(address)] {
		for _, a := range addrs {
			if !public(a) {
				return nil, &BlockedError{Host: address, Why: "it is not on the public internet"}
			}
		}
	}
	var errs []error
	for _, a := range addrs {
		conn, err := g.connectTo(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// connectTo tries one address.
func (g *guard) connectTo(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, g.dialTimeout)
	defer cancel()
	return g.connect(ctx, network, address)
}

// resolve returns the addresses of a host name or literal address.
func (g *guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	addrs, err := g.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return addrs, nil
}

// hostPort returns the host and port of a URL in lower case, with the scheme's own port where none is written.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
