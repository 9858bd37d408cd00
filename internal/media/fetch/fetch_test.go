package fetch_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/media/fetch"
	"daymark/internal/wire"
)

func TestAPictureIsFetchedAndFollowedAFewTimes(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	there := httptest.NewServer(mux)
	t.Cleanup(there.Close)
	here := httptest.NewServer(mux)
	t.Cleanup(here.Close)
	mux.HandleFunc("/picture", func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); ok || r.Header.Get("Cookie") != "" {
			t.Error("a password or a cookie came along")
		}
		_, _ = io.WriteString(w, "the picture")
	})
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, there.URL+"/picture", http.StatusFound)
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) {
		to := there.URL
		if r.Host == strings.TrimPrefix(there.URL, "http://") {
			to = here.URL
		}
		http.Redirect(w, r, to+"/round", http.StatusFound)
	})
	mux.HandleFunc("/inside", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://10.0.0.1/", http.StatusFound)
	})
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	client := wire.NewClient(wire.Options{Allow: []string{here.Listener.Addr().String(), there.Listener.Addr().String()}})
	t.Cleanup(client.CloseIdleConnections)
	for address, want := range map[string]string{
		here.URL + "/picture": "", here.URL + "/elsewhere": "", strings.Replace(here.URL, "http://", "http://ann:secret@", 1) + "/picture": "",
		here.URL + "/round": "without an end", here.URL + "/inside": "not on the public internet", here.URL + "/gone": "(410)",
		"https://127.0.0.1:1/": "not on the public internet", "http://example.org/": "https only", "ftp://example.org/": "no address", "%zz": "no address",
	} {
		body, err := fetch.Get(t.Context(), client, "Daymark test", address)
		if want != "" {
			if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), want) {
				t.Errorf("%s: %v, want %q", address, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		b, err := io.ReadAll(body)
		_ = body.Close()
		if err != nil || string(b) != "the picture" {
			t.Errorf("%s: %q, %v", address, fmt.Sprintf("%.20s", b), err)
		}
	}
}
