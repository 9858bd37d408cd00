// Package session makes one call at a time for one account of X.
//
// It holds what all calls share: the four keys, dghubble/oauth1 that signs with them, the reading of an answer with a limit,
// and the table that turns X's refusals, of both shapes, into one of the contract's kinds. Requests go to the account's
// address, so that a sandbox is reached like X itself. It does not know what a call is for, but must be told whether it can
// leave something public behind.
package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dghubble/oauth1"

	"daymark/internal/platform"
	"daymark/internal/wire"
)

// Address is where X's API is (https://docs.x.com/x-api/introduction).
const Address = "https://api.x.com"

// Options are what a connector needs from the outside.
type Options struct {
	HTTP      *http.Client                                     // from [wire.NewClient]
	Now       func() time.Time                                 // the clock that attempts are dated by
	Wall      func() time.Time                                 // the machine's own clock, which signatures carry; to tell how wrong it is. Now when nil
	Sleep     func(ctx context.Context, d time.Duration) error // waits in real time, or until ctx ends
	UserAgent string
	Seen      func(channel int64, rate platform.Rate) // told the rate limits that each answer carries; may be nil
}

// Session is the use of one account by one goroutine.
type Session struct {
	Options
	Account platform.Account
	Keys    Credentials
	base    *url.URL
	signed  http.RoundTripper
	plain   http.RoundTripper
}

// Open returns a session for the account.
func Open(o Options, account platform.Account) (*Session, error) {
	keys, err := ReadCredentials(account.Secret)
	if err != nil {
		return nil, err
	}
	s, err := Unsigned(o, account.Address)
	if err != nil {
		return nil, err
	}
	s.Account, s.Keys = account, keys
	s.Account.Address = s.base.String()
	under := context.WithValue(context.Background(), oauth1.HTTPClient, &http.Client{Transport: s.plain})
	s.signed = oauth1.NewClient(under, oauth1.NewConfig(keys.ConsumerKey, keys.ConsumerSecret), oauth1.NewToken(keys.AccessToken, keys.AccessSecret)).Transport
	return s, nil
}

// Unsigned returns a session that belongs to no account yet, for the steps of connecting one.
func Unsigned(o Options, address string) (*Session, error) {
	if address == "" {
		address = Address
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" {
		return nil, &platform.Permanent{Code: "bad_address", Say: "The address of X's API is not that of a server. Write it like " + Address + "."}
	}
	if o.Wall == nil {
		o.Wall = o.Now
	}
	return &Session{Options: o, base: base, plain: o.HTTP.Transport, signed: o.HTTP.Transport}, nil
}

// Effect says whether a call can leave something public behind.
type Effect bool

// The two effects.
const (
	Harmless     Effect = false
	Irreversible Effect = true
)

// Call is one request and what its answer's head said.
type Call struct {
	Effect   Effect
	Bodiless bool // a success may have no body

	Status int // of the answer; 0 when none came
	Rate   platform.Rate
	Date   time.Time // X's clock

	header http.Header
	body   []byte
	failed error // why no whole answer came
}

// Gone reports whether the answer said that the thing asked for is not there.
func (c *Call) Gone() bool { return c.Status == http.StatusNotFound || c.Status == http.StatusGone }

// witness is the round tripper that makes one call: it leads it to the account's address, reads the whole answer and keeps
// it, because a library above may misread or drop it.
type witness struct {
	s    *Session
	ctx  context.Context //nolint:containedctx // the libraries above have no context of their own; a witness lives for one call
	call *Call
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(w.ctx)
	out.URL.Scheme, out.URL.Host, out.Host = w.s.base.Scheme, w.s.base.Host, w.s.base.Host
	out.Header.Set("User-Agent", w.s.UserAgent)
	out.GetBody = nil // nothing is ever sent twice by itself
	resp, err := w.next.RoundTrip(out)
	if err != nil {
		w.call.failed = err
		return nil, err
	}
	w.call.Status, w.call.header = resp.StatusCode, resp.Header
	w.call.Rate = rateOf(resp.Header)
	w.call.Date, _ = http.ParseTime(resp.Header.Get("Date"))
	w.call.body, w.call.failed = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if w.call.failed != nil {
		return nil, w.call.failed
	}
	resp.Body = io.NopCloser(bytes.NewReader(w.call.body))
	return resp, nil
}

