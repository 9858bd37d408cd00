// Package xrpc makes one call at a time to a server of the AT protocol.
//
// It holds what all calls share: the form of requests and answers (https://atproto.com/specs/xrpc), the limits that answers carry,
// and the table that turns a refusal into one of the contract's kinds. It does not know what a call is for, but must be told
// whether it can leave something public behind. It never waits and never sends anything twice.
package xrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"daymark/internal/platform"
	"daymark/internal/wire"
)

// Options are what calls need from the outside.
type Options struct {
	HTTP      *http.Client     // from [wire.NewClient]
	Now       func() time.Time // the clock that attempts are dated by
	UserAgent string
	Seen      func(channel int64, rate platform.Rate) // told the rate limits that each answer carries; may be nil
}

// Client calls one server.
type Client struct {
	Options
	Address string // base URL of the server
	Token   string // sent with calls that ask for it
	Channel int64
	Secrets []string // what must never show in an error; Token need not be among them
}

// Effect says whether a call can leave something public behind.
type Effect bool

// The two effects.
const (
	Harmless     Effect = false
	Irreversible Effect = true
)

// Call is one call and, once it was made, what came back beside the answer.
type Call struct {
	Name   string     // of the method, such as "com.atproto.repo.createRecord"
	Query  url.Values // of a query
	Body   any        // of a procedure: JSON, or bytes when Type is set; nil for none
	Type   string     // of a body of bytes
	Post   bool       // a procedure rather than a query
	Bare   bool       // sent without the token
	Effect Effect
	Out    any // the answer is decoded into it, unless nil

	Status int       // of the answer; 0 when none came
	Error  string    // the name of a refusal, such as "RecordNotFound"
	Date   time.Time // the server's clock; zero when it does not say
}

// Gone reports whether the server said that it does not have the record asked for.
func (c *Call) Gone() bool { return c.Status == http.StatusBadRequest && c.Error == "RecordNotFound" }

// errNotOurs says that an answer is not what the protocol has.
var errNotOurs = errors.New("the answer is not that of the protocol")

// Do makes the call. Its error is one of the contract's kinds.
func (c *Client) Do(ctx context.Context, call *Call) error {
	ctx, probe := wire.Watch(ctx)
	err := c.send(ctx, call)
	if err == nil {
		return nil
	}
	return c.classify(err, call, probe.Failure())
}

// send makes the call and returns what went wrong as it is.
func (c *Client) send(ctx context.Context, call *Call) error {
	req, err := c.request(ctx, call)
	if err != nil {
		return err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	call.Status = resp.StatusCode
	call.Date, _ = http.ParseTime(resp.Header.Get("Date"))
	if rate, ok := rateOf(resp.Header); ok && c.Seen != nil {
		c.Seen(c.Channel, rate)
	}
	body, readErr := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		refused := &refusedError{status: resp.StatusCode, until: untilOf(resp.Header, c.Now())}
		refused.name, refused.said = readRefusal(body)
		call.Error = refused.name
		return refused
	}
	if readErr != nil {
		return readErr
	}
	if call.Out == nil {
		return nil
	}
	if err := json.Unmarshal(body, call.Out); err != nil {
		return fmt.Errorf("%w: %w", errNotOurs, err)
	}
	return nil
}

// request puts a call into its HTTP form.
func (c *Client) request(ctx context.Context, call *Call) (*http.Request, error) {
	u, err := url.Parse(c.Address)
	if err != nil {
		return nil, err
	}
	u = u.JoinPath("xrpc", call.Name)
	u.RawQuery = call.Query.Encode()
	method, kind := http.MethodGet, call.Type
	var body io.Reader
	if call.Post {
		method = http.MethodPost
	}
	switch b := call.Body.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		body, kind = bytes.NewReader(encoded), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.UserAgent)
	req.Header.Set("Accept", "application/json")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if !call.Bare && c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	return req, nil
}

// refusedError is a complete answer that is no success.
type refusedError struct {
	status int
	name   string // of the error, as the method's lexicon has it; empty when the answer is of another form
	said   string
	until  time.Time // for 429
}

// Error names the refusal.
func (e *refusedError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", e.status, e.name, e.said))
}

// readRefusal reads the body of an answer that is no success (https://atproto.com/specs/xrpc#error-responses). A page or nothing at
// all has no name.
func readRefusal(body []byte) (name, said string) {
	var refusal struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return "", ""
	}
	return refusal.Error, refusal.Message
}

// rateOf reads the limits that an answer carries. The reset is in Unix seconds
// (https://docs.bsky.app/docs/advanced-guides/rate-limits).
func rateOf(h http.Header) (platform.Rate, bool) {
	limit, err := strconv.Atoi(h.Get("RateLimit-Limit"))
	if err != nil {
		return platform.Rate{}, false
	}
	remaining, _ := strconv.Atoi(h.Get("RateLimit-Remaining"))
	rate := platform.Rate{Limit: limit, Remaining: remaining}
	if reset, err := strconv.ParseInt(h.Get("RateLimit-Reset"), 10, 64); err == nil && reset > 0 {
		rate.Reset = time.Unix(reset, 0).UTC()
	}
	return rate, true
}

// untilOf returns when to call again after a 429: the reset, Retry-After, or five minutes, the shortest of the network's
// intervals. Nothing beyond an hour is believed, so that a server's wrong clock cannot silence a channel for a day.
func untilOf(h http.Header, now time.Time) time.Time {
	rate, _ := rateOf(h)
	until := rate.Reset
	if until.IsZero() {
		if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil {
			until = now.Add(time.Duration(min(max(s, 0), 86400)) * time.Second)
		} else if t, err := http.ParseTime(h.Get("Retry-After")); err == nil {
			until = t
		}
	}
	switch limit := now.Add(time.Hour); {
	case until.IsZero():
		until = now.Add(5 * time.Minute)
	case until.Before(now):
		until = now.Add(time.Second)
	case until.After(limit):
		until = limit
	}
	return until.UTC()
}
