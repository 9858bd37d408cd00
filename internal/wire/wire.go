// Package wire makes the HTTP clients that Daymark calls other people's servers with.
//
// A charity types in the address of its server, so an address is not to be trusted: [NewClient] resolves the name itself,
// refuses addresses that are not on the public internet, connects to exactly the address it checked, speaks plain HTTP
// only where the operator allowed the host, follows no redirect to another host, reads no more than a set number of bytes
// and gives up after a set time. [Watch] tells whether a failed request can have reached the server, which decides
// whether it may be sent again. [Clean] takes addresses and secrets out of errors. The package knows nothing of any
// network's protocol.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Defaults of [Options]. They are ours: long enough for a slow shared host, short enough that a lease outlives them.
const (
	DefaultTimeout     = 30 * time.Second
	DefaultDialTimeout = 5 * time.Second
	DefaultMaxBody     = 4 << 20 // forty statuses with long texts and cards stay well below
)

// Resolver looks up the addresses of a name. [net.Resolver] is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options say how a client is limited. The zero value is the strict default.
type Options struct {
	Timeout     time.Duration // for a whole call, body included; 0 means DefaultTimeout
	DialTimeout time.Duration // for each address tried; 0 means DefaultDialTimeout
	MaxBody     int64         // bytes of an answer, after decompression; 0 means DefaultMaxBody
	// Allow lists "host:port" that may be private addresses and may be spoken to without TLS: a sandbox, or a server in
	// the charity's own network, named by the operator.
	Allow []string
	// Proxy sends everything through one proxy. The environment's proxy settings are never used. The proxy resolves
	// names, so addresses behind names are then its business; literal addresses are still checked here.
	Proxy *url.URL

	Resolver Resolver    // nil means the system's
	TLS      *tls.Config // nil means the system's roots
	// Dial connects to an address that was checked; nil means the operating system's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewClient returns a client with the limits of the options.
func NewClient(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.DialTimeout == 0 {
		o.DialTimeout = DefaultDialTimeout
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	g := newGuard(o)
	t := &http.Transport{
		DialContext:            g.dial,
		TLSClientConfig:        o.TLS,
		TLSHandshakeTimeout:    o.Timeout / 2,
		ResponseHeaderTimeout:  o.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
	}
	return &http.Client{
		Timeout:       o.Timeout,
		Transport:     &limited{next: t, guard: g, maxBody: o.MaxBody},
		CheckRedirect: checkRedirect,
	}
}

// limited checks the address of each request and caps each answer.
type limited struct {
	next    *http.Transport
	guard   *guard
	maxBody int64
}

// RoundTrip implements [http.RoundTripper].
func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := l.guard.checkURL(req.URL); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &capped{body: resp.Body, left: l.maxBody, limit: l.maxBody}
	return resp, nil
}

// CloseIdleConnections closes the connections that wait for another request; [http.Client.CloseIdleConnections] calls it.
func (l *limited) CloseIdleConnections() { l.next.CloseIdleConnections() }

// TooLargeError says that an answer had more bytes than we read.
type TooLargeError struct{ Limit int64 }

// Error names the limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.Limit)
}

// capped reads a body up to a limit and fails beyond it, rather than cutting the body off unseen.
type capped struct {
	body  io.ReadCloser
	left  int64
	limit int64
}

// Read implements [io.Reader].
func (c *capped) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, &TooLargeError{Limit: c.limit}
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1] // one more than allowed tells "just fits" from "too long"
	}
	n, err := c.body.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return n - 1, &TooLargeError{Limit: c.limit}
	}
	return n, err
}

// Close implements [io.Closer].
func (c *capped) Close() error { return c.body.Close() }

// RedirectError says that a server sent us elsewhere and that we did not go.
type RedirectError struct{ From, To string }

// Error names both hosts.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("%s redirects to %s, which is another server", e.From, e.To)
}

// checkRedirect follows up to five redirects of a GET or HEAD within one host. A redirect of anything else is handed to
// the caller as it is: following it would repeat a call that may be irreversible, or turn it into a GET.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet && first.Method != http.MethodHead {
		return http.ErrUseLastResponse
	}
	if req.URL.Scheme != first.URL.Scheme || hostPort(req.URL) != hostPort(first.URL) {
		return &RedirectError{From: hostPort(first.URL), To: hostPort(req.URL)}
	}
	if len(via) >= 5 {
		return errors.New("stopped after five redirects")
	}
	return nil
}
