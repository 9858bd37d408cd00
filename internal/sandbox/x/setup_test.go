package x_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 5849 says HMAC-SHA1
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/sandbox/x"
)

var start = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

// bench is a running server, a clock that stands still, and a client that signs.
type bench struct {
	*x.Server
	t      *testing.T
	clock  *clock.Fake
	keys   x.Keys
	client *http.Client
	nonce  atomic.Int64
	fixed  string // a nonce to use in place of a new one
}

// setup starts a quiet server with two accounts; change may alter its options.
func setup(t *testing.T, change func(*x.Options)) *bench {
	t.Helper()
	c := clock.NewFake(start)
	opts := x.Options{
		Accounts: []x.Account{{Handle: "hope", DisplayName: "Hope House", Followers: 2000}, {Handle: "other", DisplayName: "Other"}},
		Clock:    c, Quiet: true,
	}
	if change != nil {
		change(&opts)
	}
	s, err := x.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bench{Server: s, t: t, clock: c, client: &http.Client{Transport: transport, Timeout: 5 * time.Second}}
	b.keys = b.keysOf("hope", false)
	return b
}

func (b *bench) keysOf(account string, readOnly bool) x.Keys {
	b.t.Helper()
	k, err := b.Keys(account, readOnly)
	if err != nil {
		b.t.Fatal(err)
	}
	return k
}

// answer is what came back.
type answer struct {
	code   int
	header http.Header
	body   string
	err    error
}

// data returns a field of the answer's data.
func (a answer) data(name string) string {
	var v struct {
		Data map[string]any `json:"data"`
	}
	_ = json.Unmarshal([]byte(a.body), &v)
	s, _ := v.Data[name].(string)
	return s
}

// sign returns an Authorization header, by arithmetic that is neither the server's nor the connector's.
func sign(method, address string, form url.Values, k x.Keys, at time.Time, nonce string) string {
	u, err := url.Parse(address)
	if err != nil {
		return err.Error()
	}
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	own := map[string]string{
		"oauth_consumer_key": k.ConsumerKey, "oauth_nonce": nonce, "oauth_signature_method": "HMAC-SHA1",
		"oauth_timestamp": strconv.FormatInt(at.Unix(), 10), "oauth_token": k.AccessToken, "oauth_version": "1.0",
	}
	var pairs []string
	for name, value := range own {
		pairs = append(pairs, escape(name)+"="+escape(value))
	}
	for _, values := range []url.Values{u.Query(), form} {
		for name, list := range values {
			for _, value := range list {
				pairs = append(pairs, escape(name)+"="+escape(value))
			}
		}
	}
	slices.Sort(pairs)
	base := method + "&" + escape(u.Scheme+"://"+u.Host+u.EscapedPath()) + "&" + escape(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(escape(k.ConsumerSecret)+"&"+escape(k.AccessSecret)))
	_, _ = io.WriteString(mac, base)
	own["oauth_signature"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	var parts []string
	for name, value := range own {
		parts = append(parts, fmt.Sprintf("%s=%q", name, escape(value)))
	}
	return "OAuth " + strings.Join(parts, ", ")
}

// do sends a signed request.
func (b *bench) do(method, path, kind, body string) answer {
	b.t.Helper()
	var form url.Values
	if kind == formType {
		form, _ = url.ParseQuery(body)
	}
	nonce := b.fixed
	if nonce == "" {
		nonce = "n" + strconv.FormatInt(b.nonce.Add(1), 10)
	}
	return b.send(method, path, kind, body, sign(method, b.BaseURL()+path, form, b.keys, b.clock.Now(), nonce))
}

// send sends a request with an Authorization header, when it is not empty.
func (b *bench) send(method, path, kind, body, authorization string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return answer{code: resp.StatusCode, header: resp.Header, body: string(got), err: err}
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// post publishes a text.
func (b *bench) post(text string) answer {
	b.t.Helper()
	body, _ := json.Marshal(map[string]string{"text": text})
	return b.do(http.MethodPost, "/2/tweets", jsonType, string(body))
}

// upload sends a picture in one request.
func (b *bench) upload(content []byte, fields ...string) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1])
	}
	part, _ := w.CreateFormFile("media", "heart.png")
	_, _ = part.Write(content)
	_ = w.Close()
	return b.do(http.MethodPost, "/2/media/upload", w.FormDataContentType(), body.String())
}

// picture returns a PNG of a size.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