// Through makes one call with a library that is given a client. What the library says counts for nothing unless the answer
// was whole and a success: go-twitter takes some refusals for successes.
func (s *Session) Through(ctx context.Context, c *Call, f func(client *http.Client) error) error {
	err := s.through(ctx, c, s.signed, f)
	if err == nil && !c.Bodiless && !json.Valid(c.body) { // go-twitter reads nothing out of a 204, whatever it holds
		err = s.broken(c, errors.New("the answer is not JSON"), wire.MaybeSent)
	}
	return err
}

// ThroughUnsigned is Through without the account's signature, for a library that signs by itself.
func (s *Session) ThroughUnsigned(ctx context.Context, c *Call, f func(client *http.Client) error) error {
	return s.through(ctx, c, s.plain, f)
}

func (s *Session) through(ctx context.Context, c *Call, next http.RoundTripper, f func(client *http.Client) error) error {
	ctx, probe := wire.Watch(ctx)
	w := &witness{s: s, ctx: ctx, call: c, next: next}
	err := f(&http.Client{Transport: w, CheckRedirect: s.HTTP.CheckRedirect, Timeout: s.HTTP.Timeout})
	if c.Rate.Limit > 0 && s.Seen != nil {
		s.Seen(s.Account.Channel, c.Rate)
	}
	if err == nil && c.failed != nil {
		err = c.failed
	}
	if c.Status != 0 && c.failed == nil && (c.Status < 200 || c.Status > 299) {
		return s.refused(c, err)
	}
	if err != nil {
		return s.broken(c, err, probe.Failure())
	}
	return nil
}

// Do makes one call of version 2 and reads its answer into out.
func (s *Session) Do(ctx context.Context, c *Call, method, path string, query url.Values, body io.Reader, kind string, out any) error {
	return s.Through(ctx, c, func(client *http.Client) error {
		u := url.URL{Scheme: s.base.Scheme, Host: s.base.Host, Path: path, RawQuery: query.Encode()}
		req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
		if err != nil {
			return err
		}
		if kind != "" {
			req.Header.Set("Content-Type", kind)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		_ = resp.Body.Close() // the witness has read it
		if c.Status < 200 || c.Status > 299 {
			return nil
		}
		if c.Bodiless && len(c.body) == 0 {
			return nil
		}
		if err := json.Unmarshal(c.body, out); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		return nil
	})
}

// Get reads a path into out.
func (s *Session) Get(ctx context.Context, c *Call, path string, query url.Values, out any) error {
	return s.Do(ctx, c, http.MethodGet, path, query, nil, "", out)
}

// Post sends JSON to a path.
func (s *Session) Post(ctx context.Context, c *Call, path string, body, out any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	return s.Do(ctx, c, http.MethodPost, path, nil, bytes.NewReader(b), "application/json", out)
}

// Upload sends a file with fields to a path, as multipart/form-data. The signature does not cover such a body (RFC 5849
// section 3.4.1.3.1), which is what X expects.
func (s *Session) Upload(ctx context.Context, c *Call, path, mimeType string, fields map[string]string, file []byte, out any) error {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			return fmt.Errorf("write the form: %w", err)
		}
	}
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="media"; filename="picture"`},
		"Content-Type":        {mimeType},
	})
	if err != nil {
		return fmt.Errorf("write the form: %w", err)
	}
	_, _ = part.Write(file) // a buffer never fails to be written to
	if err := form.Close(); err != nil {
		return fmt.Errorf("write the form: %w", err)
	}
	return s.Do(ctx, c, http.MethodPost, path, nil, &b, form.FormDataContentType(), out)
}

// rateOf reads the rate-limit headers; the reset is in Unix seconds
// (https://docs.x.com/x-api/fundamentals/rate-limits).
func rateOf(h http.Header) platform.Rate {
	limit, err := strconv.Atoi(h.Get("x-rate-limit-limit"))
	if err != nil {
		return platform.Rate{}
	}
	remaining, _ := strconv.Atoi(h.Get("x-rate-limit-remaining"))
	return platform.Rate{Limit: limit, Remaining: remaining, Reset: unix(h.Get("x-rate-limit-reset"))}
}

// unix reads an instant in Unix seconds; the zero instant when it is none.
func unix(raw string) time.Time {
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
