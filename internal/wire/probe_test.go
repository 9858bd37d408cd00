package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"daymark/internal/wire"
)

// brokenConn accepts some bytes and then fails to write.
type brokenConn struct {
	net.Conn
	left int
}

func (c *brokenConn) Write(p []byte) (int, error) {
	if len(p) > c.left {
		return 0, errors.New("connection reset while writing")
	}
	c.left -= len(p)
	return len(p), nil
}

func TestWhereARequestFailedDecidesWhetherItWasSent(t *testing.T) {
	t.Parallel()
	drop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}))
	t.Cleanup(drop.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()

	tests := map[string]struct {
		address string
		dial    func(ctx context.Context, network, address string) (net.Conn, error)
		want    wire.Failure
	}{
		"nobody listens":                         {address: closed.URL, want: wire.NotSent},
		"the address is refused":                 {address: "https://127.0.0.1:1/", want: wire.NotSent},
		"the server reads it and hangs up":       {address: drop.URL, want: wire.MaybeSent},
		"the connection breaks while writing it": {address: drop.URL, dial: breaking, want: wire.NotSent},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			allow := []string{drop.Listener.Addr().String(), closed.Listener.Addr().String()}
			c := wire.NewClient(wire.Options{Allow: allow, Dial: tt.dial})
			ctx, probe := wire.Watch(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, tt.address, strings.NewReader(strings.Repeat("x", 64<<10)))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := c.Do(req)
			if err == nil {
				_ = resp.Body.Close()
				t.Fatal("no error")
			}
			if got := probe.Failure(); got != tt.want {
				t.Errorf("Failure = %v, want %v (%v)", got, tt.want, err)
			}
		})
	}
}

func breaking(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	return &brokenConn{Conn: conn, left: 8 << 10}, err
}

// TestGoReplaysAKeyedPostUnlessItCannot shows the trap that GetBody=nil avoids: net/http sends a POST that carries an
// Idempotency-Key a second time by itself when a reused connection dies (see the comment on net/http.Transport).
func TestGoReplaysAKeyedPostUnlessItCannot(t *testing.T) {
	t.Parallel()
	for name, replayable := range map[string]bool{"with a body that can be read again": true, "with GetBody nil": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var posts atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if r.Method == http.MethodGet {
					return
				}
				if posts.Add(1) == 1 {
					if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
						_ = conn.Close()
					}
				}
			}))
			t.Cleanup(srv.Close)
			c := wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String()}})
			warm, err := get(t, c, srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, warm.Body)
			_ = warm.Body.Close()

			ctx, probe := wire.Watch(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, strings.NewReader("hello"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Idempotency-Key", "k")
			if !replayable {
				req.GetBody = nil
			}
			resp, err := c.Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if want := map[bool]int32{true: 2, false: 1}[replayable]; posts.Load() != want {
				t.Errorf("the server saw %d posts, want %d (error %v)", posts.Load(), want, err)
			}
			if !replayable && (err == nil || probe.Failure() != wire.MaybeSent) {
				t.Errorf("got %v, %v; want an error that may have been sent", err, probe.Failure())
			}
		})
	}
}

func TestCleanTakesAddressesAndSecretsOutOfErrors(t *testing.T) {
	t.Parallel()
	secret := "t0k en/+="
	inner := &url.Error{Op: "Get", URL: "https://hooks.example/services/T1/B2?token=abcdef", Err: fmt.Errorf("said %q", secret)}
	err := fmt.Errorf("send: %w", &url.Error{Op: "Post", URL: "https://bot.example/bot123:AAA/send?x=\"y\"", Err: fmt.Errorf("%w, header %s: %w", inner, url.QueryEscape(secret), context.DeadlineExceeded)})
	clean := wire.Clean(err, secret)
	for _, leak := range []string{secret, url.QueryEscape(secret), "T1", "B2", "abcdef", "123:AAA", "/send"} {
		for _, text := range []string{clean.Error(), fmt.Sprintf("%v %+v %#v %q", clean, clean, clean, clean)} {
			if strings.Contains(text, leak) {
				t.Errorf("%q shows in %s", leak, text)
			}
		}
	}
	for _, keep := range []string{"https://hooks.example", "https://bot.example", "send:"} {
		if !strings.Contains(clean.Error(), keep) {
			t.Errorf("%q is missing in %s", keep, clean)
		}
	}
	if !errors.Is(clean, context.DeadlineExceeded) {
		t.Error("the cleaned error does not know the deadline any more")
	}
	if _, ok := errors.AsType[*url.Error](clean); ok {
		t.Error("the original can still be reached")
	}
	if wire.Clean(nil) != nil {
		t.Error("Clean(nil) is not nil")
	}
}
