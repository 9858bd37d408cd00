package session

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"daymark/internal/platform"
)

// callKey is the key under which a request's context carries its call.
type callKey struct{}

// Call is what a method asks of one request beyond go-mastodon's parameters, and what the answer's headers said.
type Call struct {
	Key  string // idempotency key, for posting a status
	MIME string // the picture's type, for an upload

	Status int // of the answer; 0 when none came
	Rate   platform.Rate
	Date   time.Time // the server's clock
}

// Gone reports whether the answer said that the thing asked for is not there.
func (c *Call) Gone() bool { return c.Status == http.StatusNotFound || c.Status == http.StatusGone }

// tooManyError is a 429, returned at once. go-mastodon would sleep and repeat the call for up to three hours.
type tooManyError struct{ until time.Time }

// Error names the instant.
func (e *tooManyError) Error() string {
	return "too many calls until " + e.until.UTC().Format(time.RFC3339)
}

// door is the round tripper between go-mastodon and the wire.
type door struct {
	next http.RoundTripper
	now  func() time.Time
}

// RoundTrip implements [http.RoundTripper].
func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
	c, ok := req.Context().Value(callKey{}).(*Call)
	if !ok {
		c = &Call{}
	}
	if req.Method == http.MethodPost {
		var err error
		if req, err = d.prepare(req, c); err != nil {
			return nil, err
		}
	}
	resp, err := d.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	c.Status = resp.StatusCode
	c.Rate = rateOf(resp.Header, d.now())
	c.Date, _ = http.ParseTime(resp.Header.Get("Date"))
	if resp.StatusCode == http.StatusTooManyRequests {
		_ = resp.Body.Close()
		return nil, &tooManyError{until: untilOf(resp.Header, c.Rate, d.now())}
	}
	return resp, nil
}

// prepare returns a copy of a POST that says all it should and that net/http cannot send twice by itself: with a GetBody
// the transport repeats a POST that carries an Idempotency-Key when a reused connection dies (go doc net/http.Transport).
func (d *door) prepare(req *http.Request, c *Call) (*http.Request, error) {
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
	}
	out := req.Clone(req.Context())
	switch {
	case strings.HasSuffix(req.URL.Path, "/api/v1/statuses"):
		if c.Key != "" {
			out.Header.Set("Idempotency-Key", c.Key)
		}
		// go-mastodon leaves sensitive out when it is false, and then the account's own setting counts.
		if form, err := url.ParseQuery(string(body)); err == nil && !form.Has("sensitive") {
			form.Set("sensitive", "false")
			body = []byte(form.Encode())
		}
	case strings.HasSuffix(req.URL.Path, "/api/v2/media"):
		body = nameType(body, c.MIME)
	}
	out.Body = io.NopCloser(bytes.NewReader(body))
	out.ContentLength = int64(len(body))
	out.GetBody = nil
	return out, nil
}

// nameType gives the picture in a multipart body its type and a file name to match. go-mastodon writes
// application/octet-stream and "upload": servers that look into the file do not mind, those that trust the part's header
// would take it for a document.
func nameType(body []byte, mimeType string) []byte {
	if mimeType == "" {
		return body
	}
	name := "picture"
	if ext, ok := extensions[mimeType]; ok {
		name += ext
	}
	plain := []byte("name=\"file\"; filename=\"upload\"\r\nContent-Type: application/octet-stream\r\n")
	typed := fmt.Appendf(nil, "name=\"file\"; filename=%q\r\nContent-Type: %s\r\n", name, mime.FormatMediaType(mimeType, nil))
	return bytes.Replace(body, plain, typed, 1)
}

// extensions are the file name endings of the types that Mastodon takes as pictures.
var extensions = map[string]string{
	"image/jpeg": ".jpg",
	"image/png":  ".png",
	"image/gif":  ".gif",
	"image/webp": ".webp",
	"image/avif": ".avif",
	"image/heic": ".heic",
	"image/heif": ".heif",
}

// rateOf reads the rate-limit headers. The reset is ISO 8601 on Mastodon and GoToSocial
// (https://docs.joinmastodon.org/api/rate-limits/) and Unix seconds on some others.
func rateOf(h http.Header, now time.Time) platform.Rate {
	limit, err := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	if err != nil {
		return platform.Rate{}
	}
	remaining, _ := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	reset, _ := instant(h.Get("X-RateLimit-Reset"), now)
	return platform.Rate{Limit: limit, Remaining: remaining, Reset: reset}
}

// untilOf returns when to call again after a 429: the reset, Retry-After, or five minutes, which is Mastodon's interval.
// Nothing beyond an hour is believed, so that a server's wrong clock cannot silence a channel for a day.
func untilOf(h http.Header, rate platform.Rate, now time.Time) time.Time {
	until := rate.Reset
	if until.IsZero() {
		until, _ = instant(h.Get("X-RateLimit-Reset"), now)
	}
	if until.IsZero() {
		if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil {
			until = now.Add(time.Duration(s) * time.Second)
		} else if t, err := http.ParseTime(h.Get("Retry-After")); err == nil {
			until = t
		}
	}
	if until.IsZero() {
		until = now.Add(5 * time.Minute)
	}
	if until.Before(now) {
		until = now.Add(time.Second)
	}
	if limit := now.Add(time.Hour); until.After(limit) {
		until = limit
	}
	return until.UTC()
}

// instant reads an instant as ISO 8601, as Unix seconds, or as seconds from now.
func instant(s string, now time.Time) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n < 0:
		return time.Time{}, false
	case n < 1e9: // no instant since 2001: a number of seconds
		return now.Add(time.Duration(n) * time.Second).UTC(), true
	}
	return time.Unix(n, 0).UTC(), true
}
