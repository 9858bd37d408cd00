package mastodon_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/wire"
)

const token = "tok-3f9c1d7b5a"

var start = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

// seen is one request as the server saw it.
type seen struct {
	method, path string
	header       http.Header
	form         url.Values
	body         string
}

// bench is a connector with a scripted server.
type bench struct {
	*mastodon.Connector
	account platform.Account
	http    *http.Client

	mu     sync.Mutex
	seen   []seen
	sleeps []time.Duration
	rates  []platform.Rate
}

// setup returns a bench whose server answers by the routes given; each pattern is a ServeMux pattern.
func setup(t *testing.T, routes map[string]http.HandlerFunc) *bench {
	t.Helper()
	b := &bench{}
	mux := http.NewServeMux()
	for pattern, h := range routes {
		mux.HandleFunc(pattern, h)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		b.mu.Lock()
		b.seen = append(b.seen, seen{r.Method, r.URL.Path, r.Header.Clone(), form, string(body)})
		b.mu.Unlock()
		w.Header().Set("Date", start.Format(http.TimeFormat))
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	b.http = wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String()}, Timeout: 5 * time.Second})
	t.Cleanup(b.http.CloseIdleConnections)
	b.Connector = mastodon.New(mastodon.Options{
		HTTP: b.http,
		Now:  func() time.Time { return start },
		Sleep: func(ctx context.Context, d time.Duration) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.sleeps = append(b.sleeps, d)
			return ctx.Err()
		},
		UserAgent: "Daymark test",
		Seen: func(_ int64, r platform.Rate) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.rates = append(b.rates, r)
		},
	})
	b.account = platform.Account{
		Channel: 1, Network: platform.Mastodon, Address: srv.URL, RemoteID: "77",
		Secret: mastodon.Credentials{AccessToken: token}.Secret(),
	}
	return b
}

// calls returns the requests of a method whose path ends in suffix.
func (b *bench) calls(method, suffix string) []seen {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []seen
	for _, s := range b.seen {
		if s.method == method && strings.HasSuffix(s.path, suffix) {
			out = append(out, s)
		}
	}
	return out
}

// answer returns a handler that gives a status and a body.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const (
	mastodonInstance = `{"version":"4.4.2","source_url":"https://github.com/mastodon/mastodon","api_versions":{"mastodon":6},
		"configuration":{"statuses":{"max_characters":500,"max_media_attachments":4,"characters_reserved_per_url":23},
		"media_attachments":{"description_limit":1500,"image_size_limit":16777216,"image_matrix_limit":33177600,
		"supported_mime_types":["image/jpeg","image/png","video/mp4"]}}}`
	posted = `{"id":"111","uri":"https://s.example/users/c/statuses/111","url":"https://s.example/@c/111","created_at":"2027-07-30T09:00:01.000Z","content":""}`
)

// honours are handles of a server that honours keys.
var honours = platform.Handles(`{"honours_key":true,"software":"mastodon","parts":{}}`)

// hello returns a first attempt at a post without pictures.
func hello() platform.Attempt {
	return platform.Attempt{
		Key: "key-1", No: 1, StartedAt: start, Handles: honours,
		Content: platform.Content{Parts: []platform.Part{{Text: "Hello\n#EndHumanTrafficking"}}, Language: "en", Visibility: "public"},
	}
}

func TestVerifyTellsWhoseTokenItIs(t *testing.T) {
	t.Parallel()
	b := setup(t, map[string]http.HandlerFunc{
		"GET /api/v1/accounts/verify_credentials": answer(200, `{"id":"77","acct":"charity","display_name":"A charity","url":"https://s.example/@charity"}`),
	})
	got, err := b.Verify(t.Context(), b.account)
	if err != nil {
		t.Fatal(err)
	}
	if got.RemoteID != "77" || !strings.HasPrefix(got.Handle, "@charity@127.0.0.1") || got.Name != "A charity" || got.URL != "https://s.example/@charity" {
		t.Errorf("got %+v", got)
	}
	if h := b.calls("GET", "verify_credentials")[0].header.Get("Authorization"); h != "Bearer "+token {
		t.Errorf("Authorization: %q", h)
	}
}

func TestBadAccountsAreToldApart(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	tests := map[string]struct {
		change func(*platform.Account)
		want   platform.Kind
	}{
		"no token":             {func(a *platform.Account) { a.Secret = nil }, platform.KindAuthExpired},
		"an unreadable secret": {func(a *platform.Account) { a.Secret = platform.Secret("{") }, platform.KindAuthExpired},
		"no address":           {func(a *platform.Account) { a.Address = "mastodon" }, platform.KindPermanent},
		"a private address":    {func(a *platform.Account) { a.Address = "https://10.0.0.1" }, platform.KindPermanent},
		"an unknown server":    {func(a *platform.Account) { a.Address = "https://no-such-server.invalid" }, platform.KindTransient},
		"not a Mastodon":       {func(*platform.Account) {}, platform.KindPermanent},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := b.account
			tt.change(&account)
			_, err := b.Capabilities(t.Context(), account)
			if got := platform.Outcome(err); got != tt.want || platform.Say(err) == "" {
				t.Errorf("got %v: %v, want %v with a sentence", got, err, tt.want)
			}
		})
	}
}

func TestDeletingWhatIsGoneIsASuccess(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]platform.Kind{
		200: platform.KindDone, 404: platform.KindDone, 410: platform.KindDone, 401: platform.KindAuthExpired, 500: platform.KindTransient,
	} {
		b := setup(t, map[string]http.HandlerFunc{"DELETE /api/v1/statuses/111": answer(status, `{}`)})
		if got := platform.Outcome(b.Delete(t.Context(), b.account, platform.Ref{ID: "111"})); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
}

func TestNoSecretInAnyError(t *testing.T) {
	t.Parallel()
	echo := answer(422, `{"error":"Validation failed for Bearer `+token+`"}`)
	b := setup(t, map[string]http.HandlerFunc{"/": echo})
	_, publish := b.Publish(t.Context(), b.account, hello())
	_, verify := b.Verify(t.Context(), b.account)
	_, find := b.Find(t.Context(), b.account, hello())
	gone := b.account
	gone.Address = "http://127.0.0.1:1/" + token
	_, refused := b.Verify(t.Context(), gone)
	for name, err := range map[string]error{"publish": publish, "verify": verify, "find": find, "refused": refused} {
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error()+platform.Say(e), token) {
				t.Errorf("%s: the token shows in %v", name, e)
			}
		}
	}
}
