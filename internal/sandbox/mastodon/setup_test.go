package mastodon_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/sandbox/mastodon"
)

var start = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

// bench is a running server, a clock that stands still, and a client.
type bench struct {
	*mastodon.Server
	t      *testing.T
	clock  *clock.Fake
	token  string
	client *http.Client
}

// setup starts a quiet server with two accounts; change may alter its options.
func setup(t *testing.T, change func(*mastodon.Options)) *bench {
	t.Helper()
	c := clock.NewFake(start)
	opts := mastodon.Options{
		Accounts: []mastodon.Account{{Handle: "hope", DisplayName: "Hope House", Followers: 2000}, {Handle: "other", DisplayName: "Other"}},
		Clock:    c, Quiet: true,
	}
	if change != nil {
		change(&opts)
	}
	s, err := mastodon.New(opts)
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
	return &bench{Server: s, t: t, clock: c, token: s.Token("hope"), client: &http.Client{Transport: transport, Timeout: 5 * time.Second}}
}

// answer is what came back.
type answer struct {
	code   int
	header http.Header
	body   string
	err    error
}

func (a answer) field(name string) string {
	var v map[string]any
	_ = json.Unmarshal([]byte(a.body), &v)
	s, _ := v[name].(string)
	return s
}

// do sends a request; headers come in pairs.
func (b *bench) do(method, path, token, kind, body string, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.GetBody = nil // or net/http repeats a request with an Idempotency-Key by itself
	resp, err := b.client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(content), err}
}

const formType = "application/x-www-form-urlencoded"

// post makes a status; pairs are parameters.
func (b *bench) post(key string, pairs ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, "/api/v1/statuses", b.token, formType, form.Encode(), "Idempotency-Key", key)
}

// picture returns a whole PNG.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// upload sends a file; pairs are further parameters.
func (b *bench) upload(token string, content []byte, pairs ...string) answer {
	b.t.Helper()
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	if content != nil {
		part, err := m.CreateFormFile("file", "heart.png")
		if err != nil {
			b.t.Fatal(err)
		}
		_, _ = part.Write(content)
	}
	for i := 0; i < len(pairs); i += 2 {
		_ = m.WriteField(pairs[i], pairs[i+1])
	}
	_ = m.Close()
	return b.do(http.MethodPost, "/api/v2/media", token, m.FormDataContentType(), out.String())
}

// texts returns what is on the timeline, newest first.
func (b *bench) texts() []string {
	out := []string{}
	for _, s := range b.State().Statuses {
		out = append(out, s.Text)
	}
	return out
}
