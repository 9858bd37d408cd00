package card_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"daymark/internal/platform/bluesky/card"
	"daymark/internal/wire"

	"github.com/google/go-cmp/cmp"
)

// page answers with one page and, at /p.png, with what stands for a picture.
func page(kind, body string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body))
	})
	mux.HandleFunc("/p.png", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte("picture"))
	})
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
	})
	return mux
}

func TestACardIsReadFromAPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind, body string
		want       card.Card
		none       bool
	}{
		"Open Graph": {"text/html; charset=utf-8", `<!doctype html><head><title>Plain</title><meta property="og:title" content="Hope &amp; help"/><meta property="og:description" content=" Two
			lines "><meta property="og:image" content="/p.png"></head><body>`, card.Card{Title: "Hope & help", Description: "Two lines", Picture: []byte("picture")}, false},
		"plain HTML":                        {"text/html", `<title>Plain</title><meta name="description" content="Words">`, card.Card{Title: "Plain", Description: "Words"}, false},
		"what stands in the body":           {"text/html", `<body><title>Not this</title><meta property="og:title" content="Nor this">`, card.Card{}, true},
		"marks that turn writing around":    {"text/html", "<title>a\u202eb\u2066c</title>", card.Card{Title: "abc"}, false},
		"a picture elsewhere that is lost":  {"text/html", `<title>T</title><meta property="og:image" content="http://127.0.0.1:1/p.png">`, card.Card{Title: "T"}, false},
		"a picture that is a page":          {"text/html", `<title>T</title><meta property="og:image" content="/x">`, card.Card{Title: "T"}, false},
		"a picture behind a redirect":       {"text/html", `<title>T</title><meta property="og:image" content="/elsewhere">`, card.Card{Title: "T"}, false},
		"no title":                          {"text/html", `<p>Hello`, card.Card{}, true},
		"no page":                           {"application/pdf", `%PDF`, card.Card{}, true},
		"a title longer than anybody reads": {"text/html", "<title>" + strings.Repeat("é", 400), card.Card{Title: strings.Repeat("é", 299) + "…"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(page(tt.kind, tt.body))
			t.Cleanup(srv.Close)
			client := wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String()}})
			t.Cleanup(client.CloseIdleConnections)
			r := &card.Reader{HTTP: client, UserAgent: "Daymark test"}
			got, err := r.Card(t.Context(), srv.URL+"/a")
			if (err != nil) != tt.none {
				t.Fatalf("got %+v, %v", got, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("card (-want +got):\n%s", diff)
			}
		})
	}
	client := wire.NewClient(wire.Options{})
	if _, err := (&card.Reader{HTTP: client}).Card(t.Context(), "https://127.0.0.1/"); err == nil {
		t.Error("a private address was read")
	}
}

// answers gives one page to everything.
type answers string

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.WriteString(string(a))
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func FuzzCard(f *testing.F) {
	f.Add(`<title>a</title><meta property="og:title" content="b"><meta property="og:image" content="::">`)
	f.Add("<head><title>\xff\u202e<meta")
	f.Fuzz(func(t *testing.T, body string) {
		r := &card.Reader{HTTP: &http.Client{Transport: answers(body)}}
		c, err := r.Card(t.Context(), "https://hope.example/")
		if err == nil && (c.Title == "" || utf8.RuneCountInString(c.Title) > 300 || utf8.RuneCountInString(c.Description) > 1000 || !utf8.ValidString(c.Title+c.Description) || strings.ContainsAny(c.Title, "\n\u202e")) {
			t.Errorf("%q", c)
		}
	})
}
