package visit_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"daymark/internal/wire"
	"daymark/internal/wire/visit"
)

// names is a name server that knows only what is on the internet of the test.
type names map[string]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	at, ok := n[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return []netip.Addr{netip.MustParseAddr(at)}, nil
}

func TestALinkIsOpenedAsAReaderWould(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	answer := func(path string, head, get int) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("User-Agent") != "Daymark test" {
				t.Errorf("asked by %q", r.Header.Get("User-Agent"))
			}
			if r.Method == http.MethodHead {
				w.WriteHeader(head)
				return
			}
			w.WriteHeader(get)
		})
	}
	answer("/good", 200, 500)
	answer("/no-head", 405, 200)
	answer("/head-404", 404, 200)
	answer("/gone", 410, 410)
	answer("/missing", 404, 404)
	answer("/trouble", 503, 503)
	answer("/bad", 400, 400)
	answer("/robots", 403, 403)
	answer("/haste", 429, 429)
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/missing", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	here := httptest.NewServer(mux)
	t.Cleanup(here.Close)
	there := httptest.NewServer(mux)
	t.Cleanup(there.Close)
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+there.Listener.Addr().String()+"/good", http.StatusFound)
	})
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, there.URL+"/good", http.StatusFound)
	})
	mux.HandleFunc("/inside", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://intranet.example/", http.StatusFound)
	})
	client := wire.NewClient(wire.Options{
		Allow: []string{here.Listener.Addr().String()}, Timeout: 500 * time.Millisecond, Resolver: names{"intranet.example": "10.0.0.1"},
	})
	t.Cleanup(client.CloseIdleConnections)
	for path, want := range map[string]string{
		"/good": "", "/no-head": "", "/head-404": "", "/robots": "", "/haste": "", "/plain": "",
		"/gone": "no such page (410)", "/missing": "no such page (404)", "/moved": "no such page (404)", "/trouble": "has trouble (503)", "/bad": "refuses it (400)",
		"/slow": "does not answer in time", "/elsewhere": "not on the public internet", "/inside": "not on the public internet",
	} {
		got := visit.Visit(t.Context(), client, "Daymark test", here.URL+path)
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for link, want := range map[string]string{
		"https://nobody.example/": "no server of that name", "https://intranet.example/": "not on the public internet", "https://127.0.0.1:1/": "not on the public internet",
		"http://intranet.example/": "only https", "https://%zz/": "cannot be opened",
	} {
		if got := visit.Visit(t.Context(), client, "Daymark test", link); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}
