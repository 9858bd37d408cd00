// Package sandbox is the ground the sandbox servers stand on: it says which networks have one and opens their listeners on
// the loopback interface only.
//
// A sandbox is a local server that speaks a network's protocol, keeps state and refuses what the network refuses. It lets a
// rehearsal, the demo and the tests run whole without an account and without leaving this machine. Each network's server
// is a package below this one; audience reacts to statuses and mischief makes servers misbehave on request. A sandbox
// shares no code with the connector it is there to test.
package sandbox

import (
	"fmt"
	"net"
	"net/netip"
)

// Network is a network that has a sandbox server.
type Network struct {
	Name     string // the name a channel uses for the network
	Title    string // the name people know it by
	Protocol string // what the server speaks
}

// Networks returns the networks that have a sandbox server.
func Networks() []Network {
	return []Network{
		{Name: "mastodon", Title: "Mastodon", Protocol: "Mastodon client API, version 4"},
		{Name: "bluesky", Title: "Bluesky", Protocol: "AT protocol: PDS, AppView and PLC directory"},
		{Name: "x", Title: "X", Protocol: "X API, versions 2 and 1.1"},
	}
}

// Listen opens a TCP listener on a loopback address, such as 127.0.0.1:0 or [::1]:4040. It refuses every other address, a
// name and an empty host included: a sandbox must never be met from another machine.
func Listen(addr string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, fmt.Errorf("sandbox address %q: write it as 127.0.0.1:port: %w", addr, err)
	}
	if !at.Addr().IsLoopback() {
		return nil, fmt.Errorf("sandbox address %q is not on the loopback interface: a sandbox listens on 127.0.0.1 or ::1 only", addr)
	}
	l, err := net.Listen("tcp", at.String()) //nolint:noctx // opening a local listener does not wait
	if err != nil {
		return nil, fmt.Errorf("listen on sandbox address %s: %w", addr, err)
	}
	return l, nil
}

// FromHere reports whether a request's remote address is on the loopback interface.
func FromHere(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	return err == nil && at.Addr().Unmap().IsLoopback()
}
