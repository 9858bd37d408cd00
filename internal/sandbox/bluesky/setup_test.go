package bluesky_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/bluesky/lexicon"
)

var (
	start = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)
	hope  = bluesky.Account{Handle: "hope.test", DisplayName: "Hope", Followers: 2000}
	other = bluesky.Account{Handle: "other.test", DisplayName: "Other"}
)

// bench is a server with a client of it.
type bench struct {
	*bluesky.Server
	t      *testing.T
	clock  *clock.Fake
	url    string
	client *http.Client
	access string
	fresh  string // refresh token
}

// setup starts a server with two accounts, quiet unless change says otherwise, and begins a session for the first.
func setup(t *testing.T, change func(*bluesky.Options)) *bench {
	t.Helper()
	now := clock.NewFake(start)
	opts := bluesky.Options{Accounts: []bluesky.Account{hope, other}, Clock: now, Quiet: true}
	if change != nil {
		change(&opts)
	}
	s, err := bluesky.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		listener.Close()
	})
	b := &bench{Server: s, t: t, clock: now, url: listener.URL, client: listener.Client()}
	if b.access, b.fresh, err = s.Session(hope.Handle); err != nil {
		t.Fatal(err)
	}
	return b
}

// answer is what came back.
type answer struct {
	code   int // 0 when there is no whole answer
	body   string
	header http.Header
}

// do makes a request.
func (b *bench) do(method, path, token, kind, body string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return answer{}
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}
	}
	return answer{resp.StatusCode, string(raw), resp.Header}
}

// post creates a record of fields under a key.
func (b *bench) post(key, fields string) answer {
	b.t.Helper()
	body := `{"repo":"` + hope.DID() + `","collection":"` + lexicon.Post + `","rkey":"` + key + `","record":{"$type":"` + lexicon.Post +
		`","createdAt":"2027-07-30T09:00:00.000Z",` + fields + `}}`
	return b.do(http.MethodPost, "/xrpc/com.atproto.repo.createRecord", b.access, "application/json", body)
}

// texts returns what is on the timeline, oldest first.
func (b *bench) texts() []string {
	out := []string{}
	for _, p := range b.State().Posts {
		out = append([]string{p.Text}, out...)
	}
	return out
}

// picture returns a PNG of one colour.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	return encoded(t, width, height, func(w io.Writer, img image.Image) error { return png.Encode(w, img) })
}

// photo returns a JPEG of one colour.
func photo(t *testing.T, width, height int) []byte {
	t.Helper()
	return encoded(t, width, height, func(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, nil) })
}

func encoded(t *testing.T, width, height int, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, color.NRGBA{B: 200, A: 255})
	}
	var b bytes.Buffer
	if err := encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
